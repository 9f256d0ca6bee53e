//! Officials: simulated people who handle applications, and are curious now and then.
//!
//! Whoever looks into another register does so in a case, whose number stands in that register's
//! data tracker; every look is kept with its case and its official before it is made. A look without
//! a case is what an inquiry finds. A sanctioned official looks at nobody any more.

use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sim_clock::UtcTime;
use sim_population::Population;

use super::{Office, Refusal, lot_of};

/// Officials of a registry, where the country has so many adults.
pub(super) const STAFF: usize = 12;
/// Lots that are drawn at most to find them.
const MAX_DRAWS: u64 = 10_000;
/// Officials are at least so old.
const ADULT: u32 = 18;

/// The officials of a registry.
pub(super) struct Officials {
    /// Their places in the population; the curious ones first.
    staff: Vec<u64>,
    curious: usize,
    /// Who is next to handle a case.
    next: AtomicUsize,
    /// Whom the last case was about.
    last: Mutex<Option<u64>>,
}

/// An application and who handles it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Case {
    pub(super) number: String,
    /// National ID.
    pub(super) official: String,
    /// National ID of whom it is about.
    pub(super) national_id: String,
    pub(super) opened_ms: i64,
}

/// A look of an official into another register.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Look {
    /// What people call the register.
    pub(super) register: String,
    /// National ID.
    pub(super) official: String,
    pub(super) case: Option<String>,
    /// When it was asked,
    pub(super) began_ms: i64,
    /// and when it was answered.
    pub(super) ended_ms: Option<i64>,
}

/// What became of an official.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Sanction {
    pub(super) since_ms: i64,
    /// The inquiry that found the look.
    inquiry: String,
}

// === impl Officials ===

impl Officials {
    /// Draws them from the adults who are alive.
    pub(super) fn draw(people: &Population, seed: u64, curious: u32) -> Self {
        let mut staff = Vec::new();
        for draw in 0..MAX_DRAWS {
            let index = lot_of(seed, draw, "official") % people.len();
            let is_fit = people.age(index) >= ADULT && !people.is_deceased(index);
            if is_fit && !staff.contains(&index) {
                staff.push(index);
            }
            if staff.len() == STAFF {
                break;
            }
        }
        Self {
            curious: usize::try_from(curious).unwrap_or(usize::MAX),
            staff,
            next: AtomicUsize::new(0),
            last: Mutex::new(None),
        }
    }

    fn is_curious(&self, official: u64) -> bool {
        let mut curious = self.staff.iter().take(self.curious);
        curious.any(|one| *one == official)
    }
}

/// Opens a case about somebody: the next official who may handle it does, and that is written down.
pub(super) fn open_case(office: &Office, about: u64, at: UtcTime) -> Result<(u64, Case), Refusal> {
    let officials = &office.officials;
    let turn = officials.next.fetch_add(1, Ordering::Relaxed);
    let count = officials.staff.len();
    for offset in 0..count {
        let official = officials.staff[(turn.wrapping_add(offset)) % count];
        // Nobody decides on their own application.
        if official == about || sanction_of(office, official)?.is_some() {
            continue;
        }
        let mut case = Case {
            number: String::new(),
            official: office.people.national_id(official).to_string(),
            national_id: office.people.national_id(about).to_string(),
            opened_ms: at.as_millis(),
        };
        // Two within a millisecond have numbers of their own.
        let mut number = 0;
        loop {
            case.number = format!("{}-{number}", at.as_millis());
            if office.store.put(&case_key(&case.number), &case, true)? {
                return Ok((official, case));
            }
            number += 1;
        }
    }
    Err(Refusal::NoOfficial)
}

/// The case of this number.
pub(super) fn case(office: &Office, number: &str) -> Result<Option<Case>, Refusal> {
    office.store.get(&case_key(number))
}

