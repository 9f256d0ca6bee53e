//! Writes pages of made-up runs, to look at without making one:
//! `cargo run -p reports --example sample -- FOLDER`.

#[expect(
    dead_code,
    reason = "the tests have records that are not worth looking at"
)]
#[path = "../tests/it/extremes.rs"]
mod extremes;
#[path = "../tests/it/fixture.rs"]
mod fixture;

use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .ok_or("give a folder to write to")?,
    );
    std::fs::create_dir_all(&folder)?;
    let records = [
        ("passed", fixture::passed()),
        ("failed", fixture::failed()),
        ("interrupted", fixture::interrupted()),
        ("broken", fixture::broken()),
        ("paced", fixture::paced()),
        ("maximal", extremes::maximal()),
    ];
    for (name, record) in records {
        std::fs::write(folder.join(format!("{name}.html")), reports::html(&record)?)?;
    }
    Ok(())
}
