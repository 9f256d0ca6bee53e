//! Values that are one of a few words.

use schemars::{Schema, json_schema};
use sim_population::{Ages, Names, SchemeName};
use sim_workload::{Carrier, Journey};

use super::{Scalar, ValueError};
use crate::model::{
    Arrivals, BodyLogging, Connection, ConnectionReuse, DayShape, FaultDialect, KeyType, Language,
    LogIn, Profile, RegistryKind, SignatureScope, TimeStamping, TlsVersion, WhenFull,
};
use crate::suggest::{did_you_mean, one_of};

/// A choice whose words are also written: in run records and comparisons.
macro_rules! written_choice {
    ($type:ty: $($word:literal => $value:path,)*) => {
        choice! { $type: $($word => $value,)* }

        impl $type {
            /// The word for it in scenario files.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $($value => $word,)*
                }
            }
        }
    };
}

/// Reads `type` from one of the words.
macro_rules! choice {
    ($type:ty: $($word:literal => $value:expr,)*) => {
        impl Scalar for $type {
            fn accepted() -> String {
                one_of([$($word),*])
            }

            fn schema() -> Schema {
                json_schema!({ "type": "string", "enum": [$($word),*] })
            }

            fn parse(text: &str) -> Result<Self, ValueError> {
                match text {
                    $($word => Ok($value),)*
                    _ => Err(unknown_word(text, &[$($word),*])),
                }
            }
        }
    };
}

choice! { Arrivals:
    "poisson" => Self::Poisson,
    "uniform" => Self::Uniform,
}

choice! { WhenFull:
    "queue" => Self::Queue,
    "drop" => Self::Drop,
}

choice! { DayShape:
    "constant" => Self::Constant,
    "diurnal" => Self::Diurnal,
    "deadline-day" => Self::DeadlineDay,
}

choice! { Connection:
    "http" => Self::Http,
    "https" => Self::Https,
    "mutual-tls" => Self::MutualTls,
}

choice! { FaultDialect:
    "current" => Self::Current,
    "legacy" => Self::Legacy,
}

choice! { SchemeName:
    "isikukood" => Self::Isikukood,
    "island" => Self::Island,
}

choice! { Ages:
    "pensioners" => Self::Pensioners,
    "all" => Self::All,
}

choice! { Names:
    "estonian" => Self::Estonian,
    "island" => Self::Island,
}

choice! { Journey:
    "visit" => Self::Visit,
    "look" => Self::Look,
    "track" => Self::Track,
    "apply" => Self::Apply,
    "book" => Self::Book,
    "declare" => Self::Declare,
    "found" => Self::Found,
    "assist" => Self::Assist,
    "consent" => Self::Consent,
}

choice! { Carrier:
    "id-card" => Self::IdCard,
    "mobile-id" => Self::MobileId,
    "smart-id" => Self::SmartId,
}

choice! { LogIn:
    "each-time" => Self::EachTime,
    "single-sign-on" => Self::SingleSignOn,
}

choice! { Language:
    "en" => Self::English,
    "et" => Self::Estonian,
}

written_choice! { RegistryKind:
    "population-register" => Self::PopulationRegister,
    "social-insurance" => Self::SocialInsurance,
    "tax" => Self::Tax,
    "health" => Self::Health,
    "business" => Self::Business,
    "education" => Self::Education,
    "bank" => Self::Bank,
    "school-journal" => Self::SchoolJournal,
    "consents" => Self::Consents,
    "insurer" => Self::Insurer,
}

written_choice! { Profile:
    "modern" => Self::Modern,
    "xroad-default" => Self::XroadDefault,
    "xroad-ee" => Self::XroadEe,
    "xroad-fi" => Self::XroadFi,
}

written_choice! { KeyType:
    "ec-p256" => Self::EcP256,
    "rsa-2048" => Self::Rsa2048,
    "rsa-3072" => Self::Rsa3072,
}

written_choice! { ConnectionReuse:
    "kept" => Self::Kept,
    "per-message" => Self::PerMessage,
}

written_choice! { SignatureScope:
    "batched" => Self::Batched,
    "per-message" => Self::PerMessage,
}

written_choice! { BodyLogging:
    "logged" => Self::Logged,
    "not-logged" => Self::NotLogged,
}

written_choice! { TimeStamping:
    "in-batches" => Self::InBatches,
    "at-once" => Self::AtOnce,
}

written_choice! { TlsVersion:
    "1.2" => Self::Tls12,
    "1.3" => Self::Tls13,
}

fn unknown_word(text: &str, words: &[&str]) -> ValueError {
    ValueError::with_help(
        format!("`{text}` is none of the choices"),
        did_you_mean(text, words.iter().copied()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_slips_recognised() {
        assert_eq!(Connection::parse("mutual-tls"), Ok(Connection::MutualTls));
        let error = Connection::parse("mutal-tls").expect_err("a slip");
        assert_eq!(error.help.as_deref(), Some("did you mean `mutual-tls`?"));
        assert_eq!(Connection::accepted(), "`http`, `https` or `mutual-tls`");
    }
}
