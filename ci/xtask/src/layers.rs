//! Who may depend on whom, checked against the manifests.
//!
//! The rules are those of ARCHITECTURE.md; a new one is a line in [`RULES`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The services that carry the traffic under test.
const LIVE_SERVICES: &[&str] = &[
    "sim-carriers",
    "sim-central-server",
    "sim-evidence",
    "sim-global-configuration",
    "sim-identity-provider",
    "sim-message-log",
    "sim-portal",
    "sim-registry",
    "sim-security-server",
    "sim-signed-documents",
    "sim-trust-services",
];
/// Parts without sockets, files and threads.
const BELOW_THE_LINE: &[&str] = &[
    "sim-clock",
    "sim-domain",
    "sim-metrics",
    "sim-population",
    "sim-scenario",
    "sim-workload",
];
/// What only parts above the line may use.
const IO_CRATES: &[&str] = &[
    "tokio",
    "hyper",
    "hyper-util",
    "axum",
    "rustls",
    "sim-http1",
    "tokio-rustls",
];

/// A crate, and what it must never reach, directly or through others.
struct Rule {
    crates: &'static [&'static str],
    never: &'static [&'static str],
    because: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        crates: BELOW_THE_LINE,
        never: IO_CRATES,
        because: "the parts below the line have no sockets, files or threads",
    },
    Rule {
        crates: &["loadgen"],
        never: LIVE_SERVICES,
        because: "what measures does not know what is measured",
    },
    Rule {
        crates: LIVE_SERVICES,
        never: &[
            "sim-scenario",
            "sim-testbed",
            "sim-audit",
            "loadgen",
            "reports",
        ],
        because: "live services never see a scenario; the testbed translates",
    },
    Rule {
        crates: &["sim-audit"],
        never: &[
            "sim-central-server",
            "sim-evidence",
            "sim-global-configuration",
            "sim-identity-provider",
            "sim-journal",
            "sim-message-log",
            "sim-portal",
            "sim-registry",
            "sim-security-server",
            "sim-trust-services",
            "loadgen",
            "sim-workload",
        ],
        because: "the audit shares no code with the writers of what it checks",
    },
    Rule {
        crates: &["sim-portal"],
        never: &["sim-registry", "sim-security-server", "sim-population"],
        because: "the portal knows about people only what it is told over the exchange",
    },
    Rule {
        crates: &["sim-comparison"],
        never: &[
            "sim-scenario",
            "sim-audit",
            "sim-testbed",
            "loadgen",
            "reports",
            "tokio",
        ],
        because: "a comparison is made from run records alone",
    },
    Rule {
        crates: &["reports"],
        never: &[
            "sim-scenario",
            "sim-audit",
            "sim-testbed",
            "loadgen",
            "tokio",
        ],
        because: "a report is made from the run record alone",
    },
];

/// Fails when a manifest breaks a rule.
pub(crate) fn check(root: &Path) -> Result<()> {
    let manifests = manifests(root)?;
    let mut broken = Vec::new();
    for rule in RULES {
        for name in rule.crates {
            let Some(reached) = reachable(&manifests, name) else {
                bail!("a layer rule names {name}, which is no crate of the workspace");
            };
            for never in rule.never {
                if reached.contains(*never) {
                    broken.push(format!("{name} reaches {never}: {}", rule.because));
                }
            }
        }
    }
    if !broken.is_empty() {
        bail!("layers:\n  {}", broken.join("\n  "));
    }
    println!(
        "xtask: layers: {} crates, {} rules hold",
        manifests.len(),
        RULES.len()
    );
    Ok(())
}

type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// The `[dependencies]` of every member; development dependencies may reach anywhere.
fn manifests(root: &Path) -> Result<Dependencies> {
    let mut found = BTreeMap::new();
    for member in crate::tidy::members(root)? {
        let path = root.join(&member).join("Cargo.toml");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let (name, dependencies) = parse(&text);
        found.insert(name, dependencies);
    }
    Ok(found)
}

fn parse(manifest: &str) -> (String, BTreeSet<String>) {
    let mut name = String::new();
    let mut dependencies = BTreeSet::new();
    let mut section = "";
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if let Some((key, value)) = line.split_once('=') {
            let key = key.trim();
            if section == "[package]" && key == "name" {
                name = value.trim().trim_matches('"').to_owned();
            } else if section == "[dependencies]" && !key.starts_with('#') {
                dependencies.insert(key.split('.').next().unwrap_or(key).to_owned());
            }
        }
    }
    (name, dependencies)
}

fn reachable(manifests: &Dependencies, from: &str) -> Option<BTreeSet<String>> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&String> = manifests.get(from)?.iter().collect();
    while let Some(name) = open.pop() {
        if reached.insert(name.clone())
            && let Some(further) = manifests.get(name)
        {
            open.extend(further);
        }
    }
    Some(reached)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_bring_along_counts() {
        let (name, dependencies) = parse(
            "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\n[dev-dependencies]\nc = 1",
        );
        assert_eq!(name, "a");
        let manifests = BTreeMap::from([
            (name, dependencies),
            ("b".to_owned(), BTreeSet::from(["tokio".to_owned()])),
        ]);
        let reached = reachable(&manifests, "a").expect("known");
        assert!(reached.contains("tokio"));
        assert!(!reached.contains("c"));
    }
}
