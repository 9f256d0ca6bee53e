//! Health: records, prescriptions, appointments, and who may not see them.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sim_clock::UtcTime;
use uuid::Uuid;

use super::asker::Ask;
use super::{Answer, Call, Office, Refusal, Reply, consents, only, slots};

/// What people are most often treated for (ICD-10 codes), with a medicine.
const DIAGNOSES: [(&str, &str, &str); 10] = [
    ("I10", "Essential hypertension", "Ramipril 5 mg"),
    ("E11", "Type 2 diabetes", "Metformin 500 mg"),
    ("J45", "Asthma", "Salbutamol 100 µg"),
    ("M54", "Back pain", "Ibuprofen 400 mg"),
    ("J06", "Upper respiratory infection", "Paracetamol 500 mg"),
    ("K21", "Reflux", "Omeprazole 20 mg"),
    ("E03", "Hypothyroidism", "Levothyroxine 50 µg"),
    ("F32", "Depressive episode", "Sertraline 50 mg"),
    ("L20", "Atopic dermatitis", "Hydrocortisone 1 %"),
    ("H10", "Conjunctivitis", "Chloramphenicol eye drops"),
];
/// Doctors; each person has one.
const DOCTORS: u64 = 40;

/// What a consent must be for.
const DATA: &str = "health/record";
/// What stands in the consent service's tracker.
const REASON: &str = "Consent, before a health record is told";
/// What stands in the own tracker behind the reason of who reads a closed record.
const LAWFUL: &str = "closed record, read under a legal exception";

