//! What a workload's keys say together of how fast exchanges come, and for how long.
//!
//! One of `load`, `steps` and `trace` says how fast; the other keys add to it, and some have no
//! meaning with some of them. What comes out is checked by making it ready for use: whoever holds
//! a [`Load`] can rely on it.

use std::time::Duration;

use sim_workload::{
    Ask, Course, RateError, RatePoint, RateProfile, Shape, Subject, exchanges_for, trace,
};

use crate::asks::{self, RawQuestion};
use crate::decode::At;
use crate::diagnostics::{Diagnostic, ProblemKind, Report, Span};
use crate::model::{DayShape, Load, Stop, Trace};
use crate::raw::{MAX_EXCHANGES, MAX_TIME_SCALE, RawScenario, RawWorkload, defaults};
use crate::resolve::{self, narrow, or_default};
use crate::values::{Count, DayShare, MAX_IN_FLIGHT, MAX_RATE, Pace, Step, grouped};

/// A day of the country.
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// Most days of a shape in one run.
const MAX_DAYS: u32 = 3_660;

/// How fast, and until when.
pub(crate) struct Traffic {
    pub(crate) load: Load,
    pub(crate) stop: Stop,
}

/// What says how fast.
#[derive(Clone, Copy)]
enum Source<'r> {
    InFlight(u32),
    Rate(f64),
    Steps(&'r [At<Step>]),
    Trace(&'r [RatePoint]),
}

/// The table that the workload names, and its points; `beside` gives its text.
pub(crate) fn trace(
    raw: &RawScenario,
    beside: &dyn Fn(&str) -> Result<String, String>,
    report: &mut Report<'_>,
) -> Option<(Trace, Vec<RatePoint>)> {
    let at = raw.workload.get()?.trace.as_ref()?;
    let file = &at.value.0;
    let read = beside(file)
        .map_err(|why| format!("`{file}` cannot be read: {why}"))
        .and_then(|text| match trace::points(&text) {
            Ok(points) => Ok((text, points)),
            Err(error) => Err(format!("`{file}`, {error}")),
        });
    let (text, points) = read
        .map_err(|message| report.add(problem(at.span, message)))
        .ok()?;
    let file = file.clone();
    Some((Trace { file, text }, points))
}

/// Reads the traffic of `raw`; `trace` is what the table holds that it names.
pub(crate) fn of(
    raw: &RawScenario,
    trace: Option<&[RatePoint]>,
    report: &mut Report<'_>,
) -> Option<Traffic> {
    let people = raw.population.get()?.people.get()?.value.0;
    let seed: Count<0, { u64::MAX }> = or_default(raw.seed.as_ref(), defaults::SEED);
    let seed = seed.0;
    let raw = raw.workload.get()?;
    let questions = asks::of(raw);
    // Some of the mix could not be read, and that was reported.
    let is_whole = raw
        .mix
        .as_ref()
        .is_none_or(|mix| mix.entries.len() == questions.len());
    if questions.is_empty() || !is_whole {
        return None;
    }
    // What they are about does not matter to how many there are.
    let asks: Vec<Ask> = questions
        .iter()
        .map(|question| question.ask(Subject::Deaths))
        .collect();
    let everybody = exchanges_for(&asks, seed, people);
    let (source, span) = source(raw, people, trace, report)?;
    let before = report.count();
    for (key, span) in meaningless(raw, source) {
        let message = format!("`{key}` has no meaning {}", source.said());
        report.add(conflict(span, message).maybe_help(source.help(key)));
    }
    if report.count() > before {
        return None;
    }
    let after = raw.duration.as_ref().map(|at| at.value.0);
    let load = match source {
        Source::InFlight(in_flight) => Load::InFlight {
            in_flight,
            think_time: raw
                .think_time
                .as_ref()
                .map_or(Duration::ZERO, |at| at.value.0),
        },
        Source::Rate(_) | Source::Steps(_) | Source::Trace(_) => Load::ArrivalRate {
            course: course(raw, source, after)
                .and_then(|course| checked(course, raw))
                .map_err(|message| report.add(problem(span, message)))
                .ok()?,
            arrivals: or_default(raw.arrivals.as_ref(), defaults::ARRIVALS),
            max_in_flight: narrow(or_default::<Count<1, { MAX_IN_FLIGHT as u64 }>>(
                raw.max_in_flight.as_ref(),
                defaults::MAX_IN_FLIGHT,
            )),
            when_full: or_default(raw.when_full.as_ref(), defaults::WHEN_FULL),
        },
    };
    let traffic = Traffic {
        stop: stop(raw, &load, everybody, after),
        load,
    };
    warm_up_is_shorter(raw, &traffic, report)?;
    Some(traffic)
}

/// A load that is over with its warm-up has measured nothing.
fn warm_up_is_shorter(raw: &RawWorkload, traffic: &Traffic, report: &mut Report<'_>) -> Option<()> {
    let Some(warm_up) = &raw.warm_up else {
        return Some(());
    };
    let lasts = traffic.lasts().filter(|lasts| *lasts <= warm_up.value.0);
    let Some(lasts) = lasts else { return Some(()) };
    let message = format!("the load is over after {lasts:?}, before its warm-up is");
    report.add(conflict(warm_up.span, message));
    None
}

fn source<'r>(
    raw: &'r RawWorkload,
    people: u64,
    trace: Option<&'r [RatePoint]>,
    report: &mut Report<'_>,
) -> Option<(Source<'r>, Span)> {
    let mut said = Vec::new();
    if let Some(at) = &raw.load {
        let source = match at.value {
            Pace::InFlight(in_flight) => Source::InFlight(in_flight),
            Pace::PerSecond(per_second) => Source::Rate(per_second),
            Pace::PerPerson(per_second) => Source::Rate(per_second * people as f64),
        };
        said.push(("load", at.span, source));
    }
    if let Some(first) = raw.steps.as_ref().and_then(|list| list.items.first()) {
        let list = raw.steps.as_ref().map_or(&[][..], |list| &list.items);
        said.push(("steps", first.span, Source::Steps(list)));
    }
    if let (Some(at), Some(points)) = (&raw.trace, trace) {
        said.push(("trace", at.span, Source::Trace(points)));
    }
    match said[..] {
        [(_, span, source)] => Some((source, span)),
        [(first, ..), (second, span, _), ..] => {
            let message = format!("`{first}` has said already how fast: `{second}` is too much");
            report.add(conflict(span, message));
            None
        }
        // What could not be read was reported.
        [] if !report.is_clean() => None,
        [] => {
            let span = asks::of(raw).first().and_then(RawQuestion::span);
            let message = "the workload does not say how fast exchanges are started";
            report.add(
                Diagnostic::new(ProblemKind::MissingKey, span, message)
                    .help("accepted: one of `load`, `steps` and `trace`"),
            );
            None
        }
    }
}

