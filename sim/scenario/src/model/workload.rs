//! Who asks what, how fast, and which lies are told on the way.

use std::time::Duration;

use sim_domain::{ClientId, ServiceId};
use sim_workload::{Ask, Course, DECK};

/// Who asks what, how fast, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// The service client that asks.
    pub client: ClientId,
    /// What is asked, in the order of the file; never empty.
    pub questions: Vec<MixedQuestion>,
    /// How fast exchanges are started.
    pub load: Load,
    /// When no more are started, whichever comes first.
    pub stop: Stop,
    /// For how long exchanges count in no response time and no rate at the beginning.
    pub warm_up: Duration,
}

/// One kind of question, and its share of all.
#[derive(Clone, Debug, PartialEq)]
pub struct MixedQuestion {
    /// As the mix calls it; absent where there is no mix.
    pub name: Option<String>,
    /// The service that is asked; the client has access to it.
    pub service: ServiceId,
    /// Share, size, and what the question is about.
    pub ask: Ask,
}

/// How fast exchanges are started.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// As fast as it goes with this many in flight (closed model).
    InFlight {
        /// Exchanges in flight; at least 1.
        in_flight: u32,
        /// For how long each waits after an answer before it asks again.
        think_time: Duration,
    },
    /// At a set rate, however slow the answers are (open model).
    ArrivalRate {
        /// How the rate goes over time; a profile can be made of it.
        course: Course,
        /// How the starts are spread.
        arrivals: Arrivals,
        /// Most exchanges in flight.
        max_in_flight: u32,
        /// What happens to an exchange that comes due beyond them.
        when_full: WhenFull,
    },
}

/// When no more exchanges are started. At least one is set, or the course ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// After so many.
    pub exchanges: Option<u64>,
    /// After this time.
    pub after: Option<Duration>,
}

/// A table of times and rates that belongs to a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Its name; it lies beside the scenario.
    pub file: String,
    /// What it holds.
    pub text: String,
}

/// How arrivals are spread over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Independent of each other, as from many people.
    Poisson,
    /// At equal distances.
    Uniform,
}

/// What happens to an exchange that comes due while as many as allowed are in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenFull {
    /// It waits, and the wait is part of its response time.
    Queue,
    /// It is not started, and counted.
    Drop,
}

/// How a rate goes over a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayShape {
    /// It stays.
    Constant,
    /// As on an ordinary working day.
    Diurnal,
    /// As on the last day of a deadline.
    DeadlineDay,
}

// === impl Workload ===

impl Workload {
    /// The service that is asked first of all: where only one is needed, this is it.
    ///
    /// # Panics
    /// Where there are no questions, which a valid scenario never has.
    #[must_use]
    pub fn first_service(&self) -> &ServiceId {
        &self.questions[0].service
    }

    /// Everything that is asked, without of whom.
    #[must_use]
    pub fn asks(&self) -> Vec<Ask> {
        self.questions.iter().map(|question| question.ask).collect()
    }

    /// How many people every question is about; absent where they differ.
    #[must_use]
    pub fn ids_per_exchange(&self) -> Option<u64> {
        let sizes = self.questions.iter().map(|question| question.ask.sizes);
        let mut ranges = sizes.map(|sizes| sizes.range(DECK as u64));
        let (least, most) = ranges.next()?;
        let all_alike = least == most && ranges.all(|range| range == (least, most));
        all_alike.then_some(least)
    }

    /// How many exchanges come due; absent where time alone ends a closed load.
    #[must_use]
    pub fn planned_exchanges(&self) -> Option<u64> {
        let counted = self.stop.exchanges;
        let Load::ArrivalRate { course, .. } = &self.load else {
            return counted.filter(|_| self.stop.after.is_none());
        };
        let profile = course.profile().expect("it was checked when it was read");
        let until = self.stop.after.or_else(|| profile.end());
        let arriving = until.map(|until| profile.count_until(until).round() as u64);
        match (arriving, counted) {
            (Some(arriving), Some(counted)) => Some(arriving.min(counted)),
            (one, other) => one.or(other),
        }
    }
}

/// A lie told on purpose, to see that the run notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantedLie {
    /// The registry answers falsely once in `every` answers.
    FalseAnswers {
        /// At least 1.
        every: u64,
    },
    /// The registry swaps two answers once in `every` answers.
    SwappedAnswers {
        /// At least 2.
        every: u64,
    },
    /// One record of an exchange is missing on one side.
    MissingRecord,
    /// A message log holds a record of an exchange that nobody asked for.
    ExtraRecord,
    /// A signature by the right key is over another message.
    SignatureOverAnotherMessage,
    /// A time-stamp token is of another batch.
    TokenOfAnotherBatch,
    /// A message is signed with the certificate of another member.
    CertificateOfAnotherMember,
}
