//! The scenario as the file says it: every key with its meaning and default.
//!
//! The comments on the fields are what editors show and what `docs/scenario.md` is made of. The
//! order of the fields is the order in which files should have them.

use sim_domain::{BackChannelAddress, ReturnAddress};
use sim_population::{Ages, NameLists, Names, SchemeName};
use sim_workload::{Carrier, Journey};
use time::Date;

use crate::asks::MAX_WEIGHT;
use crate::decode::{At, List, Named, Needed, OneOrMore, raw_map};
use crate::model::{
    Arrivals, BodyLogging, CipherSuite, Connection, ConnectionReuse, DayShape, FaultDialect,
    KeyType, Language, LogIn, PlantedLie, Profile, RegistryKind, SignatureScope, TimeStamping,
    TlsVersion, WhenFull,
};
use crate::values::{
    AccessText, ByteSize, Condition, Count, Counted, CurrencyCode, DayShare, FileName,
    IdentifierPart, Interval, MAX_IN_FLIGHT, MemberCode, Pace, PerSecond, Promille, QuestionSize,
    Sentence, ServiceReference, Share, ShortName, Spread, Step, SubsystemReference, Timed, Weighed,
};

/// Most people in a population.
pub const MAX_PEOPLE: u64 = 1_000_000_000;
/// Most people that one exchange asks about.
pub const MAX_IDS_PER_EXCHANGE: u64 = 10_000;

/// Most exchanges of one load.
pub const MAX_EXCHANGES: u64 = 1_000_000_000;
/// Most thresholds that are about a part of the load: the load generator keeps books of each part.
pub(crate) const MAX_WINDOWS: usize = 32;
/// Most simulated people at the portal at once: each has connections of its own.
pub const MAX_CITIZENS: u64 = 10_000;
/// Most officials of a registry who are curious: all of its staff.
pub(crate) const MAX_CURIOUS_OFFICIALS: u64 = 12;
/// Most seconds of the country in one of the run: a year in half a minute.
pub const MAX_TIME_SCALE: u64 = 1_000_000;

/// Most connections that one security server may have to others: no more than it may have in all.
pub(crate) const MAX_CONNECTIONS: u64 = 100_000;

/// What a key means when it is left out, as it would be written.
pub(crate) mod defaults {
    pub(crate) const SEED: &str = "1";
    pub(crate) const COUNTRY: &str = "EE";
    pub(crate) const ID_SCHEME: &str = "isikukood";
    pub(crate) const REFERENCE_DATE: &str = "2025-01-01";
    pub(crate) const AGES: &str = "pensioners";
    pub(crate) const NAMES: &str = "estonian";
    pub(crate) const CONNECTION: &str = "http";
    pub(crate) const FAULT_DIALECT: &str = "current";
    pub(crate) const REGISTRY_KIND: &str = "population-register";
    pub(crate) const SERVICE_TIMEOUT: &str = "60s";
    pub(crate) const EVERY_SERVICE: &str = "every service of its kind, with the rights of `allow`";
    pub(crate) const NOBODY: &str = "nobody but those whom a service names";
    pub(crate) const CURRENCY: &str = "EUR";
    pub(crate) const LANGUAGES: &str = "English";
    pub(crate) const LOG_IN: &str = "each-time";
    pub(crate) const NEW_SECRET: &str = "a new one at each start, which `roadtest up` tells";
    pub(crate) const PROVIDERS_PAGE: &str = "they stay on a page of the provider";
    pub(crate) const NOT_TOLD: &str = "it is not told";
    pub(crate) const PHONE_ANSWER: &str = "median 4s, p99 30s";
    pub(crate) const FEW: &str = "1%";
    pub(crate) const NO_SHARE: &str = "0%";
    pub(crate) const EVERYBODY_LOOKS: &str = "everybody comes to look";
    pub(crate) const CARRIERS_ALIKE: &str = "each as often as the others";
    pub(crate) const CITIZENS_THINK: &str = "median 3s, p99 20s";
    pub(crate) const OCSP_FRESHNESS: &str = "1h";
    pub(crate) const OCSP_FETCH_INTERVAL: &str = "20min";
    pub(crate) const TIME_STAMPING_INTERVAL: &str = "60s";
    pub(crate) const CONFIGURATION_REFRESH: &str = "60s";
    pub(crate) const CONFIGURATION_EXPIRY: &str = "10min";
    pub(crate) const PROFILE: &str = "modern";
    /// For what is left out of the exchange: only a profile can say it.
    pub(crate) const OF_THE_PROFILE: &str = "as the profile has it";
    pub(crate) const IDS_PER_EXCHANGE: &str = "1";
    pub(crate) const ARRIVALS: &str = "poisson";
    pub(crate) const MAX_IN_FLIGHT: &str = "2_000";
    pub(crate) const SHAPE: &str = "constant";
    pub(crate) const BUSY_HOUR: &str = "12.5%";
    pub(crate) const DAY: &str = "24 hours, divided by `time-scale`";
    pub(crate) const TIME_SCALE: &str = "1";
    pub(crate) const THINK_TIME: &str = "they ask again at once";
    pub(crate) const WHEN_FULL: &str = "queue";
    pub(crate) const WARM_UP: &str = "everything counts";
    pub(crate) const DURATION: &str =
        "until everybody was asked about, or to the end of the steps, the trace or the day";
    pub(crate) const EXCHANGES: &str =
        "as many as ask about everybody once, where nothing else ends the load";
    pub(crate) const ALL_OF_IT: &str = "100%";
    pub(crate) const NO_DEMAND: &str = "what it really takes";
    pub(crate) const NONE: &str = "0";
}

