//! Sends the workload and records each response from its intended start.
