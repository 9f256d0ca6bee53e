//! The binary `roadtest` as a person or a CI job meets it: started, interrupted, killed, given
//! nonsense, and its evidence held against tools that know nothing of it.

mod again;
mod bad_scenarios;
mod citizens;
mod command_line;
mod comparing;
mod distrust;
mod endings;
mod evidence;
mod finished_run;
mod judges;
mod keeping;
mod parts;
mod profiles;
mod roadtest;
mod scenario;
mod stages;
mod tampering;
mod up;
