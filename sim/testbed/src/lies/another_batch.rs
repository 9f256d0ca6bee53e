//! A genuine token, but of another batch.

use sim_message_log::record::TimeStampRecord;
use sim_message_log::{Stamp, Stamper, imprint_of};

use super::rewrite::{Edit, rewrite};
use super::survey::Survey;
use super::{Ground, LieError};

const LIE: &str = "token-of-another-batch";

/// Puts the token of the last batch of a log into the time-stamp of an earlier one, in the log of
/// the provider's server. Where there is only one batch, two are made of it first.
///
/// A later token, so that no signature seems to be younger than its time-stamp.
pub(super) async fn plant<S: Stamper>(ground: &mut Ground<'_, S>) -> Result<String, LieError> {
    let provider = ground.scenario.workload.first_service().provider();
    for server in ground.scenario.servers_of(provider) {
        let folder = ground.folder.message_log(&server.code);
        let mut log = Survey::of(&folder)?;
        if pair(&log).is_none() {
            let Some((record, _)) = log.stamps.iter().find(|(_, stamp)| stamp.count > 1) else {
                continue;
            };
            rewrite(&log, Edit::split(*record), ground.stamper).await?;
            log = Survey::of(&folder)?;
        }
        let Some((record, other)) = pair(&log) else {
            continue;
        };
        let stamp = Stamp {
            at: other.stamped_at,
            token: other.token.clone(),
        };
        rewrite(&log, Edit::put_token(record, stamp), ground.stamper).await?;
        return Ok(format!(
            "{LIE}: a time-stamp in the log of {} carries the token of a later batch",
            server.code
        ));
    }
    Err(LieError::NothingSuitable {
        lie: LIE,
        missing: "no server of the provider logged two signatures",
    })
}

/// The record of a time-stamp, and a later one over another tree.
fn pair(log: &Survey) -> Option<(u64, &TimeStampRecord)> {
    let (_, other) = log.stamps.last()?;
    let imprint = imprint_of(&log.leaves(other));
    let earlier = log.stamps.iter().rev().skip(1);
    let mut differing = earlier.filter(|(_, stamp)| imprint_of(&log.leaves(stamp)) != imprint);
    differing.next().map(|(record, _)| (*record, other))
}
