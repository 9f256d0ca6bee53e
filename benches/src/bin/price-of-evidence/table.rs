//! The figures as people read them: a table for each number in flight, and the ratios.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::arm::Arm;
use crate::record::{Measurement, Record};
use crate::spread::Spread;

/// Pairs of arms whose rates are compared: the dearer one first.
const RATIOS: [(Arm, Arm); 3] = [
    (Arm::Evidenced, Arm::Relayed),
    (Arm::Evidenced, Arm::Direct),
    (Arm::Relayed, Arm::Direct),
];

/// Everything that was measured, in Markdown that also reads well as it is.
pub(crate) fn of(record: &Record) -> String {
    let machine = &record.machine;
    let mut text = format!(
        "{} cores ({}), {}, Linux {}, {}\ngenerator: {}\n(b): {}; it and (c) speak {}\n",
        machine.cores,
        machine.cpu_model,
        machine.os,
        machine.kernel,
        record.started_at,
        record.generator,
        record.nginx,
        record.tls,
    );
    let in_flight: BTreeSet<u32> = record
        .measurements
        .iter()
        .map(|one| one.in_flight)
        .collect();
    for in_flight in in_flight {
        let measurements: Vec<&Measurement> = record
            .measurements
            .iter()
            .filter(|one| one.in_flight == in_flight)
            .collect();
        // Writing to a String cannot fail; the results are let go throughout.
        let _ = write!(
            text,
            "\n| {in_flight} in flight | exchanges/s (least–most) | p50 ms | p99 ms | \
             servers' CPU µs/exchange | generator's | measured |\n|---|---|---|---|---|---|---|\n",
        );
        for arm in Arm::ALL {
            let of_arm: Vec<&Measurement> = measurements
                .iter()
                .copied()
                .filter(|one| one.arm == arm)
                .collect();
            text.push_str(&row(arm, &of_arm));
        }
        text.push('\n');
        for (dear, cheap) in RATIOS {
            if let Some(ratio) = Spread::of(ratios(&measurements, dear, cheap)) {
                let _ = writeln!(
                    text,
                    "{}/{} = {:.2} ({:.2}–{:.2}), {in_flight} in flight, asked by {}",
                    dear.letter(),
                    cheap.letter(),
                    ratio.median,
                    ratio.min,
                    ratio.max,
                    record.generator,
                );
            }
        }
    }
    text
}

fn row(arm: Arm, measurements: &[&Measurement]) -> String {
    let spread = |value: fn(&Measurement) -> Option<f64>| {
        Spread::of(measurements.iter().filter_map(|one| value(one)))
    };
    let with_ends = |value| spread(value).map_or("–".to_owned(), with_ends);
    let median = |value, decimals: usize| {
        spread(value).map_or("–".to_owned(), |spread| {
            format!("{:.decimals$}", spread.median)
        })
    };
    format!(
        "| {} | {} | {} | {} | {} | {} | {} × {} s |\n",
        arm.name(),
        with_ends(|one| Some(one.rate_per_s)),
        median(|one| Some(one.p50_us / 1e3), 2),
        median(|one| Some(one.p99_us / 1e3), 2),
        with_ends(|one| one.server_cpu_us),
        median(|one| one.generator_cpu_us, 0),
        measurements.len(),
        median(|one| Some(one.seconds), 1),
    )
}

fn with_ends(spread: Spread) -> String {
    let Spread { median, min, max } = spread;
    format!("{median:.0} ({min:.0}–{max:.0})")
}

/// Rates of two arms that were measured in the same half of a round: what is nearest in time.
fn ratios(measurements: &[&Measurement], dear: Arm, cheap: Arm) -> Vec<f64> {
    let of_arm = |arm| measurements.iter().filter(move |one| one.arm == arm);
    of_arm(dear)
        .filter_map(|dear| {
            let mut partner = of_arm(cheap);
            let partner = partner.find(|one| (one.round, one.half) == (dear.round, dear.half))?;
            Some(dear.rate_per_s / partner.rate_per_s)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn measurement(round: u32, half: u32, arm: Arm, rate_per_s: f64) -> Measurement {
        Measurement {
            in_flight: 64,
            round,
            half,
            arm,
            exchanges: 1,
            seconds: 4.0,
            rate_per_s,
            p50_us: 1_500.0,
            p99_us: 2_500.0,
            server_cpu_us: Some(1e6 / rate_per_s),
            cpu_us_by_server: BTreeMap::new(),
            generator_cpu_us: None,
            evidence: None,
        }
    }

    #[test]
    fn rates_are_compared_with_those_nearest_in_time() {
        let measured = [
            measurement(1, 1, Arm::Relayed, 1_000.0),
            measurement(1, 1, Arm::Evidenced, 500.0),
            measurement(1, 2, Arm::Evidenced, 100.0),
            measurement(1, 2, Arm::Relayed, 200.0),
            measurement(2, 1, Arm::Relayed, 1_000.0),
            measurement(2, 1, Arm::Evidenced, 800.0),
            measurement(2, 2, Arm::Evidenced, 1.0),
        ];
        let measured: Vec<&Measurement> = measured.iter().collect();
        let found = ratios(&measured, Arm::Evidenced, Arm::Relayed);
        assert_eq!(found, [0.5, 0.5, 0.8]);
        assert!(ratios(&measured, Arm::Evidenced, Arm::Direct).is_empty());
    }

    #[test]
    fn a_row_has_the_median_and_how_far_the_others_lie() {
        let measured = [
            measurement(1, 1, Arm::Direct, 1_000.0),
            measurement(1, 2, Arm::Direct, 4_000.0),
            measurement(2, 1, Arm::Direct, 2_000.0),
        ];
        let measured: Vec<&Measurement> = measured.iter().collect();
        assert_eq!(
            row(Arm::Direct, &measured),
            "| (a) register | 2000 (1000–4000) | 1.50 | 2.50 | 500 (250–1000) | – | 3 × 4.0 s |\n"
        );
    }
}
