//! Lies that a scenario plants in the logs of a finished run, to show that the audit finds them.

use sim_scenario::{PlantedLie, Scenario};

use crate::run_folder::RunFolder;

/// Why a lie could not be planted.
#[derive(Debug, thiserror::Error)]
pub enum LieError {
    /// There is no way to plant this kind.
    #[error("cannot plant {0:?}")]
    Unsupported(PlantedLie),
}

/// Plants every lie of the scenario that lies in the logs; the registers tell theirs themselves.
pub fn plant(scenario: &Scenario, _folder: &RunFolder) -> Result<(), LieError> {
    for lie in &scenario.planted_lies {
        match lie {
            PlantedLie::FalseAnswers { .. } | PlantedLie::SwappedAnswers { .. } => {}
            other => return Err(LieError::Unsupported(*other)),
        }
    }
    Ok(())
}
