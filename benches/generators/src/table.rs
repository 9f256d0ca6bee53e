//! The figures as people read them, in Markdown that also reads well as it is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::agreement::{Agreement, Line};
use crate::cost::{Client, Measurement};
use crate::memory::Memory;
use crate::pacing::Pacing;
use crate::record::Record;
use crate::spread::Spread;
use crate::times::Times;

/// Pairs of clients whose cost is compared: Roadtest's generator first.
const RATIOS: [(Client, Client); 3] = [
    (Client::Roadtest, Client::Wrk),
    (Client::Roadtest, Client::Http1),
    (Client::Roadtest, Client::Hyper),
];
/// Bytes of a mebibyte.
const MIB: f64 = 1_048_576.0;

/// Everything that was measured. Writing to a String cannot fail; results are let go throughout.
pub(crate) fn of(record: &Record) -> String {
    let mut text = format!(
        "{} cores ({}), Linux {}, {}\nothers: {}\n",
        record.cores,
        record.cpu_model,
        record.kernel,
        record.started_at,
        record.tools.join("; "),
    );
    for agreement in &record.agreement {
        text += &agreement_table(agreement);
    }
    let in_flight: BTreeSet<u32> = record.cost.iter().map(|one| one.in_flight).collect();
    for in_flight in in_flight {
        let mut measurements = record.cost.clone();
        measurements.retain(|one| one.in_flight == in_flight);
        text += &cost_table(&measurements, in_flight);
    }
    if let Some(pacing) = &record.pacing {
        text += &pacing_table(pacing);
    }
    if let Some(memory) = &record.memory {
        text += &memory_line(memory);
    }
    text
}

fn agreement_table(agreement: &Agreement) -> String {
    let server = match agreement.stall {
        None => "even server".to_owned(),
        Some(stall) => format!("stall of {} ms", stall.length.as_millis()),
    };
    let mut text = format!(
        "\n| {server}, {}/s for {} s | answers | p50 ms | p90 ms | p99 ms | max ms | p99 beside \
         the truth |\n|---|---|---|---|---|---|---|\n",
        agreement.rate_per_s, agreement.seconds,
    );
    if let Some(line) = agreement.lines.first() {
        text += &row("**truth, on schedule**", &line.truth, "");
        text += &row("inside the server, asked by Roadtest", &line.in_server, "");
    }
    for line in &agreement.lines {
        text += &row(&line.name, &line.reported, &beside_truth(line));
    }
    text
}

fn row(name: &str, times: &Times, last: &str) -> String {
    let Times { count, .. } = times;
    let ms = [times.p50_us, times.p90_us, times.p99_us, times.max_us].map(|us| us / 1e3);
    let [p50, p90, p99, max] = ms.map(|ms| format!("{ms:.*}", decimals(ms)));
    format!("| {name} | {count} | {p50} | {p90} | {p99} | {max} | {last} |\n")
}

/// As many as make sense: what is below ten milliseconds is told to the hundredth.
const fn decimals(ms: f64) -> usize {
    if ms < 10.0 { 2 } else { 0 }
}

fn beside_truth(line: &Line) -> String {
    if line.truth.p99_us > 0.0 {
        format!("{:.3}", line.reported.p99_us / line.truth.p99_us)
    } else {
        "–".to_owned()
    }
}

