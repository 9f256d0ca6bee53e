//! A signature by the right key, but over another message.

use sim_message_log::{Direction, MessageRecord, Side, Stamper};

use super::rewrite::{Edit, Signed, rewrite};
use super::survey::{Role, Seen, Survey};
use super::{Ground, LieError};

const LIE: &str = "signature-over-another-message";
const ROLE: Role = (Side::Provider, Direction::Response);

/// Makes one response in the log of the provider's server name the signature, and the hash chain,
/// of an earlier response. The signature that was really its own goes where no other message
/// shares it.
pub(super) async fn plant<S: Stamper>(ground: &mut Ground<'_, S>) -> Result<String, LieError> {
    let provider = ground.scenario.workload.first_service().provider().clone();
    let has_another = |log: &Survey, seen: &Seen| earlier(log, seen).is_some();
    let victim = ground.victim(&provider, ROLE, has_another)?;
    let nothing = LieError::NothingSuitable {
        lie: LIE,
        missing: "no server of the provider logged two responses with different signatures",
    };
    let Some(victim) = victim else {
        return Err(nothing);
    };
    let Some(other) = earlier(&victim.log, &victim.seen) else {
        return Err(nothing);
    };
    let forged = MessageRecord {
        chain: victim.log.read(&other)?.chain,
        ..victim.record
    };
    let id = forged.message_id.clone();
    let signed = Signed::ByRecord(other.signature);
    let edit = Edit::replace(&victim.log, &victim.seen, forged, signed);
    rewrite(&victim.log, edit, ground.stamper).await?;
    Ok(format!(
        "{LIE}: the response of message {id} stands with another's signature in the log of {}",
        victim.server
    ))
}

/// The last response before this one whose signature is another.
fn earlier(log: &Survey, seen: &Seen) -> Option<Seen> {
    log.of_role(ROLE)
        .rev()
        .find(|other| other.at < seen.at && other.signature < seen.signature)
        .copied()
}
