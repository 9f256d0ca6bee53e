//! What to send where, and how fast: the configuration as it stands in a file.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sim_domain::{ClientId, ServiceId};
use sim_population::PopulationPlan;
use sim_workload::{ArrivalProcess, Ask, Course, Sizes, Subject};

/// Most exchanges in flight at once.
pub const MAX_IN_FLIGHT: u32 = 20_000;

/// Most worker threads.
pub const MAX_WORKERS: u32 = 64;

/// Configuration of the load generator.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadConfig {
    /// Where the service client's security server listens: `http://127.0.0.1:8080`, or `https://`
    /// with [`Self::tls`].
    pub base_url: String,
    /// Whom to trust and who to be over TLS; there just where the base URL is `https://`.
    #[serde(default)]
    pub tls: Option<TlsConfig>,
    /// The service client.
    pub client: ClientId,
    /// What is asked; at least one.
    pub asks: Vec<LoadAsk>,
    /// What follows the service code in the path, percent-encoded; empty or with a leading `/`.
    #[serde(default)]
    pub service_path: String,
    /// Prefix of every message ID.
    pub run_id: String,
    /// Where the ledger goes; holds no journal yet.
    pub ledger_folder: PathBuf,
    /// Where the interval log of response and service times goes; absent: there is none.
    #[serde(default)]
    pub interval_log: Option<PathBuf>,
    /// Whom the questions are about, and the truth that answers are compared with.
    pub population: PopulationConfig,
    /// How many exchanges to offer at most. Absent: as many as ask about everybody once, or as
    /// come due until something else ends the load.
    #[serde(default)]
    pub exchanges: Option<u64>,
    /// For how long exchanges are started; absent: until all have been.
    #[serde(default)]
    pub stop_after_ms: Option<u64>,
    /// For how long exchanges that come due count in no histogram and no rate.
    #[serde(default)]
    pub warm_up_ms: u64,
    /// Parts of the load of which books of their own are kept; at most [`MAX_WINDOWS`].
    #[serde(default)]
    pub windows: Vec<LoadWindow>,
    /// How fast.
    pub load: Load,
    /// Time-outs and threads.
    #[serde(default)]
    pub limits: Limits,
}

/// Most parts of a load of which books are kept.
pub const MAX_WINDOWS: u32 = 32;

/// A part of a load: what comes due in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadWindow {
    /// Since the load began, the warm-up included, in milliseconds.
    pub from_ms: u64,
    /// Likewise, not included; absent: to the end.
    #[serde(default)]
    pub until_ms: Option<u64>,
}

/// One kind of question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadAsk {
    /// The service.
    pub service: ServiceId,
    /// What it is asked about people.
    pub subject: Subject,
    /// Its share of all exchanges, beside the others' weights; at least 1.
    #[serde(default = "one")]
    pub weight: u32,
    /// National IDs in each question.
    pub sizes: Sizes,
    /// The path at which the base URL itself answers for the service, percent-encoded and with a
    /// leading `/`: it is then asked without a security server between, by the same requests but
    /// for their path. Absent: `/r1/` and the service's name, as security servers know it.
    #[serde(default)]
    pub direct_path: Option<String>,
}

const fn one() -> u32 {
    1
}

/// Connections over TLS.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The server's certificate, PEM. This very one is trusted, whoever issued it, and no other.
    pub trusted_certificate_pem: String,
    /// What is shown where the server asks who connects; absent: nothing.
    #[serde(default)]
    pub client: Option<TlsClient>,
}

/// Who an information system is over TLS.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsClient {
    /// Its certificate, PEM.
    pub certificate_pem: String,
    /// The certificate's private key, PEM.
    pub key_pem: String,
}

/// A population that the generator computes for itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationConfig {
    /// Decides the people and what else is random about the load.
    pub seed: u64,
    /// How many, how many have died, and as of when.
    pub plan: PopulationPlan,
}

/// How fast exchanges are started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Load {
    /// As fast as it goes with this many in flight (closed model).
    InFlight {
        /// At least 1.
        in_flight: u32,
        /// For how long each waits after an answer before it asks again.
        #[serde(default)]
        think_time_ms: u64,
    },
    /// At a set rate, however slow the answers are (open model).
    Rate {
        /// How the rate goes over time.
        course: Course,
        /// How the starts are spread.
        arrivals: ArrivalProcess,
        /// Most exchanges in flight.
        max_in_flight: u32,
        /// What happens to an exchange that comes due beyond them.
        when_full: WhenFull,
    },
}

