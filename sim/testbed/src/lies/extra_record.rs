//! A record is added: a request in the client's name, signed by its key, that it never made.

use sim_domain::headers;
use sim_domain::rest::RestRequest;
use sim_message_log::{Direction, MessageRecord, Side, Stamper};
use sim_scenario::MAX_EXCHANGES;
use uuid::Uuid;

use super::insider::{sign, signer_of};
use super::rewrite::{Edit, rewrite};
use super::{Ground, LieError};

const LIE: &str = "extra-record";

/// Adds a request to the log of the client's server: the same question as another one, but under
/// the first message ID that the load generator did not use.
pub(super) async fn plant<S: Stamper>(ground: &mut Ground<'_, S>) -> Result<String, LieError> {
    let client = ground.scenario.workload.client.clone();
    let role = (Side::Consumer, Direction::Request);
    let victim = ground.victim(&client, role, |_, _| true)?;
    let nothing = |missing| LieError::NothingSuitable { lie: LIE, missing };
    let victim = victim.ok_or(nothing("no server of the client logged a request"))?;
    let signer =
        signer_of(ground, client.member())?.ok_or(nothing("no server signs for the client"))?;
    let unused = ground.scenario.exchanges().unwrap_or(MAX_EXCHANGES);
    let id = format!("{}-{unused}", ground.folder.run_id());
    let forged = sign(
        &signer,
        under_another_id(&victim.record, &id)?,
        &victim.record.signature,
    );
    let edit = Edit::add_before(&victim.seen, forged);
    rewrite(&victim.log, edit, ground.stamper).await?;
    Ok(format!(
        "{LIE}: a request that nobody made, message {id}, was added to the log of {}",
        victim.server
    ))
}

/// The same question, asked another time.
fn under_another_id(model: &MessageRecord, id: &str) -> Result<MessageRecord, LieError> {
    let request = RestRequest::parse(model.head.clone())?;
    let mut kept = request.headers;
    for (name, value) in &mut kept {
        if headers::is(name, headers::ID) {
            id.clone_into(value);
        }
    }
    let request_id = Uuid::new_v4().to_string();
    let forged =
        RestRequest::from_parts(&request.verb, &request.target, &kept, &request_id, || {
            id.to_owned()
        })?;
    Ok(MessageRecord {
        message_id: forged.id,
        request_id,
        head: forged.serialised,
        ..model.clone()
    })
}
