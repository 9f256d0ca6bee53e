//! Everything that was measured, as it is kept.

use procfs::{CpuInfo, Current as _};
use serde::Serialize;
use sim_clock::Clock;

use crate::agreement::Agreement;
use crate::cost::Measurement;
use crate::memory::Memory;
use crate::pacing::Pacing;
use crate::stage::{Size, Stage};
use crate::tools::Tool;

/// All sections; those that were not asked for are empty.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Record {
    pub(crate) started_at: String,
    pub(crate) cores: usize,
    pub(crate) cpu_model: String,
    pub(crate) kernel: String,
    /// Whether the binary is one whose figures say something.
    pub(crate) is_release: bool,
    pub(crate) size: Size,
    /// What the outside tools call themselves.
    pub(crate) tools: Vec<String>,
    /// Those that are not installed.
    pub(crate) missing: Vec<&'static str>,
    pub(crate) agreement: Vec<Agreement>,
    pub(crate) cost: Vec<Measurement>,
    pub(crate) pacing: Option<Pacing>,
    pub(crate) memory: Option<Memory>,
}

// === impl Record ===

impl Record {
    /// Nothing is measured yet.
    pub(crate) fn new(stage: &Stage, size: Size) -> Self {
        let unknown = || "unknown".to_owned();
        let model = CpuInfo::current()
            .ok()
            .and_then(|info| info.model_name(0).map(str::to_owned));
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok();
        let mut tools: Vec<String> = stage
            .tools
            .iter()
            .map(|(tool, program)| tool.version(program))
            .collect();
        tools.dedup();
        let mut missing: Vec<&str> = Tool::ALL
            .iter()
            .filter(|tool| stage.find(**tool).is_none())
            .map(|tool| tool.command())
            .collect();
        missing.dedup();
        Self {
            started_at: Clock::wall().now().rfc3339_seconds(),
            cores: std::thread::available_parallelism().map_or(1, |cores| cores.get()),
            cpu_model: model.unwrap_or_else(unknown),
            kernel: kernel.map_or_else(unknown, |kernel| kernel.trim().to_owned()),
            is_release: !cfg!(debug_assertions),
            size,
            tools,
            missing,
            agreement: Vec::new(),
            cost: Vec::new(),
            pacing: None,
            memory: None,
        }
    }
}
