//! Figures about a runtime, for people and monitoring.

use std::sync::Arc;
use std::time::Duration;

use crate::scheduler::Scheduler;

/// Figures about a runtime, read without stopping it.
///
/// Each figure is exact for the thread that counts it and a moment old for others.
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// let metrics = selvedge::runtime::Handle::current().metrics();
/// assert_eq!(metrics.num_workers(), 1);
/// let task = selvedge::spawn(std::future::pending::<()>());
/// assert_eq!(metrics.num_alive_tasks(), 1);
/// # task.abort();
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct RuntimeMetrics {
    scheduler: Arc<Scheduler>,
}

impl RuntimeMetrics {
    pub(crate) fn new(scheduler: Arc<Scheduler>) -> Self {
        Self { scheduler }
    }

    /// Worker threads; 1 on a current-thread runtime.
    pub fn num_workers(&self) -> usize {
        self.scheduler.workers()
    }

    /// Tasks that were spawned and are not over, blocking ones not included.
    pub fn num_alive_tasks(&self) -> usize {
        self.scheduler.live_tasks()
    }

    /// Tasks in the queue that all workers share.
    pub fn global_queue_depth(&self) -> usize {
        self.scheduler.injected_tasks()
    }

    /// Threads for blocking work.
    pub fn num_blocking_threads(&self) -> usize {
        self.scheduler.blocking.metrics().threads
    }

    /// Threads for blocking work that rest.
    pub fn num_idle_blocking_threads(&self) -> usize {
        self.scheduler.blocking.metrics().idle
    }

    /// Blocking work that no thread has begun.
    pub fn blocking_queue_depth(&self) -> usize {
        self.scheduler.blocking.metrics().queued
    }

    /// Tasks in the worker's own queue.
    ///
    /// # Panics
    ///
    /// As do all `worker_` figures, if there is no such worker.
    #[track_caller]
    pub fn worker_local_queue_depth(&self, worker: usize) -> usize {
        self.scheduler.worker_figures(worker).2
    }

    /// Polls of tasks by the worker.
    #[track_caller]
    pub fn worker_poll_count(&self, worker: usize) -> u64 {
        self.scheduler.worker_figures(worker).1
    }

    /// How often the worker went to sleep.
    #[track_caller]
    pub fn worker_park_count(&self, worker: usize) -> u64 {
        self.scheduler.worker_figures(worker).0.parks.get()
    }

    /// How often the worker went to sleep or woke up: odd while it sleeps.
    #[track_caller]
    pub fn worker_park_unpark_count(&self, worker: usize) -> u64 {
        let counts = self.scheduler.worker_figures(worker).0;
        counts.parks.get() + counts.unparks.get()
    }

    /// How often the worker took tasks from another.
    #[track_caller]
    pub fn worker_steal_operations(&self, worker: usize) -> u64 {
        self.scheduler.worker_figures(worker).0.steals.get()
    }

    /// Polls so long that another thread stood in for the worker.
    #[track_caller]
    pub fn worker_stuck_poll_count(&self, worker: usize) -> u64 {
        self.scheduler.worker_figures(worker).0.stuck_polls.get()
    }

    /// Time the worker was not asleep, up to the last time it went to sleep.
    #[track_caller]
    pub fn worker_total_busy_duration(&self, worker: usize) -> Duration {
        Duration::from_nanos(self.scheduler.worker_figures(worker).0.busy_nanos.get())
    }
}
