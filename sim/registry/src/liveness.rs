//! The liveness question: which of these people have died?

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use sim_population::{Date, IdScheme, Isikukood, Island, NationalId, SchemeName, iso_date};

use crate::error::StoreError;
use crate::register::Register;

/// The most people one question may name.
pub const MAX_IDS: usize = 10_000;

/// A question.
#[derive(Debug)]
pub(crate) struct Question {
    /// In the order asked; well-formed, known or not.
    pub(crate) ids: Vec<NationalId>,
}

/// A question as it is sent, in a country whose national IDs are of the scheme `S`: `{"ids": ["…"]}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "S: IdScheme + Default")]
struct Sent<S> {
    #[serde(deserialize_with = "asked_ids::<_, S>")]
    ids: Vec<NationalId>,
    #[serde(skip)]
    scheme: PhantomData<S>,
}

/// An answer as it is sent: the deceased and the unknown, each in the order asked.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Answer {
    deceased: Vec<Deceased>,
    unknown: Vec<NationalId>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Deceased {
    id: NationalId,
    #[serde(serialize_with = "iso_date::serialize")]
    died_on: Date,
}

impl Question {
    /// Reads a question about people numbered by this scheme; the error says what is wrong and where.
    pub(crate) fn read(body: &[u8], scheme: SchemeName) -> Result<Self, serde_json::Error> {
        match scheme {
            SchemeName::Isikukood => Self::of::<Isikukood>(body),
            SchemeName::Island => Self::of::<Island>(body),
        }
    }

    fn of<S: IdScheme + Default>(body: &[u8]) -> Result<Self, serde_json::Error> {
        // Left to itself, serde would also take the fields as a list, without their names.
        match body.trim_ascii_start().first() {
            Some(b'{') | None => {
                let sent: Sent<S> = serde_json::from_slice(body)?;
                Ok(Self { ids: sent.ids })
            }
            Some(_) => Err(serde_json::Error::custom("a question is an object")),
        }
    }

    /// Answers it from the register. `reported` is asked what to report of each registered person,
    /// given the day of death that the register holds.
    pub(crate) fn answer(
        &self,
        register: &Register,
        mut reported: impl FnMut(Option<Date>) -> Option<Date>,
    ) -> Result<Answer, StoreError> {
        let mut answer = Answer {
            deceased: Vec::new(),
            unknown: Vec::new(),
        };
        for id in &self.ids {
            match register.find(id)? {
                None => answer.unknown.push(*id),
                Some(record) => {
                    if let Some(died_on) = reported(record.died_on) {
                        answer.deceased.push(Deceased { id: *id, died_on });
                    }
                }
            }
        }
        Ok(answer)
    }
}

impl Answer {
    /// Whether it names nobody.
    pub(crate) fn is_empty(&self) -> bool {
        self.deceased.is_empty() && self.unknown.is_empty()
    }
}

/// Reads the list of IDs, each checked completely, and stops at the limit.
fn asked_ids<'de, D: Deserializer<'de>, S: IdScheme + Default>(
    deserializer: D,
) -> Result<Vec<NationalId>, D::Error> {
    struct Ids<S>(S);
    impl<'de, S: IdScheme + Default> Visitor<'de> for Ids<S> {
        type Value = Vec<NationalId>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a list of 1 to {MAX_IDS} national IDs")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut ids = Vec::new();
            while let Some(id) = list.next_element_seed(AskedId(&self.0))? {
                if ids.len() == MAX_IDS {
                    return Err(A::Error::custom(format_args!(
                        "more than {MAX_IDS} national IDs"
                    )));
                }
                ids.push(id);
            }
            if ids.is_empty() {
                return Err(A::Error::invalid_length(0, &self));
            }
            Ok(ids)
        }
    }
    deserializer.deserialize_seq(Ids(S::default()))
}

/// Reads one well-formed ID.
struct AskedId<'s, S>(&'s S);

impl<'de, S: IdScheme> DeserializeSeed<'de> for AskedId<'_, S> {
    type Value = NationalId;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<NationalId, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<S: IdScheme> Visitor<'_> for AskedId<'_, S> {
    type Value = NationalId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a national ID as text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<NationalId, E> {
        self.0.parse(text).map_err(E::custom)?;
        Ok(NationalId::from_text(text).expect("what a scheme reads can be held"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8]) -> Result<Question, serde_json::Error> {
        Question::read(body, SchemeName::Isikukood)
    }

    fn refused(body: &str) -> String {
        read(body.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn a_question_is_read() {
        let question = read(br#" {"ids": ["36805280109", "\u00336805280109"]} "#).unwrap();
        let ids: Vec<&str> = question.ids.iter().map(NationalId::as_str).collect();
        assert_eq!(ids, ["36805280109", "36805280109"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (body, expected) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            (r#"[["36805280109"]]"#, "a question is an object"),
            ("{}", "missing field `ids` at line 1 column 2"),
            (
                r#"{"ids":[]}"#,
                "invalid length 0, expected a list of 1 to 10000 national IDs",
            ),
            (
                r#"{"ids":"36805280109"}"#,
                "expected a list of 1 to 10000 national IDs",
            ),
            (r#"{"ids":[36805280109]}"#, "expected a national ID as text"),
            (
                r#"{"ids":["36805280108"]}"#,
                "the check digit of the national ID must be 9, not 8",
            ),
            (
                r#"{"ids":["EE36805280109"]}"#,
                "a national ID has 11 characters, not 13",
            ),
            (
                r#"{"ids":["36805280109"],"all":true}"#,
                "unknown field `all`",
            ),
            (
                r#"{"ids":["36805280109"]}{"#,
                "trailing characters at line 1 column 24",
            ),
        ] {
            let found = refused(body);
            assert!(found.contains(expected), "{body}: {found}");
        }
        assert!(read(b"{\"ids\":[\"\xff\"]}").is_err());
    }

    #[test]
    fn each_country_has_ids_of_its_own() {
        let estonian = br#"{"ids":["36805280109"]}"#;
        assert!(Question::read(estonian, SchemeName::Island).is_err());
        let plan = sim_population::PopulationPlan {
            id_scheme: SchemeName::Island,
            ..sim_population::PopulationPlan::pensioners(
                1,
                0,
                iso_date::parse("2026-02-05").unwrap(),
            )
        };
        let islander = sim_population::Population::new(1, plan)
            .unwrap()
            .national_id(0);
        let body = format!(r#"{{"ids":["{islander}"]}}"#);
        let question = Question::read(body.as_bytes(), SchemeName::Island).unwrap();
        assert_eq!(question.ids, [islander]);
        assert!(refused(&body).contains("national ID"));
    }

    #[test]
    fn the_limit_is_exact() {
        let body =
            |ids: usize| format!(r#"{{"ids":[{}]}}"#, vec![r#""36805280109""#; ids].join(","));
        let most = body(MAX_IDS);
        assert_eq!(read(most.as_bytes()).unwrap().ids.len(), MAX_IDS);
        assert!(refused(&body(MAX_IDS + 1)).starts_with("more than 10000 national IDs"));
    }
}
