//! The order of the measurements: round by round, and in each round both sides, one by one.
//!
//! The machine drifts (other programs, heat). With the sides interleaved, a slow minute harms both
//! alike, and the side that goes first changes from round to round.

use crate::child;
use crate::measure::sample::Sample;
use crate::measure::tcp_echo;
use crate::measure::{Comparison, Load, Side};
use crate::progress::Progress;
use crate::results::{Measured, Round};
use crate::units;

/// How often a sample is tried, with half the load each time, before it is given up.
const TRIES_MAX: u32 = 5;

/// One comparison under way.
struct Course {
    measured: Measured,
    /// What the system has granted so far.
    load: Load,
    /// A side that failed at its smallest load is not tried again.
    hopeless: bool,
}

/// Measures every comparison, `rounds` times.
pub(crate) fn run(
    comparisons: &[&'static Comparison],
    rounds: usize,
    load: Load,
    progress: &mut Progress,
) -> Vec<Measured> {
    let course = |comparison: &&'static Comparison| Course {
        measured: Measured::new(comparison),
        load,
        hopeless: false,
    };
    let mut courses: Vec<Course> = comparisons.iter().map(course).collect();
    for round in 0..rounds {
        for course in &mut courses {
            let sides = if round % 2 == 0 {
                [Side::Tasks, Side::Threads]
            } else {
                [Side::Threads, Side::Tasks]
            };
            course.round(sides, progress);
        }
    }
    courses.into_iter().map(|course| course.measured).collect()
}

impl Course {
    fn round(&mut self, [first, second]: [Side; 2], progress: &mut Progress) {
        let mut round = Round::default();
        *round.sample(first) = self.sample(first, progress);
        let load_of_first = self.load;
        *round.sample(second) = self.sample(second, progress);
        if self.load != load_of_first {
            // The second side was granted less, so the first is measured again with as much.
            *round.sample(first) = self.sample(first, progress);
        }
        progress.found(
            self.measured.comparison,
            summary(self.measured.comparison, &mut round),
        );
        self.measured.rounds.push(round);
    }

    fn sample(&mut self, side: Side, progress: &Progress) -> Option<Sample> {
        progress.measuring(self.measured.comparison, side);
        let sample = if self.hopeless {
            None
        } else {
            self.try_until_granted(side, progress)
        };
        for note in sample.iter().flat_map(Sample::notes) {
            if self.measured.note(note) {
                progress.say(note);
            }
        }
        sample
    }

    /// Takes a sample; while that fails, asks for half as much.
    fn try_until_granted(&mut self, side: Side, progress: &Progress) -> Option<Sample> {
        let comparison = self.measured.comparison;
        for _ in 0..TRIES_MAX {
            let error = match child::take(comparison, side, &self.load) {
                Ok(sample) => {
                    // What one side was refused, the other must not have either.
                    let used = sample.value(tcp_echo::CONNECTIONS);
                    self.load.connections = used.map_or(self.load.connections, |n| n as usize);
                    return Some(sample);
                }
                Err(error) => error,
            };
            self.load = self.load.halved();
            let note = format!(
                "{}, {}: {error}; tried again with half the load",
                comparison.name,
                side.name(),
            );
            if self.measured.note(&note) {
                progress.say(&note);
            }
        }
        self.hopeless = true;
        let note = format!("{}, {}: given up", comparison.name, side.name());
        self.measured.note(&note);
        progress.say(&note);
        None
    }
}

/// The first row of a round, for a progress line.
fn summary(comparison: &Comparison, round: &mut Round) -> String {
    let Some(row) = comparison.rows.first() else {
        return String::new();
    };
    let mut text = |side| match round
        .sample(side)
        .as_ref()
        .and_then(|s| s.value(row.value(side)))
    {
        Some(value) => units::text(row.unit, value),
        None => "not measured".to_owned(),
    };
    format!(
        "a task {}, a thread {}",
        text(Side::Tasks),
        text(Side::Threads)
    )
}