raw_map! {
    /// A virtual country, what is asked of it, and what must hold afterwards.
    #[schemars(title = "Roadtest scenario")]
    RawScenario {
        /// Short name of the scenario, for folders and charts.
        name: Needed<At<ShortName>>,
        /// The question that the scenario answers, in one sentence.
        question: Needed<At<Sentence>>,
        /// All randomness of a run follows from this number.
        #[schemars(extend("default" = defaults::SEED))]
        seed: Option<At<Count<0, { u64::MAX }>>>,
        /// The X-Road instance: the first part of every identifier.
        #[schemars(extend("default" = defaults::COUNTRY))]
        country: Option<At<IdentifierPart>>,
        /// The people who are asked about.
        population: Needed<RawPopulation>,
        /// Organisations that take part, by a name that the rest of the file uses.
        members: Needed<Named<ShortName, RawMember>>,
        /// Security servers (the gateways of the exchange), by server code.
        security_servers: Needed<Named<ShortName, RawSecurityServer>>,
        /// Registries that answer, by name.
        registries: Needed<Named<ShortName, RawRegistry>>,
        /// Where citizens log in, and what their phones do.
        identity_provider: Option<RawIdentityProvider>,
        /// Where citizens find their data and apply for what is theirs.
        portal: Option<RawPortal>,
        /// How often certificates, time and configuration are confirmed.
        trust: Option<RawTrust>,
        /// How messages are signed, carried and kept, on every security server alike.
        exchange: Option<RawExchange>,
        /// Who asks what, and how fast. Everybody in the population is asked about once.
        workload: Needed<RawWorkload>,
        /// Simulated people who use the portal while the workload runs; the portal must be there.
        citizens: Option<RawCitizens>,
        /// Lies told on purpose, to see that the run notices; each kind at most once.
        planted_lies: Option<List<At<PlantedLie>>>,
        /// What must hold for the run to pass.
        thresholds: Needed<RawThresholds>,
    }
}

raw_map! {
    /// The people who are asked about.
    #[schemars(rename = "Population")]
    RawPopulation {
        /// How many there are.
        people: Needed<At<Count<1, MAX_PEOPLE>>>,
        /// How many of them have died.
        deceased: Needed<At<Count<0, MAX_PEOPLE>>>,
        /// How people are numbered; `isikukood` is Estonia's personal identification code.
        #[schemars(extend("default" = defaults::ID_SCHEME))]
        id_scheme: Option<At<SchemeName>>,
        /// The day as of which people are alive or not.
        #[schemars(extend("default" = defaults::REFERENCE_DATE))]
        reference_date: Option<At<Date>>,
        /// How old people are: pensioners alone, or everybody from the newborn on, with families.
        #[schemars(extend("default" = defaults::AGES))]
        ages: Option<At<Ages>>,
        /// How many of the grown-up are e-residents, who have a national ID and live abroad; for populations of all ages.
        #[schemars(extend("default" = defaults::NO_SHARE))]
        e_residents: Option<At<Promille>>,
        /// What people and places are called: as in Estonia, or as on a made-up island.
        #[schemars(extend("default" = defaults::NAMES))]
        names: Option<At<Names>>,
        /// Names of the scenario's own, instead of `names`.
        name_lists: Option<RawNameLists>,
    }
}

