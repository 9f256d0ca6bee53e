//! Which core each security server keeps to.

use rustix::thread::{CpuSet, sched_getaffinity};

/// A core for each of `servers`, where there are enough; otherwise nobody gets one: two busy
/// servers on the same core would wait for each other while others are idle.
pub(crate) fn for_each(servers: usize) -> Vec<Option<usize>> {
    share_out(&usable(), servers)
}

/// Numbers of the cores that this process may use.
fn usable() -> Vec<usize> {
    // Where the system does not tell, nobody gets one.
    sched_getaffinity(None).map_or_else(
        |_| Vec::new(),
        |set| {
            (0..CpuSet::MAX_CPU)
                .filter(|core| set.is_set(*core))
                .collect()
        },
    )
}

fn share_out(cores: &[usize], servers: usize) -> Vec<Option<usize>> {
    let is_enough = servers <= cores.len();
    (0..servers)
        .map(|server| cores.get(server).copied().filter(|_| is_enough))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_of_its_own_or_nobody_has_any() {
        assert_eq!(share_out(&[2, 3, 7], 2), [Some(2), Some(3)]);
        assert_eq!(share_out(&[2, 3], 3), [None, None, None]);
        assert_eq!(share_out(&[], 1), [None]);
        assert!(!usable().is_empty());
    }
}