fn cost_table(measurements: &[Measurement], in_flight: u32) -> String {
    let mut text = format!(
        "\n| full speed, {in_flight} in flight | client's CPU µs/request (least–most) | \
         requests/s | server's CPU µs/request | measured |\n|---|---|---|---|---|\n",
    );
    for client in Client::ALL {
        let of_client = || measurements.iter().filter(|one| one.client == client);
        let spread = |value: fn(&Measurement) -> f64| Spread::of(of_client().map(value));
        let (Some(cpu), Some(rate), Some(server)) = (
            spread(|one| one.cpu_us),
            spread(|one| one.rate_per_s),
            spread(|one| one.server_cpu_us),
        ) else {
            continue;
        };
        let _ = writeln!(
            text,
            "| {} | {:.2} ({:.2}–{:.2}) | {:.0} ({:.0}–{:.0}) | {:.2} | {} × |",
            client.name(),
            cpu.median,
            cpu.min,
            cpu.max,
            rate.median,
            rate.min,
            rate.max,
            server.median,
            of_client().count(),
        );
    }
    text.push('\n');
    for (dear, cheap) in RATIOS {
        if let Some(ratio) = Spread::of(ratios(measurements, dear, cheap)) {
            let _ = writeln!(
                text,
                "{}/{} = {:.2} ({:.2}–{:.2}) in processor time, {in_flight} in flight",
                dear.name(),
                cheap.name(),
                ratio.median,
                ratio.min,
                ratio.max,
            );
        }
    }
    text
}

/// Costs of two clients that were measured in the same half of a round: what is nearest in time.
fn ratios(measurements: &[Measurement], dear: Client, cheap: Client) -> Vec<f64> {
    let of_client = |client| measurements.iter().filter(move |one| one.client == client);
    of_client(dear)
        .filter_map(|dear| {
            let mut partner = of_client(cheap);
            let partner = partner.find(|one| (one.round, one.half) == (dear.round, dear.half))?;
            (partner.cpu_us > 0.0).then(|| dear.cpu_us / partner.cpu_us)
        })
        .collect()
}

fn pacing_table(pacing: &Pacing) -> String {
    let mut text = format!(
        "\n| Roadtest at {}/s for {} s | p50 µs | p90 µs | p99 µs | max µs |\n|---|---|---|---|---|\n",
        pacing.rate_per_s, pacing.seconds,
    );
    for (name, times) in [
        ("pacer lag", pacing.pacer_lag),
        ("start delay", pacing.start_delay),
    ] {
        let _ = writeln!(
            text,
            "| {name} | {:.0} | {:.0} | {:.0} | {:.0} |",
            times.p50_us, times.p90_us, times.p99_us, times.max_us,
        );
    }
    text
}

fn memory_line(memory: &Memory) -> String {
    let [early, late] = memory.peak_bytes.map(|bytes| bytes as f64 / MIB);
    format!(
        "\nmost memory of Roadtest at {}/s: {early:.1} MiB until second {}, {late:.1} MiB until \
         second {}\n",
        memory.rate_per_s, memory.at_s[0], memory.at_s[1],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(half: u32, client: Client, cpu_us: f64) -> Measurement {
        Measurement {
            client,
            in_flight: 64,
            round: 1,
            half,
            requests: 1,
            rate_per_s: 1.0,
            cpu_us,
            server_cpu_us: 1.0,
        }
    }

    #[test]
    fn costs_are_compared_with_those_nearest_in_time() {
        let measurements = [
            measurement(1, Client::Roadtest, 10.0),
            measurement(1, Client::Wrk, 5.0),
            measurement(2, Client::Wrk, 10.0),
            measurement(2, Client::Roadtest, 15.0),
        ];
        assert_eq!(
            ratios(&measurements, Client::Roadtest, Client::Wrk),
            [2.0, 1.5]
        );
        let table = cost_table(&measurements, 64);
        assert!(table.contains("Roadtest/wrk = 1.75 (1.50–2.00)"), "{table}");
        assert!(!table.contains("hyper"), "{table}");
    }

    #[test]
    fn short_times_keep_their_hundredths() {
        let times = Times {
            count: 7,
            p50_us: 2_051.0,
            p90_us: 2_060.0,
            p99_us: 881_400.0,
            max_us: 1_000_000.0,
        };
        assert_eq!(
            row("a", &times, ""),
            "| a | 7 | 2.05 | 2.06 | 881 | 1000 |  |\n"
        );
    }
}
