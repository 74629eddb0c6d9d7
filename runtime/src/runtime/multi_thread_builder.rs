//! Building a runtime with several workers.

use std::env;
use std::io;
use std::num::NonZeroUsize;
use std::thread;

use super::{Builder, Runtime, Seats};
use crate::scheduler::multi_thread;

/// The environment variable that sets the number of workers where the program does not.
const WORKERS_VARIABLE: &str = "SELVEDGE_WORKER_THREADS";

/// Stand-ins for stuck workers, at the most. Each costs a thread only while it is needed; the limit
/// keeps a program that blocks every thread it gets from using up the system's.
const STAND_INS_MAX: usize = 64;

impl Builder {
    /// A runtime whose tasks run on worker threads.
    pub fn new_multi_thread() -> Self {
        Self::new(true, Self::build_multi_thread)
    }

    #[track_caller]
    fn build_multi_thread(&self) -> io::Result<Runtime> {
        let workers = self.workers.unwrap_or_else(default_workers);
        let scheduler = self.scheduler(workers, STAND_INS_MAX, None)?;
        multi_thread::start(&scheduler)?;
        Ok(Runtime::assemble(scheduler, Seats::Threads))
    }
}

/// The variable, else the number of processors this process may use.
///
/// # Panics
///
/// If the variable is not a number above zero.
#[track_caller]
fn default_workers() -> usize {
    match env::var(WORKERS_VARIABLE) {
        Ok(value) => match value.trim().parse::<NonZeroUsize>() {
            Ok(workers) => workers.get(),
            Err(error) => panic!(
                "{WORKERS_VARIABLE} must be a number of threads above 0, but is {value:?}: {error}"
            ),
        },
        Err(env::VarError::NotPresent) => {
            thread::available_parallelism().map_or(1, NonZeroUsize::get)
        }
        Err(env::VarError::NotUnicode(value)) => {
            panic!("{WORKERS_VARIABLE} must be a number of threads above 0, but is {value:?}")
        }
    }
}