raw_map! {
    /// Names of the scenario's own, each drawn as often as the others of its list.
    #[schemars(rename = "NameLists")]
    RawNameLists {
        /// Given names of women and girls; like every name at most 64 bytes long.
        women: Needed<List<At<Sentence>>>,
        /// Given names of men and boys.
        men: Needed<List<At<Sentence>>>,
        /// Surnames.
        surnames: Needed<List<At<Sentence>>>,
        /// Municipalities.
        municipalities: Needed<List<At<Sentence>>>,
        /// Streets.
        streets: Needed<List<At<Sentence>>>,
        /// What phone numbers begin with: `+` and at most seven digits. Nobody has the default's calling code.
        #[schemars(extend("default" = NameLists::PHONE_PREFIX))]
        phone_prefix: Option<At<Sentence>>,
    }
}

raw_map! {
    /// An organisation that takes part.
    #[schemars(rename = "Member")]
    RawMember {
        /// X-Road member class and member code.
        id: Needed<At<MemberCode>>,
        /// The organisation's name, for people; the key if left out.
        name: Option<At<Sentence>>,
        /// Codes of its subsystems.
        subsystems: Needed<List<At<IdentifierPart>>>,
    }
}

raw_map! {
    /// A security server.
    #[schemars(rename = "SecurityServer")]
    RawSecurityServer {
        /// The member that runs it.
        owner: Needed<At<ShortName>>,
        /// The subsystems that exchange messages through it.
        serves: Needed<List<At<SubsystemReference>>>,
        /// How their information systems connect: plain HTTP, HTTPS, or HTTPS with a client certificate.
        #[schemars(extend("default" = defaults::CONNECTION))]
        connection: Option<At<Connection>>,
        /// The wording of error codes: that of current X-Road versions or of older ones.
        #[schemars(extend("default" = defaults::FAULT_DIALECT))]
        fault_dialect: Option<At<FaultDialect>>,
        /// Limits that differ from the security server's own.
        limits: Option<RawLimits>,
    }
}

raw_map! {
    /// Limits of a security server; what is left out stays at the server's own.
    #[schemars(rename = "Limits")]
    RawLimits {
        /// Messages mediated at once; one more is refused.
        max_in_flight: Option<At<Count<1, { MAX_IN_FLIGHT as u64 }>>>,
        /// Largest body of a message.
        max_body: Option<At<ByteSize>>,
        /// Largest sum of a message's headers.
        max_headers: Option<At<ByteSize>>,
    }
}

raw_map! {
    /// A registry that answers.
    #[schemars(rename = "Registry")]
    RawRegistry {
        /// The subsystem that it answers as.
        subsystem: Needed<At<SubsystemReference>>,
        /// What sort of registry it is, which says what services it has; a population register knows who is alive.
        #[schemars(extend("default" = defaults::REGISTRY_KIND))]
        kind: Option<At<RegistryKind>>,
        /// The data of which it is the single source of truth: no other subsystem may claim them.
        master_of: Needed<List<At<ShortName>>>,
        /// Who may call those of its services that are not listed below.
        #[schemars(extend("x-left-out" = defaults::NOBODY))]
        allow: Option<List<At<AccessText>>>,
        /// Its services, by service code, where they differ from each other.
        #[schemars(extend("x-left-out" = defaults::EVERY_SERVICE))]
        services: Option<Named<IdentifierPart, RawService>>,
        /// Of `kind: health`: who may read a record by the person's consent alone. The rights that this needs follow from it: to ask for a consent, to ask whether there is one, and to read the record.
        by_consent: Option<List<At<SubsystemReference>>>,
        /// Of `kind: health`: who may read a record that its owner has closed; the data tracker says so.
        legal_exceptions: Option<List<At<SubsystemReference>>>,
        /// Of `kind: social-insurance`: how many of its twelve officials, who are simulated, look at people without a case, until an inquiry finds it.
        #[schemars(extend("default" = defaults::NONE))]
        curious_officials: Option<At<Count<0, MAX_CURIOUS_OFFICIALS>>>,
        /// A time that each of its services takes before it answers, beside what it really takes: half of the answers no longer than the median, 99 of 100 no longer than the p99. It is simulated: the registry waits, and does no work meanwhile.
        #[schemars(extend("x-left-out" = defaults::NO_DEMAND))]
        service_demand: Option<At<Spread>>,
    }
}