/// Keys that are written and have no meaning with the source.
fn meaningless(raw: &RawWorkload, source: Source<'_>) -> Vec<(&'static str, Span)> {
    fn at<T>(key: &'static str, written: Option<&At<T>>) -> (&'static str, Option<Span>) {
        (key, written.map(|at| at.span))
    }
    let shape = raw.shape.as_ref().map_or(DayShape::Constant, |at| at.value);
    let arrivals = [
        at("arrivals", raw.arrivals.as_ref()),
        at("max-in-flight", raw.max_in_flight.as_ref()),
        at("when-full", raw.when_full.as_ref()),
    ];
    let think_time = at("think-time", raw.think_time.as_ref());
    let time_scale = at("time-scale", raw.time_scale.as_ref());
    let a_shape = at("shape", raw.shape.as_ref());
    let busy_hour = at("busy-hour", raw.busy_hour.as_ref());
    let day = at("day", raw.day.as_ref());
    let keys: Vec<_> = match (source, shape) {
        (Source::InFlight(_), _) => {
            let others = [time_scale, a_shape, busy_hour, day];
            arrivals.into_iter().chain(others).collect()
        }
        (Source::Steps(_), _) => vec![think_time, time_scale, a_shape, busy_hour, day],
        (Source::Trace(_), _) => vec![think_time, a_shape, busy_hour, day],
        (Source::Rate(_), DayShape::Constant) => vec![think_time, busy_hour, day],
        (Source::Rate(_), DayShape::DeadlineDay) => vec![think_time, busy_hour],
        (Source::Rate(_), DayShape::Diurnal) => vec![think_time],
    };
    let written = keys.into_iter();
    written
        .filter_map(|(key, span)| Some((key, span?)))
        .collect()
}

/// The course of the rate, in the time of the run.
fn course(
    raw: &RawWorkload,
    source: Source<'_>,
    after: Option<Duration>,
) -> Result<Course, String> {
    let scale: Count<1, MAX_TIME_SCALE> = or_default(raw.time_scale.as_ref(), defaults::TIME_SCALE);
    let scale = narrow(scale);
    match source {
        Source::InFlight(_) => unreachable!("a closed load has no course"),
        Source::Rate(mean) => {
            let mean = mean * f64::from(scale);
            let busy_hour: DayShare = or_default(raw.busy_hour.as_ref(), defaults::BUSY_HOUR);
            let shape = match or_default(raw.shape.as_ref(), defaults::SHAPE) {
                DayShape::Constant => return Ok(Course::Constant { per_second: mean }),
                DayShape::DeadlineDay => Shape::DeadlineDay,
                DayShape::Diurnal => Shape::Diurnal {
                    busy_hour: busy_hour.0,
                },
            };
            let day = raw.day.as_ref().map_or(DAY / scale, |at| at.value.0);
            let points = shape.points(mean, day, days(day, after)?);
            let points = points.map_err(|error| error.to_string())?;
            Ok(Course::Through { points })
        }
        Source::Steps(steps) => Ok(Course::Through {
            points: points_of(steps),
        }),
        Source::Trace(points) => {
            let faster = |point: &RatePoint| RatePoint {
                at: point.at / scale,
                per_second: point.per_second * f64::from(scale),
            };
            Ok(Course::Through {
                points: points.iter().map(faster).collect(),
            })
        }
    }
}

