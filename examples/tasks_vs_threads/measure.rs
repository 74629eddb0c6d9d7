//! The list of comparisons: what is asked, in which rows the answer appears, and who measures it.
//!
//! A comparison is measured for one [`Side`] at a time by a plain function from a [`Load`] to a
//! [`Sample`]. The function runs in a process of its own (see `child.rs`), so it may use as much
//! memory, as many threads and as many sockets as it likes without disturbing its neighbours.

use std::io;
use std::time::Duration;

use selvedge::runtime::{Builder, Runtime};

pub(crate) mod blocker;
pub(crate) mod context_switch;
pub(crate) mod memory;
pub(crate) mod ping_pong;
pub(crate) mod process;
pub(crate) mod sample;
pub(crate) mod spawn_join;
pub(crate) mod tcp_echo;

use sample::Sample;

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
    /// How long a measured loop runs.
    pub(crate) budget: Duration,
    /// Steps of [`blocker::compute`] that take about one millisecond on this machine.
    pub(crate) steps_per_ms: usize,
}

impl Load {
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
    pub(crate) measure: fn(Side, &Load) -> io::Result<Sample>,
}

/// Every comparison, in the order of the table.
pub(crate) static ALL: [Comparison; 6] = [
    Comparison {
        name: "spawn_join",
        method: "Start 100 of them, wait until all have ended, again and again. \
                 Time per one started and joined.",
        rows: &[Row::new("start one and join it", Unit::Seconds, "each")],
        measure: spawn_join::measure,
    },
    Comparison {
        name: "memory",
        method: "Start many, let each wait for a signal that has not come yet, and see by how \
                 much the resident memory (VmRSS) of the process grew. Kernel memory and address \
                 space, of which a thread takes more than a task, are not in this number.",
        rows: &[Row::new("memory of an idle one", Unit::Bytes, "each")],
        measure: memory::measure,
    },
    Comparison {
        name: "context_switch",
        method: "Four of them per CPU do nothing but give way to the next one: yield_now().await \
                 in tasks, thread::yield_now() in threads. Time of one CPU per switch that really \
                 took place; the kernel counts those of threads.",
        rows: &[Row::new("give way to another", Unit::Seconds, "each")],
        measure: context_switch::measure,
    },
    Comparison {
        name: "ping_pong",
        method: "Two of them pass a number back and forth: tasks by two Notify, threads by two \
                 std::sync::mpsc channels. Time per round trip.",
        rows: &[Row::new(
            "message there and back",
            Unit::Seconds,
            "round_trip",
        )],
        measure: ping_pong::measure,
    },
    Comparison {
        name: "tcp_echo",
        method: "A server process with one task, or one blocking thread, per connection; a client \
                 process that keeps one 64-byte request in flight on every connection. The client \
                 is the same for both and shares the CPUs with the server. Memory is what the \
                 server grew by, per connection.",
        rows: &[
            Row::new("echo server: time per request", Unit::Seconds, "request"),
            Row::new("echo server: slowest 1 % (p99)", Unit::Seconds, "p99"),
            Row::new("echo server: memory per client", Unit::Bytes, "memory"),
        ],
        measure: tcp_echo::measure,
    },
    Comparison {
        name: "blocker",
        method: "A CPU-bound job is cut into chunks of about 1 ms, one task or one thread per \
                 chunk. Meanwhile one of them sleeps with std::thread::sleep, which in a task \
                 holds up its whole worker, and a ticker wants to run every 1 ms. The last two \
                 rows are the same job with the sleep moved to spawn_blocking, beside the \
                 same threads: the worker is free again, but chunks still run to their end \
                 before the ticker may. On a busy machine many threads also get a larger share \
                 of the CPUs than a few workers.",
        rows: &[
            Row::new("CPU job + blocker: total time", Unit::Seconds, "total"),
            Row::new("CPU job + blocker: 1 ms tick late", Unit::Seconds, "gap"),
            Row {
                title: "… in spawn_blocking: total time",
                unit: Unit::Seconds,
                task_value: "cured_total",
                thread_value: "total",
            },
            Row {
                title: "… in spawn_blocking: tick late",
                unit: Unit::Seconds,
                task_value: "cured_gap",
                thread_value: "gap",
            },
        ],
        measure: blocker::measure,
    },
];

/// The comparison that `--only` calls `name`.
pub(crate) fn by_name(name: &str) -> Option<&'static Comparison> {
    ALL.iter().find(|comparison| comparison.name == name)
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
