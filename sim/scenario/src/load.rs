//! From a file to a scenario, or to everything that is wrong with it.
//!
//! A scenario may name one file beside it, the table that its rate follows.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::checks;
use crate::decode::Decode;
use crate::diagnostics::{Diagnostic, Diagnostics, ProblemKind, Report, Span};
use crate::model::Scenario;
use crate::names::Names;
use crate::raw::RawScenario;
use crate::resolve;
use crate::traffic;
use crate::yaml;

/// Largest scenario file, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

impl Scenario {
    /// Reads the scenario in the file at `path`.
    ///
    /// # Errors
    /// Every problem of the file at once. No more than [`MAX_FILE_BYTES`] are read.
    pub fn load(path: &Path) -> Result<Self, Diagnostics> {
        let name = path.display().to_string();
        let bytes = bytes_of(path).map_err(|error| {
            whole_file(&name, format!("the file cannot be read: {error}"), None)
        })?;
        check_size(&name, bytes.len())?;
        Self::parse_with(&name, text_of(&name, &bytes)?, &|beside| {
            trace_in(&path.with_file_name(beside))
        })
    }

    /// Reads the scenario in `text`, which came from a file called `file_name` and has none
    /// beside it.
    ///
    /// # Errors
    /// Every problem of the text at once.
    pub fn parse(file_name: &str, text: &str) -> Result<Self, Diagnostics> {
        let none = |_: &str| Err("the scenario is not in a folder".to_owned());
        Self::parse_with(file_name, text, &none)
    }

    /// Reads the scenario in `bytes`, which came from a file called `file_name`.
    ///
    /// # Errors
    /// Every problem of the text at once.
    pub fn parse_bytes(file_name: &str, bytes: &[u8]) -> Result<Self, Diagnostics> {
        check_size(file_name, bytes.len())?;
        Self::parse(file_name, text_of(file_name, bytes)?)
    }

    /// Reads the scenario in `text`, with the same table beside it as this one has.
    ///
    /// # Errors
    /// Every problem of the text at once.
    pub fn parse_like(&self, file_name: &str, text: &str) -> Result<Self, Diagnostics> {
        let trace = self.trace.as_ref();
        Self::parse_with(file_name, text, &|beside| {
            let known = trace.filter(|trace| trace.file == beside);
            let text = known.map(|trace| trace.text.clone());
            text.ok_or_else(|| "it is not the table of this scenario".to_owned())
        })
    }

    /// `beside` gives the text of a file beside the scenario, or says why it does not.
    fn parse_with(file_name: &str, text: &str, beside: &Beside<'_>) -> Result<Self, Diagnostics> {
        check_size(file_name, text.len())?;
        let mut report = Report::new(text);
        let scenario = read(text, beside, &mut report);
        match scenario {
            Some(scenario) if report.is_clean() => Ok(scenario),
            _ => Err(report.into_diagnostics(file_name)),
        }
    }
}

type Beside<'a> = dyn Fn(&str) -> Result<String, String> + 'a;

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text_of<'b>(file_name: &str, bytes: &'b [u8]) -> Result<&'b str, Diagnostics> {
    str::from_utf8(bytes).map_err(|error| invalid_utf8(file_name, bytes, error.valid_up_to()))
}

fn trace_in(path: &Path) -> Result<String, String> {
    let bytes = bytes_of(path).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("it has more than {} KiB", MAX_FILE_BYTES / 1024));
    }
    String::from_utf8(bytes).map_err(|error| format!("it is not text in UTF-8: {error}"))
}

/// The steps in order; each reports what it finds and passes on what it could read.
fn read(text: &str, beside: &Beside<'_>, report: &mut Report<'_>) -> Option<Scenario> {
    let tree = yaml::parse(text)
        .map_err(|problem| report.add(*problem))
        .ok()?;
    let start = Span {
        line: 1,
        column: 1,
        length: 0,
    };
    let raw = RawScenario::decode(&tree, start, report)?;
    let names = Names::of(&raw);
    checks::run(&raw, &names, report);
    let trace = traffic::trace(&raw, beside, report);
    let points = trace.as_ref().map(|(_, points)| &points[..]);
    let traffic = traffic::of(&raw, points, report);
    if let Some(traffic) = &traffic {
        traffic.windows_lie_in_it(&raw, report);
    }
    if !report.is_clean() {
        return None;
    }
    let trace = trace.map(|(trace, _)| trace);
    let scenario = resolve::scenario(&raw, &names, text, trace, traffic?);
    Some(scenario.expect("what could not be resolved was reported"))
}

fn check_size(file_name: &str, length: usize) -> Result<(), Diagnostics> {
    if u64::try_from(length).is_ok_and(|length| length <= MAX_FILE_BYTES) {
        return Ok(());
    }
    let help = format!("accepted: at most {} KiB", MAX_FILE_BYTES / 1024);
    Err(whole_file(
        file_name,
        "the file is too large for a scenario".to_owned(),
        Some(help),
    ))
}

fn whole_file(file_name: &str, message: String, help: Option<String>) -> Diagnostics {
    let problem = Diagnostic::new(ProblemKind::Unreadable, None, message).maybe_help(help);
    Diagnostics::of_file(file_name, problem)
}

fn invalid_utf8(file_name: &str, bytes: &[u8], valid_up_to: usize) -> Diagnostics {
    let text = String::from_utf8_lossy(bytes);
    let before = String::from_utf8_lossy(&bytes[..valid_up_to]);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let span = Span {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
        length: 1,
    };
    let message = format!("the byte 0x{:02X} is not UTF-8 here", bytes[valid_up_to]);
    let mut report = Report::new(&text);
    report.add(
        Diagnostic::new(ProblemKind::Unreadable, Some(span), message)
            .help("accepted: text in UTF-8"),
    );
    report.into_diagnostics(file_name)
}
