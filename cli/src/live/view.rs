//! What stands where on the screen.

use std::collections::VecDeque;
use std::time::Duration;

use loadgen::LoadPhase;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Gauge, Paragraph, Sparkline};

use super::Shown;
use crate::show::{count, duration, micros};

/// Columns of a processor bar.
const CPU_BAR: usize = 20;
/// Columns of a part's name.
const NAME: usize = 20;

/// Draws everything; what has no room is left out from the end.
pub(super) fn draw(shown: &Shown, frame: &mut Frame<'_>) {
    let parts = u16::try_from(shown.cpu.len()).unwrap_or(u16::MAX);
    let [head, bar, curves, answers, processors] = Layout::vertical([
        Constraint::Length(3),
        Constraint::Length(3),
        Constraint::Min(6),
        Constraint::Length(if shown.citizens.is_some() { 4 } else { 3 }),
        Constraint::Length(parts.saturating_add(2)),
    ])
    .areas(frame.area());
    frame.render_widget(head_of(shown), head);
    frame.render_widget(bar_of(shown), bar);
    let [rate, times] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]).areas(curves);
    curve(
        frame,
        rate,
        format!(" {} a second ", count(shown.now.rate_per_s.round() as u64)),
        &shown.rates,
        Color::Cyan,
    );
    let [median, tail] = Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(times);
    let time = |us: u64| if us == 0 { "-".to_owned() } else { micros(us) };
    curve(
        frame,
        median,
        format!(" half within {} ", time(shown.now.p50_us)),
        &shown.p50s_us,
        Color::Green,
    );
    curve(
        frame,
        tail,
        format!(" 99 % within {} ", time(shown.now.p99_us)),
        &shown.p99s_us,
        Color::Yellow,
    );
    frame.render_widget(answers_of(shown), answers);
    frame.render_widget(processors_of(shown, processors), processors);
}

fn head_of(shown: &Shown) -> Paragraph<'_> {
    let phase = match (shown.is_ending, shown.now.phase) {
        (false, _) if shown.is_asked => "citizens end what they have begun",
        (true, _) => "interrupted: what is in flight may end, then audit and report",
        (false, LoadPhase::WarmUp) => "warming up: nothing is timed yet",
        (false, LoadPhase::Measure) => "asking",
        (false, LoadPhase::Drain) => "what is in flight may end",
    };
    Paragraph::new(vec![
        Line::from(vec![
            Span::styled(&*shown.name, Style::new().add_modifier(Modifier::BOLD)),
            Span::raw("  "),
            Span::raw(&*shown.question),
        ]),
        Line::raw(&*shown.traffic),
        Line::styled(phase, Style::new().fg(Color::Cyan)),
    ])
}

fn bar_of(shown: &Shown) -> Gauge<'_> {
    let now = &shown.now;
    // A load that only time ends has no number of exchanges to come.
    let is_counted = (1..u64::MAX).contains(&now.total);
    let ratio = if is_counted {
        (now.completed as f64 / now.total as f64).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let passed = duration(Duration::from_secs_f64(now.elapsed_s.max(0.0)));
    let label = if is_counted {
        let done = format!("{} of {}", count(now.completed), count(now.total));
        let left = if shown.is_asked {
            String::new()
        } else {
            left(now)
        };
        format!("{done}, {passed}{left}")
    } else {
        format!("{}, {passed}", count(now.completed))
    };
    Gauge::default()
        .block(Block::bordered())
        .gauge_style(Style::new().fg(Color::Blue))
        .use_unicode(true)
        .ratio(ratio)
        .label(label)
}

fn left(now: &loadgen::Progress) -> String {
    if now.rate_per_s <= 0.0 || now.completed >= now.total {
        return String::new();
    }
    let seconds = (now.total - now.completed) as f64 / now.rate_per_s;
    let left = duration(Duration::from_secs_f64(seconds.min(1e6)));
    format!(", about {left} left")
}

fn curve(frame: &mut Frame<'_>, area: Rect, title: String, values: &VecDeque<u64>, color: Color) {
    let columns = usize::from(area.width.saturating_sub(2));
    let shown: Vec<u64> = values
        .iter()
        .skip(values.len().saturating_sub(columns))
        .copied()
        .collect();
    let sparkline = Sparkline::default()
        .block(Block::bordered().title(title))
        .style(Style::new().fg(color))
        .data(shown);
    frame.render_widget(sparkline, area);
}