/// An official's look at somebody's relations: their children's national IDs. Absent where the
/// population register cannot be asked.
pub(super) async fn look(
    office: &Office,
    official: u64,
    case: Option<&Case>,
    about: u64,
) -> Result<Option<Vec<String>>, Refusal> {
    if sanction_of(office, official)?.is_some() {
        return Err(Refusal::Sanctioned);
    }
    let Some(asker) = &office.asker else {
        return Ok(None);
    };
    let Some(relations) = &asker.access().relations else {
        return Ok(None);
    };
    let official = office.people.national_id(official);
    let about = office.people.national_id(about);
    let began = office.now();
    let mut look = Look {
        register: relations.register.clone(),
        official: official.to_string(),
        case: case.map(|case| case.number.clone()),
        began_ms: began.as_millis(),
        ended_ms: None,
    };
    let mut number = 0;
    let key = loop {
        let key = format!(
            "{}{:015}-{number:04}",
            looks_at(about.as_str()),
            began.as_millis()
        );
        if office.store.put(&key, &look, true)? {
            break key;
        }
        number += 1;
    };
    let user = office.user_code(official.as_str());
    let reason = case.map(|case| format!("Case {}: application for a benefit", case.number));
    let children = asker
        .children(relations, about.as_str(), &user, reason.as_deref())
        .await;
    look.ended_ms = Some(office.now().as_millis());
    office.store.put(&key, &look, false)?;
    children.map(Some)
}

/// What a curious official does when a case is done: looks at whom the case before was about, or,
/// where there was none, at anybody.
///
/// It is done before the citizen is answered, so that nothing is under way when the registry ends.
pub(super) async fn stray(office: &Office, official: u64, case: &Case, about: u64) {
    let officials = &office.officials;
    let last = officials.last.lock().replace(about);
    if !officials.is_curious(official) {
        return;
    }
    let anybody = lot_of(office.seed, about, &case.number) % office.people.len();
    let other = last.filter(|last| *last != about).unwrap_or(anybody);
    if other == about {
        return;
    }
    if let Err(error) = look(office, official, None, other).await {
        tracing::info!(%error, "a curious official saw nothing");
    }
}

/// All looks at somebody.
pub(super) fn looks(office: &Office, national_id: &str) -> Result<Vec<Look>, Refusal> {
    office.store.list(&looks_at(national_id))
}

/// Forbids an official to look at anybody; says since when.
pub(super) fn sanction(
    office: &Office,
    official: &str,
    inquiry: &str,
    now: UtcTime,
) -> Result<UtcTime, Refusal> {
    let sanction = Sanction {
        since_ms: now.as_millis(),
        inquiry: inquiry.to_owned(),
    };
    let key = sanction_key(official);
    if office.store.put(&key, &sanction, true)? {
        return Ok(now);
    }
    let earlier: Option<Sanction> = office.store.get(&key)?;
    Ok(earlier.map_or(now, |earlier| UtcTime::from_millis(earlier.since_ms)))
}

fn sanction_of(office: &Office, official: u64) -> Result<Option<Sanction>, Refusal> {
    let id = office.people.national_id(official);
    office.store.get(&sanction_key(id.as_str()))
}

fn case_key(number: &str) -> String {
    format!("case/{number}")
}

fn looks_at(national_id: &str) -> String {
    format!("look/{national_id}/")
}

fn sanction_key(official: &str) -> String {
    format!("sanction/{official}")
}

#[cfg(test)]
mod tests {
    use sim_population::{Ages, PopulationPlan, iso_date};

    use super::*;

    fn people(count: u64, ages: Ages) -> Population {
        let plan = PopulationPlan {
            ages,
            ..PopulationPlan::pensioners(count, 1, iso_date::parse("2026-02-05").unwrap())
        };
        Population::new(3, plan).unwrap()
    }

    #[test]
    fn officials_are_adults_who_are_alive_and_the_same_every_time() {
        let people = people(3_000, Ages::All);
        let officials = Officials::draw(&people, 3, 2);
        assert_eq!(officials.staff.len(), STAFF);
        for official in &officials.staff {
            assert!(people.age(*official) >= ADULT && !people.is_deceased(*official));
        }
        assert_eq!(Officials::draw(&people, 3, 0).staff, officials.staff);
        assert_ne!(Officials::draw(&people, 4, 0).staff, officials.staff);
        let curious = officials.staff.iter();
        let curious = curious.filter(|official| officials.is_curious(**official));
        assert_eq!(curious.count(), 2);
    }

    #[test]
    fn a_small_country_has_as_many_officials_as_adults() {
        let people = people(5, Ages::Pensioners);
        assert_eq!(Officials::draw(&people, 3, 50).staff.len(), 4);
    }
}
