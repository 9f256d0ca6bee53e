//! The load as it goes, on a terminal: rate, response times, outcomes, processors, phase, time left.
//!
//! It takes the whole screen and gives it back as it was. Where there is no terminal, or where one
//! cannot draw, a bar or plain lines are shown instead ([`crate::show::Progress`]).

mod view;

use std::collections::VecDeque;
use std::io::{IsTerminal as _, Stderr, stderr};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use sim_scenario::Scenario;
use sim_testbed::Moment;
use sim_testbed::observe::PartCpu;

use crate::show::{Progress, Voice, count};

/// Seconds that the curves show: as many as a wide terminal has columns.
const SHOWN_SECONDS: usize = 240;

/// What is shown while a load goes on.
pub(crate) enum Watching {
    Live(Box<Live>),
    Bar(Progress),
}

/// The screen, while it is taken.
pub(crate) struct Live {
    terminal: Terminal<CrosstermBackend<Stderr>>,
    shown: Shown,
}

/// What is on the screen.
#[derive(Clone, Debug, Default)]
struct Shown {
    name: String,
    question: String,
    /// In a sentence.
    traffic: String,
    is_ending: bool,
    now: loadgen::Progress,
    /// The load is over, and citizens go on.
    is_asked: bool,
    citizens: Option<loadgen_citizens::Progress>,
    cpu: Vec<PartCpu>,
    /// By the second, the oldest first.
    rates: VecDeque<u64>,
    p50s_us: VecDeque<u64>,
    p99s_us: VecDeque<u64>,
    seconds: u64,
}

// === impl Watching ===

impl Watching {
    /// The whole screen where there is one and nobody wants it plain.
    pub(crate) fn begin(scenario: &Scenario, voice: Voice) -> Self {
        let can_draw = std::env::var("TERM").is_ok_and(|term| term != "dumb");
        if voice == Voice::Full
            && can_draw
            && stderr().is_terminal()
            && let Ok(live) = Live::begin(scenario)
        {
            return Self::Live(Box::new(live));
        }
        Self::Bar(Progress::new("asking", scenario.exchanges(), voice))
    }

    /// How the load stands; `is_ending` once somebody has asked for its end.
    pub(crate) fn at(&mut self, moment: &Moment<'_>, is_ending: bool) {
        match self {
            Self::Live(live) => live.at(moment, is_ending),
            Self::Bar(bar) => {
                let citizens = moment.citizens.map(|now| (journeys(&now), now.seconds));
                match citizens {
                    // The load's last rate says nothing of the citizens who go on.
                    Some((text, seconds)) if moment.is_asked => {
                        return bar.afterwards("citizens", text, seconds);
                    }
                    Some((text, _)) => bar.beside(&text),
                    None => {}
                }
                bar.at(moment.progress.completed, moment.progress.rate_per_s);
            }
        }
    }

    pub(crate) const fn is_live(&self) -> bool {
        matches!(self, Self::Live(_))
    }

    /// Gives the screen back.
    pub(crate) fn finish(self) {
        match self {
            Self::Live(live) => drop(live),
            Self::Bar(bar) => bar.finish(),
        }
    }
}

// === impl Live ===

impl Live {
    fn begin(scenario: &Scenario) -> std::io::Result<Self> {
        let mut terminal = Terminal::new(CrosstermBackend::new(stderr()))?;
        execute!(stderr(), EnterAlternateScreen, Hide)?;
        terminal.clear()?;
        let shown = Shown {
            name: scenario.name.clone(),
            question: scenario.question.clone(),
            traffic: crate::traffic::sentence(&scenario.workload),
            ..Shown::default()
        };
        let mut live = Self { terminal, shown };
        live.draw();
        Ok(live)
    }

    fn at(&mut self, moment: &Moment<'_>, is_ending: bool) {
        self.shown.at(moment);
        self.shown.is_ending = is_ending;
        self.draw();
    }

    fn draw(&mut self) {
        let shown = &self.shown;
        // A terminal that has gone away is no reason to end the run.
        let _ = self.terminal.draw(|frame| view::draw(shown, frame));
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let _ = execute!(stderr(), LeaveAlternateScreen, Show);
    }
}

// === impl Shown ===

impl Shown {
    fn at(&mut self, moment: &Moment<'_>) {
        self.now = *moment.progress;
        self.is_asked = moment.is_asked;
        self.citizens = moment.citizens;
        self.cpu.clone_from(&moment.cpu);
        let seconds = self.now.elapsed_s as u64;
        if seconds > self.seconds {
            self.seconds = seconds;
            push(&mut self.rates, self.now.rate_per_s.round() as u64);
            push(&mut self.p50s_us, self.now.p50_us);
            push(&mut self.p99s_us, self.now.p99_us);
        }
    }
}

/// How the citizens are, in a line.
fn journeys(now: &loadgen_citizens::Progress) -> String {
    let (done, under_way) = (count(now.completed), count(now.under_way()));
    format!("{done} journeys done, {under_way} under way")
}

fn push(values: &mut VecDeque<u64>, value: u64) {
    if values.len() == SHOWN_SECONDS {
        values.pop_front();
    }
    values.push_back(value);
}
