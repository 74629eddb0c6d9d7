//! The errors of a oneshot channel.

use std::error::Error;
use std::fmt;

/// The sender was dropped without sending, or the receiver was closed before a value came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecvError(pub(super) ());

/// Why [`try_recv`](super::Receiver::try_recv) has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TryRecvError {
    /// None came so far.
    Empty,
    /// None will come: the sender was dropped, the receiver closed, or the value received before.
    Closed,
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed before a value was sent")
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "channel empty, try again or await the receiver",
            Self::Closed => "channel closed, no value will come",
        })
    }
}

impl Error for RecvError {}
impl Error for TryRecvError {}
