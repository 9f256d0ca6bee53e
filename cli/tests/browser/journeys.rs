//! What people come for, a file each.

mod applying;
mod assisting;
mod booking;
mod closing;
mod founding;
mod insuring;
mod judging;
mod keyboard;
mod language;
mod login;
mod signing_on;
mod touring;
mod tracking;

use std::pin::Pin;

use crate::screen::Screen;
use crate::visitor::Visitor;

/// A journey, and the screens that people go on it with.
pub(crate) struct Journey {
    pub(crate) name: &'static str,
    pub(crate) screens: &'static [Screen],
    pub(crate) walk: fn(Visitor) -> Walk,
}

/// One person's way; it panics where something is not as it should be.
type Walk = Pin<Box<dyn Future<Output = ()>>>;

/// Every journey, each on every screen but that by keyboard, which phones do not have.
pub(crate) const JOURNEYS: &[Journey] = &[
    everywhere("log in with Mobile-ID", |visitor| {
        Box::pin(login::with_mobile_id(visitor))
    }),
    everywhere("log in with Smart-ID", |visitor| {
        Box::pin(login::with_smart_id(visitor))
    }),
    everywhere("refuse on the phone", |visitor| {
        Box::pin(login::refused(visitor))
    }),
    everywhere("sign on to a service from the portal", |visitor| {
        Box::pin(signing_on::from_the_portal(visitor))
    }),
    everywhere("sign on to the portal from a service", |visitor| {
        Box::pin(signing_on::from_the_service(visitor))
    }),
    everywhere("apply and sign with Mobile-ID", |visitor| {
        Box::pin(applying::with_mobile_id(visitor))
    }),
    everywhere("apply and sign with Smart-ID", |visitor| {
        Box::pin(applying::with_smart_id(visitor))
    }),
    everywhere("see who looked and ask why", |visitor| {
        Box::pin(tracking::walk(visitor))
    }),
    everywhere("close a record and open it", |visitor| {
        Box::pin(closing::walk(visitor))
    }),
    everywhere("book an appointment", |visitor| {
        Box::pin(booking::walk(visitor))
    }),
    everywhere("found a company", |visitor| {
        Box::pin(founding::walk(visitor))
    }),
    everywhere("consent to an insurer and withdraw it", |visitor| {
        Box::pin(insuring::walk(visitor))
    }),
    everywhere("let an assistant read", |visitor| {
        Box::pin(assisting::walk(visitor))
    }),
    everywhere("read in Estonian", |visitor| {
        Box::pin(language::walk(visitor))
    }),
    everywhere("see every page", |visitor| Box::pin(touring::walk(visitor))),
    everywhere("meet a bad page", |visitor| {
        Box::pin(judging::walk(visitor))
    }),
    Journey {
        name: "by keyboard alone",
        screens: Screen::DESKTOP,
        walk: |visitor| Box::pin(keyboard::walk(visitor)),
    },
];

const fn everywhere(name: &'static str, walk: fn(Visitor) -> Walk) -> Journey {
    let screens = Screen::ALL;
    Journey {
        name,
        screens,
        walk,
    }
}
