//! The three ways to the register that are compared.

use serde::Serialize;

/// A way to the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Arm {
    /// Straight to the register.
    Direct,
    /// Through a pair of nginx relays with mutual TLS between them.
    Relayed,
    /// Through two security servers with full evidence.
    Evidenced,
}

impl Arm {
    /// All of them, by their letters.
    pub(crate) const ALL: [Self; 3] = [Self::Direct, Self::Relayed, Self::Evidenced];

    /// One round. What changes slowly on the machine meets every arm alike, since each comes
    /// as early as it comes late.
    pub(crate) const ROUND: [Self; 6] = [
        Self::Direct,
        Self::Relayed,
        Self::Evidenced,
        Self::Evidenced,
        Self::Relayed,
        Self::Direct,
    ];

    /// As tables call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Direct => "(a) register",
            Self::Relayed => "(b) nginx pair",
            Self::Evidenced => "(c) security servers",
        }
    }

    /// As ratios call it.
    pub(crate) const fn letter(self) -> &'static str {
        match self {
            Self::Direct => "(a)",
            Self::Relayed => "(b)",
            Self::Evidenced => "(c)",
        }
    }
}
