//! What registries write in words of their own: why somebody looked, what became of an application,
//! what an inquiry found. They write it in English; here is how it is said in other languages.
//!
//! A text is known by itself. What differs from one to the next, such as a case's number, is `{}` in
//! both; a text that nobody knows stays as it was sent.

use std::borrow::Cow;

use super::Language;

/// What stands for a part that differs.
const GAP: &str = "{}";
/// Texts within texts: why a closed record was read is a text of its own.
const MAX_LEVELS: u8 = 2;

/// As it is sent, and in Estonian.
const SENT: &[(&str, &str)] = &[
    // Why this portal asked.
    (
        "The person looked at their own data in the portal",
        "Inimene vaatas portaalis enda andmeid",
    ),
    (
        "The person asked who looked at their data",
        "Inimene küsis, kes tema andmeid vaatas",
    ),
    (
        "The person asked why somebody looked at their data",
        "Inimene küsis, miks keegi tema andmeid vaatas",
    ),
    (
        "The person read the answers to their questions",
        "Inimene luges oma küsimuste vastuseid",
    ),
    (
        "The person looked at their applications",
        "Inimene vaatas oma taotlusi",
    ),
    (
        "The person fills in an application",
        "Inimene täidab taotlust",
    ),
    (
        "The person handed in a signed application",
        "Inimene esitas allkirjastatud taotluse",
    ),
    (
        "The person looked for a doctor's appointment",
        "Inimene otsis arsti vastuvõtuaega",
    ),
    (
        "The person booked a doctor's appointment",
        "Inimene broneeris arsti vastuvõtuaja",
    ),
    ("The person founds a company", "Inimene asutab ettevõtet"),
    (
        "The person looked at their consents",
        "Inimene vaatas oma nõusolekuid",
    ),
    (
        "The person decided about a consent",
        "Inimene otsustas nõusoleku üle",
    ),
    (
        "The person asked an insurer for an offer",
        "Inimene küsis kindlustajalt pakkumist",
    ),
    (
        "The person looked at who may read their record",
        "Inimene vaatas, kes tema andmeid lugeda tohib",
    ),
    (
        "The person closed or opened their record",
        "Inimene sulges või avas oma andmed",
    ),
    (
        "An assistant acted for the person",
        "Abiline tegutses inimese eest",
    ),
    // Why registries asked each other.
    ("Children, for a benefit", "Lapsed toetuse arvutamiseks"),
    (
        "Case {}: application for a benefit",
        "Menetlus {}: toetuse taotlus",
    ),
    ("An insurance offer", "Kindlustuspakkumine"),
    (
        "Consent, before a health record is told",
        "Nõusoleku kontroll enne terviseandmete andmist",
    ),
    (
        "{} (closed record, read under a legal exception)",
        "{} (suletud andmed, loetud seaduses sätestatud erandi alusel)",
    ),
    // What was read, where nobody said why.
    ("Population register: record", "Rahvastikuregister: andmed"),
    (
        "Population register: relations",
        "Rahvastikuregister: perekond",
    ),
    ("Social insurance: benefits", "Sotsiaalkindlustus: toetused"),
    (
        "Social insurance: applications",
        "Sotsiaalkindlustus: taotlused",
    ),
    (
        "Social insurance: application",
        "Sotsiaalkindlustus: taotlus",
    ),
    ("Tax board: income", "Maksuamet: tulud"),
    ("Tax board: declaration", "Maksuamet: deklaratsioon"),
    ("Health: record", "Tervis: andmed"),
    ("Health: prescriptions", "Tervis: retseptid"),
    ("Health: appointments", "Tervis: vastuvõtuajad"),
    ("Health: appointment", "Tervis: vastuvõtuaeg"),
    ("Health: blocking", "Tervis: sulgemine"),
    ("Business register: roles", "Äriregister: rollid"),
    (
        "Business register: new company",
        "Äriregister: uus ettevõte",
    ),
    ("Education register: studies", "Hariduse register: õpingud"),
    ("Bank: accounts", "Pank: kontod"),
    ("School journal: marks", "Koolipäevik: hinded"),
    ("Consents: request", "Nõusolekud: soov"),
    ("Consents: list", "Nõusolekud: loetelu"),
    ("Consents: decision", "Nõusolekud: otsus"),
    ("Consents: validation", "Nõusolekud: kontroll"),
    ("Insurer: offer", "Kindlustusandja: pakkumine"),
    ("Inquiry", "Järelepärimine"),
    ("Inquiries", "Järelepärimised"),
    // Why an application was refused.
    (
        "no child below the age is registered",
        "registris ei ole selles vanuses last",
    ),
    ("the pension age is not reached", "pensioniiga ei ole käes"),
    // What an inquiry found.
    (
        "An official looked to decide on your application {}, received at {}.",
        "Ametnik vaatas, et otsustada sinu taotluse {} üle, mis saabus {}.",
    ),
    (
        "An official looked at your data without a case. That should not have happened, and we \
         apologise.",
        "Ametnik vaatas sinu andmeid ilma menetluseta. Seda ei oleks tohtinud juhtuda ja me \
         vabandame.",
    ),
    (
        "Since {} the official may look at nobody's data.",
        "Alates {} ei tohi ametnik kellegi andmeid vaadata.",
    ),
    (
        "At {} {} asked for `{}` in your name. To answer that, a machine looked; no official saw \
         your data.",
        "Kell {} küsis {} sinu nimel teenust `{}`. Vastamiseks vaatas masin; ükski ametnik sinu \
         andmeid ei näinud.",
    ),
    (
        "At {} {} asked for `{}` in somebody else's name. To answer that, a machine looked; no \
         official saw your data.",
        "Kell {} küsis {} kellegi teise nimel teenust `{}`. Vastamiseks vaatas masin; ükski \
         ametnik sinu andmeid ei näinud.",
    ),
    (
        "We find no look of ours at that time.",
        "Meie ei leia sellest ajast enda vaatamist.",
    ),
];

