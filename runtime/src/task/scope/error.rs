//! Why a scope has no value.

use std::error::Error;
use std::fmt;
use std::io;

use crate::task::JoinError;
use crate::time::error::Elapsed;

/// What ended a [`scope`](super::scope()) before its time: the first failure in it.
#[derive(Debug)]
pub enum ScopeError<E> {
    /// A child, or the body, returned this error.
    Failed(E),
    /// A child panicked. (A panic of the body goes on in whoever awaits the scope.)
    Panicked(JoinError),
    /// The deadline passed.
    Elapsed(Elapsed),
}

impl<E: fmt::Display> fmt::Display for ScopeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Panicked(error) => error.fmt(f),
            Self::Elapsed(error) => error.fmt(f),
        }
    }
}

impl<E: Error> Error for ScopeError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => error.source(),
            Self::Panicked(error) => error.source(),
            Self::Elapsed(error) => error.source(),
        }
    }
}

impl From<ScopeError<Self>> for io::Error {
    fn from(error: ScopeError<Self>) -> Self {
        match error {
            ScopeError::Failed(error) => error,
            ScopeError::Panicked(error) => error.into(),
            ScopeError::Elapsed(error) => error.into(),
        }
    }
}
