//! What the carriers are told when they start.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use sim_population::PeopleConfig;

use crate::error::Error;

/// The longest name of a relying party, in bytes of UTF-8 (Smart-ID documentation, version 2,
/// section 2.2.4).
const MAX_NAME_BYTES: usize = 32;
/// Letters of a country code (ISO 3166-1 alpha-2).
const COUNTRY_LEN: usize = 2;

/// Configuration of the carriers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriersConfig {
    /// Where to listen; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Country code, as certificates and Smart-ID name people: `EE` in `PNOEE-…`.
    pub country: String,
    /// Whose phones and cards they are.
    pub people: PeopleConfig,
    /// The certification authority for people.
    pub ca_url: String,
    /// With which certificates are asked for there.
    pub enrolment_token: String,
    /// Who may ask.
    pub relying_parties: Vec<RelyingParty>,
    /// What simulated people do.
    pub phones: PhoneBehaviour,
    /// National IDs of those whose phone nobody simulated answers: a person in the room does.
    #[serde(default)]
    pub human_phones: Vec<String>,
    /// What goes wrong without anybody's doing; nothing, unless told.
    #[serde(default)]
    pub troubles: Troubles,
}

/// Somebody who may ask people to log in or to sign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelyingParty {
    /// Its identifier at both services.
    pub uuid: String,
    /// The name that stands on the phone: at most 32 bytes.
    pub name: String,
}

/// What simulated people do when their phone asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneBehaviour {
    /// Half of them take no longer, in milliseconds.
    pub median_ms: u64,
    /// 99 of 100 take no longer, in milliseconds; above the median.
    pub p99_ms: u64,
    /// How many in 1,000 refuse.
    pub refuse_per_mille: u32,
    /// How many in 1,000 enter a wrong PIN or confirm a wrong code.
    pub mistype_per_mille: u32,
    /// How many in 1,000 have the phone off.
    pub absent_per_mille: u32,
}

/// What goes wrong without anybody's doing. Shares of sessions are drawn for each session; shares
/// of people hold for the same people all the time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Troubles {
    /// Sessions in 1,000 whose message does not get to the phone: `DELIVERY_ERROR`.
    pub undelivered_per_mille: u32,
    /// Sessions in 1,000 in which the SIM card answers nonsense: `SIM_ERROR`.
    pub sim_error_per_mille: u32,
    /// People in 1,000 who have no Mobile-ID: `NOT_FOUND` and `NOT_MID_CLIENT`.
    pub without_mobile_id_per_mille: u32,
    /// People in 1,000 whose SIM card has other keys than the service thinks:
    /// `SIGNATURE_HASH_MISMATCH`.
    pub sim_mismatch_per_mille: u32,
    /// People in 1,000 who have no Smart-ID: HTTP status 404.
    pub without_smart_id_per_mille: u32,
    /// People in 1,000 who have a Smart-ID below the level `QUALIFIED`: HTTP status 471.
    pub basic_smart_id_per_mille: u32,
    /// People in 1,000 who must open the app first: HTTP status 472.
    pub app_must_be_opened_per_mille: u32,
    /// People in 1,000 whose key is locked: `DOCUMENT_UNUSABLE`.
    pub locked_smart_id_per_mille: u32,
    /// People in 1,000 with an old app, which shows a text above the PIN and no other interaction:
    /// `REQUIRED_INTERACTION_NOT_SUPPORTED_BY_APP`, unless that is allowed.
    pub old_app_per_mille: u32,
    /// Whether Smart-ID is under maintenance all the time: HTTP status 580.
    pub smart_id_under_maintenance: bool,
}

// === impl CarriersConfig ===

impl CarriersConfig {
    /// What no other part of the crate checks where it uses it.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let is_code = self.country.len() == COUNTRY_LEN
            && self.country.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code {
            return Err(Error::Country(self.country.clone()));
        }
        for party in &self.relying_parties {
            let is_name = (1..=MAX_NAME_BYTES).contains(&party.name.len());
            if !is_name || party.uuid.is_empty() {
                return Err(Error::RelyingParty(party.name.clone()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> CarriersConfig {
        serde_json::from_value(json!({
            "listen": "127.0.0.1:0", "country": "EE",
            "people": { "seed": 1, "plan": {
                "people": 10, "deceased": 1, "reference_date": "2026-02-05" } },
            "ca_url": "http://127.0.0.1:1", "enrolment_token": "token",
            "relying_parties": [{ "uuid": "u", "name": "State portal" }],
            "phones": { "median_ms": 4000, "p99_ms": 30000, "refuse_per_mille": 10,
                "mistype_per_mille": 10, "absent_per_mille": 10 },
            "troubles": { "undelivered_per_mille": 1 },
        }))
        .unwrap()
    }

    #[test]
    fn what_is_left_out_goes_right_and_is_played_by_nobody() {
        let config = config();
        assert!(config.check().is_ok());
        assert!(config.human_phones.is_empty());
        let expected = Troubles {
            undelivered_per_mille: 1,
            ..Troubles::default()
        };
        assert_eq!(config.troubles, expected);
    }

    #[test]
    fn countries_and_names_are_checked() {
        let mut wrong = config();
        wrong.country = "Estonia".to_owned();
        assert!(matches!(wrong.check(), Err(Error::Country(_))));
        for name in ["", "the portal of all services of the state"] {
            let mut wrong = config();
            name.clone_into(&mut wrong.relying_parties[0].name);
            assert!(matches!(wrong.check(), Err(Error::RelyingParty(_))));
        }
    }
}