raw_map! {
    /// A service of a registry.
    #[schemars(rename = "Service")]
    RawService {
        /// Who may call it; nobody else may.
        allow: Needed<List<At<AccessText>>>,
        /// How long the security server waits for an answer.
        #[schemars(extend("default" = defaults::SERVICE_TIMEOUT))]
        timeout: Option<At<Interval>>,
    }
}

raw_map! {
    /// Where citizens log in: an OpenID Connect provider, and Mobile-ID, Smart-ID and the ID-card behind it.
    #[schemars(rename = "IdentityProvider")]
    RawIdentityProvider {
        /// How long simulated people take until they have entered their PIN: half of them no longer than the median, 99 of 100 no longer than the p99.
        #[schemars(extend("default" = defaults::PHONE_ANSWER))]
        phones_answer: Option<At<Spread>>,
        /// How many refuse on their phone.
        #[schemars(extend("default" = defaults::FEW))]
        phones_refuse: Option<At<Promille>>,
        /// How many enter a wrong PIN or confirm a wrong verification code.
        #[schemars(extend("default" = defaults::FEW))]
        phones_mistype: Option<At<Promille>>,
        /// How many phones are off.
        #[schemars(extend("default" = defaults::FEW))]
        phones_off: Option<At<Promille>>,
        /// Services beside the portal that people log in to: programs of your own, for instance. By the `client_id` that each has at the provider; `portal` is the portal's.
        relying_parties: Option<Named<ShortName, RawRelyingParty>>,
    }
}

raw_map! {
    /// A service beside the portal that people log in to, by OpenID Connect.
    #[schemars(rename = "RelyingParty")]
    RawRelyingParty {
        /// What people read when they log in to it; the key if left out.
        name: Option<At<Sentence>>,
        /// Its `client_secret`.
        #[schemars(extend("x-left-out" = defaults::NEW_SECRET))]
        secret: Option<At<Sentence>>,
        /// Where people come back to with a code: each `redirect_uri` that it may ask for, to the letter.
        redirect_uris: Needed<OneOrMore<ReturnAddress>>,
        /// Where people may be sent after logging out: each `post_logout_redirect_uri`, to the letter.
        #[schemars(extend("x-left-out" = defaults::PROVIDERS_PAGE))]
        after_logout: Option<OneOrMore<ReturnAddress>>,
        /// Where the provider tells it that somebody's session has ended (single sign-on).
        #[schemars(extend("x-left-out" = defaults::NOT_TOLD))]
        back_channel_logout: Option<At<BackChannelAddress>>,
    }
}

raw_map! {
    /// The citizen portal: a web application that asks the registries over the exchange.
    #[schemars(rename = "Portal")]
    RawPortal {
        /// The subsystem that it asks as.
        subsystem: Needed<At<SubsystemReference>>,
        /// What it is called.
        name: Needed<At<Sentence>>,
        /// The currency of amounts, as ISO 4217 writes it.
        #[schemars(extend("default" = defaults::CURRENCY))]
        currency: Option<At<CurrencyCode>>,
        /// The languages that it speaks, the first one unless asked for another.
        #[schemars(extend("x-left-out" = defaults::LANGUAGES))]
        languages: Option<List<At<Language>>>,
        /// Whether people show who they are at each log-in, or once for all services that share single sign-on.
        #[schemars(extend("default" = defaults::LOG_IN))]
        log_in: Option<At<LogIn>>,
    }
}

