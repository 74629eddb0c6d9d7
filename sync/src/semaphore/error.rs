//! Why a semaphore gives no permit.

use std::error::Error;
use std::fmt;

/// The semaphore was [closed](super::Semaphore::close).
#[derive(Debug)]
pub struct AcquireError(pub(super) ());

/// Why permits could not be taken at once.
#[derive(Debug, PartialEq, Eq)]
pub enum TryAcquireError {
    /// The semaphore was [closed](super::Semaphore::close).
    Closed,
    /// There are not enough free permits, or others wait for them.
    NoPermits,
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("semaphore closed, no permit will be given out")
    }
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "semaphore closed, no permit will be given out",
            Self::NoPermits => "not enough free permits, try again or wait with `acquire`",
        })
    }
}

impl Error for AcquireError {}
impl Error for TryAcquireError {}
