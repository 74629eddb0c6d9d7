//! Errors of this module.

use std::error::Error;
use std::fmt;
use std::io;

/// The time of a [`timeout`](super::timeout()) was up before its future was ready.
///
/// Converts to an [`io::Error`] of kind [`TimedOut`](io::ErrorKind::TimedOut).
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed(());

impl Elapsed {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("deadline has elapsed")
    }
}

impl Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(_: Elapsed) -> Self {
        io::ErrorKind::TimedOut.into()
    }
}
