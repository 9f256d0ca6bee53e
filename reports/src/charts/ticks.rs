//! Where labels stand on an axis: at round figures.

/// Steps of time that people read easily, in seconds.
const TIME_STEPS_S: [f64; 18] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0,
    10_800.0, 21_600.0, 43_200.0, 86_400.0,
];

/// Zero and multiples of a round figure up to `end`, about `wanted` of them.
pub(super) fn linear(end: f64, wanted: usize) -> Vec<f64> {
    multiples(round_step(end / wanted.max(1) as f64), end)
}

/// Multiples of a round figure from `low` to `high`, about `wanted` of them.
pub(super) fn between(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let step = round_step((high - low) / wanted.max(1) as f64);
    if !(step > 0.0 && low.is_finite() && high.is_finite()) {
        return Vec::new();
    }
    let first = (low / step).ceil();
    let number = ((high / step).floor() - first).max(0.0) as u32;
    (0..=number)
        .map(|index| (first + f64::from(index)) * step)
        .collect()
}

/// Zero and multiples of a round time up to `end_s`, about `wanted` of them, and their unit.
pub(super) fn time(end_s: f64, wanted: usize) -> (Vec<f64>, TimeUnit) {
    let rough = end_s / wanted.max(1) as f64;
    let step = TIME_STEPS_S
        .into_iter()
        .find(|&step| step >= rough)
        .unwrap_or_else(|| (rough / 86_400.0).ceil() * 86_400.0);
    let unit = match step {
        step if step < 60.0 => TimeUnit {
            seconds: 1.0,
            name: "s",
        },
        step if step < 3_600.0 => TimeUnit {
            seconds: 60.0,
            name: "min",
        },
        step if step < 86_400.0 => TimeUnit {
            seconds: 3_600.0,
            name: "h",
        },
        _ => TimeUnit {
            seconds: 86_400.0,
            name: "d",
        },
    };
    (multiples(step, end_s), unit)
}

/// Unit of the labels on an axis of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TimeUnit {
    seconds: f64,
    name: &'static str,
}

/// Round figures 1, 2, 5, 10, … on a logarithmic axis from `low` to `high`, both above zero: the
/// range as logarithms, widened to round figures, and the logarithms to label, fewer of them where
/// there would be more than `room`.
pub(super) fn logarithmic(low: f64, high: f64, room: usize) -> (std::ops::Range<f64>, Vec<f64>) {
    let decade = |value: f64| value.log10().floor() as i32;
    let rounds: Vec<f64> = (decade(low)..=decade(high) + 1)
        .flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power)))
        .collect();
    let bottom = rounds
        .iter()
        .copied()
        .rfind(|&round| round <= low)
        .unwrap_or(low);
    let top = rounds
        .iter()
        .copied()
        .find(|&round| round >= high * 0.999)
        .unwrap_or(high);
    let top = if top > bottom { top } else { bottom * 2.0 };
    let labels = |digits: &[f64]| -> Vec<f64> {
        (decade(low)..=decade(high) + 1)
            .flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power)))
            .filter(|round| (bottom * 0.999..=top * 1.001).contains(round))
            .map(f64::log10)
            .collect()
    };
    let labelled = [&[1.0, 2.0, 5.0][..], &[1.0, 3.0]]
        .into_iter()
        .map(labels)
        .find(|labels| labels.len() <= room)
        .unwrap_or_else(|| labels(&[1.0]));
    (bottom.log10()..top.log10(), labelled)
}

// === impl TimeUnit ===

impl TimeUnit {
    /// `90 s`, `2 min`.
    pub(super) fn label(self, at_s: f64) -> String {
        format!(
            "{}\u{a0}{}",
            crate::format::decimal(at_s / self.seconds),
            self.name
        )
    }
}

/// The round figure that is not below `rough`.
fn round_step(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|&step| step >= rough * 0.999)
        .unwrap_or(rough)
}

fn multiples(step: f64, end: f64) -> Vec<f64> {
    if !(step > 0.0 && end.is_finite()) {
        return vec![0.0];
    }
    let number = (end / step * 1.001).floor() as u32;
    (0..=number).map(|index| f64::from(index) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(linear(10.0, 5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(linear(3_900.0, 4), [0.0, 1_000.0, 2_000.0, 3_000.0]);
        assert_eq!(linear(0.0, 4), [0.0]);
        assert_eq!(linear(f64::NAN, 4), [0.0]);
    }

    #[test]
    fn ticks_between_two_figures_are_round() {
        assert_eq!(
            between(2_310.0, 3_080.0, 4),
            [2_400.0, 2_600.0, 2_800.0, 3_000.0]
        );
        assert_eq!(between(0.0, 0.001, 2), [0.0, 0.000_5, 0.001]);
        assert!(between(1.0, 1.0, 4).is_empty());
        assert!(between(f64::NAN, 1.0, 4).is_empty());
    }

    #[test]
    fn time_ticks_are_minutes_and_hours_where_it_is_long() {
        let labels = |end_s| {
            let (ticks, unit) = time(end_s, 6);
            ticks
                .into_iter()
                .map(|tick| unit.label(tick))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let plain = |end_s| labels(end_s).replace('\u{a0}', " ");
        assert_eq!(plain(4.0), "0 s, 1 s, 2 s, 3 s, 4 s");
        assert_eq!(plain(146.0), "0 s, 30 s, 60 s, 90 s, 120 s");
        assert_eq!(plain(1_000.0), "0 min, 5 min, 10 min, 15 min");
        assert_eq!(plain(86_400.0), "0 h, 6 h, 12 h, 18 h, 24 h");
        assert_eq!(plain(1e6), "0 d, 2 d, 4 d, 6 d, 8 d, 10 d");
        assert_eq!(time(1e15, 6).0.len(), 7);
    }

    #[test]
    fn logarithmic_ticks_enclose_the_figures() {
        let (range, ticks) = logarithmic(1.3, 80.0, 7);
        assert_eq!(range, 0.0..2.0);
        let values: Vec<f64> = ticks
            .iter()
            .map(|log| (10_f64.powf(*log) * 10.0).round() / 10.0)
            .collect();
        assert_eq!(values, [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
    }

    #[test]
    fn a_single_figure_still_has_a_range() {
        for value in [1.0, 3.0, 1e9, 1.8e19] {
            let (range, ticks) = logarithmic(value, value, 7);
            assert!(range.start < range.end, "{value}: {range:?}");
            assert!(!ticks.is_empty());
        }
    }

    #[test]
    fn many_decades_are_labelled_by_powers_of_ten() {
        let (_, ticks) = logarithmic(1.0, 3.6e9, 7);
        assert!(ticks.len() <= 11, "{ticks:?}");
    }
}