/// What a registry sent, as it is said in a language.
pub(crate) fn said(sent: &str, language: Language) -> Cow<'_, str> {
    match language {
        Language::English => sent.into(),
        Language::Estonian => in_estonian(sent, MAX_LEVELS),
    }
}

fn in_estonian(sent: &str, levels: u8) -> Cow<'_, str> {
    let exact = SENT.iter().find(|(text, _)| *text == sent);
    if let Some((_, estonian)) = exact {
        return (*estonian).into();
    }
    let mut texts = SENT.iter().filter(|_| levels > 0);
    let matching = texts.find_map(|(text, estonian)| Some((parts_of(sent, text)?, estonian)));
    let Some((parts, estonian)) = matching else {
        return sent.into();
    };
    let mut told = String::new();
    let mut pieces = estonian.split(GAP);
    told.push_str(pieces.next().unwrap_or_default());
    for (part, piece) in parts.iter().zip(pieces) {
        told.push_str(&in_estonian(part, levels - 1));
        told.push_str(piece);
    }
    told.into()
}

/// What stands in the gaps of `text`, where `sent` is that text; none of them is empty. A text
/// without gaps is no pattern.
fn parts_of<'s>(sent: &'s str, text: &str) -> Option<Vec<&'s str>> {
    let (first, pieces) = text.split_once(GAP)?;
    let mut rest = sent.strip_prefix(first)?;
    let mut parts = Vec::new();
    let mut pieces = pieces.split(GAP).peekable();
    while let Some(piece) = pieces.next() {
        let at = match pieces.peek() {
            Some(_) => rest.find(piece)?,
            None => rest.strip_suffix(piece)?.len(),
        };
        let (part, behind) = rest.split_at(at);
        if part.is_empty() {
            return None;
        }
        parts.push(part);
        rest = behind.strip_prefix(piece)?;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_the_same_gaps_in_every_language_and_stands_once() {
        for (number, (text, estonian)) in SENT.iter().enumerate() {
            assert_eq!(
                text.matches(GAP).count(),
                estonian.matches(GAP).count(),
                "{text}"
            );
            assert_ne!(text, estonian);
            let others = SENT.iter().skip(number + 1);
            assert!(others.clone().all(|(other, _)| other != text), "{text}");
        }
    }

    #[test]
    fn what_differs_from_text_to_text_is_kept() {
        let said = |sent| said(sent, Language::Estonian).into_owned();
        assert_eq!(
            said("Case 1770-0: application for a benefit"),
            "Menetlus 1770-0: toetuse taotlus"
        );
        assert_eq!(
            said(
                "At 10:00 EE/GOV/1/a asked for `benefits` in your name. To answer that, a machine \
                  looked; no official saw your data."
            ),
            "Kell 10:00 küsis EE/GOV/1/a sinu nimel teenust `benefits`. Vastamiseks vaatas masin; \
             ükski ametnik sinu andmeid ei näinud."
        );
        assert_eq!(
            said("Health: record (closed record, read under a legal exception)"),
            "Tervis: andmed (suletud andmed, loetud seaduses sätestatud erandi alusel)"
        );
    }

    #[test]
    fn what_nobody_knows_stays_as_it_was_sent() {
        for sent in [
            "",
            "Census",
            "case 1: application for a benefit",
            "Case : application for a benefit",
            "Case 1: application for a benefit.",
            " (closed record, read under a legal exception)",
        ] {
            assert_eq!(said(sent, Language::Estonian), sent);
        }
        let known = "The person founds a company";
        assert_eq!(said(known, Language::English), known);
    }
}
