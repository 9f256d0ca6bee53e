//! Names and places of Estonian pensioners: short lists, plausible together.

use crate::id_scheme::Sex;
use crate::permutation::scramble;

/// Given names of women.
const WOMEN: [&str; 40] = [
    "Aino", "Aita", "Anne", "Astrid", "Ene", "Elvi", "Evi", "Helgi", "Helle", "Hilja", "Ilme",
    "Imbi", "Juta", "Karin", "Koidu", "Laine", "Lea", "Leida", "Liivi", "Linda", "Maie", "Maire",
    "Mall", "Malle", "Mare", "Marju", "Milvi", "Õie", "Reet", "Salme", "Sirje", "Silvi", "Tiina",
    "Tiiu", "Urve", "Vaike", "Valve", "Virve", "Viivi", "Ülle",
];
/// Given names of men.
const MEN: [&str; 40] = [
    "Aare", "Ado", "Ain", "Aivar", "Ants", "Arvo", "Avo", "Enn", "Feliks", "Heino", "Henn",
    "Hillar", "Ilmar", "Jaak", "Jaan", "Jüri", "Kalev", "Kalju", "Koit", "Lembit", "Mati",
    "Mihkel", "Olev", "Peeter", "Priit", "Rein", "Raivo", "Sulev", "Toivo", "Tõnu", "Toomas",
    "Tiit", "Uno", "Ülo", "Udo", "Vello", "Villu", "Viktor", "Väino", "Urmas",
];
/// Surnames.
const SURNAMES: [&str; 60] = [
    "Tamm", "Saar", "Sepp", "Mägi", "Kask", "Kukk", "Rebane", "Ilves", "Pärn", "Koppel", "Oja",
    "Luik", "Raudsepp", "Kuusk", "Karu", "Kütt", "Lepik", "Põder", "Vaher", "Kivi", "Lõhmus",
    "Laur", "Teder", "Mets", "Järv", "Sild", "Nõmm", "Hein", "Toom", "Puusepp", "Kallas", "Roos",
    "Allik", "Kaur", "Pukk", "Rand", "Kangur", "Palm", "Tali", "Uibo", "Kurg", "Org", "Jõgi",
    "Laas", "Hunt", "Käär", "Kalda", "Raud", "Liiv", "Soo", "Kaasik", "Vares", "Nurk", "Kull",
    "Ots", "Eller", "Lind", "Mänd", "Paju", "Rätsep",
];
/// Municipalities, each with a weight near its share of Estonia's people, in hundredths.
const MUNICIPALITIES: [(&str, u64); 16] = [
    ("Tallinn", 34),
    ("Tartu", 8),
    ("Pärnu", 5),
    ("Narva", 5),
    ("Saaremaa", 4),
    ("Kohtla-Järve", 4),
    ("Viljandi", 4),
    ("Rakvere", 4),
    ("Lääne-Harju", 4),
    ("Viimsi", 4),
    ("Rae", 4),
    ("Võru", 4),
    ("Valga", 4),
    ("Haapsalu", 4),
    ("Põlva", 4),
    ("Rapla", 4),
];

/// A given name for `sex`, drawn by `lot`.
pub(crate) fn given_name(sex: Sex, lot: u64) -> &'static str {
    match sex {
        Sex::Female => pick(&WOMEN, lot),
        Sex::Male => pick(&MEN, lot),
    }
}

/// A surname, drawn by `lot`.
pub(crate) fn surname(lot: u64) -> &'static str {
    pick(&SURNAMES, scramble(lot, 1))
}

/// A municipality, drawn by `lot`.
pub(crate) fn municipality(lot: u64) -> &'static str {
    let total: u64 = MUNICIPALITIES.iter().map(|(_, weight)| weight).sum();
    let mut drawn = scramble(lot, 2) % total;
    for (name, weight) in MUNICIPALITIES {
        if drawn < weight {
            return name;
        }
        drawn -= weight;
    }
    unreachable!("what is drawn lies below the sum of the weights")
}

fn pick(list: &[&'static str], lot: u64) -> &'static str {
    let at = usize::try_from(lot % list.len() as u64).expect("a remainder of a length fits");
    list[at]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn drawn(draw: impl Fn(u64) -> &'static str) -> usize {
        (0..5_000)
            .map(|lot| draw(scramble(lot, 9)))
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// Also shows that no list names anything twice.
    #[test]
    fn every_name_occurs() {
        assert_eq!(drawn(|lot| given_name(Sex::Female, lot)), WOMEN.len());
        assert_eq!(drawn(|lot| given_name(Sex::Male, lot)), MEN.len());
        assert_eq!(drawn(surname), SURNAMES.len());
        assert_eq!(drawn(municipality), MUNICIPALITIES.len());
    }
}
