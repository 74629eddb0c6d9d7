//! Why something could not be put or got; what was to be put comes back.

use std::error::Error;
use std::fmt;

/// The queue was [shut down](super::WorkQueue::shutdown): nothing more comes out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueShutDown(pub(super) ());

/// The queue was [shut down](super::WorkQueue::shutdown); gives back the item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PutError<T>(pub T);

/// Why an item could not be put at once; gives it back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TryPutError<T> {
    /// There is no room, or it is for others, who wait.
    Full(T),
    /// The queue was [shut down](super::WorkQueue::shutdown).
    ShutDown(T),
}

/// Why an item could not be put in time; gives it back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PutTimeoutError<T> {
    /// There was no room before the time was up.
    Timeout(T),
    /// The queue was [shut down](super::WorkQueue::shutdown).
    ShutDown(T),
}

/// Why there was nothing to get at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TryGetError {
    /// There is no item, or it is for others, who wait.
    Empty,
    /// The queue was [shut down](super::WorkQueue::shutdown), and nothing is left in it.
    ShutDown,
}

const SHUT_DOWN: &str = "work queue shut down";

impl<T> PutError<T> {
    /// The item.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> TryPutError<T> {
    /// The item.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::ShutDown(item) => item,
        }
    }
}

impl<T> PutTimeoutError<T> {
    /// The item.
    pub fn into_inner(self) -> T {
        match self {
            Self::Timeout(item) | Self::ShutDown(item) => item,
        }
    }
}

impl<T> From<PutError<T>> for TryPutError<T> {
    fn from(PutError(item): PutError<T>) -> Self {
        Self::ShutDown(item)
    }
}

impl<T> From<PutError<T>> for PutTimeoutError<T> {
    fn from(PutError(item): PutError<T>) -> Self {
        Self::ShutDown(item)
    }
}

impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PutError(..)")
    }
}

impl<T> fmt::Debug for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::ShutDown(_) => "ShutDown(..)",
        })
    }
}

impl<T> fmt::Debug for PutTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout(_) => "Timeout(..)",
            Self::ShutDown(_) => "ShutDown(..)",
        })
    }
}

impl fmt::Display for QueueShutDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHUT_DOWN)
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SHUT_DOWN)
    }
}

impl<T> fmt::Display for TryPutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "work queue full, try again or wait with `put`",
            Self::ShutDown(_) => SHUT_DOWN,
        })
    }
}

impl<T> fmt::Display for PutTimeoutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout(_) => "work queue still full when the time was up",
            Self::ShutDown(_) => SHUT_DOWN,
        })
    }
}

impl fmt::Display for TryGetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "work queue empty, try again or wait with `get`",
            Self::ShutDown => SHUT_DOWN,
        })
    }
}

impl Error for QueueShutDown {}
impl<T> Error for PutError<T> {}
impl<T> Error for TryPutError<T> {}
impl<T> Error for PutTimeoutError<T> {}
impl Error for TryGetError {}
