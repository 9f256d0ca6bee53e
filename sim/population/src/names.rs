//! Names and places: short lists, plausible together.

use crate::id_scheme::Sex;
use crate::permutation::scramble;
use crate::person::Address;
use crate::plan::Names;

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

/// Given names of girls and younger women.
const GIRLS: [&str; 30] = [
    "Anna",
    "Maria",
    "Laura",
    "Sandra",
    "Kristiina",
    "Liis",
    "Kadri",
    "Merle",
    "Triin",
    "Annika",
    "Kertu",
    "Helena",
    "Marta",
    "Sofia",
    "Emma",
    "Mia",
    "Hanna",
    "Lisandra",
    "Eliise",
    "Grete",
    "Johanna",
    "Saara",
    "Elisabeth",
    "Nora",
    "Lenna",
    "Mirtel",
    "Heleri",
    "Anette",
    "Kaisa",
    "Piret",
];
/// Given names of boys and younger men.
const BOYS: [&str; 30] = [
    "Martin",
    "Rasmus",
    "Kristjan",
    "Markus",
    "Siim",
    "Marko",
    "Andres",
    "Madis",
    "Taavi",
    "Kaspar",
    "Robin",
    "Oskar",
    "Sebastian",
    "Hugo",
    "Karl",
    "Henri",
    "Oliver",
    "Artur",
    "Joosep",
    "Ott",
    "Sander",
    "Erik",
    "Mattias",
    "Tanel",
    "Silver",
    "Hendrik",
    "Romet",
    "Gregor",
    "Uku",
    "Raul",
];
/// Streets.
const STREETS: [&str; 20] = [
    "Pikk",
    "Lai",
    "Kase",
    "Männi",
    "Kooli",
    "Aia",
    "Tamme",
    "Jaama",
    "Kesk",
    "Mere",
    "Pargi",
    "Lille",
    "Nurme",
    "Kivi",
    "Vabaduse puiestee",
    "Tartu maantee",
    "Ranna",
    "Sõpruse",
    "Oja",
    "Veski",
];
/// Born in this year or later, people have the younger names.
const YOUNGER_SINCE: i32 = 1965;

/// What people and places are called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameBook {
    women: &'static [&'static str],
    men: &'static [&'static str],
    girls: &'static [&'static str],
    boys: &'static [&'static str],
    surnames: &'static [&'static str],
    municipalities: &'static [(&'static str, u64)],
    streets: &'static [&'static str],
    /// What phone numbers begin with.
    pub(crate) phone_prefix: &'static str,
}

/// Estonia's.
const ESTONIAN: NameBook = NameBook {
    women: &WOMEN,
    men: &MEN,
    girls: &GIRLS,
    boys: &BOYS,
    surnames: &SURNAMES,
    municipalities: &MUNICIPALITIES,
    streets: &STREETS,
    phone_prefix: "+3725",
};

