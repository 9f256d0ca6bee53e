//! How figures, errors and progress look in a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sim_metrics::{Unit, VerdictOutcome};

/// How often the mark of a stage turns.
const TICK: Duration = Duration::from_millis(100);

/// Prints an error and what caused it.
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("error: {}", chain(error));
}

/// An error and what caused it, each said once: some errors speak for their cause themselves.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

/// `500,000`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12.3 ms`, `4.56 s`: three figures are enough for people.
pub(crate) fn micros(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => {
            format!("{:.*} ms", decimals(micros, 1_000), micros as f64 / 1e3)
        }
        _ => format!("{:.*} s", decimals(micros, 1_000_000), micros as f64 / 1e6),
    }
}

/// A run's verdict in a word.
pub(crate) const fn outcome(outcome: VerdictOutcome) -> &'static str {
    match outcome {
        VerdictOutcome::Passed => "PASSED",
        VerdictOutcome::Failed => "FAILED",
        VerdictOutcome::Inconclusive => "INCONCLUSIVE",
        VerdictOutcome::Invalid => "INVALID",
        VerdictOutcome::Interrupted => "INTERRUPTED",
        VerdictOutcome::Error => "BROKEN",
    }
}

/// `text`, cut to so many characters.
pub(crate) fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A metric's figure in the unit in which people think of it.
pub(crate) fn figure(metric: &str, value: f64) -> String {
    let known = sim_metrics::metrics()
        .iter()
        .find(|known| known.name == metric);
    match known.map(|known| known.unit) {
        Some(Unit::Count) => count(value as u64),
        // Cut, not rounded: whoever misses one exchange in a million has not reached 100 %.
        Some(Unit::Share) => format!("{} %", (value * 1e6).floor() / 1e4),
        Some(Unit::PerSecond) => format!("{}/s", count(value as u64)),
        Some(Unit::Seconds) => micros((value * 1e6) as u64),
        Some(Unit::Bytes) => bytes(value as u64),
        None => value.to_string(),
    }
}

/// Decimals that make three figures of `value / unit`.
fn decimals(value: u64, unit: u64) -> usize {
    match value / unit {
        0..10 => 2,
        10..100 => 1,
        _ => 0,
    }
}

/// `1.4 GB`.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// How much is said of a run while it goes on, and of how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voice {
    /// Everything, on a terminal with the whole screen while the load goes on.
    Full,
    /// Everything, in bars and lines.
    Plain,
    /// Bars that go away again, on a terminal alone.
    Quiet,
}

/// A bar with rate and time left, or plain lines where there is no terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    label: &'static str,
    lines: bool,
    next_line_percent: u64,
    /// What is said behind the rate.
    beside: String,
    next_line_s: f64,
}

/// What is being done where nobody knows how long it takes; gone with its last stage, or plain
/// lines where there is no terminal.
pub(crate) struct Stages {
    bar: ProgressBar,
    label: &'static str,
    voice: Voice,
}

/// Lines printed without a terminal: one per this many percent.
const LINE_EVERY_PERCENT: u64 = 10;
/// The same once all steps are done: one in so many seconds.
const LINE_EVERY_S: f64 = 10.0;

// === impl Stages ===

impl Stages {
    /// No stage yet of what `label` says.
    pub(crate) fn new(label: &'static str, voice: Voice) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("  {prefix:<9} {spinner} {wide_msg}")
            .expect("the template is valid");
        bar.set_style(style);
        bar.set_prefix(label);
        Self { bar, label, voice }
    }

    /// The next stage.
    pub(crate) fn at(&self, stage: &str) {
        if !self.bar.is_hidden() {
            self.bar.set_message(stage.to_owned());
            self.bar.enable_steady_tick(TICK);
        } else if self.voice != Voice::Quiet {
            eprintln!("  {:<9} {stage}", self.label);
        }
    }
}

