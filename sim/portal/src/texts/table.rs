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
    simulated: "A simulated country: nobody here is real.", "Simuleeritud riik: kedagi siit ei ole päriselt olemas.";
    language: "Language", "Keel";
    main_menu: "Main menu", "Peamenüü";
    log_in: "Log in", "Logi sisse";
    log_out: "Log out", "Logi välja";
    logged_in_as: "Logged in as", "Sisse logitud";
    services: "Services", "Teenused";
    my_data: "My data", "Minu andmed";
    my_applications: "Applications", "Taotlused";
    apply: "Apply", "Taotlused";
    who_looked: "Who looked", "Kes vaatas";
    access: "Access", "Ligipääs";
    consents: "Consents", "Nõusolekud";
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
    given_name_and_surname: "Name", "Nimi";
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
    level_general: "General education", "Üldharidus";
    level_degree: "Degree", "Kõrgharidus";
    school_form: "form", "klass";
    completed: "completed", "lõpetatud";
    no_studies: "No studies on record.", "Õpingute kandeid ei ole.";
    no_roles: "You have no role in a company.", "Sul ei ole ettevõtetes rolle.";

    // Where a registry does not answer.
    trouble_timed_out: "The registry did not answer in time.", "Register ei vastanud õigel ajal.";
    trouble_unreachable: "The exchange between registries cannot be reached.", "Registrite andmevahetus ei ole kättesaadav.";
    trouble_exchange: "The exchange between registries brought no answer.", "Registrite andmevahetus ei toonud vastust.";
    trouble_registry: "The registry could not answer.", "Register ei saanud vastata.";
    trouble_unknown: "The registry holds nothing about you.", "Registris ei ole sinu kohta andmeid.";
    trouble_unreadable: "The registry's answer cannot be read.", "Registri vastus ei ole loetav.";
    try_again: "Try again", "Proovi uuesti";
    message_number: "Number of the message", "Sõnumi number";

    // Who looked at my data.
    tracker_title: "Who looked at my data", "Kes minu andmeid vaatas";
    tracker_lead: "Each registry was asked just now. Every look is on record: an official's, a machine's, and your own.", "Iga registrit küsiti äsja. Kirjas on iga pilk: ametniku, masina ja sinu enda oma.";
    tracker_empty: "Nobody has looked at your data.", "Keegi ei ole sinu andmeid vaadanud.";
    tracker_no_others: "Nobody but you has looked at your data.", "Peale sinu ei ole keegi sinu andmeid vaadanud.";
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
    ask_lead: "Whoever looked must answer you.", "See, kes vaatas, peab sulle vastama.";
    my_questions: "Questions I asked", "Minu küsimused";
    question_kept: "kept here: the one who looked takes no questions yet", "hoitakse siin: vaataja küsimusi veel vastu ei võta";
    question_goes_to: "Your question goes to", "Küsimuse saab";
    question_nobody: "The one who looked takes no questions yet. Yours is kept in the portal.", "Vaataja küsimusi veel vastu ei võta. Sinu küsimus hoitakse portaalis alles.";
    question_about: "About a look by", "Vaataja:";
    question_case: "The case", "Menetlus";
    question_sanction: "What happened to the official", "Mis sai ametnikust";
    question_refused: "The question was not taken.", "Küsimust ei võetud vastu.";
    question_silent: "did not tell what you asked and what was answered.", "ei öelnud, mida sa küsisid ja mida vastati.";
    verdict_justified: "There was a reason.", "Põhjus oli olemas.";
    verdict_unjustified: "There was no reason to look.", "Vaatamiseks ei olnud põhjust.";
    verdict_unknown: "It is not known whether there was a reason.", "Ei ole teada, kas põhjus oli olemas.";
    question_too_long: "A question has at least one character and at most", "Küsimuses on vähemalt üks märk ja kõige rohkem";
    characters: "characters", "märki";
    question_full: "You have asked as many questions as can be kept. Wait for answers first.", "Sul on nii palju küsimusi, kui hoida saab. Oota enne vastuseid.";

    // Applications.
    applications_lead: "What you handed in, as the registry has it now, and what waits for your signature.", "Mida oled esitanud, nii nagu see praegu registris on, ja mis ootab sinu allkirja.";
    applications_none: "You have handed in nothing yet.", "Sa ei ole veel midagi esitanud.";
    applications_here: "Filled in here", "Siin täidetud";
    applications_there: "At the registry", "Registris";
    what: "What", "Mis";
    number: "Number", "Number";
    submitted: "Handed in (UTC)", "Esitatud (UTC)";
    kind_child_benefit: "Child benefit", "Lapsetoetus";
    kind_old_age_pension: "Old-age pension", "Vanaduspension";
    kind_tax_declaration: "Income tax declaration", "Tuludeklaratsioon";
    status_received: "received", "vastu võetud";
    status_granted: "granted", "rahuldatud";
    status_refused: "refused", "rahuldamata";
    status_draft: "waits for your signature", "ootab sinu allkirja";
    status_signing: "being signed", "allkirjastamisel";
    status_not_signed: "not signed", "allkirjastamata";
    go_on: "Go on", "Jätka";
    open: "Open", "Ava";
    new_lead: "Filled in from the registries. Check it, then sign.", "Eeltäidetud registritest. Vaata üle ja allkirjasta.";
    from_registers: "From the registries", "Registritest";
    which_child: "For which child?", "Millise lapse eest?";
    no_child: "The population register has no child of yours. You may apply all the same; the answer will say why it was refused.", "Rahvastikuregistris ei ole sinu lapsi. Taotleda võid siiski; vastuses on keeldumise põhjus.";
    account: "Bank account for the payment", "Pangakonto väljamakseks";
    account_hint: "4 to 34 letters and digits; empty for the account that is known there", "4 kuni 34 tähte ja numbrit; tühjaks jättes makstakse sealt teada kontole";
    refused_child: "Choose one of your children.", "Vali üks oma lastest.";
    refused_account: "An account has 4 to 34 letters and digits.", "Kontonumbris on 4 kuni 34 tähte ja numbrit.";
    refused_outdated: "The form is too old, and the registries may have changed. It has been filled in again.", "Vorm on liiga vana ja andmed võivad olla muutunud. See on uuesti täidetud.";
    sign_with: "Sign with", "Allkirjastamisvahend";
    sign_and_hand_in: "Sign and hand in", "Allkirjasta ja esita";
    sign_title: "Sign", "Allkirjasta";
    sign_lead: "You sign with your own key. This is what you sign:", "Allkirjastad enda võtmega. Allkirjastad selle:";
    mobile_id_about: "The key on your SIM card.", "Võti sinu SIM-kaardil.";
    smart_id_about: "The app on your phone.", "Rakendus sinu telefonis.";
    phone_number: "Phone number", "Telefoninumber";
    phone_hint: "A plus, the country's code and the number", "Pluss, riigi kood ja number";
    refused_phone: "A phone number is a plus and 7 to 15 digits.", "Telefoninumber on pluss ja 7 kuni 15 numbrit.";
    wait_title: "Confirm on your phone", "Kinnita telefonis";
    wait_code: "Verification code", "Kontrollkood";
    wait_compare: "Enter your second PIN only if the phone shows the same code.", "Sisesta PIN2 ainult siis, kui telefonis on sama kood.";
    wait_choose: "First your phone asks which document signs. Confirm it; then it asks you to sign.", "Kõigepealt küsib telefon, millise dokumendiga allkirjastad. Kinnita see; siis palub see allkirjastada.";
    wait_soon: "Your phone is being asked.", "Sinu telefonilt küsitakse.";
    wait_page: "This page renews itself.", "See leht uueneb ise.";
    done_title: "Signed and handed in", "Allkirjastatud ja esitatud";
    done_document: "Download the signed document", "Laadi allkirjastatud dokument alla";
    done_status: "The registry's answer", "Registri vastus";
    reason: "Reason", "Põhjus";
    sign_cancelled: "You refused on your phone. Nothing was signed.", "Keeldusid telefonis. Midagi ei allkirjastatud.";
    sign_wrong_code: "You said that the code is another one. Nothing was signed. Somebody may be trying to have you sign something else.", "Ütlesid, et kood on teine. Midagi ei allkirjastatud. Keegi võib püüda sind midagi muud allkirjastama panna.";
    sign_timeout: "You did not confirm in time. Nothing was signed.", "Sa ei kinnitanud õigel ajal. Midagi ei allkirjastatud.";
    sign_absent: "Your phone cannot be reached.", "Sinu telefon ei ole kättesaadav.";
    sign_not_client: "This number or person has no such contract.", "Sellel numbril või isikul ei ole sellist lepingut.";
    sign_wrong_pin: "The PIN was wrong. Nothing was signed.", "PIN oli vale. Midagi ei allkirjastatud.";
    sign_carrier: "The signing service does not answer as it should. Nothing was signed.", "Allkirjastamisteenus ei vasta nii, nagu peaks. Midagi ei allkirjastatud.";
    sign_trust: "The signature could not be confirmed by the trust services. Nothing was handed in.", "Usaldusteenused ei kinnitanud allkirja. Midagi ei esitatud.";
    sign_certificate: "Your certificate is not good for signing. Nothing was signed.", "Sinu sertifikaadiga ei saa allkirjastada. Midagi ei allkirjastatud.";
    sign_signature: "The signature is not yours. Nothing was handed in.", "Allkiri ei ole sinu oma. Midagi ei esitatud.";
    sign_registry: "You signed, but the registry did not take it.", "Allkirjastasid, kuid register ei võtnud seda vastu.";
    sign_other: "Nothing was signed.", "Midagi ei allkirjastatud.";

    // Closing records.
    access_title: "Who may read my records", "Kes tohib minu andmeid lugeda";
    access_lead: "Close a record, and nobody but you reads it through this register until you open it again. What the law allows without asking you stays allowed.", "Sulge andmed ja keegi peale sinu neid sellest registrist ei loe, kuni need jälle avad. Mida seadus lubab sinult küsimata, jääb lubatuks.";
    is_open: "open", "avatud";
    is_closed: "closed", "suletud";
    close_record: "Close", "Sulge";
    open_record: "Open", "Ava";
    access_none: "No register of this country can be closed here.", "Selle riigi ühtegi registrit ei saa siin sulgeda.";

    // Consents.
    consents_title: "My consents", "Minu nõusolekud";
    consents_lead: "Who may see data of yours because you allow it. Nobody sees them before you approve, and withdrawing works at once.", "Kes tohib sinu andmeid näha, sest sina lubad. Enne sinu luba ei näe neid keegi ja tagasivõtmine mõjub kohe.";
    consents_none: "Nobody has asked for your consent.", "Keegi ei ole sinult nõusolekut küsinud.";
    consent_data: "Which data", "Millised andmed";
    consent_purpose: "For what", "Milleks";
    consent_who: "Who asks", "Kes küsib";
    consent_since: "Since (UTC)", "Alates (UTC)";
    consent_until: "Until (UTC)", "Kuni (UTC)";
    consent_requested: "waits for your decision", "ootab sinu otsust";
    consent_approved: "approved", "lubatud";
    consent_declined: "declined", "keeldutud";
    consent_withdrawn: "withdrawn", "tagasi võetud";
    consent_expired: "expired", "aegunud";
    consent_approve: "Approve", "Luba";
    consent_decline: "Decline", "Keeldu";
    consent_withdraw: "Withdraw", "Võta tagasi";
    consent_conflict: "This consent has changed meanwhile. Here is how it stands now.", "See nõusolek on vahepeal muutunud. Siin on praegune seis.";
    purpose_insurance_offer: "An insurance offer that fits your health", "Sinu tervisele vastav kindlustuspakkumine";
    data_health_record: "Your health record", "Sinu terviseandmed";

    // Insurance.
    insurance_title: "Health insurance offer", "Ravikindlustuse pakkumine";
    insurance_lead: "The insurer names a price that fits your health. It looks at your health record only if you consent.", "Kindlustaja nimetab hinna, mis vastab sinu tervisele. Sinu terviseandmeid vaatab ta ainult sinu nõusolekul.";
    insurance_ask: "Ask for an offer", "Küsi pakkumist";
    insurance_again: "Ask again", "Küsi uuesti";
    insurance_offer: "The insurer's offer", "Kindlustaja pakkumine";
    insurance_based_on: "Based on", "Mille põhjal";
    insurance_no_consent: "The insurer may not look at your data, and asks for your consent. Decide about it, then ask again.", "Kindlustaja ei tohi sinu andmeid vaadata ja küsib sinu nõusolekut. Otsusta ja küsi siis uuesti.";
    insurance_to_consents: "Decide in my consents", "Otsusta minu nõusolekutes";

    // Assistants.
    assistant_title: "An assistant for me", "Abiline minu eest";
    assistant_lead: "Let a program read your data for you. It reads and changes nothing, each look is in the data tracker, and it ends when you log out.", "Luba programmil sinu eest sinu andmeid lugeda. Ta loeb ega muuda midagi, iga vaatamine on andmejälgijas ja kõik lõpeb, kui välja logid.";
    assistant_token: "The assistant's key", "Abilise võti";
    assistant_token_hint: "Give it to your assistant and to nobody else. It is shown only now.", "Anna see oma abilisele ja mitte kellelegi teisele. Seda näidatakse ainult nüüd.";
    assistant_address: "Where it asks", "Kust ta küsib";
    assistant_topics: "What it may read", "Mida ta lugeda tohib";
    assistant_active: "An assistant may read your data until", "Abiline tohib sinu andmeid lugeda kuni";
    assistant_allow: "Allow it for", "Luba";
    assistant_renew: "Make another key", "Tee uus võti";
    assistant_revoke: "End it now", "Lõpeta kohe";
    minutes: "minutes", "minutiks";

    // Appointments.
    appointments_title: "Doctor's appointments", "Arsti vastuvõtud";
    appointments_lead: "Free times at your doctor, asked just now.", "Vabad ajad sinu arsti juures, küsitud äsja.";
    appointments_choose: "Book this time", "Broneeri see aeg";
    appointments_own: "Your appointments", "Sinu vastuvõtud";
    appointments_own_none: "You have booked none.", "Sul ei ole ühtegi.";
    appointments_free: "Free times", "Vabad ajad";
    appointments_free_none: "There is no free time in the next days.", "Lähipäevadel vabu aegu ei ole.";
    doctor: "Doctor", "Arst";
    slot_taken: "That time is gone. Choose another one.", "See aeg on läinud. Vali teine.";

    // Companies.
    company_title: "Found a company", "Asuta ettevõte";
    company_lead: "You are the founder and only owner. The register answers at once.", "Sina oled asutaja ja ainus omanik. Register vastab kohe.";
    company_name: "Name of the company", "Ettevõtte nimi";
    company_hint: "1 to 100 characters; no other company may have it", "1 kuni 100 märki; ühelgi teisel ettevõttel ei tohi seda olla";
    company_founder: "Founder", "Asutaja";
    company_found: "Found it", "Asuta";
    company_refused: "The register refused it.", "Register lükkas selle tagasi.";

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

    /// What people call a registry's word on an application.
    pub(crate) fn status(&self, status: &str) -> Option<&'static str> {
        Some(match status {
            "received" => self.status_received,
            "granted" => self.status_granted,
            "refused" => self.status_refused,
            _ => return None,
        })
    }

    /// What can be applied for, by the registry's word for it.
    pub(crate) fn kind(&self, kind: &str) -> Option<&'static str> {
        Some(match kind {
            "child-benefit" => self.kind_child_benefit,
            "old-age-pension" => self.kind_old_age_pension,
            "tax-declaration" => self.kind_tax_declaration,
            _ => return None,
        })
    }

    /// What people call the purpose of a consent.
    pub(crate) fn purpose(&self, purpose: &str) -> Option<&'static str> {
        (purpose == "insurance-offer").then_some(self.purpose_insurance_offer)
    }

    /// What people call data that a consent opens.
    pub(crate) fn data(&self, data: &str) -> Option<&'static str> {
        (data == "health/record").then_some(self.data_health_record)
    }

    /// Why somebody's signature did not come about, by the carrier's word for it: the words of
    /// Mobile-ID, of Smart-ID, and the portal's own.
    pub(crate) fn not_signed(&self, code: &str) -> &'static str {
        match code {
            "USER_CANCELLED"
            | "USER_REFUSED"
            | "USER_REFUSED_DISPLAYTEXTANDPIN"
            | "USER_REFUSED_CERT_CHOICE"
            | "USER_REFUSED_CONFIRMATIONMESSAGE" => self.sign_cancelled,
            "WRONG_VC" | "USER_REFUSED_VC_CHOICE" => self.sign_wrong_code,
            "TIMEOUT" => self.sign_timeout,
            "PHONE_ABSENT" | "DELIVERY_ERROR" => self.sign_absent,
            "NOT_FOUND" | "NOT_MID_CLIENT" => self.sign_not_client,
            "SIM_ERROR" | "DOCUMENT_UNUSABLE" => self.sign_wrong_pin,
            "CARRIER" => self.sign_carrier,
            "CERTIFICATE" => self.sign_certificate,
            "SIGNATURE" => self.sign_signature,
            "TRUST_SERVICE" => self.sign_trust,
            "REGISTRY" | "NO_REGISTRY" => self.sign_registry,
            _ => self.sign_other,
        }
    }
}
