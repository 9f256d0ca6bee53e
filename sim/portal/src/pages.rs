//! What is shown: one module a page, each with its template.

pub(crate) mod applications;
pub(crate) mod apply;
pub(crate) mod appointments;
pub(crate) mod assistant;
pub(crate) mod assistant_api;
pub(crate) mod backchannel;
pub(crate) mod blocking;
pub(crate) mod callback;
pub(crate) mod companies;
pub(crate) mod consents;
mod employers;
pub(crate) mod home;
pub(crate) mod insurance;
pub(crate) mod language;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod me;
pub(crate) mod problem;
pub(crate) mod questions;
pub(crate) mod sign;
pub(crate) mod tracker;
mod trouble;
