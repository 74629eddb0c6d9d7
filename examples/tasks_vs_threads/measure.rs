//! What a comparison is: a question put to both sides; `comparisons.rs` lists them.
//!
//! A comparison is measured for one [`Side`] at a time by a plain function from a [`Load`] to a
//! [`Sample`]. The function runs in a process of its own (see `child.rs`), so it may use as much
//! memory, as many threads and as many sockets as it likes without disturbing its neighbours.

use std::io;
use std::time::Duration;

use selvedge::runtime::{Builder, Runtime};

pub(crate) mod blocker;
mod busy_waiting;
pub(crate) mod comparisons;
mod condvar;
mod contention;
mod context_switch;
mod counters;
mod crew;
mod event;
pub(crate) mod memory;
pub(crate) mod meter;
mod mutex;
mod ping_pong;
mod pool;
pub(crate) mod process;
mod promise;
mod queue;
mod rwlock;
pub(crate) mod sample;
mod semaphore;
mod spawn_join;
pub(crate) mod sweep;
pub(crate) mod tcp_echo;
#[cfg(unix)]
mod usage;
#[cfg(not(unix))]
#[path = "measure/no_usage.rs"]
mod usage;
mod waits;

use sample::Sample;
use sweep::Sweep;

/// One of the two things being compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Tasks,
    Threads,
}

impl Side {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Side::Tasks => "tasks",
            Side::Threads => "threads",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Side> {
        [Side::Tasks, Side::Threads]
            .into_iter()
            .find(|side| side.name() == name)
    }
}

/// What the numbers of a row are. In every row a smaller number is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Bytes,
}

/// How hard one sample works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Load {
    /// Tasks alive at once.
    pub(crate) tasks: usize,
    /// Threads alive at once.
    pub(crate) threads: usize,
    /// TCP connections open at once.
    pub(crate) connections: usize,
    /// Worker threads of each runtime.
    pub(crate) workers: usize,
    /// Tasks or threads that want the same thing at once, in the sweep.
    pub(crate) contenders: usize,
    /// How long a measured loop runs.
    pub(crate) budget: Duration,
    /// Steps of [`blocker::compute`] that take about one millisecond on this machine.
    pub(crate) steps_per_ms: usize,
}

/// Sleeping threads that most systems grant.
const WAITS_MAX: usize = 10_000;

/// How many wait at once, on either side, where `threads` are alive at once in other rows.
pub(crate) fn waits(threads: usize) -> usize {
    (threads * 10).min(WAITS_MAX)
}

impl Load {
    /// How long a loop runs of which one sample has several.
    pub(crate) fn short(&self) -> Duration {
        self.budget / 4
    }

    /// How many wait at once, on either side.
    pub(crate) fn waits(&self) -> usize {
        waits(self.threads)
    }

    /// Half of everything that an operating system may refuse.
    pub(crate) fn halved(self) -> Load {
        Load {
            tasks: (self.tasks / 2).max(1),
            threads: (self.threads / 2).max(1),
            connections: (self.connections / 2).max(1),
            ..self
        }
    }
}

/// One line of the final table.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    /// Name of the value in the sample of the tasks.
    pub(crate) task_value: &'static str,
    /// Name of the value in the sample of the threads.
    pub(crate) thread_value: &'static str,
}

impl Row {
    const fn new(title: &'static str, unit: Unit, value: &'static str) -> Row {
        Row {
            title,
            unit,
            task_value: value,
            thread_value: value,
        }
    }

    /// A row whose sides call their values differently.
    const fn beside(
        title: &'static str,
        unit: Unit,
        task_value: &'static str,
        thread_value: &'static str,
    ) -> Row {
        Row {
            title,
            unit,
            task_value,
            thread_value,
        }
    }

    /// The name that this row has in the sample of `side`.
    pub(crate) fn value(&self, side: Side) -> &'static str {
        match side {
            Side::Tasks => self.task_value,
            Side::Threads => self.thread_value,
        }
    }
}

/// One question put to both sides.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// What is done on each side, for the report.
    pub(crate) method: &'static str,
    pub(crate) rows: &'static [Row],
    /// The curves of the report, if it draws some.
    pub(crate) sweep: Option<&'static Sweep>,
    pub(crate) measure: fn(Side, &Load) -> io::Result<Sample>,
}

/// The comparison that `--only` calls `name`.
pub(crate) fn by_name(name: &str) -> Option<&'static Comparison> {
    comparisons::ALL
        .iter()
        .find(|comparison| comparison.name == name)
}

/// The runtime every tasks side runs on.
fn runtime(workers: usize) -> io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
}

/// A task or thread that was to be measured ended in a panic.
fn crashed(who: &str) -> io::Error {
    io::Error::other(format!("{who} panicked"))
}
