//! Scenario to running parts on child processes, to drained run folder.
