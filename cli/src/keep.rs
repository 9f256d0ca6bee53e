//! What is kept of the message logs once they have proven a run.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use rand::RngExt as _;
use sim_metrics::{KeptLogs, RunRecord};
use sim_testbed::RunFolder;

use crate::commands::evidence;

/// Exchanges whose evidence a sample keeps.
const SAMPLED_EXCHANGES: u64 = 20;

/// Where a sample goes in a run's folder.
pub(crate) const SAMPLE: &str = "sample";

/// What to keep of the message logs after an audit that found nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Keep {
    // No docstrings, which the help would make a list of.
    #[default]
    All,
    // Signed containers of some exchanges, drawn by the scenario's seed.
    Sample,
    None,
}

impl Keep {
    /// Draws and writes the sample where there is to be one, and drops the logs.
    ///
    /// The logs of a run that was not proven in full stay whole, whatever was asked.
    pub(crate) fn apply(self, record: &mut RunRecord, folder: &RunFolder) -> Result<()> {
        let is_proven = record.audit.as_ref().is_some_and(|audit| audit.is_clean());
        if self == Self::All || !is_proven {
            return Ok(());
        }
        let kept = match self {
            Self::Sample => keep_sample(record, folder)?,
            Self::All | Self::None => KeptLogs::None,
        };
        let logs = folder.path().join("logs");
        std::fs::remove_dir_all(&logs)
            .with_context(|| format!("cannot remove {}", logs.display()))?;
        record.evidence.kept = kept;
        Ok(())
    }
}

/// Writes the containers of the exchanges that are drawn.
fn keep_sample(record: &RunRecord, folder: &RunFolder) -> Result<KeptLogs> {
    let seed = record.scenario.seed;
    let asked = record.load.as_ref().map_or(0, |load| load.started);
    let drawn = draw(seed, asked);
    let message_ids: Vec<String> = drawn
        .into_iter()
        .map(|number| format!("{}-{number}", folder.run_id()))
        .collect();
    for message_id in &message_ids {
        let out = folder.path().join(SAMPLE).join(message_id);
        evidence::write(message_id, folder.path(), &out)?;
    }
    Ok(KeptLogs::Sample {
        seed,
        of: asked,
        message_ids,
    })
}

/// Draws without replacement from the numbers below `of`, each set as likely as any other.
fn draw(seed: u64, of: u64) -> BTreeSet<u64> {
    let mut rng = sim_clock::rng(seed, "kept-sample");
    let mut drawn = BTreeSet::new();
    // Floyd's way: whoever is drawn a second time stands for the highest number so far.
    for highest in of.saturating_sub(SAMPLED_EXCHANGES)..of {
        let number = rng.random_range(0..=highest);
        if !drawn.insert(number) {
            drawn.insert(highest);
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_drawn_as_there_are_and_the_seed_decides() {
        for of in [0, 1, SAMPLED_EXCHANGES, SAMPLED_EXCHANGES + 1, 500_000] {
            let drawn = draw(7, of);
            assert_eq!(drawn.len() as u64, of.min(SAMPLED_EXCHANGES));
            assert!(drawn.iter().all(|number| *number < of));
            assert_eq!(draw(7, of), drawn);
        }
        assert_ne!(draw(7, 500_000), draw(8, 500_000));
    }
}
