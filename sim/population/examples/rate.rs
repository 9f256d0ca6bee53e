//! How many people a second one core computes: national ID and status of everybody, in order.
//!
//!     cargo run --release -p sim-population --example rate
//!
//! The sum at the end keeps the compiler from leaving the work out, and tells that two machines
//! computed the same people.

use sim_clock::Clock;
use sim_population::{Population, PopulationPlan, Status, iso_date};

/// Sizes just above a power of two are the slowest: their shuffle walks twice on average.
const SIZES: [u64; 3] = [500_000, 1_050_000, 10_000_000];

#[expect(clippy::print_stdout, reason = "an example talks to people")]
fn main() {
    let clock = Clock::wall();
    for people in SIZES {
        let reference_date = iso_date::parse("2026-02-05").expect("a date");
        let plan = PopulationPlan::pensioners(people, people / 500, reference_date);
        let population = Population::new(1, plan).expect("a plan within the limits");
        let start = clock.monotonic();
        let (mut dead, mut sum) = (0_u64, 0_u64);
        for index in 0..population.len() {
            let identity = population.identity(index);
            dead += u64::from(identity.status != Status::Alive);
            let text = identity.national_id;
            sum = sum
                .wrapping_mul(31)
                .wrapping_add(u64::from(text.as_str().as_bytes()[9]));
        }
        let seconds = clock.monotonic().duration_since(start).as_secs_f64();
        let rate = people as f64 / seconds / 1e6;
        println!("{people} people, {dead} dead, {rate:.1} million a second (sum {sum:016x})");
    }
}
