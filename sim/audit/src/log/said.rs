//! What the head of a logged message says, and whether its record says the same.

use sim_domain::{ClientId, MemberId, ServiceId};

use super::Fault;
use crate::digest::{Half, digest_of_texts, half, sha512_of_parts};
use crate::hash_chain::Parts;
use crate::head::{BadHead, RequestHead, ResponseHead};
use crate::kinds;
use crate::ledger::request_hash;
use crate::log_records::{Direction, MessageRecord, Side};
use crate::names::{Named, Names};

/// What the head of a request or response says, for comparison.
pub(super) struct Said<'a> {
    message_id: &'a str,
    request_id: &'a str,
    client: ClientId,
    provider: ClientId,
    pub(super) status: u16,
    pub(super) asked: Half,
    pub(super) request_hash: Half,
    pub(super) parties: Half,
}

impl<'a> Said<'a> {
    pub(super) fn of(
        message: &MessageRecord<'a>,
        parts: Parts<'_>,
        names: &mut Names,
    ) -> Result<Self, BadHead> {
        match message.direction {
            Direction::Request => {
                let head = RequestHead::parse(message.head, names)?;
                let hash = match parts.body {
                    Some(body) => sha512_of_parts(&[parts.head, body]),
                    None => *parts.head,
                };
                Ok(Self {
                    asked: digest_of_texts(&[head.method, head.target, head.client_text]),
                    request_hash: half(&hash),
                    ..Self::between(&head.client, &head.service, head.id, head.request_id)
                })
            }
            Direction::Response => {
                let head = ResponseHead::parse(message.head, names)?;
                Ok(Self {
                    status: head.status,
                    request_hash: request_hash(head.request_hash),
                    ..Self::between(&head.client, &head.service, head.id, head.request_id)
                })
            }
        }
    }

    /// What requests and responses say alike.
    fn between(
        client: &Named<ClientId>,
        service: &Named<ServiceId>,
        message_id: &'a str,
        request_id: &'a str,
    ) -> Self {
        Self {
            message_id,
            request_id,
            status: 0,
            asked: [0; 32],
            request_hash: [0; 32],
            parties: digest_of_texts(&[&client.text, &service.text, request_id]),
            client: client.id.clone(),
            provider: service.id.provider().clone(),
        }
    }

    /// The record's own fields must say what the message says.
    pub(super) fn agrees_with(
        &self,
        message: &MessageRecord<'_>,
        names: &mut Names,
    ) -> Result<(), Fault> {
        if self.message_id != message.message_id || self.request_id != message.request_id {
            let text = "its message or request ID is not the head's".to_owned();
            return Err((kinds::MALFORMED_MESSAGE, text));
        }
        let (own, peer) = match message.side {
            Side::Consumer => (&self.client, &self.provider),
            Side::Provider => (&self.provider, &self.client),
        };
        let mut is =
            |text, party: &ClientId| names.client(text).is_some_and(|named| named.id == *party);
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
