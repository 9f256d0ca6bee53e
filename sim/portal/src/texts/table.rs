//! The texts of pages.

/// Makes the struct of texts and one table of it for each language.
macro_rules! texts {
    ($($name:ident: $english:literal, $estonian:literal;)*) => {
        /// The texts of one language.
        pub(crate) struct Texts {
            $(pub(crate) $name: &'static str,)*
        }

        pub(super) static ENGLISH: Texts = Texts { $($name: $english,)* };
        pub(super) static ESTONIAN: Texts = Texts { $($name: $estonian,)* };
    };
}

texts! {
    // Every page.
    skip: "Skip to the content", "Liigu sisu juurde";
    portal: "State portal", "Riigiportaal";
    simulated: "A simulated country: nobody here exists, and nothing here has effect.", "Simuleeritud riik: siinseid inimesi ei ole olemas ja miski siin ei oma õigusjõudu.";
    language: "Language", "Keel";
    main_menu: "Main menu", "Peamenüü";
    log_in: "Log in", "Logi sisse";
    log_out: "Log out", "Logi välja";
    logged_in_as: "Logged in as", "Sisse logitud";
    services: "Services", "Teenused";
    my_data: "My data", "Minu andmed";
    my_applications: "Applications", "Taotlused";
    who_looked: "Who looked", "Kes vaatas";
    consents: "Access to my data", "Ligipääs minu andmetele";
    back: "Back", "Tagasi";
    footer_once: "You are asked for a thing once. What the state knows, it does not ask again.", "Sinult küsitakse üks kord. Mida riik juba teab, seda ta uuesti ei küsi.";
    footer_trace: "Every look at your data leaves a trace that you can see.", "Iga pilk sinu andmetele jätab jälje, mida sa näed.";

    // Home.
    home_title: "What can we do for you?", "Kuidas saame aidata?";
    home_lead: "Everything the state does for you, in one place. Choose what is happening in your life.", "Kõik, mida riik sinu heaks teeb, ühes kohas. Vali, mis sinu elus toimub.";
    hello: "Hello", "Tere";
    welcome_title: "See what the state knows about you", "Vaata, mida riik sinust teab";
    welcome_text: "Log in to see your data, apply with forms that are filled in already, and find out who looked.", "Logi sisse, et näha oma andmeid, esitada eeltäidetud taotlusi ja teada saada, kes sinu andmeid vaatas.";
    welcome_carriers: "With Mobile-ID, Smart-ID or an ID-card", "Mobiil-ID, Smart-ID või ID-kaardiga";
    see_my_data: "See my data", "Vaata minu andmeid";
    see_who_looked: "See who looked at it", "Vaata, kes neid vaatas";
    search: "Search the services", "Otsi teenuseid";
    search_button: "Search", "Otsi";
    search_none: "No service has these words.", "Nende sõnadega teenust ei ole.";
    search_all: "Show all services", "Näita kõiki teenuseid";
    owner: "Owner", "Omanik";
    channels: "How to reach it", "Kuidas kasutada";
    web: "Web", "Veebis";
    phone: "Phone", "Telefonitsi";
    counter: "Counter", "Letis";
    decision: "Decision", "Otsus";
    answered: "answered", "vastatud";
    typical_time: "usually in", "tavaliselt";
    quality: "Quality, measured here", "Kvaliteet, siin mõõdetud";
    uses: "questions asked", "päringut";
    not_measured: "not used yet", "veel kasutamata";
    milliseconds: "ms", "ms";

    // My data.
    me_lead: "Asked just now from the registries that hold it. The portal keeps no copy.", "Küsitud äsja registritest, kus need on. Portaal koopiat ei hoia.";
    answered_in: "Answered in", "Vastas ajaga";
    all_answered_in: "All together in", "Kõik kokku ajaga";
    population_register: "Population register", "Rahvastikuregister";
    family: "Family", "Perekond";
    benefits: "Benefits and pensions", "Toetused ja pensionid";
    taxes: "Income and taxes", "Tulud ja maksud";
    health: "Health", "Tervis";
    studies: "Education", "Haridus";
    roles: "Companies", "Ettevõtted";
    national_id: "National ID", "Isikukood";
    given_name: "Given name", "Eesnimi";
    surname: "Surname", "Perekonnanimi";
    birth_date: "Date of birth", "Sünniaeg";
    sex: "Sex", "Sugu";
    female: "female", "naine";
    male: "male", "mees";
    status: "Status", "Olek";
    alive: "alive", "elus";
    deceased: "deceased", "surnud";
    died_on: "Date of death", "Surmaaeg";
    address: "Address", "Aadress";
    municipality: "Municipality", "Omavalitsus";
    mother: "Mother", "Ema";
    father: "Father", "Isa";
    partner: "Partner", "Elukaaslane";
    child: "Child", "Laps";
    born: "born", "sündinud";
    no_relations: "The register holds no relations of yours.", "Registris ei ole sinu kohta seoseid.";
    no_benefits: "You receive no benefits.", "Sa ei saa ühtegi toetust.";
    benefit_pension: "Old-age pension", "Vanaduspension";
    benefit_child: "Child benefit", "Lapsetoetus";
    benefit_parental: "Parental benefit", "Vanemahüvitis";
    benefit_large_family: "Large family benefit", "Lasterikka pere toetus";
    benefit_disability: "Disability benefit", "Puudega inimese toetus";
    benefit_unemployment: "Unemployment benefit", "Töötutoetus";
    since: "since", "alates";
    a_month: "a month", "kuus";
    for_whom: "for", "kellele";
    year: "Year", "Aasta";
    income: "Income", "Tulu";
    tax_paid: "Tax paid", "Tasutud maks";
    refund: "Refund", "Tagastus";
    children_count: "Children", "Lapsi";
    employers: "Employers", "Tööandjad";
    diagnoses: "Diagnoses", "Diagnoosid";
    no_diagnoses: "None on record.", "Kandeid ei ole.";
    prescriptions: "Prescriptions", "Retseptid";
    no_prescriptions: "None on record.", "Kandeid ei ole.";
    blocked: "Closed to doctors", "Arstidele suletud";
    yes: "yes", "jah";
    no: "no", "ei";
    no_studies: "No studies on record.", "Õpingute kandeid ei ole.";
    no_roles: "You have no role in a company.", "Sul ei ole ettevõtetes rolle.";

    // Where a registry does not answer.
    trouble_timed_out: "The registry did not answer in time.", "Register ei vastanud õigel ajal.";
    trouble_unreachable: "The exchange between registries cannot be reached.", "Registrite andmevahetus ei ole kättesaadav.";
    trouble_exchange: "The exchange between registries brought no answer.", "Registrite andmevahetus ei toonud vastust.";
    trouble_registry: "The registry could not answer.", "Register ei saanud vastata.";
    trouble_unknown: "The registry holds nothing about you.", "Registris ei ole sinu kohta andmeid.";
    trouble_unreadable: "The registry's answer cannot be read.", "Registri vastus ei ole loetav.";
    trouble_others: "The other registries are not affected.", "Teisi registreid see ei mõjuta.";
    try_again: "Try again", "Proovi uuesti";
    message_number: "Number of the message", "Sõnumi number";

    // Who looked at my data.
    tracker_title: "Who looked at my data", "Kes minu andmeid vaatas";
    tracker_lead: "Each registry was asked just now. Every look is here: yours, an official's, a machine's.", "Iga registrit küsiti äsja. Siin on iga pilk: sinu enda, ametniku ja masina oma.";
    tracker_empty: "Nobody has looked at your data.", "Keegi ei ole sinu andmeid vaadanud.";
    when: "When (UTC)", "Millal (UTC)";
    who: "Who", "Kes";
    why: "Why", "Miks";
    register: "Register", "Register";
    through: "through", "läbi";
    yourself: "you, in this portal", "sina ise, selles portaalis";
    looks_of: "looks on record", "vaatamist kirjas";
    hide_mine: "Hide my own looks", "Peida minu enda vaatamised";
    show_mine: "Show my own looks too", "Näita ka minu enda vaatamisi";
    not_asked: "did not answer; its looks are missing here", "ei vastanud; selle vaatamised on siit puudu";
    newer: "Newer", "Uuemad";
    older: "Older", "Vanemad";
    ask_why: "Ask why", "Küsi, miks";
    your_question: "Your question", "Sinu küsimus";
    ask_placeholder: "What did you need my data for?", "Milleks sul minu andmeid vaja oli?";
    send_question: "Send the question", "Saada küsimus";
    ask_lead: "Whoever looked must answer you. Your question goes to them with this look.", "See, kes vaatas, peab sulle vastama. Küsimus läheb talle koos selle vaatamise andmetega.";
    my_questions: "Questions I asked", "Minu küsimused";
    question_sent: "sent, not answered yet", "saadetud, vastamata";
    question_too_long: "A question has at least one character and at most", "Küsimuses on vähemalt üks märk ja kõige rohkem";
    characters: "characters", "märki";
    question_full: "You have asked as many questions as can be kept. Wait for answers first.", "Sul on nii palju küsimusi, kui hoida saab. Oota enne vastuseid.";

    // Errors.
    error_title: "That did not work", "See ei õnnestunud";
    error_not_found: "There is no such page, or it is not yours.", "Sellist lehte ei ole või see ei ole sinu oma.";
    error_state: "This log-in was not begun in this browser, took too long, or was used before.", "Seda sisselogimist ei alustatud selles brauseris, see võttis liiga kaua aega või on juba kasutatud.";
    error_cancelled: "You cancelled the log-in.", "Katkestasid sisselogimise.";
    error_provider: "The log-in service does not answer as it should.", "Sisselogimisteenus ei vasta nii, nagu peaks.";
    error_token: "What the log-in service said of you could not be verified. You are not logged in.", "Sisselogimisteenuse kinnitust ei saanud kontrollida. Sa ei ole sisse logitud.";
    error_full: "Too many people are logged in. Please come back in a few minutes.", "Liiga palju inimesi on sisse logitud. Palun tule mõne minuti pärast tagasi.";
    error_form: "The form is out of date or came from another site. Open the page again.", "Vorm on aegunud või tuli teiselt lehelt. Ava leht uuesti.";
    error_fields: "The form could not be read.", "Vormi ei saanud lugeda.";
    error_too_large: "The form is too large.", "Vorm on liiga suur.";
    error_internal: "Something went wrong in the portal.", "Portaalis läks midagi valesti.";
    to_home: "To the services", "Teenuste juurde";
}

// === impl Texts ===

impl Texts {
    /// What people call a benefit of this kind.
    pub(crate) fn benefit(&self, kind: &str) -> Option<&'static str> {
        Some(match kind {
            "old-age-pension" => self.benefit_pension,
            "child-benefit" => self.benefit_child,
            "parental-benefit" => self.benefit_parental,
            "large-family-benefit" => self.benefit_large_family,
            "disability-benefit" => self.benefit_disability,
            "unemployment-benefit" => self.benefit_unemployment,
            _ => return None,
        })
    }
}
