//! The run at a glance: key figures, and the way from question to proof.

use sim_metrics::{RunRecord, metric};

use crate::format::{NOTHING, bytes, count, micros, rate, seconds, share};

/// A key figure.
pub(crate) struct Tile {
    pub(crate) name: &'static str,
    pub(crate) figure: String,
    /// Puts the figure into proportion; may be empty.
    pub(crate) detail: String,
}

/// Asked, answered, logged, proven.
pub(crate) struct Chain {
    pub(crate) steps: [Step; 4],
    /// What became of those that did not get through, or that all did.
    pub(crate) summary: String,
}

/// How many got as far as this.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) figure: String,
    pub(crate) text: String,
    /// How many of those asked, 0 to 100.
    pub(crate) percent: f64,
    /// True where it is another number than it should be.
    pub(crate) amiss: bool,
}

/// Records of each exchange: question and answer, in two logs.
const RECORDS_PER_EXCHANGE: u64 = 4;

/// The key figures.
pub(crate) fn tiles(record: &RunRecord) -> Vec<Tile> {
    vec![
        proven(record),
        deceased(record),
        throughput(record),
        time(record),
        cpu(record),
        evidence(record),
    ]
}

fn proven(record: &RunRecord) -> Tile {
    let (figure, detail) = match &record.audit {
        Some(audit) => (
            count(audit.verified),
            format!("of {} exchanges", count(audit.exchanges)),
        ),
        None => (NOTHING.to_owned(), "no audit was made".to_owned()),
    };
    Tile {
        name: "Right and proven",
        figure,
        detail,
    }
}

fn deceased(record: &RunRecord) -> Tile {
    let named = metric(record, "deceased-named").map(|named| named as u64);
    Tile {
        name: "Named as deceased",
        figure: named.map_or(NOTHING.to_owned(), count),
        detail: format!(
            "truth: {} of {} people",
            count(record.scenario.deceased),
            count(record.scenario.people)
        ),
    }
}

fn throughput(record: &RunRecord) -> Tile {
    let load = record.load.as_ref();
    Tile {
        name: "Answers a second",
        figure: load.map_or(NOTHING.to_owned(), |load| rate(load.throughput_per_s)),
        detail: load.map_or(String::new(), |load| {
            format!("{} in {}", count(load.completed), seconds(load.duration_s))
        }),
    }
}

fn time(record: &RunRecord) -> Tile {
    let times = record.load.as_ref().map(|load| &load.response_time);
    let (figure, detail) = match times.filter(|times| times.count > 0) {
        Some(times) => (
            micros(times.p50_us),
            format!("99\u{a0}% within {}", micros(times.p99_us)),
        ),
        None => (NOTHING.to_owned(), "nothing was answered".to_owned()),
    };
    Tile {
        name: "Median response time",
        figure,
        detail,
    }
}

fn cpu(record: &RunRecord) -> Tile {
    let per_exchange = metric(record, "cpu-per-exchange").map_or(NOTHING.to_owned(), seconds);
    let detail = match record.machine.cores {
        0 => "all processes together".to_owned(),
        1 => "all processes, on 1 core".to_owned(),
        cores => format!("all processes, on {cores} cores"),
    };
    Tile {
        name: "Processor time an exchange",
        figure: per_exchange,
        detail,
    }
}

fn evidence(record: &RunRecord) -> Tile {
    let servers = &record.evidence.servers;
    let sum = |figure: fn(&sim_metrics::ServerEvidence) -> u64| {
        servers.iter().map(figure).fold(0, u64::saturating_add)
    };
    let (size, records) = (
        sum(|server| server.bytes_on_disk),
        sum(|server| server.records),
    );
    let (figure, detail) = match size.checked_div(records) {
        Some(each) => (
            bytes(size),
            format!("{} records, {} each", count(records), bytes(each)),
        ),
        None => (NOTHING.to_owned(), "no record was logged".to_owned()),
    };
    Tile {
        name: "Evidence kept",
        figure,
        detail,
    }
}

/// The way from question to proof.
pub(crate) fn chain(record: &RunRecord) -> Chain {
    let load = record.load.as_ref();
    let audit = record.audit.as_ref();
    let servers = &record.evidence.servers;
    // What the portal and others asked, which the load generator does not know.
    let others = audit.map_or(0, |audit| audit.others);
    let asked = load.map_or(0, |load| load.started).saturating_add(others);
    let answered = load.map(|load| load.completed.saturating_add(others));
    let records = servers
        .iter()
        .map(|server| server.records)
        .fold(0, u64::saturating_add);
    let logged = (!servers.is_empty()).then_some(records);
    let expected = asked.saturating_mul(RECORDS_PER_EXCHANGE);
    let proven = audit.map(|audit| audit.verified);
    let steps = [
        step(
            "Asked",
            load.map(|_| asked),
            asked,
            match others {
                0 => "questions handed to the security server of the one who asks".to_owned(),
                others => format!(
                    "questions handed to the security servers of those who ask, {} of them for citizens",
                    count(others)
                ),
            },
        ),
        step(
            "Answered",
            answered,
            asked,
            format!("{} of them got an answer", of(answered, asked)),
        ),
        step(
            "Logged",
            logged,
            expected,
            format!(
                "of {} records expected: question and answer, each in the logs of both sides",
                count(expected)
            ),
        ),
        step(
            "Proven",
            proven,
            asked,
            match proven {
                Some(_) => format!(
                    "{} of them have the true answer, all four records, valid signatures and \
                     time-stamps",
                    of(proven, asked)
                ),
                None => "no audit was made".to_owned(),
            },
        ),
    ];
    Chain {
        steps,
        summary: summary(asked, proven),
    }
}

fn step(name: &'static str, number: Option<u64>, of: u64, text: String) -> Step {
    let reached = number.unwrap_or(0);
    Step {
        name,
        figure: number.map_or(NOTHING.to_owned(), count),
        text,
        percent: if of == 0 {
            0.0
        } else {
            (reached as f64 / of as f64 * 100.0).min(100.0)
        },
        amiss: reached != of,
    }
}

fn of(number: Option<u64>, asked: u64) -> String {
    if asked == 0 {
        "none".to_owned()
    } else {
        share(number.unwrap_or(0), asked)
    }
}

fn summary(asked: u64, proven: Option<u64>) -> String {
    match (asked, proven) {
        (0, _) => "No question was asked.".to_owned(),
        (_, None) => "Nothing is proven: no audit was made.".to_owned(),
        (_, Some(proven)) if proven == asked => "Nothing was lost on the way.".to_owned(),
        (_, Some(proven)) if proven > asked => {
            "The audit counts more exchanges than were begun; the record contradicts itself."
                .to_owned()
        }
        (_, Some(proven)) => format!(
            "{} of those asked did not get as far as proof; the audit below says why.",
            count(asked - proven)
        ),
    }
}
