//! X-Road identifiers, messages, faults and access rules as types that cannot be wrong.
//!
//! Responsible for: who is who ([`identifiers`]), which headers mean something ([`headers`]), the
//! serialised form of REST messages that is signed, sent and logged ([`rest`]), what may be called
//! by whom ([`access`]), what is said when something fails ([`fault`]), and where on the web people and
//! logouts may be sent ([`web`]).
//!
//! It is not: a network client, a signer or a store. Nothing here opens a socket or a file, reads
//! a clock, draws a random number or computes a digest; such values are arguments.
//!
//! Names, forms and codes are those of X-Road: *Message Protocol for REST* (PR-REST), *Message
//! Transport Protocol* (PR-MESSTRANSP), and the behaviour of its security server where the two differ.

pub mod access;
pub mod fault;
pub mod headers;
pub mod identifiers;
pub mod rest;
pub mod web;

pub use access::{AccessRight, NormalisedPath, PathPattern, normalise_path};
pub use fault::{Dialect, Fault, FaultCode, Reason, Side};
pub use identifiers::{ClientId, IdentifierError, MemberId, SecurityServerId, ServiceId};
pub use rest::{RestRequest, RestResponse};
pub use web::{AddressError, BackChannelAddress, ReturnAddress};
