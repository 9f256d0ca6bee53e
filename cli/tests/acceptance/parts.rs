//! The processes of a country, found from outside: by the configuration they were started with.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use crate::roadtest::eventually;

/// Every part that runs for the run in `folder`, by name.
pub(crate) fn of(folder: &Path) -> BTreeMap<String, Pid> {
    let folder = folder.canonicalize().expect("the run folder exists");
    let nodes = folder.join("nodes");
    let processes = fs::read_dir("/proc").expect("/proc tells who runs");
    processes
        .filter_map(|entry| {
            let process = entry.ok()?.file_name().to_str()?.parse().ok()?;
            // Whoever is gone meanwhile, or is only waited for, has no command line any more.
            let line = fs::read_to_string(format!("/proc/{process}/cmdline")).ok()?;
            let mut words = line.split('\0').skip_while(|word| *word != "--config");
            let config = Path::new(words.nth(1)?);
            let name = config.strip_prefix(&nodes).ok()?.parent()?;
            Some((name.to_str()?.to_owned(), Pid::from_raw(process)?))
        })
        .collect()
}

/// Sends one part a signal, such as the one that ends it as a crash would.
pub(crate) fn signal(folder: &Path, name: &str, signal: Signal) {
    kill_process(of(folder)[name], signal).expect("the part runs");
}

/// Waits until no part of the run is left.
#[track_caller]
pub(crate) fn are_gone(folder: &Path) {
    eventually("the end of every part", || of(folder).is_empty());
}
