//! Writes pages of made-up runs, to look at without making one, and of records that are named:
//! `cargo run -p reports --example sample -- FOLDER [RUN.JSON ...]`.

#[expect(
    dead_code,
    reason = "the tests have records that are not worth looking at"
)]
#[path = "../tests/it/extremes.rs"]
mod extremes;
#[path = "../tests/it/fixture.rs"]
mod fixture;
#[path = "../tests/it/parts.rs"]
mod parts;
#[path = "../tests/it/comparison/sets.rs"]
mod sets;

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("give a folder to write to")?;
    std::fs::create_dir_all(&folder)?;
    let records = [
        ("passed", fixture::passed()),
        ("failed", fixture::failed()),
        ("interrupted", fixture::interrupted()),
        ("broken", fixture::broken()),
        ("paced", fixture::paced()),
        ("several", fixture::several()),
        ("many", fixture::many()),
        ("maximal", extremes::maximal()),
    ];
    for (name, record) in records {
        std::fs::write(folder.join(format!("{name}.html")), reports::html(&record)?)?;
    }
    let beside = reports::html_beside(&fixture::passed(), &fixture::dearer())?;
    std::fs::write(folder.join("beside.html"), beside)?;
    let comparisons = [
        ("regressed", sets::regressed()),
        ("improved", sets::improved()),
        ("unchanged", sets::unchanged()),
        ("noisy", sets::noisy()),
        ("inconclusive", sets::inconclusive()),
        ("wrong", sets::wrong()),
        ("different", sets::different()),
        ("huge", sets::huge()),
    ];
    for (name, comparison) in comparisons {
        let page = reports::comparison_html(&comparison)?;
        std::fs::write(folder.join(format!("comparison-{name}.html")), page)?;
    }
    for (index, path) in arguments.enumerate() {
        let record = sim_metrics::load_record(&path)?;
        std::fs::write(
            folder.join(format!("given-{index}.html")),
            reports::html(&record)?,
        )?;
    }
    Ok(())
}