raw_map! {
    /// Simulated people who use the portal: they log in, look, apply, and log out again.
    #[schemars(rename = "Citizens")]
    RawCitizens {
        /// How many are at it at once; whoever is done makes place for somebody else.
        people_at_once: Needed<At<Count<1, MAX_CITIZENS>>>,
        /// For how long new ones begin.
        duration: Needed<At<Interval>>,
        /// How many there are over that time, taken as one day: all the time `people-at-once`, or that many at the busiest hour of the day.
        #[schemars(extend("default" = defaults::SHAPE))]
        shape: Option<At<DayShape>>,
        /// What they come for, each with its weight: `visit` to log in and out, `look` at their data, `track` who looked at them, `apply` for a benefit, `book` an appointment, `declare` their income, `found` a company (an e-resident, where there are any), let an `assist`ant act for them, open their health data to an insurer by `consent`.
        #[schemars(extend("x-left-out" = defaults::EVERYBODY_LOOKS))]
        journeys: Option<Named<Journey, At<Count<1, MAX_WEIGHT>>>>,
        /// What they log in with, each with its weight.
        #[schemars(extend("x-left-out" = defaults::CARRIERS_ALIKE))]
        carriers: Option<Named<Carrier, At<Count<1, MAX_WEIGHT>>>>,
        /// How long they look at a page before they go on.
        #[schemars(extend("default" = defaults::CITIZENS_THINK))]
        think_time: Option<At<Spread>>,
    }
}

raw_map! {
    /// How often certificates, time and configuration are confirmed.
    #[schemars(rename = "Trust")]
    RawTrust {
        /// For how long a certificate's OCSP status may be relied on.
        #[schemars(extend("default" = defaults::OCSP_FRESHNESS))]
        ocsp_freshness: Option<At<Interval>>,
        /// How often a security server asks for the OCSP status of its certificates.
        #[schemars(extend("default" = defaults::OCSP_FETCH_INTERVAL))]
        ocsp_fetch_interval: Option<At<Interval>>,
        /// How often what was logged is time-stamped.
        #[schemars(extend("default" = defaults::TIME_STAMPING_INTERVAL))]
        time_stamping_interval: Option<At<Interval>>,
        /// How often security servers download the global configuration.
        #[schemars(extend("default" = defaults::CONFIGURATION_REFRESH))]
        configuration_refresh: Option<At<Interval>>,
        /// How long a published global configuration is valid.
        #[schemars(extend("default" = defaults::CONFIGURATION_EXPIRY))]
        configuration_expiry: Option<At<Interval>>,
    }
}

raw_map! {
    /// How messages are signed, carried and kept, on every security server alike. A profile names a set of these settings (docs/profiles.md); what is written beside it holds instead.
    #[schemars(rename = "Exchange")]
    RawExchange {
        /// Where the settings that are left out come from: what Roadtest would choose today, X-Road as it comes, or X-Road with the package of Estonia or Finland.
        #[schemars(extend("default" = defaults::PROFILE))]
        profile: Option<At<Profile>>,
        /// The key that a member signs messages with.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        signing_key: Option<At<KeyType>>,
        /// The key that a security server proves itself with to others.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        authentication_key: Option<At<KeyType>>,
        /// Whether a connection between two security servers is kept for the next message, or each message has one of its own, with its own handshake.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        connections: Option<At<ConnectionReuse>>,
        /// Most connections to other security servers that one has open at a time; a message beyond that is refused.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        max_connections: Option<At<Count<1, MAX_CONNECTIONS>>>,
        /// Most idle connections that are kept to one other security server.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        idle_connections: Option<At<Count<1, MAX_CONNECTIONS>>>,
        /// Whether one signature covers all messages that wait for the key, or each message has one of its own.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        signatures: Option<At<SignatureScope>>,
        /// Whether the message logs keep bodies, or only their digests.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        bodies: Option<At<BodyLogging>>,
        /// Whether signatures are time-stamped every interval, all that wait together, or each at once, before its message goes on.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        time_stamps: Option<At<TimeStamping>>,
        /// The versions of TLS between security servers.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        tls: Option<List<At<TlsVersion>>>,
        /// Cipher suites between security servers, best first. A suite that the TLS library does not have is replaced by the nearest that it has, and the run's record says so.
        #[schemars(extend("x-left-out" = defaults::OF_THE_PROFILE))]
        cipher_suites: Option<List<At<CipherSuite>>>,
    }
}

