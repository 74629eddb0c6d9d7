//! Wall time and CPU time of one run.
//!
//! CPU time is that of the whole process, all threads summed: a runtime that spins, or that moves
//! its work to a helper thread, pays for it here. Whoever else is in the process pays into the same
//! sum, so only one competitor may be busy at a time; idle competitors must really be parked.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// A running measurement.
#[derive(Debug)]
pub struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

/// What a measurement gave.
#[derive(Clone, Copy, Debug)]
pub struct Elapsed {
    /// Time on the wall.
    pub wall: Duration,
    /// User and system time of all threads of this process.
    pub cpu: Duration,
}

impl Stopwatch {
    /// Starts now. The CPU clock is read outside the span of the wall clock.
    pub fn start() -> Self {
        let cpu = cpu_time();
        Stopwatch {
            wall: Instant::now(),
            cpu,
        }
    }

    /// Time since the start.
    pub fn stop(&self) -> Elapsed {
        let wall = self.wall.elapsed();
        Elapsed {
            wall,
            cpu: cpu_time().saturating_sub(self.cpu),
        }
    }
}

fn cpu_time() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    // The clock counts up from the start of the process, so neither part is ever negative.
    Duration::new(
        spent.tv_sec.unsigned_abs(),
        u32::try_from(spent.tv_nsec).unwrap_or(0),
    )
}
