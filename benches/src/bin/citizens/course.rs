//! A scenario with another stream of citizens.

use std::fmt::Write as _;

use anyhow::{Result, bail};

/// The keys at the beginning of a line that are replaced, with all that belongs to them.
const REPLACED: [&str; 4] = [
    "identity-provider:",
    "workload:",
    "citizens:",
    "thresholds:",
];
/// How long phones take, and people who look at a page.
const PHONES: &str = "median 1s, p99 3s";
const THINK: &str = "median 1s, p99 3s";

/// The scenario in which so many people come for this journey for so long.
///
/// # Errors
///
/// Where the scenario has no citizens or no workload of one line.
pub(crate) fn of(text: &str, journey: &str, people: u32, seconds: u32) -> Result<String> {
    let mut kept = String::new();
    let mut workload = None;
    let mut found = 0;
    let mut is_replaced = false;
    for line in text.lines() {
        let begins = !line.is_empty() && !line.starts_with([' ', '#', '}']);
        if begins {
            is_replaced = REPLACED.iter().any(|key| line.starts_with(key));
            found += u32::from(line.starts_with("citizens:"));
            if line.starts_with("workload:") {
                workload = Some(line);
            }
        }
        if !is_replaced {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    let Some(workload) = workload.filter(|line| line.contains("duration: ") && found == 1) else {
        bail!("the scenario needs `citizens`, and a `workload` in one line with a `duration`");
    };
    let (before, after) = workload.split_once("duration: ").unwrap_or_default();
    let rest = after.trim_start_matches(|c: char| c != ' ' && c != '}' && c != ',');
    writeln!(kept, "{before}duration: {seconds}s{rest}")?;
    writeln!(
        kept,
        "identity-provider: {{ phones-answer: \"{PHONES}\", phones-refuse: 0%, phones-mistype: 0%, phones-off: 0% }}\n\
         citizens:\n  people-at-once: {people}\n  duration: {seconds}s\n  journeys: {{ {journey}: 1 }}\n  \
         carriers: {{ smart-id: 50, mobile-id: 30, id-card: 20 }}\n  think-time: {THINK}\n\
         thresholds: {{ journeys: above 0 }}"
    )?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use sim_scenario::Scenario;

    use super::*;

    #[test]
    fn the_shipped_country_gets_another_stream() {
        let text = include_str!("../../../../scenarios/estonia.yaml");
        let course = of(text, "visit", 7, 9).unwrap();
        let scenario = Scenario::parse("course.yaml", &course).unwrap();
        let citizens = scenario.citizens.unwrap();
        assert_eq!(citizens.people_at_once, 7);
        assert_eq!(citizens.duration.as_secs(), 9);
        assert_eq!(citizens.journeys.len(), 1);
    }

    #[test]
    fn a_scenario_without_citizens_is_refused() {
        let text = include_str!("../../../../scenarios/pension-liveness.yaml");
        assert!(of(text, "visit", 7, 9).is_err());
    }
}
