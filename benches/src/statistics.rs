//! Medians and their spread.
//!
//! Medians, not means: one preempted run out of nine must not move a figure.

/// Median, quartiles and median absolute deviation of a set of readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The middle reading.
    pub median: f64,
    /// The middle distance from the median.
    pub mad: f64,
    /// A quarter of the readings lie below.
    pub low: f64,
    /// A quarter of the readings lie above.
    pub high: f64,
}

impl Summary {
    /// Sums up `readings`; `None` if there are none.
    pub fn of(readings: &[f64]) -> Option<Summary> {
        if readings.is_empty() {
            return None;
        }
        let sorted = sorted(readings);
        let median = quantile(&sorted, 0.5);
        let distances: Vec<f64> = sorted
            .iter()
            .map(|reading| (reading - median).abs())
            .collect();
        Some(Summary {
            median,
            mad: quantile(&self::sorted(&distances), 0.5),
            low: quantile(&sorted, 0.25),
            high: quantile(&sorted, 0.75),
        })
    }
}

/// The geometric mean, the only mean that suits ratios; `None` if there are none.
pub fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    if ratios.is_empty() {
        return None;
    }
    let logs: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    Some((logs / ratios.len() as f64).exp())
}

fn sorted(readings: &[f64]) -> Vec<f64> {
    let mut sorted = readings.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Linear between the two neighbours, as most tools have it.
fn quantile(sorted: &[f64], at: f64) -> f64 {
    let position = at * (sorted.len() - 1) as f64;
    let (below, above) = (position.floor() as usize, position.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * (position - position.floor())
}

#[cfg(test)]
mod tests;
