//! What machine a run was made on.

use std::path::Path;

use procfs::{CpuInfo, Current as _, Meminfo};
use sim_metrics::Machine;

/// Describes this machine; what the system does not tell is called `unknown`.
#[must_use]
pub fn machine() -> Machine {
    let unknown = || "unknown".to_owned();
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let cpu_model = CpuInfo::current()
        .ok()
        .and_then(|info| info.model_name(0).map(str::to_owned))
        .unwrap_or_else(unknown);
    Machine {
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
        cpu_model,
        memory_bytes: Meminfo::current().map_or(0, |memory| memory.mem_total),
        kernel: read("/proc/sys/kernel/osrelease").unwrap_or_else(unknown),
        os: read("/etc/os-release")
            .as_deref()
            .and_then(pretty_name)
            .unwrap_or_else(unknown),
    }
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    std::fs::read_to_string(path)
        .ok()
        .map(|text| text.trim().to_owned())
}

fn pretty_name(os_release: &str) -> Option<String> {
    let line = os_release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(line.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_cores_and_memory() {
        let machine = machine();
        assert!(machine.cores >= 1);
        assert!(machine.memory_bytes > 0);
    }

    #[test]
    fn the_name_of_the_system_is_found_among_other_lines() {
        assert_eq!(
            pretty_name("ID=x\nPRETTY_NAME=\"X 1\"\n"),
            Some("X 1".to_owned())
        );
        assert_eq!(pretty_name("ID=x\n"), None);
    }
}
