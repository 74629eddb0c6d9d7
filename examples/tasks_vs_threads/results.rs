//! From the samples of all rounds to one line per row: median, spread, ratio, verdict.

use std::fmt;

use crate::measure::meter;
use crate::measure::sample::Sample;
use crate::measure::sweep::Panel;
use crate::measure::{Comparison, Row, Side};
use crate::units;

#[cfg(test)]
mod tests;

/// Both samples of one round; a side that could not be measured is missing.
#[derive(Debug, Default)]
pub(crate) struct Round {
    tasks: Option<Sample>,
    threads: Option<Sample>,
}

impl Round {
    /// The place of the sample of `side`.
    pub(crate) fn sample(&mut self, side: Side) -> &mut Option<Sample> {
        match side {
            Side::Tasks => &mut self.tasks,
            Side::Threads => &mut self.threads,
        }
    }

    fn value(&self, row: &Row, side: Side) -> Option<f64> {
        let sample = match side {
            Side::Tasks => self.tasks.as_ref(),
            Side::Threads => self.threads.as_ref(),
        };
        Some(sample?.value(row.value(side))?.max(units::floor(row.unit)))
    }

    /// What `name` makes of the name of the row's value, on one side.
    fn beside(&self, row: &Row, side: Side, name: meter::Beside) -> Option<f64> {
        let sample = match side {
            Side::Tasks => self.tasks.as_ref(),
            Side::Threads => self.threads.as_ref(),
        };
        sample?.value(&name(row.value(side)))
    }
}

/// All that is known about one comparison.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) comparison: &'static Comparison,
    pub(crate) rounds: Vec<Round>,
    /// Loads that were cut, samples that were lost; each remark once.
    pub(crate) notes: Vec<String>,
    /// Both sides of the sweep, if there is one.
    pub(crate) curves: Vec<Curve>,
}

/// One side of a sweep: the samples of all rounds, for each count that the system granted.
#[derive(Debug)]
pub(crate) struct Curve {
    pub(crate) side: Side,
    pub(crate) points: Vec<(usize, Vec<Sample>)>,
}

impl Curve {
    /// The curve of one value, from few to many.
    pub(crate) fn of(&self, panel: &Panel) -> Vec<(usize, Spread)> {
        let spread = |(count, samples): &(usize, Vec<Sample>)| {
            let values = samples
                .iter()
                .filter_map(|sample| sample.value(panel.value));
            let floor = units::floor(panel.unit);
            Some((*count, Spread::of(values.map(|v| v.max(floor)).collect())?))
        };
        self.points.iter().filter_map(spread).collect()
    }
}

impl Measured {
    pub(crate) fn new(comparison: &'static Comparison) -> Measured {
        Measured {
            comparison,
            rounds: Vec::new(),
            notes: Vec::new(),
            curves: Vec::new(),
        }
    }

    /// Remembers a remark, and tells whether it is new.
    pub(crate) fn note(&mut self, text: &str) -> bool {
        let new = !self.notes.iter().any(|known| known == text);
        if new {
            self.notes.push(text.to_owned());
        }
        new
    }

    /// The values of one side of `row`, one per round that has one.
    pub(crate) fn values(&self, row: &Row, side: Side) -> Vec<f64> {
        self.rounds
            .iter()
            .filter_map(|round| round.value(row, side))
            .collect()
    }

    /// Thread divided by task, within each round that has both.
    fn ratios(&self, row: &Row) -> Vec<f64> {
        let ratio =
            |round: &Round| Some(round.value(row, Side::Threads)? / round.value(row, Side::Tasks)?);
        self.rounds.iter().filter_map(ratio).collect()
    }

    /// The CPU time (`meter::cpu`) or the context switches (`meter::switches`) of one side of `row`.
    pub(crate) fn beside(&self, row: &Row, side: Side, name: meter::Beside) -> Vec<f64> {
        let value = |round: &Round| round.beside(row, side, name);
        self.rounds.iter().filter_map(value).collect()
    }

    /// The CPU time of a thread divided by that of a task, within each round that has both.
    fn cpu_ratios(&self, row: &Row) -> Vec<f64> {
        let value = |round: &Round, side| Some(round.beside(row, side, meter::cpu)?.max(1e-9));
        let ratio = |round: &Round| Some(value(round, Side::Threads)? / value(round, Side::Tasks)?);
        self.rounds.iter().filter_map(ratio).collect()
    }
}

/// Median and extremes of repeated measurements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// `None` if there is nothing to take the median of.
    fn of(mut values: Vec<f64>) -> Option<Spread> {
        values.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len() % 2 == 1 {
            values[middle]
        } else {
            f64::midpoint(values[middle - 1], values[middle])
        };
        Some(Spread { median, min, max })
    }

    /// How far the furthest measurement is from the median, in per cent of the median.
    pub(crate) fn percent(&self) -> f64 {
        (self.max - self.median).max(self.median - self.min) / self.median * 100.0
    }
}

/// Which side a row speaks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Tasks were cheaper in every round; by this factor in the median.
    Tasks(f64),
    /// Threads were cheaper in every round; by this factor in the median.
    Threads(f64),
    /// Now these, now those were cheaper.
    Unclear,
}

impl Verdict {
    fn of(ratio: &Spread) -> Verdict {
        if ratio.min > 1.0 {
            Verdict::Tasks(ratio.median)
        } else if ratio.max < 1.0 {
            Verdict::Threads(1.0 / ratio.median)
        } else {
            Verdict::Unclear
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (side, factor) = match self {
            Verdict::Tasks(factor) => ("tasks", *factor),
            Verdict::Threads(factor) => ("THREADS", *factor),
            Verdict::Unclear => return f.pad("no clear winner"),
        };
        // `pad`, because the table asks for a width.
        f.pad(&format!("{side} win {}", units::times(factor)))
    }
}

/// The numbers of one line of the table.
#[derive(Debug)]
pub(crate) struct Numbers {
    pub(crate) tasks: Spread,
    pub(crate) threads: Spread,
    /// Thread divided by task: above one, the task is cheaper.
    pub(crate) ratio: Spread,
    pub(crate) verdict: Verdict,
    /// CPU time, thread divided by task, where it was measured.
    pub(crate) cpu: Option<Spread>,
    /// Context switches per operation, of tasks and of threads.
    pub(crate) switches: Option<(Spread, Spread)>,
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) row: &'static Row,
    /// `None` if one of the sides has no sample at all.
    pub(crate) numbers: Option<Numbers>,
}

/// The table, line by line.
pub(crate) fn lines(measured: &[Measured]) -> Vec<Line> {
    let rows = measured
        .iter()
        .flat_map(|m| m.comparison.rows.iter().map(move |row| (m, row)));
    rows.map(|(m, row)| Line {
        row,
        numbers: numbers(m, row),
    })
    .collect()
}

fn numbers(measured: &Measured, row: &Row) -> Option<Numbers> {
    let ratio = Spread::of(measured.ratios(row))?;
    let switches = |side| Spread::of(measured.beside(row, side, meter::switches));
    Some(Numbers {
        tasks: Spread::of(measured.values(row, Side::Tasks))?,
        threads: Spread::of(measured.values(row, Side::Threads))?,
        verdict: Verdict::of(&ratio),
        cpu: Spread::of(measured.cpu_ratios(row)),
        switches: switches(Side::Tasks).zip(switches(Side::Threads)),
        ratio,
    })
}
