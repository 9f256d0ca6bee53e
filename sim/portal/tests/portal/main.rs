//! A portal among small stand-ins for everything that it talks to, on real sockets.

mod browser;
mod fakes;
mod harness;

mod forms;
mod home;
mod login;
mod me;
mod sessions;
mod tokens;
mod tracker;
