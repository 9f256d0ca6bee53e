//! Figures as sentences have them: `+12.3 %`, `0.004`, `3 runs`.

use crate::comparison::MetricComparison;

/// p-values below this are not told apart.
const LEAST_P: f64 = 0.001;
/// Shares from here need no decimals in percent.
const WHOLE_PERCENT: f64 = 0.1;
/// Larger shares are written with an exponent: they come from medians next to zero.
const LARGEST_PLAIN: f64 = 10_000.0;

/// `12 %`, `3.2 %`; `–` for what is no number.
pub(crate) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "–".to_owned();
    }
    if share.abs() > LARGEST_PLAIN {
        return format!("{:.0e} %", share * 100.0);
    }
    let decimals = usize::from(share.abs() < WHOLE_PERCENT);
    let text = format!("{:.decimals$}", share * 100.0);
    let text = text.strip_suffix(".0").unwrap_or(&text);
    format!("{text} %")
}

/// `0.012`, or `below 0.001`.
pub(crate) fn probability(p: f64) -> String {
    if p < LEAST_P {
        format!("below {LEAST_P}")
    } else {
        format!("{p:.3}")
    }
}

/// `1 run`, `3 runs`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What a metric did, as a reason has it.
pub(crate) fn moved(metric: &MetricComparison) -> String {
    let title = &metric.title;
    let Some(change) = metric.change else {
        return format!("{title}: no ratio, as the baseline's median is zero");
    };
    let interval = metric.interval.map_or_else(String::new, |interval| {
        format!(
            " (95 % interval {} to {})",
            metric.scale.signed(interval.low),
            metric.scale.signed(interval.high)
        )
    });
    let p = metric
        .adjusted_p
        .map_or_else(String::new, |p| format!(", adjusted p {}", probability(p)));
    format!(
        "{title}: {}{interval}{p}; a change counts beyond {}",
        metric.scale.signed(change),
        metric.scale.size(metric.threshold)
    )
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Scale;

    #[test]
    fn figures_are_as_people_write_them() {
        assert_eq!(percent(0.05), "5 %");
        assert_eq!(percent(0.123), "12 %");
        assert_eq!(percent(0.032), "3.2 %");
        assert_eq!(Scale::Ratio.signed(-0.032), "−3.2 %");
        assert_eq!(Scale::Difference.signed(0.003_5), "+0.35 points");
        assert_eq!(Scale::Difference.size(0.001), "0.1 points");
        assert_eq!(probability(0.000_2), "below 0.001");
        assert_eq!(counted(1, "run", "runs"), "1 run");
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(listed(&items), "a, b and c");
    }
}
