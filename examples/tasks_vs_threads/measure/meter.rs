//! Measures a stretch of work: wall time, CPU time and context switches, all per operation.

use std::time::Instant;

use super::sample::Sample;
use super::usage::{self, Usage};

/// Started before the work, read after it.
#[derive(Debug)]
pub(crate) struct Meter {
    start: Instant,
    usage: Option<Usage>,
}

impl Meter {
    pub(crate) fn start() -> Meter {
        Meter {
            usage: usage::now(),
            start: Instant::now(),
        }
    }

    /// What each of `count` operations has cost since the start; the values are called after `name`.
    pub(crate) fn per_one(&self, name: &str, count: u64) -> Sample {
        let wall = self.start.elapsed().as_secs_f64();
        let usage = usage::now();
        let count = count.max(1) as f64;
        let mut sample = Sample::of(name, wall / count);
        if let (Some(before), Some(after)) = (self.usage, usage) {
            sample = sample
                .with(&cpu(name), (after.cpu - before.cpu) / count)
                .with(&switches(name), (after.switches - before.switches) / count);
        }
        sample
    }
}

/// Makes the name of a value that goes with another of the name of that one.
pub(crate) type Beside = fn(&str) -> String;

/// What the CPU time of the value `name` is called.
pub(crate) fn cpu(name: &str) -> String {
    format!("{name}.cpu")
}

/// What the context switches of the value `name` are called.
pub(crate) fn switches(name: &str) -> String {
    format!("{name}.switches")
}