raw_map! {
    /// One kind of question in a mix.
    #[schemars(rename = "MixedQuestion")]
    RawMixed {
        /// The service that is asked; the client must be allowed to call it.
        service: Needed<At<ServiceReference>>,
        /// Its share of all exchanges, beside the weights of the others; in 10,000 exchanges in a row the shares are exact.
        weight: Needed<At<Count<1, MAX_WEIGHT>>>,
        /// How many people one of these questions asks about.
        #[schemars(extend("default" = defaults::IDS_PER_EXCHANGE))]
        ids_per_exchange: Option<At<QuestionSize>>,
    }
}

raw_map! {
    /// Who asks what, and how fast.
    #[schemars(rename = "Workload")]
    RawWorkload {
        /// The subsystem that asks.
        client: Needed<At<SubsystemReference>>,
        /// The service that is asked; the client must be allowed to call it. Either `service` or `mix` says what is asked.
        service: Option<At<ServiceReference>>,
        /// How many people one exchange asks about.
        #[schemars(extend("default" = defaults::IDS_PER_EXCHANGE))]
        ids_per_exchange: Option<At<QuestionSize>>,
        /// Several kinds of questions, by a name for people, each with its share of all exchanges.
        mix: Option<Named<ShortName, RawMixed>>,
        /// How fast exchanges are started: so many at once, or so many a second however slow the answers are. One of `load`, `steps` and `trace` says it.
        load: Option<At<Pace>>,
        /// How the rate goes over the run, step by step; the load ends with the last.
        steps: Option<List<At<Step>>>,
        /// A table of `time,rate` lines beside the scenario: seconds or clock times, and exchanges a second. Between two lines the rate changes steadily; the load ends with the last.
        trace: Option<At<FileName>>,
        /// With a rate as `load`: how it goes over a day, of which it is the mean.
        #[schemars(extend("default" = defaults::SHAPE))]
        shape: Option<At<DayShape>>,
        /// With `shape: diurnal`: what part of the day falls into its busiest hour.
        #[schemars(extend("default" = defaults::BUSY_HOUR))]
        busy_hour: Option<At<DayShare>>,
        /// With a shape: how long one of its days takes in the run.
        #[schemars(extend("x-left-out" = defaults::DAY))]
        day: Option<At<Interval>>,
        /// With a rate or a trace: so many seconds of the country pass in one second of the run, and what they would bring comes so much faster.
        #[schemars(extend("default" = defaults::TIME_SCALE))]
        time_scale: Option<At<Count<1, MAX_TIME_SCALE>>>,
        /// With so many in flight: for how long each of them waits after an answer before it asks again.
        #[schemars(extend("x-left-out" = defaults::THINK_TIME))]
        think_time: Option<At<Interval>>,
        /// With a rate: whether starts are independent of each other or at equal distances.
        #[schemars(extend("default" = defaults::ARRIVALS))]
        arrivals: Option<At<Arrivals>>,
        /// With a rate: most exchanges in flight.
        #[schemars(extend("default" = defaults::MAX_IN_FLIGHT))]
        max_in_flight: Option<At<Count<1, { MAX_IN_FLIGHT as u64 }>>>,
        /// With a rate: whether an exchange beyond that waits, and the wait is part of its response time, or is dropped and counted.
        #[schemars(extend("default" = defaults::WHEN_FULL))]
        when_full: Option<At<WhenFull>>,
        /// For how long exchanges count in no response time and no rate at the beginning; what they were answered counts.
        #[schemars(extend("x-left-out" = defaults::WARM_UP))]
        warm_up: Option<At<Interval>>,
        /// For how long exchanges are started, the warm-up included.
        #[schemars(extend("x-left-out" = defaults::DURATION))]
        duration: Option<At<Interval>>,
        /// How many exchanges are started. Beyond as many as ask about everybody once, it begins again.
        #[schemars(extend("x-left-out" = defaults::EXCHANGES))]
        exchanges: Option<At<Count<1, MAX_EXCHANGES>>>,
    }
}

