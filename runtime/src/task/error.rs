//! Why a task has no output: it was cancelled, or it panicked.
#![allow(
    unsafe_code,
    reason = "a panic payload is Send but not Sync; nobody gets a reference to it"
)]

use std::any::Any;
use std::fmt;
use std::io;

use super::id::Id;

/// A task that did not run to its end.
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// let task = selvedge::spawn(async { panic!("no luck") });
/// let error = task.await.unwrap_err();
/// assert!(error.is_panic());
/// assert!(error.to_string().contains("no luck"));
/// # }
/// ```
pub struct JoinError {
    id: Id,
    cause: Cause,
}

enum Cause {
    Cancelled,
    Panic(Payload),
}

struct Payload(Box<dyn Any + Send + 'static>);

// SAFETY: no method gives out a reference to the payload, except to a string that was put in it by
// `panic!` and is Sync; by value it needs only Send.
unsafe impl Sync for Payload {}

impl Payload {
    fn message(&self) -> Option<&str> {
        let payload = &*self.0;
        payload
            .downcast_ref::<&'static str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
    }
}

/// As [`JoinError`], in the task itself, where one word must do: the payload, or none if cancelled.
pub(super) struct Failure(Option<Box<Box<dyn Any + Send + 'static>>>);

impl Failure {
    pub(super) fn cancelled() -> Self {
        Self(None)
    }

    pub(super) fn panicked(payload: Box<dyn Any + Send + 'static>) -> Self {
        Self(Some(Box::new(payload)))
    }

    pub(super) fn into_join_error(self, id: Id) -> JoinError {
        let cause = self
            .0
            .map_or(Cause::Cancelled, |payload| Cause::Panic(Payload(*payload)));
        JoinError { id, cause }
    }
}

impl JoinError {
    pub(super) fn panicked(id: Id, payload: Box<dyn Any + Send + 'static>) -> Self {
        let cause = Cause::Panic(Payload(payload));
        Self { id, cause }
    }

    /// True if the task was aborted, or its runtime shut down.
    pub fn is_cancelled(&self) -> bool {
        matches!(self.cause, Cause::Cancelled)
    }

    /// True if the task panicked.
    pub fn is_panic(&self) -> bool {
        matches!(self.cause, Cause::Panic(_))
    }

    /// What the task panicked with, for [`std::panic::resume_unwind`].
    ///
    /// # Panics
    ///
    /// If the task was cancelled; [`try_into_panic`](Self::try_into_panic) does not.
    #[track_caller]
    pub fn into_panic(self) -> Box<dyn Any + Send + 'static> {
        self.try_into_panic()
            .expect("the task was cancelled and has no panic to give; ask is_panic() first")
    }

    /// What the task panicked with.
    ///
    /// # Errors
    ///
    /// The error itself, if the task was cancelled.
    pub fn try_into_panic(self) -> Result<Box<dyn Any + Send + 'static>, Self> {
        match self.cause {
            Cause::Panic(payload) => Ok(payload.0),
            Cause::Cancelled => Err(self),
        }
    }

    /// The task.
    pub fn id(&self) -> Id {
        self.id
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Cancelled => write!(f, "task {} was cancelled", self.id),
            Cause::Panic(payload) => match payload.message() {
                Some(message) => write!(f, "task {} panicked with message {message:?}", self.id),
                None => write!(f, "task {} panicked", self.id),
            },
        }
    }
}

impl fmt::Debug for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Cancelled => write!(f, "JoinError::Cancelled({:?})", self.id),
            Cause::Panic(payload) => match payload.message() {
                Some(message) => write!(f, "JoinError::Panic({:?}, {message:?}, ...)", self.id),
                None => write!(f, "JoinError::Panic({:?}, ...)", self.id),
            },
        }
    }
}

impl std::error::Error for JoinError {}

impl From<JoinError> for io::Error {
    fn from(error: JoinError) -> Self {
        let what = match &error.cause {
            Cause::Cancelled => "task was cancelled",
            Cause::Panic(_) => "task panicked",
        };
        Self::other(what)
    }
}
