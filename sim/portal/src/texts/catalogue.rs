//! The service catalogue by life event: what there is, and how it is called.

use super::Language;
use crate::catalogue::{Channel, Role};

/// One text in every language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    english: &'static str,
    estonian: &'static str,
}

/// What happens in a life, and the services for it.
pub(crate) struct Event {
    pub(crate) id: &'static str,
    pub(crate) title: Words,
    pub(crate) services: &'static [ServiceText],
}

/// One service of the catalogue.
pub(crate) struct ServiceText {
    pub(crate) id: &'static str,
    pub(crate) title: Words,
    pub(crate) about: Words,
    pub(crate) owner: Words,
    /// Until when there is a decision.
    pub(crate) decision: Words,
    /// Where it begins; a path of the portal.
    pub(crate) path: &'static str,
    pub(crate) channels: &'static [Channel],
    /// The services of registries that it needs; it is offered where all of them exist.
    pub(crate) needs: &'static [Role],
}

// === impl Words ===

impl Words {
    pub(crate) const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Estonian => self.estonian,
        }
    }
}

const fn words(english: &'static str, estonian: &'static str) -> Words {
    Words { english, estonian }
}

const AT_ONCE: Words = words("at once", "kohe");
const POPULATION: Words = words("Population register", "Rahvastikuregister");
const SOCIAL: Words = words("Social insurance", "Sotsiaalkindlustus");
const TAX: Words = words("Tax office", "Maksuamet");
const HEALTH: Words = words("Health information system", "Tervise infosüsteem");
const BUSINESS: Words = words("Business register", "Äriregister");
const EDUCATION: Words = words("Education register", "Hariduse register");
const INSURER: Words = words("Insurer", "Kindlustusandja");
const PORTAL: Words = words("State portal", "Riigiportaal");
const CONSENTS: Words = words("Consent service", "Nõusolekuteenus");

/// What the registry is called that has the service of a role, where a country has one of it. Long
/// words have a soft hyphen, where a small screen breaks them.
pub(crate) const fn register(role: Role) -> Option<Words> {
    Some(match role {
        Role::Record | Role::Relations => words(POPULATION.english, "Rahvastiku\u{ad}register"),
        Role::Benefits | Role::Applications => words(SOCIAL.english, "Sotsiaal\u{ad}kindlustus"),
        Role::Declaration | Role::Declarations => TAX,
        Role::HealthRecord | Role::Appointments => HEALTH,
        Role::Roles | Role::Companies => BUSINESS,
        Role::Studies => EDUCATION,
        Role::Consents => CONSENTS,
        Role::InsuranceOffer | Role::Trackers | Role::Blocking => return None,
    })
}

const EVERYWHERE: &[Channel] = &[Channel::Web, Channel::Phone, Channel::Counter];
const WEB_AND_PHONE: &[Channel] = &[Channel::Web, Channel::Phone];
const WEB_AND_COUNTER: &[Channel] = &[Channel::Web, Channel::Counter];
const WEB_ONLY: &[Channel] = &[Channel::Web];

