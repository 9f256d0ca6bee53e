//! What the head of a logged message says, and whether its record says the same.

use sim_domain::{ClientId, MemberId, ServiceId};

use super::Fault;
use crate::digest::{Half, half, half_of_texts, sha512_of_parts};
use crate::hash_chain::Parts;
use crate::head::{BadHead, RequestHead, ResponseHead};
use crate::kinds;
use crate::ledger::request_hash;
use crate::log_records::{Direction, MessageRecord, Side};

/// What the head of a request or response says, for comparison.
pub(super) struct Said {
    message_id: String,
    request_id: String,
    client: ClientId,
    provider: ClientId,
    pub(super) status: u16,
    pub(super) asked: Half,
    pub(super) request_hash: Half,
    pub(super) parties: Half,
}

impl Said {
    pub(super) fn of(message: &MessageRecord<'_>, parts: Parts<'_>) -> Result<Self, BadHead> {
        match message.direction {
            Direction::Request => {
                let head = RequestHead::parse(message.head)?;
                let hash = match parts.body {
                    Some(body) => sha512_of_parts(&[parts.head, body]),
                    None => *parts.head,
                };
                Ok(Self {
                    asked: half_of_texts(&[head.method, head.target, head.client_text]),
                    request_hash: half(&hash),
                    ..Self::between(&head.client, &head.service, head.id, head.request_id)
                })
            }
            Direction::Response => {
                let head = ResponseHead::parse(message.head)?;
                Ok(Self {
                    status: head.status,
                    request_hash: request_hash(head.request_hash),
                    ..Self::between(&head.client, &head.service, head.id, head.request_id)
                })
            }
        }
    }

    /// What requests and responses say alike.
    fn between(client: &ClientId, service: &ServiceId, id: &str, request_id: &str) -> Self {
        Self {
            message_id: id.to_owned(),
            request_id: request_id.to_owned(),
            status: 0,
            asked: [0; 32],
            request_hash: [0; 32],
            parties: half_of_texts(&[&client.to_string(), &service.to_string(), request_id]),
            client: client.clone(),
            provider: service.provider().clone(),
        }
    }

    /// The record's own fields must say what the message says.
    pub(super) fn agrees_with(&self, message: &MessageRecord<'_>) -> Result<(), Fault> {
        if self.message_id != message.message_id || self.request_id != message.request_id {
            let text = "its message or request ID is not the head's".to_owned();
            return Err((kinds::MALFORMED_MESSAGE, text));
        }
        let (own, peer) = match message.side {
            Side::Consumer => (&self.client, &self.provider),
            Side::Provider => (&self.provider, &self.client),
        };
        let is = |text, party: &ClientId| ClientId::parse_encoded(text).as_ref() == Ok(party);
        if is(message.own_party, own) && is(message.peer_party, peer) {
            return Ok(());
        }
        let text = format!(
            "kept as of {} with {}",
            message.own_party, message.peer_party
        );
        Err((kinds::PARTIES, text))
    }

    pub(super) const fn sender(&self, direction: Direction) -> &MemberId {
        match direction {
            Direction::Request => self.client.member(),
            Direction::Response => self.provider.member(),
        }
    }
}