/// What the consent service says of a consent that holds.
#[derive(Deserialize)]
struct Validated {
    #[serde(rename = "idCode")]
    id_code: String,
    receiver: String,
    purpose: String,
    status: String,
    until: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    blocked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Booking {
    national_id: String,
    slot: String,
}

#[derive(Serialize, Deserialize)]
struct Booked {
    national_id: String,
    slot: String,
}

pub(super) async fn answer(office: &Office, call: &Call) -> Reply {
    may_call(office, call).await?;
    match call.service() {
        "record" => {
            only(call, &Method::GET, "GET")?;
            let (index, blocked) = read(office, call, "Health: record").await?;
            let diagnoses: Vec<Value> = of(office, index)
                .map(|(code, name, _)| json!({ "code": code, "name": name }))
                .collect();
            Ok(Answer::ok(json!({
                "national_id": office.people.national_id(index).as_str(),
                "diagnoses": diagnoses,
                "blocked": blocked,
            })))
        }
        "prescriptions" => {
            only(call, &Method::GET, "GET")?;
            let (index, _) = read(office, call, "Health: prescriptions").await?;
            let prescriptions: Vec<Value> = of(office, index)
                .map(|(_, _, medicine)| json!({ "medicine": medicine }))
                .collect();
            Ok(Answer::ok(json!({
                "national_id": office.people.national_id(index).as_str(),
                "prescriptions": prescriptions,
            })))
        }
        "blocking" => blocking(office, call).await,
        "appointments" if call.rest().is_empty() => {
            only(call, &Method::POST, "POST")?;
            book(office, call).await
        }
        "appointments" => {
            only(call, &Method::GET, "GET")?;
            let index = office.read_about(call, "Health: appointments").await?;
            appointments(office, index)
        }
        _ => Err(Refusal::NotFound),
    }
}

/// Of whom the read is, and whether the record is closed; a refusal where it is and somebody reads
/// who may not.
async fn read(office: &Office, call: &Call, title: &str) -> Result<(u64, bool), Refusal> {
    let index = office.person(call.only_segment()?)?;
    let id = office.people.national_id(index);
    let block: Option<Block> = office.store.get(&format!("block/{id}"))?;
    let blocked = block.is_some_and(|block| block.blocked);
    let is_lawful = is_among(&office.legal_exceptions, call);
    // Who reads by consent asks in the person's name, and is not the person.
    let is_own = office.is_own(call, id.as_str()) && !is_among(&office.by_consent, call);
    if blocked && is_lawful && !is_own {
        office.note_with(call, index, title, LAWFUL).await?;
    } else {
        office.note(call, index, title).await?;
    }
    if blocked && !is_own && !is_lawful {
        return Err(Refusal::Blocked);
    }
    Ok((index, blocked))
}

fn is_among(clients: &[String], call: &Call) -> bool {
    let client = call.client.as_ref();
    client.is_some_and(|client| clients.contains(client))
}

/// Refuses who may read by consent alone and has none for this. The consent service is asked at
/// every read, so that a withdrawal holds at once.
async fn may_call(office: &Office, call: &Call) -> Result<(), Refusal> {
    if !is_among(&office.by_consent, call) {
        return Ok(());
    }
    if call.service() != "record" {
        return Err(Refusal::NoConsent);
    }
    let id = call.only_segment()?;
    let user = call.user.as_deref().ok_or(Refusal::NoUser)?;
    let reference = call.query("consentReference");
    let reference = reference.and_then(|text| Uuid::parse_str(text).ok());
    let reference = reference.ok_or(Refusal::NoConsent)?;
    let out_of_reach = || Refusal::Elsewhere("the consent service is out of reach".to_owned());
    let asker = office.asker.as_ref().ok_or_else(out_of_reach)?;
    let validation = asker.access().validation.as_ref();
    let validation = validation.ok_or_else(out_of_reach)?;
    let ask = Ask {
        of: validation,
        method: Method::GET,
        path: &format!("/{reference}"),
        body: None,
        user,
        reason: Some(REASON),
    };
    let told = asker.ask(ask).await?;
    if told.status == 404 {
        return Err(Refusal::NoConsent);
    }
    let told = told.success(validation)?;
    let consent: Validated =
        serde_json::from_value(told).map_err(|error| Refusal::Elsewhere(error.to_string()))?;
    let until = UtcTime::parse_rfc3339(&consent.until);
    let holds = consent.status == "approved"
        && consent.id_code == office.user_code(id)
        && call.client.as_deref() == Some(consent.receiver.as_str())
        && consents::purpose(&consent.purpose).is_some_and(|purpose| purpose.data == DATA)
        && until.is_some_and(|until| until > office.now());
    if holds {
        Ok(())
    } else {
        Err(Refusal::NoConsent)
    }
}

fn of(
    office: &Office,
    index: u64,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    // The older, the more.
    let most = 1 + u64::from(office.people.age(index)) / 25;
    let count = office.lot(index, "diagnoses") % (most + 1);
    let first = office.lot(index, "first diagnosis");
    (0..count).map(move |number| {
        // 3 and the length have no common divisor, so none comes twice.
        DIAGNOSES[((first.wrapping_add(number * 3)) % DIAGNOSES.len() as u64) as usize]
    })
}

async fn blocking(office: &Office, call: &Call) -> Reply {
    let id = call.only_segment()?;
    let index = office.person(id)?;
    if !office.is_own(call, id) {
        return Err(Refusal::NotTheirs);
    }
    let key = format!("block/{id}");
    if call.method == Method::GET {
        office.note(call, index, "Health: blocking").await?;
        let block: Option<Block> = office.store.get(&key)?;
        let blocked = block.is_some_and(|block| block.blocked);
        return Ok(Answer::ok(json!({ "blocked": blocked })));
    }
    only(call, &Method::PUT, "GET, PUT")?;
    let block: Block = call.json()?;
    office.note(call, index, "Health: blocking").await?;
    office.store.put(&key, &block, false)?;
    Ok(Answer::ok(json!({ "blocked": block.blocked })))
}

/// Slots of the person's doctor in the next days, and which are theirs.
fn appointments(office: &Office, index: u64) -> Reply {
    let id = office.people.national_id(index);
    let doctor = doctor_of(office, index);
    let taken: Vec<Booked> = office.store.list(&format!("slot/{doctor}/"))?;
    let own: Vec<&str> = taken
        .iter()
        .filter(|booked| booked.national_id == id.as_str())
        .map(|booked| booked.slot.as_str())
        .collect();
    let free: Vec<String> = slots::offered(office.now())
        .filter(|slot| taken.iter().all(|booked| booked.slot != *slot))
        .collect();
    Ok(Answer::ok(json!({
        "national_id": id.as_str(), "doctor": doctor, "booked": own, "free": free,
    })))
}

async fn book(office: &Office, call: &Call) -> Reply {
    let booking: Booking = call.json()?;
    let index = office.person(&booking.national_id)?;
    if !office.is_own(call, &booking.national_id) {
        return Err(Refusal::NotTheirs);
    }
    if !slots::is_time(&booking.slot) {
        return Err(Refusal::Malformed("a slot is a day and a time".to_owned()));
    }
    if !slots::is_bookable(&booking.slot, office.now()) {
        return Err(Refusal::Conflict("the slot is over or was never offered"));
    }
    office.note(call, index, "Health: appointment").await?;
    let booked = Booked {
        national_id: booking.national_id,
        slot: booking.slot,
    };
    let key = format!("slot/{}/{}", doctor_of(office, index), booked.slot);
    // Whoever writes first has it.
    if !office.store.put(&key, &booked, true)? {
        return Err(Refusal::Conflict("the slot is taken"));
    }
    Ok(Answer::created(json!({ "slot": booked.slot })))
}

fn doctor_of(office: &Office, index: u64) -> u64 {
    office.lot(index, "doctor") % DOCTORS
}
