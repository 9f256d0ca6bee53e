//! A record is taken out: the provider's side never heard of a request.

use sim_message_log::{Direction, Side, Stamper};

use super::rewrite::{Edit, rewrite};
use super::{Ground, LieError};

const LIE: &str = "missing-record";

/// Takes one request out of the log of the provider's server. Its signature document goes with it
/// where no other message shares it.
pub(super) async fn plant<S: Stamper>(ground: &mut Ground<'_, S>) -> Result<String, LieError> {
    let provider = ground.scenario.workload.first_service().provider().clone();
    let role = (Side::Provider, Direction::Request);
    let victim = ground.victim(&provider, role, |_, _| true)?;
    let victim = victim.ok_or(LieError::NothingSuitable {
        lie: LIE,
        missing: "no server of the provider logged a request",
    })?;
    let edit = Edit::remove(&victim.log, &victim.seen);
    rewrite(&victim.log, edit, ground.stamper).await?;
    Ok(format!(
        "{LIE}: the request of message {} was taken out of the log of {}",
        victim.record.message_id, victim.server
    ))
}
