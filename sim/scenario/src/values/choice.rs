//! Values that are one of a few words.

use schemars::{Schema, json_schema};

use super::{Scalar, ValueError};
use crate::model::{Arrivals, Connection, FaultDialect, IdScheme, RegistryKind};
use crate::suggest::{did_you_mean, one_of};

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

choice! { Connection:
    "http" => Self::Http,
    "https" => Self::Https,
    "mutual-tls" => Self::MutualTls,
}

choice! { FaultDialect:
    "current" => Self::Current,
    "legacy" => Self::Legacy,
}

choice! { IdScheme:
    "isikukood" => Self::Isikukood,
}

choice! { RegistryKind:
    "population-register" => Self::PopulationRegister,
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