fn answers_of(shown: &Shown) -> Paragraph<'_> {
    let outcomes = &shown.now.outcomes;
    let one = |name: &str, value: u64, is_bad: bool| {
        let color = if is_bad && value > 0 {
            Color::Red
        } else {
            Color::Reset
        };
        Span::styled(
            format!("{} {name}   ", count(value)),
            Style::new().fg(color),
        )
    };
    let line = Line::from(vec![
        one("ok", outcomes.ok, false),
        one("refused", outcomes.refused, true),
        one("failed", outcomes.failed, true),
        one("unknown", outcomes.unknown, true),
        one("wrong", outcomes.wrong, true),
        one("not begun", shown.now.dropped, true),
    ]);
    let mut lines = vec![line];
    if let Some(citizens) = &shown.citizens {
        lines.push(Line::from(vec![
            one("journeys under way", citizens.under_way(), false),
            one("done", citizens.completed, false),
            one("not logged in", citizens.not_logged_in, false),
            one("failed", citizens.failed, true),
        ]));
    }
    Paragraph::new(lines).block(Block::bordered().title(" answers "))
}

/// The busiest parts, in their usual order, as far as there is room; the others in one line.
fn processors_of(shown: &Shown, area: Rect) -> Paragraph<'_> {
    let room = usize::from(area.height.saturating_sub(2));
    let is_room = shown.cpu.len() <= room;
    let named = if is_room {
        shown.cpu.len()
    } else {
        room.saturating_sub(1)
    };
    let mut order: Vec<usize> = (0..shown.cpu.len()).collect();
    order.sort_by(|a, b| shown.cpu[*b].share.total_cmp(&shown.cpu[*a].share));
    let others = order.split_off(named);
    order.sort_unstable();
    let part = |index: &usize| processor(&shown.cpu[*index].name, shown.cpu[*index].share);
    let mut lines: Vec<_> = order.iter().map(part).collect();
    if !others.is_empty() {
        let share = others.iter().map(|index| shown.cpu[*index].share).sum();
        lines.push(processor(&format!("{} others", others.len()), share));
    }
    let title = " processors: 100 % is one core ";
    Paragraph::new(lines).block(Block::bordered().title(title))
}

fn processor(name: &str, share: f64) -> Line<'static> {
    let full = (share.clamp(0.0, 1.0) * CPU_BAR as f64).round() as usize;
    let name: String = name.chars().take(NAME).collect();
    let percent = share * 100.0;
    Line::raw(format!(
        "{name:<NAME$} {}{} {percent:>4.0} %",
        "█".repeat(full),
        "░".repeat(CPU_BAR - full),
    ))
}

#[cfg(test)]
mod tests {
    use loadgen::Progress;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use sim_metrics::OutcomeCounts;
    use sim_testbed::observe::PartCpu;

    use super::*;

    fn shown() -> Shown {
        let part = |name: &str, share| PartCpu {
            name: name.to_owned(),
            share,
        };
        Shown {
            name: "pension".to_owned(),
            question: "Which have died?".to_owned(),
            traffic: "with 64 in flight: 500,000 times".to_owned(),
            now: Progress {
                elapsed_s: 12.0,
                total: 500_000,
                started: 90_064,
                completed: 90_000,
                rate_per_s: 7_500.0,
                outcomes: OutcomeCounts {
                    ok: 89_998,
                    wrong: 2,
                    ..OutcomeCounts::default()
                },
                p50_us: 8_440,
                p99_us: 22_400,
                ..Progress::default()
            },
            cpu: vec![
                part("pension-gateway", 0.62),
                part("register-gateway", 0.585),
            ],
            rates: (0..60).map(|second| 7_000 + 10 * second).collect(),
            p50s_us: (0..60).map(|second| 8_000 + second).collect(),
            p99s_us: (0..60).map(|second| 20_000 + 100 * second).collect(),
            ..Shown::default()
        }
    }

    fn drawn(shown: &Shown, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a screen");
        terminal.draw(|frame| draw(shown, frame)).expect("drawn");
        terminal.backend().to_string()
    }

    #[test]
    fn everything_has_its_place() {
        insta::assert_snapshot!(drawn(&shown(), 80, 24));
    }

    #[test]
    fn citizens_and_many_parts_have_their_place() {
        let mut shown = shown();
        shown.is_asked = true;
        shown.citizens = Some(loadgen_citizens::Progress {
            begun: 160,
            completed: 130,
            not_logged_in: 5,
            failed: 2,
            ..loadgen_citizens::Progress::default()
        });
        shown.cpu = (0..21)
            .map(|number| PartCpu {
                name: format!("part-{number}"),
                share: f64::from(number) / 40.0,
            })
            .collect();
        insta::assert_snapshot!(drawn(&shown, 80, 24));
    }

    #[test]
    fn a_small_screen_and_a_load_without_an_end_do_no_harm() {
        let mut shown = shown();
        shown.now.total = u64::MAX;
        shown.now.phase = LoadPhase::WarmUp;
        let text = drawn(&shown, 80, 24);
        assert!(
            text.contains("90,000, 12 s") && !text.contains("left"),
            "{text}"
        );
        assert!(text.contains("warming up"), "{text}");
        shown.is_ending = true;
        assert!(drawn(&shown, 80, 24).contains("interrupted"));
        for (width, height) in [(1, 1), (10, 3), (30, 60)] {
            drawn(&shown, width, height);
        }
        drawn(&Shown::default(), 80, 24);
    }
}
