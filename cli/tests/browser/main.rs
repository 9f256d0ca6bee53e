//! The portal as people meet it: headless Chromium drives the portal of a country that
//! `roadtest up` stands up, on a desktop's screen and on a phone's.
//!
//! Every journey is a test on each screen it is for, in a browser of its own and as a person of
//! its own; the country is shared, and ended when the last journey is over. What every page must
//! hold to is in [`judge`], and every page that is looked at is kept as a picture in
//! `target/screenshots/SCREEN/NAME.png`. Takes the arguments of every Rust test.

mod commands;
mod journeys;
mod judge;
#[expect(dead_code, reason = "of other tests; some of it is theirs alone")]
#[path = "../acceptance/parts.rs"]
mod parts;
mod person;
#[expect(dead_code, reason = "of other tests; some of it is theirs alone")]
#[path = "../acceptance/roadtest.rs"]
mod roadtest;
mod screen;
mod visitor;
mod world;

use std::process::ExitCode;
use std::sync::{Arc, LazyLock};

use libtest_mimic::{Arguments, Trial};

use crate::journeys::{JOURNEYS, Journey};
use crate::screen::Screen;
use crate::world::World;

/// Browsers at once, unless the command line says otherwise: each is several processes.
const BROWSERS: usize = 2;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(BROWSERS);
    // With the first journey; never where tests are only listed.
    let world: Arc<LazyLock<World>> = Arc::new(LazyLock::new(World::open));
    let mut trials = Vec::new();
    for journey in JOURNEYS {
        for screen in journey.screens {
            trials.push(trial(journey, *screen, trials.len(), &world));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(world) = LazyLock::get(&world) {
        world.close();
    }
    conclusion.exit_code()
}

/// One journey on one screen, by the person with this number.
fn trial(
    journey: &'static Journey,
    screen: Screen,
    number: usize,
    world: &Arc<LazyLock<World>>,
) -> Trial {
    let world = Arc::clone(world);
    let name = format!("{}::{}", screen.name(), journey.name);
    Trial::test(name, move || {
        visitor::send(&world, journey, screen, number);
        Ok(())
    })
}
