//! The arrangement with several workers: a thread for each, and one for the monitor.

use std::io;
use std::sync::Arc;

use super::Scheduler;
use super::stand_in;
use super::worker::{UntilExit, Worker};

/// Starts the threads. If one is refused, those already started end.
///
/// # Errors
///
/// The operating system refuses a thread.
pub(crate) fn start(scheduler: &Arc<Scheduler>) -> io::Result<()> {
    let started = try_start(scheduler);
    if started.is_err() {
        scheduler.close();
    }
    started
}

fn try_start(scheduler: &Arc<Scheduler>) -> io::Result<()> {
    for index in 0..scheduler.workers {
        let worker = Worker::new(Arc::clone(scheduler), index);
        scheduler
            .threads
            .start(scheduler, move || worker.run(&mut UntilExit))?;
    }
    let watched = Arc::clone(scheduler);
    scheduler
        .threads
        .start_helper(scheduler, move || stand_in::watch(&watched))
}
