//! Durable log of every message: group commit, index, recovery, batch time-stamping.
