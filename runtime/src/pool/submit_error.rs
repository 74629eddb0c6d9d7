//! A job that a pool did not take, and why.

use std::error::Error;
use std::fmt;

use crate::blocking::Rejection;

/// A closure that a [`ThreadPool`](super::ThreadPool) did not take. It has been neither called nor dropped.
pub struct SubmitError<F> {
    work: F,
    cause: Rejection,
}

impl<F> SubmitError<F> {
    pub(super) fn new(work: F, cause: Rejection) -> Self {
        Self { work, cause }
    }

    /// The closure.
    pub fn into_work(self) -> F {
        self.work
    }

    /// True if the pool was shut down; false if the operating system refused its first thread.
    pub fn is_shut_down(&self) -> bool {
        matches!(self.cause, Rejection::ShutDown)
    }
}

impl<F> fmt::Display for SubmitError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            Rejection::ShutDown => "the thread pool was shut down",
            Rejection::NoThread(_) => "the operating system refuses a thread for the pool",
        })
    }
}

impl<F> fmt::Debug for SubmitError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitError")
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

impl<F> Error for SubmitError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Rejection::ShutDown => None,
            Rejection::NoThread(error) => Some(error),
        }
    }
}