/// As many days as the load lasts; one where nothing says how long.
fn days(day: Duration, after: Option<Duration>) -> Result<u32, String> {
    let days = after.map_or(1.0, |after| {
        (after.as_secs_f64() / day.as_secs_f64()).ceil()
    });
    if days > f64::from(MAX_DAYS) {
        return Err(format!("{days} days of the shape are more than {MAX_DAYS}"));
    }
    Ok((days as u32).max(1))
}

fn points_of(steps: &[At<Step>]) -> Vec<RatePoint> {
    let mut at = Duration::ZERO;
    let mut points = Vec::with_capacity(2 * steps.len());
    for step in steps {
        let step = step.value;
        points.push(RatePoint {
            at,
            per_second: step.from,
        });
        at += step.lasts;
        points.push(RatePoint {
            at,
            per_second: step.to,
        });
    }
    points
}

/// The course, where somebody could offer it.
fn checked(course: Course, raw: &RawWorkload) -> Result<Course, String> {
    let profile = course.profile().map_err(|error| match error {
        RateError::OutOfBounds(_) => slow_or_fast(&error),
        other => other.to_string(),
    })?;
    let highest = profile.highest_rate();
    if highest > MAX_RATE {
        return Err(format!(
            "this comes to {highest:.0}/s, and {MAX_RATE:.0}/s is the most"
        ));
    }
    let after = raw.duration.as_ref().map(|at| at.value.0);
    let ends = profile
        .end()
        .filter(|end| after.is_some_and(|after| after > *end));
    if let Some(end) = ends {
        return Err(format!(
            "this is over after {end:?}, before the load's `duration`"
        ));
    }
    too_many(&profile, after).map_or(Ok(course), Err)
}

fn slow_or_fast(error: &RateError) -> String {
    format!("this cannot be offered: {error}")
}

fn too_many(profile: &RateProfile, after: Option<Duration>) -> Option<String> {
    let until = after.or_else(|| profile.end())?;
    let count = profile.count_until(until).round() as u64;
    (count > MAX_EXCHANGES).then(|| {
        format!(
            "this comes to {} exchanges, and {} are the most",
            grouped(count),
            grouped(MAX_EXCHANGES)
        )
    })
}

fn stop(raw: &RawWorkload, load: &Load, everybody: u64, after: Option<Duration>) -> Stop {
    let ends_by_itself = matches!(
        load,
        Load::ArrivalRate {
            course: Course::Through { .. },
            ..
        }
    );
    let written = raw.exchanges.as_ref().map(|at| at.value.0);
    let otherwise = (after.is_none() && !ends_by_itself).then_some(everybody);
    Stop {
        exchanges: written.or(otherwise),
        after,
    }
}

fn conflict(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(ProblemKind::Conflict, Some(span), message)
}

fn problem(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(ProblemKind::BadValue, Some(span), message)
}

// === impl Traffic ===

impl Traffic {
    /// A part of the load that thresholds are about must be a part of it.
    pub(crate) fn windows_lie_in_it(&self, raw: &RawScenario, report: &mut Report<'_>) {
        let (Some(lasts), Some(thresholds)) = (self.lasts(), raw.thresholds.get()) else {
            return;
        };
        for written in resolve::thresholds::of(thresholds, false) {
            let (Some(window), Some(span)) = (written.threshold.window, written.span) else {
                continue;
            };
            let ends = window.until.unwrap_or(window.from);
            if window.from >= lasts || ends > lasts {
                let message = format!("the load is over after {lasts:.1?}, before this part of it");
                report.add(conflict(span, message));
            }
        }
    }

    /// For how long exchanges come due; absent where nobody can know.
    fn lasts(&self) -> Option<Duration> {
        let course = match &self.load {
            Load::InFlight { .. } => None,
            Load::ArrivalRate { course, .. } => course.profile().ok(),
        };
        let counted = self.stop.exchanges.zip(course.as_ref());
        let counted = counted.map(|(count, profile)| profile.time_of(count as f64));
        let ends = course.as_ref().and_then(RateProfile::end);
        [self.stop.after, counted, ends].into_iter().flatten().min()
    }
}

// === impl Source ===

impl Source<'_> {
    /// The source, as part of a sentence.
    const fn said(self) -> &'static str {
        match self {
            Self::InFlight(_) => "when the load is so many in flight",
            Self::Rate(_) => "with this load",
            Self::Steps(_) => "with `steps`, which are in the run's own time",
            Self::Trace(_) => "with a `trace`",
        }
    }

    /// When the key would have a meaning.
    fn help(self, key: &str) -> Option<String> {
        let accepted = match (key, self) {
            ("think-time", _) => "with a load such as `64 in flight`",
            ("busy-hour", _) => "with a rate and `shape: diurnal`",
            ("day", _) => "with a rate and a `shape` that has hours",
            ("shape", _) | (_, Self::InFlight(_)) => "with a load such as `120/s`",
            _ => return None,
        };
        Some(format!("accepted: {accepted}"))
    }
}