/// What happens to an exchange that comes due while as many as allowed are in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// It is not started, and counted as dropped.
    Drop,
    /// It waits for its turn, and the wait is part of its response time.
    Queue,
}

/// Time-outs and threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// For how long an exchange tries to connect before it has failed.
    pub connect_timeout_ms: u64,
    /// For how long an answer is waited for.
    pub answer_timeout_ms: u64,
    /// For how long exchanges in flight may go on after the load was asked to stop.
    pub drain_timeout_ms: u64,
    /// After how long without any connection the whole load is given up.
    pub give_up_after_ms: u64,
    /// Threads that send. One is best where the servers share its cores.
    pub workers: u32,
}

// === impl LoadAsk ===

impl LoadAsk {
    pub(crate) const fn question(&self) -> Ask {
        Ask {
            subject: self.subject,
            weight: self.weight,
            sizes: self.sizes,
        }
    }
}

// === impl TlsClient ===

impl fmt::Debug for TlsClient {
    /// Without the key.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TlsClient")
            .field("certificate_pem", &self.certificate_pem)
            .finish_non_exhaustive()
    }
}

// === impl Limits ===

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            answer_timeout_ms: 60_000,
            drain_timeout_ms: 10_000,
            give_up_after_ms: 30_000,
            workers: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
        "base_url": "http://127.0.0.1:8080",
        "client": "EE/GOV/70000310/pension",
        "asks": [{
            "service": "EE/GOV/70008440/register/liveness",
            "subject": "deaths",
            "sizes": { "fixed": 1 }
        }],
        "run_id": "run-7",
        "ledger_folder": "ledger",
        "population": {
            "seed": 1,
            "plan": { "people": 10, "deceased": 1, "reference_date": "2026-02-02" }
        },
        "load": { "in_flight": { "in_flight": 64 } },
        "limits": { "workers": 2 }
    }"#;

    #[test]
    fn what_is_left_out_has_a_default() {
        let config: LoadConfig = serde_json::from_str(TEXT).unwrap();
        let load = Load::InFlight {
            in_flight: 64,
            think_time_ms: 0,
        };
        assert_eq!(config.load, load);
        assert_eq!(
            config.limits,
            Limits {
                workers: 2,
                ..Limits::default()
            }
        );
        assert_eq!((config.exchanges, config.service_path.as_str()), (None, ""));
        assert_eq!(
            (config.asks[0].weight, &config.asks[0].direct_path),
            (1, &None)
        );
        let again: LoadConfig =
            serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(format!("{again:?}"), format!("{config:?}"));
    }

    #[test]
    fn the_open_model_reads_as_it_is_written() {
        let open = r#"{ "rate": { "course": { "constant": { "per_second": 120.5 } },
                        "arrivals": "poisson", "max_in_flight": 9, "when_full": "drop" } }"#;
        let text = TEXT.replace(r#"{ "in_flight": { "in_flight": 64 } }"#, open);
        let config: LoadConfig = serde_json::from_str(&text).unwrap();
        let expected = Load::Rate {
            course: Course::Constant { per_second: 120.5 },
            arrivals: ArrivalProcess::Poisson,
            max_in_flight: 9,
            when_full: WhenFull::Drop,
        };
        assert_eq!(config.load, expected);
    }

    #[test]
    fn tls_may_show_a_certificate_and_never_shows_its_key() {
        let tls = r#""tls": { "trusted_certificate_pem": "T",
                     "client": { "certificate_pem": "C", "key_pem": "secret" } }, "client":"#;
        let text = TEXT.replacen(r#""client":"#, tls, 1);
        let config: LoadConfig = serde_json::from_str(&text).unwrap();
        let tls = config.tls.unwrap();
        assert!(!format!("{tls:?}").contains("secret"));
        assert_eq!(tls.trusted_certificate_pem, "T");
        assert_eq!(tls.client.unwrap().key_pem, "secret");
        let half = text.replace(r#", "key_pem": "secret""#, "");
        let refusal = serde_json::from_str::<LoadConfig>(&half).unwrap_err();
        assert!(refusal.to_string().contains("key_pem"), "{refusal}");
    }

    #[test]
    fn misspelt_keys_are_refused_everywhere() {
        for (right, wrong) in [
            ("base_url", "base_uri"),
            ("seed", "sed"),
            ("people", "peoples"),
            ("workers", "worker"),
            ("subject", "object"),
        ] {
            let text = TEXT.replacen(right, wrong, 1);
            let refusal = serde_json::from_str::<LoadConfig>(&text).unwrap_err();
            assert!(refusal.to_string().contains(wrong), "{refusal}");
        }
    }
}