/// The catalogue, in the order shown.
pub(crate) static EVENTS: &[Event] = &[
    Event {
        id: "child",
        title: words("A child is born", "Sünnib laps"),
        services: &[
            ServiceText {
                id: "child-benefit",
                title: words("Child benefit", "Lapsetoetus"),
                about: words(
                    "A monthly amount for every child. The form is filled in from the registers; you sign.",
                    "Igakuine summa iga lapse eest. Avaldus on registritest eeltäidetud, sina allkirjastad.",
                ),
                owner: SOCIAL,
                decision: words("within 10 days", "10 päeva jooksul"),
                path: "/applications/new?kind=child-benefit",
                channels: EVERYWHERE,
                needs: &[Role::Applications, Role::Relations],
            },
            ServiceText {
                id: "family",
                title: words("My family in the register", "Minu pere registris"),
                about: words(
                    "Parents, partner and children as the population register holds them.",
                    "Vanemad, elukaaslane ja lapsed nii, nagu need rahvastikuregistris on.",
                ),
                owner: POPULATION,
                decision: AT_ONCE,
                path: "/me#relations",
                channels: WEB_AND_COUNTER,
                needs: &[Role::Relations],
            },
        ],
    },
    Event {
        id: "work",
        title: words("Work and taxes", "Töö ja maksud"),
        services: &[
            ServiceText {
                id: "tax-declaration",
                title: words("Income tax declaration", "Tuludeklaratsioon"),
                about: words(
                    "Filled in with what employers reported. Look, sign, done.",
                    "Eeltäidetud sellega, mida tööandjad teatasid. Vaata üle, allkirjasta, valmis.",
                ),
                owner: TAX,
                decision: words("within 5 days", "5 päeva jooksul"),
                path: "/applications/new?kind=tax-declaration",
                channels: EVERYWHERE,
                needs: &[Role::Declaration, Role::Declarations],
            },
            ServiceText {
                id: "income",
                title: words("My income and employers", "Minu tulud ja tööandjad"),
                about: words(
                    "What was paid to you and what tax was kept.",
                    "Mida sulle maksti ja palju maksu kinni peeti.",
                ),
                owner: TAX,
                decision: AT_ONCE,
                path: "/me#declaration",
                channels: WEB_AND_PHONE,
                needs: &[Role::Declaration],
            },
        ],
    },
    Event {
        id: "health",
        title: words("Health", "Tervis"),
        services: &[
            ServiceText {
                id: "health-record",
                title: words("My health record", "Minu terviseandmed"),
                about: words(
                    "Diagnoses and prescriptions, and whether they are closed to doctors.",
                    "Diagnoosid ja retseptid ning kas need on arstidele suletud.",
                ),
                owner: HEALTH,
                decision: AT_ONCE,
                path: "/me#health",
                channels: WEB_AND_PHONE,
                needs: &[Role::HealthRecord],
            },
            ServiceText {
                id: "appointment",
                title: words("Book a doctor's appointment", "Broneeri arsti vastuvõtt"),
                about: words(
                    "Free times with your family doctor's clinic.",
                    "Vabad ajad perearstikeskuses.",
                ),
                owner: HEALTH,
                decision: AT_ONCE,
                path: "/appointments",
                channels: EVERYWHERE,
                needs: &[Role::Appointments],
            },
            ServiceText {
                id: "insurance",
                title: words("Health insurance offer", "Ravikindlustuse pakkumine"),
                about: words(
                    "A price that fits your health. The insurer sees your record only if you consent.",
                    "Hind, mis vastab sinu tervisele. Kindlustaja näeb sinu andmeid ainult sinu nõusolekul.",
                ),
                owner: INSURER,
                decision: AT_ONCE,
                path: "/insurance",
                channels: WEB_AND_PHONE,
                needs: &[Role::InsuranceOffer],
            },
        ],
    },
    Event {
        id: "business",
        title: words("Running a business", "Ettevõtlus"),
        services: &[
            ServiceText {
                id: "found-company",
                title: words("Found a company", "Asuta ettevõte"),
                about: words(
                    "A private company with you as founder, entered the same day.",
                    "Osaühing sinuga asutajana, kantakse registrisse samal päeval.",
                ),
                owner: BUSINESS,
                decision: words("the same day", "samal päeval"),
                path: "/companies/new",
                channels: WEB_AND_COUNTER,
                needs: &[Role::Companies],
            },
            ServiceText {
                id: "companies",
                title: words("My companies", "Minu ettevõtted"),
                about: words(
                    "Where you are an owner or on the board.",
                    "Kus sa oled omanik või juhatuse liige.",
                ),
                owner: BUSINESS,
                decision: AT_ONCE,
                path: "/me#roles",
                channels: WEB_ONLY,
                needs: &[Role::Roles],
            },
        ],
    },
    Event {
        id: "learning",
        title: words("School and studies", "Kool ja õpingud"),
        services: &[ServiceText {
            id: "studies",
            title: words("My studies and certificates", "Minu õpingud ja tunnistused"),
            about: words(
                "Schools you attend or attended, and what you finished.",
                "Koolid, kus õpid või õppisid, ja mille lõpetasid.",
            ),
            owner: EDUCATION,
            decision: AT_ONCE,
            path: "/me#studies",
            channels: WEB_AND_COUNTER,
            needs: &[Role::Studies],
        }],
    },
    Event {
        id: "pension",
        title: words("Growing older", "Vanemaks saamine"),
        services: &[ServiceText {
            id: "pension",
            title: words("My pension and benefits", "Minu pension ja toetused"),
            about: words(
                "What you receive each month, and since when.",
                "Mida sa iga kuu saad ja mis ajast.",
            ),
            owner: SOCIAL,
            decision: AT_ONCE,
            path: "/me#benefits",
            channels: EVERYWHERE,
            needs: &[Role::Benefits],
        }],
    },
    Event {
        id: "home",
        title: words("Home and moving", "Kodu ja kolimine"),
        services: &[ServiceText {
            id: "address",
            title: words("My address", "Minu aadress"),
            about: words(
                "Where the state believes that you live.",
                "Kus sa riigi teada elad.",
            ),
            owner: POPULATION,
            decision: AT_ONCE,
            path: "/me#population-record",
            channels: WEB_AND_COUNTER,
            needs: &[Role::Record],
        }],
    },
    Event {
        id: "rights",
        title: words("My data, my rights", "Minu andmed, minu õigused"),
        services: &[
            ServiceText {
                id: "tracker",
                title: words("Who looked at my data", "Kes minu andmeid vaatas"),
                about: words(
                    "Every look at your data, by whom and why, and a question to the one who looked.",
                    "Iga pilk sinu andmetele: kes ja miks, ning küsimus sellele, kes vaatas.",
                ),
                owner: PORTAL,
                decision: AT_ONCE,
                path: "/tracker",
                channels: WEB_ONLY,
                needs: &[Role::Trackers],
            },
            ServiceText {
                id: "blocking",
                title: words("Close my records", "Sulge minu andmed"),
                about: words(
                    "Close what you do not want to be read, and open it again.",
                    "Sulge see, mida sa ei taha lugeda lasta, ja ava jälle.",
                ),
                owner: PORTAL,
                decision: AT_ONCE,
                path: "/blocking",
                channels: WEB_AND_COUNTER,
                needs: &[Role::Blocking],
            },
            ServiceText {
                id: "consents",
                title: words("My consents", "Minu nõusolekud"),
                about: words(
                    "Who asks to see your data, for what and until when. You approve, decline and withdraw.",
                    "Kes soovib sinu andmeid näha, milleks ja mis ajani. Sina lubad, keeldud ja võtad tagasi.",
                ),
                owner: PORTAL,
                decision: AT_ONCE,
                path: "/consents",
                channels: WEB_AND_COUNTER,
                needs: &[Role::Consents],
            },
            ServiceText {
                id: "assistant",
                title: words("An assistant for me", "Abiline minu eest"),
                about: words(
                    "Let a program read your data for ten minutes. It changes nothing, and you can end it.",
                    "Luba programmil kümme minutit sinu andmeid lugeda. Ta ei muuda midagi ja sina võid selle lõpetada.",
                ),
                owner: PORTAL,
                decision: AT_ONCE,
                path: "/assistant",
                channels: WEB_ONLY,
                needs: &[Role::Record],
            },
        ],
    },
];
