//! Lies told on purpose: `false-answers every 10_000`, `missing-record`.

use schemars::{Schema, json_schema};

use super::number::whole_number;
use super::{Scalar, ValueError};
use crate::model::PlantedLie;
use crate::suggest::did_you_mean;

const COUNTED: [&str; 2] = ["false-answers", "swapped-answers"];
const SINGLE: [(&str, PlantedLie); 5] = [
    ("missing-record", PlantedLie::MissingRecord),
    ("extra-record", PlantedLie::ExtraRecord),
    (
        "signature-over-another-message",
        PlantedLie::SignatureOverAnotherMessage,
    ),
    ("token-of-another-batch", PlantedLie::TokenOfAnotherBatch),
    (
        "certificate-of-another-member",
        PlantedLie::CertificateOfAnotherMember,
    ),
];

impl Scalar for PlantedLie {
    fn accepted() -> String {
        "`false-answers every N`, `swapped-answers every N`, `missing-record`, `extra-record`, \
         `signature-over-another-message`, `token-of-another-batch` or \
         `certificate-of-another-member`"
            .to_owned()
    }

    fn schema() -> Schema {
        let single: Vec<&str> = SINGLE.iter().map(|(name, _)| *name).collect();
        let pattern = format!(
            "^(({}) every [0-9_]+|{})$",
            COUNTED.join("|"),
            single.join("|")
        );
        json_schema!({ "type": "string", "pattern": pattern })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        if let Some((_, lie)) = SINGLE.iter().find(|(name, _)| *name == text) {
            return Ok(*lie);
        }
        let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
        match name {
            "false-answers" => Ok(Self::FalseAnswers {
                every: every(name, rest, 1)?,
            }),
            "swapped-answers" => Ok(Self::SwappedAnswers {
                every: every(name, rest, 2)?,
            }),
            _ => {
                let known = COUNTED.into_iter().chain(SINGLE.map(|(name, _)| name));
                let message = format!("`{text}` is no lie that can be planted");
                Err(ValueError::with_help(message, did_you_mean(name, known)))
            }
        }
    }
}

fn every(name: &str, rest: &str, least: u64) -> Result<u64, ValueError> {
    let number = rest.trim().strip_prefix("every ").ok_or_else(|| {
        ValueError::new(format!(
            "`{name}` does not say how often: `{name} every 10_000`"
        ))
    })?;
    match whole_number(number.trim())? {
        every if every >= least => Ok(every),
        every => Err(ValueError::new(format!(
            "`{name} every {every}` cannot be: at least {least}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lies_are_read() {
        let every = 10_000;
        assert_eq!(
            PlantedLie::parse("false-answers every 10_000"),
            Ok(PlantedLie::FalseAnswers { every })
        );
        assert_eq!(
            PlantedLie::parse("swapped-answers  every  10_000"),
            Ok(PlantedLie::SwappedAnswers { every })
        );
        for (name, lie) in SINGLE {
            assert_eq!(PlantedLie::parse(name), Ok(lie));
        }
    }

    #[test]
    fn other_lies_are_not() {
        let refused = |text| PlantedLie::parse(text).expect_err(text);
        assert!(
            refused("false-answers")
                .message
                .contains("does not say how often")
        );
        assert!(
            refused("false-answers every 0")
                .message
                .contains("at least 1")
        );
        assert!(
            refused("swapped-answers every 1")
                .message
                .contains("at least 2")
        );
        assert!(
            refused("false-answers every -4")
                .message
                .contains("negative")
        );
        assert_eq!(
            refused("mising-record").help.as_deref(),
            Some("did you mean `missing-record`?")
        );
    }
}
