//! A row of the table: one workload and who runs it.
//!
//! A row says what counts as one operation and which figure the ratio is made of. Each entrant
//! brings a function that builds its runtime and returns its [`Course`]; dropping the course drops
//! the runtime.

use std::fmt;

/// What an entrant is compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Selvedge itself: the numerator of every ratio.
    Subject,
    /// Another async runtime: counts for the best peer and for the means.
    Peer,
    /// Threads, or a loop without a runtime: shows the floor or the ceiling, counts for no mean.
    Yardstick,
}

/// The figure that the ratio is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Wall time per operation, in nanoseconds.
    Wall,
    /// CPU time per operation, in nanoseconds; the wall time is set by the workload.
    Cpu,
    /// A figure that the workload reads itself, in this unit.
    Gauge(&'static str),
}

impl Metric {
    /// The unit for people.
    pub fn unit(self) -> &'static str {
        match self {
            Metric::Wall => "ns/op",
            Metric::Cpu => "CPU ns/op",
            Metric::Gauge(unit) => unit,
        }
    }
}

/// One competitor's workload, set up and ready to run again and again.
pub enum Course {
    /// The harness reads the clocks around `run(laps)`.
    Timed {
        /// Operations in one lap. A lap is always the same work, however many are run.
        ops_per_lap: u64,
        /// Runs this many laps and returns when all their work is done.
        run: Box<dyn FnMut(u64)>,
    },
    /// The workload takes its own reading.
    Gauge(Box<dyn FnMut() -> f64>),
}

impl Course {
    /// A course timed by the harness.
    pub fn timed(ops_per_lap: usize, run: impl FnMut(u64) + 'static) -> Course {
        Course::Timed {
            ops_per_lap: ops_per_lap as u64,
            run: Box::new(run),
        }
    }

    /// A course that takes its own reading.
    pub fn gauge(read: impl FnMut() -> f64 + 'static) -> Course {
        Course::Gauge(Box::new(read))
    }

    /// Runs one lap, for harnesses that keep their own clock.
    pub fn lap(&mut self) {
        match self {
            Course::Timed { run, .. } => run(1),
            Course::Gauge(read) => {
                std::hint::black_box(read());
            }
        }
    }
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Course::Timed { ops_per_lap, .. } => f
                .debug_struct("Timed")
                .field("ops_per_lap", ops_per_lap)
                .finish_non_exhaustive(),
            Course::Gauge(_) => f.debug_struct("Gauge").finish_non_exhaustive(),
        }
    }
}

/// One competitor in a row.
#[derive(Clone, Copy, Debug)]
pub struct Entrant {
    /// The name in the table.
    pub name: &'static str,
    /// What it is compared as.
    pub role: Role,
    /// Builds the runtime.
    pub set_up: fn() -> Course,
}

/// One workload and who runs it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The name in the table and on the command line.
    pub name: &'static str,
    /// What one operation is.
    pub operation: &'static str,
    /// The figure that counts.
    pub metric: Metric,
    /// Whether a run is one lap, because the workload sets its own duration.
    pub single_lap: bool,
    /// The competitors, Selvedge first.
    pub entrants: Vec<Entrant>,
}

impl Row {
    /// A row judged by wall time.
    pub fn wall(name: &'static str, operation: &'static str) -> Row {
        Row {
            name,
            operation,
            metric: Metric::Wall,
            single_lap: false,
            entrants: Vec::new(),
        }
    }

    /// A row judged by CPU time, one lap a run.
    pub fn cpu(name: &'static str, operation: &'static str) -> Row {
        Row {
            metric: Metric::Cpu,
            single_lap: true,
            ..Row::wall(name, operation)
        }
    }

    /// A row judged by the workload's own reading.
    pub fn gauge(name: &'static str, operation: &'static str, unit: &'static str) -> Row {
        Row {
            metric: Metric::Gauge(unit),
            single_lap: true,
            ..Row::wall(name, operation)
        }
    }

    /// Adds the subject.
    pub fn selvedge(self, set_up: fn() -> Course) -> Row {
        self.with("selvedge", Role::Subject, set_up)
    }

    /// Adds tokio.
    pub fn tokio(self, set_up: fn() -> Course) -> Row {
        self.with("tokio", Role::Peer, set_up)
    }

    /// Adds smol.
    pub fn smol(self, set_up: fn() -> Course) -> Row {
        self.with("smol", Role::Peer, set_up)
    }

    /// Adds plain threads.
    pub fn std(self, set_up: fn() -> Course) -> Row {
        self.with("std", Role::Yardstick, set_up)
    }

    /// Adds a bare mio loop.
    pub fn mio(self, set_up: fn() -> Course) -> Row {
        self.with("mio", Role::Yardstick, set_up)
    }

    /// Adds another peer.
    pub fn peer(self, name: &'static str, set_up: fn() -> Course) -> Row {
        self.with(name, Role::Peer, set_up)
    }

    /// Adds another yardstick.
    pub fn yardstick(self, name: &'static str, set_up: fn() -> Course) -> Row {
        self.with(name, Role::Yardstick, set_up)
    }

    fn with(mut self, name: &'static str, role: Role, set_up: fn() -> Course) -> Row {
        self.entrants.push(Entrant { name, role, set_up });
        self
    }
}
