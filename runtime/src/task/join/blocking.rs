//! Waiting for a task on a plain thread, which sleeps meanwhile.

use std::time::Duration;

use selvedge_sync::Elapsed;
use selvedge_sync::thread_block::{block_thread_for, block_thread_on, check_may_block};

use super::JoinHandle;
use crate::task::blocking_job;
use crate::task::error::JoinError;

const INSTEAD: &str = "await the handle";

impl<T> JoinHandle<T> {
    /// Blocks the thread until the task is over; for plain threads.
    ///
    /// A job that is waited for inside another job of the same [`ThreadPool`](crate::pool::ThreadPool), or
    /// blocking work inside other blocking work of the same runtime, is done here if no thread has begun
    /// it. So jobs may wait for jobs of their own, however few threads there are.
    ///
    /// # Errors
    ///
    /// If the task was cancelled, or panicked.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = selvedge::pool::ThreadPool::new(2);
    /// let job = pool.submit(|| 6 * 7);
    /// assert_eq!(job.result().unwrap(), 42);
    /// ```
    #[track_caller]
    pub fn result(self) -> Result<T, JoinError> {
        check_may_block("result", INSTEAD);
        self.run_if_queued_here();
        block_thread_on(self, "result", INSTEAD)
    }

    /// As [`result`](Self::result), for at most so long; the handle remains for another try.
    ///
    /// It does nothing but wait: inside a job, one of the same pool that needs this thread is not over in
    /// time.
    ///
    /// # Errors
    ///
    /// The outer one if the time is up first, the inner one as for [`result`](Self::result).
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block; or if the handle has given its output before.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = selvedge::pool::ThreadPool::new(1);
    /// let (send, receive) = std::sync::mpsc::channel();
    /// let mut job = pool.submit(move || receive.recv().unwrap());
    /// assert!(job.result_timeout(Duration::from_millis(1)).is_err());
    /// send.send(42).unwrap();
    /// assert_eq!(job.result_timeout(Duration::from_secs(60)).unwrap().unwrap(), 42);
    /// ```
    #[track_caller]
    pub fn result_timeout(&mut self, limit: Duration) -> Result<Result<T, JoinError>, Elapsed> {
        block_thread_for(
            self,
            limit,
            "result_timeout",
            "await it with `time::timeout`",
        )
    }

    /// Does the job of this handle on a thread of its pool that would wait for it; true if it did.
    pub(crate) fn run_if_queued_here(&self) -> bool {
        self.header().is_some_and(|task| {
            !task.state.load().is_started() && blocking_job::run_if_queued(task)
        })
    }
}
