//! One session: what stands on a phone, and what became of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sim_workload::Carrier;
use tokio::sync::watch;
use uuid::Uuid;

use crate::digest::HashType;
use crate::keys::Purpose;
use crate::outcome::Outcome;
use crate::people::Credential;
use crate::smart_id::{Interaction, SignatureProtocol};

/// How long a Mobile-ID session can be asked for after it was begun (SK-EID/MID, section 3.3.9).
const MOBILE_ID_LIFETIME: Duration = Duration::from_secs(300);
/// How long a Smart-ID session can be asked for after it was completed (Smart-ID documentation,
/// version 2, section 2.3.11.1).
const SMART_ID_LIFETIME: Duration = Duration::from_secs(300);

/// What a person is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// To prove who they are, with PIN1.
    Authentication,
    /// To sign, with PIN2.
    Signing,
    /// To say which of their devices shall sign; no PIN.
    CertificateChoice,
}

/// What stands on a phone.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) operation: Operation,
    /// Phone number, or document number of the app.
    pub(crate) address: String,
    /// Who asks.
    pub(crate) relying_party: String,
    /// What they say.
    pub(crate) text: String,
    /// The language of the phone's own words (BCP 47), where the relying party chose it.
    pub(crate) language: Option<&'static str>,
    /// On which screen, where the protocol knows several.
    pub(crate) interaction: Option<Interaction>,
    /// What is to be compared; a choice of a certificate has none.
    pub(crate) verification_code: Option<String>,
}

/// What only the session's own protocol knows.
#[derive(Clone, Debug)]
pub(crate) enum Details {
    MobileId(HashType),
    SmartId2 {
        /// None where nothing is signed.
        hash_type: Option<HashType>,
        /// Properties of the request that mean nothing here.
        ignored: Vec<String>,
    },
    SmartId3 {
        protocol: SignatureProtocol,
        /// As above.
        ignored: Vec<String>,
    },
}

/// What a new session needs.
pub(crate) struct NewSession {
    pub(crate) prompt: Prompt,
    pub(crate) details: Details,
    /// Whose phone it is; nobody's where a stranger's was asked for.
    pub(crate) person: Option<u64>,
    /// What is to be signed; nothing where a certificate is chosen.
    pub(crate) digest: Vec<u8>,
    /// How it ends at once, before anybody sees it.
    pub(crate) ends: Option<Outcome>,
}

/// Something that waits for a person.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) prompt: Prompt,
    pub(crate) details: Details,
    pub(super) person: Option<u64>,
    pub(super) digest: Vec<u8>,
    /// In the order in which they began, from 1.
    pub(super) number: u64,
    pub(super) began: Instant,
    pub(super) done: watch::Sender<Option<Arc<Done>>>,
    /// Counts polls: a later one sends an earlier one home.
    pub(super) polls: watch::Sender<u64>,
}

/// What became of a session.
pub(crate) struct Done {
    pub(crate) outcome: Outcome,
    /// The outcome as the protocol names it.
    pub(crate) result: &'static str,
    /// What was made of the key, where the person confirmed.
    pub(crate) proof: Option<Proof>,
    pub(super) at: Instant,
}

/// What a confirmed session gives.
pub(crate) struct Proof {
    /// Raw r and s; empty where a certificate was chosen.
    pub(crate) signature: Vec<u8>,
    /// The key that signed, with its certificate.
    pub(crate) credential: Arc<Credential>,
}

// === impl Operation ===

impl Operation {
    /// Which key it is about.
    pub(crate) const fn purpose(self) -> Purpose {
        match self {
            Self::Authentication => Purpose::Authentication,
            Self::Signing | Self::CertificateChoice => Purpose::Signing,
        }
    }
}

// === impl Prompt ===

impl Prompt {
    /// Whether the phone shows several codes to choose from.
    pub(crate) const fn offers_codes(&self) -> bool {
        matches!(
            self.interaction,
            Some(
                Interaction::VerificationCodeChoice
                    | Interaction::ConfirmationMessageAndVerificationCodeChoice
            )
        )
    }
}

// === impl Details ===

impl Details {
    pub(crate) const fn carrier(&self) -> Carrier {
        match self {
            Self::MobileId(_) => Carrier::MobileId,
            Self::SmartId2 { .. } | Self::SmartId3 { .. } => Carrier::SmartId,
        }
    }
}

// === impl Session ===

impl Session {
    pub(super) fn new(new: NewSession, number: u64, began: Instant) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            prompt: new.prompt,
            details: new.details,
            person: new.person,
            digest: new.digest,
            number,
            began,
            done: watch::Sender::new(None),
            polls: watch::Sender::new(0),
        }
    }

    /// Whose phone it is; nobody's where a stranger's was asked for.
    pub(crate) const fn person(&self) -> Option<u64> {
        self.person
    }

    /// What became of it so far.
    pub(crate) fn done(&self) -> Option<Arc<Done>> {
        self.done.borrow().clone()
    }

    /// Whether it can no longer be asked for.
    pub(super) fn is_expired(&self, now: Instant) -> bool {
        match self.details {
            Details::MobileId(_) => now - self.began > MOBILE_ID_LIFETIME,
            Details::SmartId2 { .. } | Details::SmartId3 { .. } => self
                .done()
                .is_some_and(|done| now.saturating_duration_since(done.at) > SMART_ID_LIFETIME),
        }
    }
}
