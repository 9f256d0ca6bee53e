//! What an application is filled in with, and the files that are signed.
//!
//! What the registries told travels through the browser as a ticket with the portal's tag: it needs
//! no memory here, and nobody can change it on the way.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sim_clock::UtcTime;
use sim_signed_documents::DataFile;

use std::time::Duration;

use crate::applications::Kind;
use crate::format;
use crate::registries::{Declaration, Record, Relations, Relative};
use crate::texts::{Language, Texts};
use crate::visit::Citizen;

/// How long a form that was filled in may be handed in.
const TICKET_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// How long a bank account's number may be, in characters, as in ISO 13616.
const ACCOUNT_CHARS: std::ops::RangeInclusive<usize> = 4..=34;
/// Children that are offered; families are smaller.
const MAX_CHILDREN: usize = 30;

/// What the registries told for one application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Prefilled {
    pub(crate) kind: Kind,
    at_ms: i64,
    pub(crate) national_id: String,
    pub(crate) name: String,
    pub(crate) birth_date: String,
    pub(crate) address: String,
    pub(crate) children: Vec<Relative>,
    pub(crate) declaration: Option<Declaration>,
}

/// What the person adds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wishes {
    pub(crate) child: String,
    pub(crate) account: String,
}

/// Why a form is shown again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    Child,
    Account,
}

/// A form that can be signed.
pub(crate) struct Filled {
    pub(crate) files: Vec<DataFile>,
    pub(crate) fields: Value,
}

// === impl Prefilled ===

impl Prefilled {
    pub(crate) fn of(
        kind: Kind,
        record: &Record,
        relations: Option<Relations>,
        declaration: Option<Declaration>,
        now: UtcTime,
    ) -> Self {
        let address = record.address.as_ref().map(|address| {
            format!(
                "{}, {} {}",
                address.door(),
                address.postcode,
                address.municipality
            )
        });
        let mut children = relations
            .map(|relations| relations.children)
            .unwrap_or_default();
        children.truncate(MAX_CHILDREN);
        Self {
            kind,
            at_ms: now.as_millis(),
            national_id: record.national_id.clone(),
            name: format!("{} {}", record.given_name, record.surname),
            birth_date: record.birth_date.clone(),
            address: address.unwrap_or_default(),
            children,
            declaration,
        }
    }

    /// As a text that only this portal can have made, for this person.
    pub(crate) fn to_ticket(&self, citizen: &Citizen) -> String {
        let seal = &citizen.visit.portal.seal;
        seal.ticket("application", &citizen.person().user_id, self)
    }

    /// From such a text, unless it is too old.
    pub(crate) fn of_ticket(ticket: &str, citizen: &Citizen) -> Option<Self> {
        let seal = &citizen.visit.portal.seal;
        let prefilled: Self = seal.open("application", &citizen.person().user_id, ticket)?;
        let made = UtcTime::from_millis(prefilled.at_ms);
        (citizen.visit.now.since(made) < TICKET_LIFETIME).then_some(prefilled)
    }

    /// With what the person adds, something that can be signed.
    pub(crate) fn fill(&self, wishes: &Wishes, citizen: &Citizen) -> Result<Filled, Objection> {
        let fields = match self.kind {
            Kind::ChildBenefit => {
                let mut fields = json!({ "account": account(&wishes.account)? });
                // Who has no child in the register may apply all the same; who decides is told why.
                if !self.children.is_empty() {
                    let mut children = self.children.iter();
                    let child = children.find(|child| child.national_id == wishes.child);
                    fields["child"] = json!(child.ok_or(Objection::Child)?);
                }
                fields
            }
            Kind::OldAgePension => json!({ "account": account(&wishes.account)? }),
            Kind::TaxDeclaration => json!({}),
        };
        let visit = &citizen.visit;
        let data = json!({
            "kind": self.kind,
            "country": visit.portal.name,
            "person": {
                "national_id": self.national_id, "name": self.name,
                "birth_date": self.birth_date, "address": self.address,
            },
            "fields": fields,
            "declaration": self.declaration,
            "filled_in_at": visit.now.rfc3339_seconds(),
        });
        let as_json = serde_json::to_vec_pretty(&data).expect("texts and numbers are JSON");
        let as_text = self.read_out(
            &fields,
            visit.texts(),
            &visit.portal.currency,
            visit.language,
        );
        let file = |extension: &str, media_type: &str, bytes: Bytes| DataFile {
            name: format!("{}.{extension}", self.kind.code()),
            media_type: media_type.to_owned(),
            bytes,
        };
        Ok(Filled {
            files: vec![
                file("txt", "text/plain", as_text.into()),
                file("json", "application/json", as_json.into()),
            ],
            fields,
        })
    }

    /// What is signed, for people.
    fn read_out(&self, fields: &Value, t: &Texts, currency: &str, language: Language) -> String {
        let mut lines = vec![
            t.kind(self.kind.code()).unwrap_or_default().to_owned(),
            String::new(),
            format!("{}: {}", t.given_name_and_surname, self.name),
            format!("{}: {}", t.national_id, self.national_id),
            format!("{}: {}", t.birth_date, self.birth_date),
            format!("{}: {}", t.address, self.address),
        ];
        if let Some(child) = fields.get("child") {
            let of = |name: &str| child[name].as_str().unwrap_or_default();
            let (given, surname) = (of("given_name"), of("surname"));
            lines.push(format!(
                "{}: {given} {surname}, {}",
                t.child,
                of("national_id")
            ));
        }
        let account = fields.get("account").and_then(Value::as_str);
        if let Some(account) = account.filter(|account| !account.is_empty()) {
            lines.push(format!("{}: {account}", t.account));
        }
        if let Some(declaration) = &self.declaration {
            let money = |cents| format::money(cents, currency, language);
            lines.push(format!("{}: {}", t.year, declaration.year));
            lines.push(format!("{}: {}", t.income, money(declaration.income)));
            lines.push(format!("{}: {}", t.tax_paid, money(declaration.tax_paid)));
            lines.push(format!("{}: {}", t.refund, money(declaration.refund)));
        }
        // What came from a registry stays on its own line.
        let one_line = |line: String| line.replace(char::is_control, " ");
        let mut text: String = lines
            .into_iter()
            .map(one_line)
            .collect::<Vec<_>>()
            .join("\n");
        text.push('\n');
        text
    }
}

/// A bank account's number without its blanks; empty where the registry's own is meant.
fn account(text: &str) -> Result<String, Objection> {
    let account: String = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let is_plain = account.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if account.is_empty() || (is_plain && ACCOUNT_CHARS.contains(&account.len())) {
        Ok(account.to_ascii_uppercase())
    } else {
        Err(Objection::Account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_letters_and_digits() {
        assert_eq!(account(" ee38 2200 "), Ok("EE382200".to_owned()));
        assert_eq!(account(" "), Ok(String::new()));
        for bad in ["123", "EE-38", "<script>", &"1".repeat(35)] {
            assert_eq!(account(bad), Err(Objection::Account), "{bad}");
        }
    }
}
