//! How many people a second one core computes: national ID and status of everybody, in order; then
//! the way back, persons and their relatives.
//!
//!     cargo run --release -p sim-population --example rate
//!
//! The sums at the end keep the compiler from leaving the work out, and tell that two machines
//! computed the same people.

use sim_clock::Clock;
use sim_population::{Ages, Names, Population, PopulationPlan, SchemeName, Status, iso_date};

/// Sizes just above a power of two are the slowest: their shuffle walks twice on average.
const SIZES: [u64; 3] = [500_000, 1_050_000, 10_000_000];
/// How many of a country's people are asked for more than their identity.
const SOME: u64 = 200_000;

fn main() {
    let reference_date = iso_date::parse("2026-02-05").expect("a date");
    for people in SIZES {
        let pensioners = PopulationPlan::pensioners(people, people / 500, reference_date);
        let country = PopulationPlan {
            ages: Ages::All,
            ..pensioners.clone()
        };
        let island = PopulationPlan {
            id_scheme: SchemeName::Island,
            names: Names::Island,
            ..country.clone()
        };
        for (title, plan) in [
            ("pensioners", pensioners),
            ("a country", country),
            ("an island", island),
        ] {
            tell(title, plan);
        }
    }
}

#[expect(clippy::print_stdout, reason = "an example talks to people")]
fn tell(title: &str, plan: PopulationPlan) {
    let population = Population::new(1, plan).expect("a plan within the limits");
    let (people, some) = (population.len(), SOME.min(population.len()));
    println!("{title} of {people}, in millions a second:");
    measure("identity", people, |index| {
        let identity = population.identity(index);
        let text = identity.national_id;
        u64::from(text.as_str().as_bytes()[9]) + u64::from(identity.status != Status::Alive)
    });
    measure("back from the ID", people, |index| {
        let id = population.national_id(index);
        population.index_of(id.as_str()).unwrap_or(people)
    });
    measure("person", some, |index| {
        let person = population.person(index);
        (person.given_name.len() + person.surname.len() + person.municipality.len()) as u64
    });
    measure("address", some, |index| {
        u64::from(population.address(index).postcode)
    });
    measure("relatives", some, |index| {
        population.relatives(index).children.len() as u64
    });
    measure("phone and back", some, |index| {
        let number = population.phone_number(index);
        population.index_of_phone(&number).unwrap_or(people)
    });
}

#[expect(clippy::print_stdout, reason = "an example talks to people")]
fn measure(what: &str, times: u64, ask: impl Fn(u64) -> u64) {
    let clock = Clock::wall();
    let start = clock.monotonic();
    let add = |sum: u64, index| sum.wrapping_mul(31).wrapping_add(ask(index));
    let sum = (0..times).fold(0, add);
    let seconds = clock.monotonic().duration_since(start).as_secs_f64();
    let rate = times as f64 / seconds / 1e6;
    println!("  {what:<16} {rate:>6.1} (sum {sum:016x})");
}
