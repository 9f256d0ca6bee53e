//! A message in one member's name, signed by another: the provider forges the client's request.

use sim_message_log::{Direction, Side, Stamper};

use super::insider::{sign, signer_of};
use super::rewrite::{Edit, Signed, rewrite};
use super::survey::{Role, Survey};
use super::{Ground, LieError};

const LIE: &str = "certificate-of-another-member";
const REQUEST: Role = (Side::Provider, Direction::Request);
const RESPONSE: Role = (Side::Provider, Direction::Response);

/// Signs one request in the log of the provider's server anew, with the provider's own key,
/// certificate and certificate status.
pub(super) async fn plant<S: Stamper>(ground: &mut Ground<'_, S>) -> Result<String, LieError> {
    let nothing = |missing| LieError::NothingSuitable { lie: LIE, missing };
    let workload = &ground.scenario.workload;
    let provider = workload.first_service().provider().clone();
    if workload.client.member() == provider.member() {
        return Err(nothing("client and provider are one member"));
    }
    let victim = ground.victim(&provider, REQUEST, |log, _| has_response(log))?;
    let victim = victim.ok_or(nothing("no server of the provider logged an exchange"))?;
    let response = victim.log.second_half_first(RESPONSE).next();
    let response = response.ok_or(nothing("no server of the provider logged a response"))?;
    let model = victim.log.read(response)?.signature;
    let signer =
        signer_of(ground, provider.member())?.ok_or(nothing("no server signs for the provider"))?;
    let forged = sign(&signer, victim.record, &model);
    let id = forged.message_id.clone();
    let edit = Edit::replace(&victim.log, &victim.seen, forged, Signed::ByItsOwn);
    rewrite(&victim.log, edit, ground.stamper).await?;
    Ok(format!(
        "{LIE}: the request of message {id} was signed by {} in the log of {}",
        provider.member(),
        victim.server
    ))
}

fn has_response(log: &Survey) -> bool {
    log.of_role(RESPONSE).next().is_some()
}
