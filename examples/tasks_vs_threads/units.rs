//! Turns seconds, bytes and ratios into short text with a unit a person can read.

use crate::measure::Unit;

#[cfg(test)]
mod tests;

/// `value` with three significant digits and its unit.
pub(crate) fn text(unit: Unit, value: f64) -> String {
    let (names, step): (&[&str], f64) = match unit {
        Unit::Seconds => (&["ns", "µs", "ms", "s"], 1000.0),
        Unit::Bytes => (&["B", "KiB", "MiB", "GiB"], 1024.0),
    };
    let mut value = match unit {
        Unit::Seconds => value * 1e9,
        Unit::Bytes => value,
    };
    let mut names = names.iter();
    let mut name = names.next().unwrap_or(&"");
    // 999.5 would be printed as 1000.
    while value >= step - 0.5 {
        match names.next() {
            Some(next) => (name, value) = (next, value / step),
            None => break,
        }
    }
    format!("{} {name}", digits(value))
}

/// How many times, e.g. `53×`; `ratio` is at least one.
pub(crate) fn times(ratio: f64) -> String {
    format!("{}×", digits(ratio))
}

/// A ratio that may be below one, e.g. `0.31×`.
pub(crate) fn factor(ratio: f64) -> String {
    if ratio < 1.0 {
        format!("{ratio:.2}×")
    } else {
        times(ratio)
    }
}

/// How many, with three digits at most: `100 k`.
pub(crate) fn count(value: f64) -> String {
    match value {
        v if v < 1e3 => digits(v),
        v if v < 1e6 => format!("{} k", digits(v / 1e3)),
        v => format!("{} M", digits(v / 1e6)),
    }
}

/// How often something happens per operation; what is rarer than one in 10 000 times is `0`.
pub(crate) fn rate(value: f64) -> String {
    match value {
        v if v < 0.0001 => "0".to_owned(),
        v if v < 0.01 => format!("{v:.4}"),
        v => digits(v),
    }
}

/// Three significant digits, without an exponent.
fn digits(value: f64) -> String {
    match value {
        v if v < 9.995 => trimmed(format!("{v:.2}")),
        v if v < 99.95 => trimmed(format!("{v:.1}")),
        v => format!("{v:.0}"),
    }
}

/// Without zeroes that say nothing: `10.0` is `10`.
fn trimmed(text: String) -> String {
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The smallest value that can be told from nothing.
pub(crate) fn floor(unit: Unit) -> f64 {
    match unit {
        Unit::Seconds => 1e-9,
        Unit::Bytes => 1.0,
    }
}
