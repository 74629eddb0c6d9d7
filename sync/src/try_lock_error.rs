//! Why a lock could not be taken at once.

use std::error::Error;
use std::fmt;

/// The lock could not be taken without waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TryLockError(pub(crate) ());

impl fmt::Display for TryLockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lock is taken, try again or wait for it")
    }
}

impl Error for TryLockError {}
