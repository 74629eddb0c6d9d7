//! What became of a promise, and why there is no value.

use std::error::Error;
use std::fmt;

/// How far a promise has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromiseState {
    /// Not settled, and nobody has said that the work began.
    Pending,
    /// The work [began](super::Promise::start): too late to cancel it.
    Running,
    /// There is a value.
    Resolved,
    /// There is an error; also if the promise was dropped.
    Rejected,
    /// It was [cancelled](super::PromiseFuture::cancel).
    Cancelled,
}

impl PromiseState {
    /// True once nothing will change any more.
    pub fn is_done(self) -> bool {
        !matches!(self, Self::Pending | Self::Running)
    }

    /// The state that a result means.
    pub(super) fn of<T, E>(result: &Result<T, PromiseError<E>>) -> Self {
        match result {
            Ok(_) => Self::Resolved,
            Err(PromiseError::Cancelled) => Self::Cancelled,
            Err(PromiseError::Rejected(_) | PromiseError::Broken) => Self::Rejected,
        }
    }
}

/// Why a promise has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromiseError<E> {
    /// It was [rejected](super::Promise::reject) with this error.
    Rejected(E),
    /// It was [cancelled](super::PromiseFuture::cancel).
    Cancelled,
    /// The [`Promise`](super::Promise) was dropped, perhaps by a panic, before it was settled.
    Broken,
}

impl<E> fmt::Display for PromiseError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rejected(_) => "the promise was rejected",
            Self::Cancelled => "the promise was cancelled",
            Self::Broken => "broken promise: it was dropped before it was resolved or rejected",
        })
    }
}

impl<E: Error + 'static> Error for PromiseError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rejected(error) => Some(error),
            Self::Cancelled | Self::Broken => None,
        }
    }
}
