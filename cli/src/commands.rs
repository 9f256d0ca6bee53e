//! One module per command of `roadtest`.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod compare_profiles;
pub(crate) mod evidence;
pub(crate) mod node;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod search;
pub(crate) mod up;
