//! `ACSP_V2`: what is signed to prove who one is ("Signature protocols" of the documentation).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::SignatureProtocol;
use crate::digest::HashType;

/// Bytes of the server's share: they fill base64 without padding.
const SERVER_RANDOM_LEN: usize = 24;
/// How the session reaches the phone; the only way here.
pub(super) const FLOW_TYPE: &str = "Notification";

/// What the relying party puts into the payload, each as it was sent.
pub(super) struct Payload<'a> {
    pub(super) challenge: &'a str,
    pub(super) relying_party: &'a str,
    pub(super) interactions: &'a str,
    /// The interaction that the app took of them.
    pub(super) interaction: &'a str,
}

/// What is to be signed, and what is to be told.
pub(super) struct Made {
    pub(super) digest: Vec<u8>,
    pub(super) protocol: SignatureProtocol,
}

impl Payload<'_> {
    /// Adds what server and phone put in, and takes the digest.
    pub(super) fn sign_with(&self, hash_type: HashType) -> Made {
        let server_random = STANDARD.encode(&random()[..SERVER_RANDOM_LEN]);
        // The phone keeps what this is the digest of; without a callback nobody asks for it.
        let user_challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(random()));
        let text = self.text(&server_random, &user_challenge);
        Made {
            digest: hash_type.digest(text.as_bytes()),
            protocol: SignatureProtocol::AcspV2 {
                hash_type,
                server_random,
                user_challenge,
            },
        }
    }

    /// No broker stands between, and nothing is called back: both places stay empty.
    fn text(&self, server_random: &str, user_challenge: &str) -> String {
        let relying_party = STANDARD.encode(self.relying_party);
        let interactions = STANDARD.encode(Sha256::digest(self.interactions));
        let (challenge, interaction) = (self.challenge, self.interaction);
        format!(
            "smart-id|ACSP_V2|{server_random}|{challenge}|{user_challenge}|{relying_party}||\
             {interactions}|{interaction}||{FLOW_TYPE}"
        )
    }
}

/// Bytes that nobody can guess: two random identifiers hold 244 such bits.
pub(super) fn random() -> [u8; 32] {
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    Sha256::digest([first.as_bytes().as_slice(), second.as_bytes()].concat()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts are those of the documentation's example; the digest of the interactions was
    /// computed with another program.
    #[test]
    fn the_payload_has_eleven_parts() {
        let payload = Payload {
            challenge: "GYS+yoah6emAcVDNIajwSs6UB/M95XrDxMzXBUkwQJ9YFDipXXzGpPc7raWcuc2+TEoRc7WvIZ/7dU/iRXenYg==",
            relying_party: "DEMO",
            interactions: "W3sidHlwZSI6ImNvbmZpcm1hdGlvbk1lc3NhZ2UifV0=",
            interaction: "confirmationMessage",
        };
        let text = payload.text(
            "MTlop6EXCrQ6FOErcKjxUhbV",
            "GnsWXXEjTCKR89fj9uo5u5ReBZ9JR7_pezLAI5jMS00",
        );
        let parts: Vec<&str> = text.split('|').collect();
        assert_eq!(
            parts,
            [
                "smart-id",
                "ACSP_V2",
                "MTlop6EXCrQ6FOErcKjxUhbV",
                payload.challenge,
                "GnsWXXEjTCKR89fj9uo5u5ReBZ9JR7_pezLAI5jMS00",
                "REVNTw==",
                "",
                "Of/YvtgheeNVPXV1Jp07f7KjAtNUrEBWuLtvnOIc0gM=",
                "confirmationMessage",
                "",
                "Notification",
            ]
        );
    }

    #[test]
    fn both_shares_are_long_enough_and_new_every_time() {
        let payload = Payload {
            challenge: "",
            relying_party: "",
            interactions: "",
            interaction: "",
        };
        let shares = || match payload.sign_with(HashType::Sha512).protocol {
            SignatureProtocol::AcspV2 {
                server_random,
                user_challenge,
                ..
            } => (server_random, user_challenge),
            other => panic!("{other:?}"),
        };
        let (server, user) = shares();
        assert!(server.len() >= 24);
        assert_eq!(user.len(), 43);
        assert_ne!((server, user), shares());
    }
}