raw_map! {
    /// What must hold for the run to pass. A bound alone means equality; `at least`, `at most`, `above`, `below` and `exactly` go before it.
    #[schemars(rename = "Thresholds")]
    RawThresholds {
        /// People whom the answers name as deceased.
        deceased_named: Option<OneOrMore<Condition<Counted>>>,
        /// Exchanges of which everything was verified, of all that were asked.
        #[schemars(extend("default" = defaults::ALL_OF_IT))]
        verified: Option<OneOrMore<Condition<Share>>>,
        /// Answers that are not the truth.
        #[schemars(extend("default" = defaults::NONE))]
        wrong: Option<OneOrMore<Condition<Counted>>>,
        /// Records that should exist and do not.
        #[schemars(extend("default" = defaults::NONE))]
        missing: Option<OneOrMore<Condition<Counted>>>,
        /// Records of exchanges that nobody asked for.
        #[schemars(extend("default" = defaults::NONE))]
        extra: Option<OneOrMore<Condition<Counted>>>,
        /// Records whose signature, certificate, time-stamp or log link does not hold.
        #[schemars(extend("default" = defaults::NONE))]
        unproven: Option<OneOrMore<Condition<Counted>>>,
        /// Exchanges that were answered with a fault.
        #[schemars(extend("default" = defaults::NONE))]
        refused: Option<OneOrMore<Condition<Counted>>>,
        /// Exchanges that ended without a usable answer.
        #[schemars(extend("default" = defaults::NONE))]
        failed: Option<OneOrMore<Condition<Counted>>>,
        /// Exchanges of which nobody knows how they ended.
        #[schemars(extend("default" = defaults::NONE))]
        unknown: Option<OneOrMore<Condition<Counted>>>,
        /// Records without a time-stamp.
        #[schemars(extend("default" = defaults::NONE))]
        unstamped: Option<OneOrMore<Condition<Counted>>>,
        /// Exchanges that came due and were not begun, as too many were in flight.
        dropped: Option<OneOrMore<Condition<Counted>>>,
        /// Exchanges that were not answered with the truth, of all that were begun.
        error_share: Option<OneOrMore<Condition<Share>>>,
        /// Completed exchanges a second.
        throughput: Option<OneOrMore<Condition<PerSecond>>>,
        /// Mean response time, from the intended start.
        response_time_mean: Option<OneOrMore<Condition<Timed>>>,
        /// Median response time, from the intended start.
        response_time_p50: Option<OneOrMore<Condition<Timed>>>,
        /// Response time that 90 of 100 exchanges stay within.
        response_time_p90: Option<OneOrMore<Condition<Timed>>>,
        /// Response time that 99 of 100 exchanges stay within.
        response_time_p99: Option<OneOrMore<Condition<Timed>>>,
        /// Response time that 999 of 1,000 exchanges stay within.
        response_time_p999: Option<OneOrMore<Condition<Timed>>>,
        /// The longest response time.
        response_time_max: Option<OneOrMore<Condition<Timed>>>,
        /// How late exchanges were sent: 99 of 100 stay within.
        start_delay_p99: Option<OneOrMore<Condition<Timed>>>,
        /// Processor time of all parts per answer.
        cpu_per_exchange: Option<OneOrMore<Condition<Timed>>>,
        /// Memory of all processes at their peaks, shared pages divided.
        peak_pss: Option<OneOrMore<Condition<Weighed>>>,
        /// Size of all message logs per answer.
        evidence_per_exchange: Option<OneOrMore<Condition<Weighed>>>,
        /// Citizens' journeys that came to their end.
        journeys: Option<OneOrMore<Condition<Counted>>>,
        /// Citizens' journeys that failed: a page did not come, or had not what it must have. None where there are citizens.
        journeys_failed: Option<OneOrMore<Condition<Counted>>>,
        /// Citizens' journeys on which something untrue was shown. None where there are citizens.
        journeys_wrong: Option<OneOrMore<Condition<Counted>>>,
        /// Median response time of the portal's pages.
        page_time_p50: Option<OneOrMore<Condition<Timed>>>,
        /// Response time that 90 of 100 pages of the portal stay within.
        page_time_p90: Option<OneOrMore<Condition<Timed>>>,
        /// Response time that 99 of 100 pages of the portal stay within.
        page_time_p99: Option<OneOrMore<Condition<Timed>>>,
    }
}
