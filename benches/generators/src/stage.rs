//! What has to be there before anything is measured, and how much is.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::server::Stall;
use crate::tools::Tool;

/// Programs and folders.
pub(crate) struct Stage {
    /// This very program.
    pub(crate) program: PathBuf,
    /// For ledgers and scripts; gone at the end.
    pub(crate) folder: PathBuf,
    /// The tools that are installed.
    pub(crate) tools: Vec<(Tool, PathBuf)>,
}

/// How much is measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Size {
    /// Requests a second wherever a rate is set.
    pub(crate) rate_per_s: u32,
    /// What the server takes for an answer.
    pub(crate) delay: Duration,
    /// The stall of the loads that have one.
    pub(crate) stall: Stall,
    /// Each load of the agreement; whole seconds, for that is what wrk takes.
    pub(crate) agreement: Duration,
    /// Rounds of the cost, forth and back.
    pub(crate) cost_rounds: u32,
    /// Each load of the cost; whole seconds.
    pub(crate) cost: Duration,
    /// The load whose pacer is looked at.
    pub(crate) pacing: Duration,
    /// When the memory of a long load is looked at, first and last.
    pub(crate) memory: [Duration; 2],
}

// === impl Size ===

impl Size {
    /// What the figures of docs/measurement.md are of. A stall of a second in twelve leaves the
    /// 90th percentile outside of it and the 99th well inside.
    pub(crate) const FULL: Self = Self {
        rate_per_s: 1_000,
        delay: Duration::from_millis(2),
        stall: Stall {
            begin: Duration::from_secs(5),
            length: Duration::from_secs(1),
        },
        agreement: Duration::from_secs(12),
        cost_rounds: 3,
        cost: Duration::from_secs(2),
        pacing: Duration::from_secs(20),
        memory: [Duration::from_secs(60), Duration::from_secs(600)],
    };

    /// Enough to see that everything works.
    pub(crate) const QUICK: Self = Self {
        rate_per_s: 200,
        delay: Duration::from_millis(2),
        stall: Stall {
            begin: Duration::from_millis(700),
            length: Duration::from_millis(300),
        },
        agreement: Duration::from_secs(2),
        cost_rounds: 1,
        cost: Duration::from_secs(1),
        pacing: Duration::from_secs(1),
        memory: [Duration::from_secs(1), Duration::from_secs(2)],
    };
}

// === impl Stage ===

impl Stage {
    /// Where `tool` is; none where it is not installed.
    pub(crate) fn find(&self, tool: Tool) -> Option<&PathBuf> {
        let mut tools = self.tools.iter();
        tools.find(|(of, _)| *of == tool).map(|(_, file)| file)
    }
}