impl Drop for Stages {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

// === impl Progress ===

impl Progress {
    /// A bar for `total` steps; where nobody knows how many there are, only how far it is.
    pub(crate) fn new(label: &'static str, total: Option<u64>, voice: Voice) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let template = match total {
            Some(_) => "  {prefix:<9} [{bar:32}] {human_pos}/{human_len}  {msg}",
            None => "  {prefix:<9} {spinner} {human_pos}  {msg}",
        };
        let style = ProgressStyle::with_template(template)
            .expect("the template is valid")
            .progress_chars("█▉▊▋▌▍▎▏ ");
        bar.set_style(style);
        bar.set_prefix(label);
        let lines = bar.is_hidden() && voice != Voice::Quiet;
        Self {
            bar,
            label,
            lines,
            next_line_percent: LINE_EVERY_PERCENT,
            beside: String::new(),
            next_line_s: 0.0,
        }
    }

    /// What is said behind the rate from now on.
    pub(crate) fn beside(&mut self, text: &str) {
        self.beside = format!(", {text}");
    }

    /// What still goes on once all steps are done, at so many seconds: in place of the rate, or a
    /// line now and then.
    pub(crate) fn afterwards(&mut self, label: &str, text: String, seconds: f64) {
        if !self.lines {
            self.bar.set_message(text);
        } else if seconds >= self.next_line_s {
            self.next_line_s = seconds + LINE_EVERY_S;
            eprintln!("  {label:<9} {text}");
        }
    }

    /// Shows how far it is, with the rate a second.
    pub(crate) fn at(&mut self, position: u64, per_second: f64) {
        let total = self.bar.length().unwrap_or(0);
        let left = if per_second > 0.0 && position < total {
            let seconds = total.saturating_sub(position) as f64 / per_second;
            format!(
                ", {} left",
                duration(Duration::from_secs_f64(seconds.min(1e6)))
            )
        } else {
            String::new()
        };
        let message = format!("{}/s{left}{}", count(per_second as u64), self.beside);
        if self.lines && total == 0 {
            eprintln!("  {:<9} {} {message}", self.label, count(position));
        } else if self.lines {
            let percent = position.min(total) * 100 / total;
            if percent >= self.next_line_percent {
                self.next_line_percent =
                    percent / LINE_EVERY_PERCENT * LINE_EVERY_PERCENT + LINE_EVERY_PERCENT;
                eprintln!(
                    "  {:<9} {percent} % ({}) {message}",
                    self.label,
                    count(position)
                );
            }
        } else {
            self.bar.set_message(message);
            self.bar.set_position(position);
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// `250 ms`, `1 min 40 s`.
pub(crate) fn micros_or_longer(length: Duration) -> String {
    if length < Duration::from_secs(1) {
        micros(length.as_micros() as u64)
            .replace(".00", "")
            .replace(".0", "")
    } else {
        duration(length)
    }
}

/// `1 min 40 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_is_said_already_is_not_said_again() {
        let error = anyhow::anyhow!("no space left")
            .context("cannot write x: no space left")
            .context("the log is not sealed");
        assert_eq!(
            chain(&error),
            "the log is not sealed: cannot write x: no space left"
        );
    }

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(count(0), "0");
        assert_eq!(count(980), "980");
        assert_eq!(count(500_000), "500,000");
        assert_eq!(micros(980), "980 µs");
        assert_eq!(micros(4_320), "4.32 ms");
        assert_eq!(micros(43_200), "43.2 ms");
        assert_eq!(micros(2_000_000), "2.00 s");
        assert_eq!(bytes(1_234_567_890), "1.23 GB");
        assert_eq!(duration(Duration::from_secs(100)), "1 min 40 s");
        assert_eq!(figure("verified", 0.999_999_6), "99.9999 %");
        assert_eq!(figure("verified", 1.0), "100 %");
        assert_eq!(figure("response-time-p99", 0.141), "141 ms");
        assert_eq!(figure("deceased-named", 1_234.0), "1,234");
    }
}