/// A made-up island's; its calling code belongs to nobody.
const ISLAND: NameBook = NameBook {
    women: &[
        "Alua", "Benira", "Corala", "Dunea", "Elmira", "Faroa", "Gulla", "Havena", "Isola",
        "Jetta", "Lagunia", "Marea", "Nerida", "Ondina", "Perla", "Rilla", "Salina", "Tideva",
        "Umbra", "Wavena",
    ],
    men: &[
        "Anko", "Baltor", "Capen", "Dorsal", "Ebbo", "Finn", "Garo", "Hullar", "Islo", "Kelp",
        "Lodo", "Moor", "Nauto", "Orka", "Pelago", "Reefor", "Skipar", "Tarn", "Ulvo", "Zandor",
    ],
    girls: &[
        "Alba", "Brisa", "Cora", "Delfina", "Esra", "Fay", "Gaia", "Hola", "Ila", "Juno", "Lani",
        "Mira", "Nami", "Oki", "Pip", "Runa", "Siri", "Tui", "Una", "Vela",
    ],
    boys: &[
        "Ari", "Bo", "Cai", "Dax", "Eero", "Fjord", "Gil", "Hoku", "Ivo", "Jov", "Kai", "Lex",
        "Manu", "Nilo", "Odo", "Pax", "Rio", "Sol", "Tavo", "Zeno",
    ],
    surnames: &[
        "Ashpier",
        "Bayward",
        "Cliffe",
        "Deepwell",
        "Eastquay",
        "Farshore",
        "Gullrock",
        "Harbour",
        "Inlet",
        "Jettison",
        "Kelpman",
        "Longstrand",
        "Mooring",
        "Northbay",
        "Outermost",
        "Pilot",
        "Quayside",
        "Reefgate",
        "Saltmarsh",
        "Tidewell",
        "Undertow",
        "Westcape",
        "Yawl",
        "Zephyr",
        "Anchorman",
        "Breaker",
        "Current",
        "Driftwood",
        "Estuary",
        "Foam",
    ],
    municipalities: &[
        ("Port Meridian", 45),
        ("Lantern Bay", 20),
        ("Upper Saddle", 15),
        ("Salt Cross", 12),
        ("Farwater", 8),
    ],
    streets: &[
        "Lighthouse Lane",
        "Net Street",
        "Harbour Row",
        "Gull Rise",
        "Old Quay",
        "Tide Street",
        "Rope Walk",
        "Chandler Street",
        "Coral Way",
        "Sandbank",
    ],
    phone_prefix: "+9997",
};

// === impl NameBook ===

impl NameBook {
    pub(crate) const fn of(names: Names) -> Self {
        match names {
            Names::Estonian => ESTONIAN,
            Names::Island => ISLAND,
        }
    }

    /// A given name for `sex`, drawn by `lot`.
    pub(crate) fn given_name(&self, sex: Sex, lot: u64) -> &'static str {
        match sex {
            Sex::Female => pick(self.women, lot),
            Sex::Male => pick(self.men, lot),
        }
    }

    /// A given name as it was common in the year of birth.
    pub(crate) fn given_name_of(&self, sex: Sex, born: i32, lot: u64) -> &'static str {
        match sex {
            _ if born < YOUNGER_SINCE => self.given_name(sex, lot),
            Sex::Female => pick(self.girls, lot),
            Sex::Male => pick(self.boys, lot),
        }
    }

    /// A surname, drawn by `lot`.
    pub(crate) fn surname(&self, lot: u64) -> &'static str {
        pick(self.surnames, scramble(lot, 1))
    }

    /// A municipality, drawn by `lot`.
    pub(crate) fn municipality(&self, lot: u64) -> &'static str {
        municipality(self.municipalities, lot)
    }

    /// An address, drawn by `lot`.
    pub(crate) fn address(&self, lot: u64) -> Address {
        let drawn = scramble(lot, 3);
        let house = 1 + (drawn >> 8) % 80;
        let apartment = ((drawn >> 16) % 100 < 60).then_some(1 + (drawn >> 24) % 60);
        Address {
            street: pick(self.streets, drawn),
            house: house as u32,
            apartment: apartment.map(|number| number as u32),
            postcode: 10_000 + ((drawn >> 32) % 90_000) as u32,
            municipality: self.municipality(lot),
        }
    }
}

fn municipality(of: &'static [(&'static str, u64)], lot: u64) -> &'static str {
    let total: u64 = of.iter().map(|(_, weight)| weight).sum();
    let mut drawn = scramble(lot, 2) % total;
    for &(name, weight) in of {
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
        for names in [Names::Estonian, Names::Island] {
            let book = NameBook::of(names);
            let given = |sex, born| drawn(|lot| book.given_name_of(sex, born, lot));
            assert_eq!(given(Sex::Female, 1950), book.women.len());
            assert_eq!(given(Sex::Male, 1950), book.men.len());
            assert_eq!(given(Sex::Female, 2000), book.girls.len());
            assert_eq!(given(Sex::Male, 2000), book.boys.len());
            assert_eq!(drawn(|lot| book.surname(lot)), book.surnames.len());
            assert_eq!(
                drawn(|lot| book.municipality(lot)),
                book.municipalities.len()
            );
            assert_eq!(drawn(|lot| book.address(lot).street), book.streets.len());
        }
    }
}
