//! The errors of a broadcast channel.

use std::error::Error;
use std::fmt;

/// There is no receiver; the value comes back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SendError<T>(pub T);

/// Why [`recv`](super::Receiver::recv) has no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecvError {
    /// All senders are dropped, and all messages received: there will be no other.
    Closed,
    /// So many messages were overwritten before this receiver came to them. The next call gives
    /// the oldest that is left.
    Lagged(u64),
}

/// Why [`try_recv`](super::Receiver::try_recv) has no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TryRecvError {
    /// No message is waiting for this receiver.
    Empty,
    /// All senders are dropped, and all messages received: there will be no other.
    Closed,
    /// So many messages were overwritten before this receiver came to them. The next call gives
    /// the oldest that is left.
    Lagged(u64),
}

impl<T> fmt::Debug for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendError").finish_non_exhaustive()
    }
}

impl<T> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no receiver left, subscribe one first")
    }
}

const CLOSED: &str = "channel closed, no message will come";

fn lagged(f: &mut fmt::Formatter<'_>, missed: u64) -> fmt::Result {
    write!(
        f,
        "channel lagged by {missed} messages, go on with the oldest one left"
    )
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str(CLOSED),
            Self::Lagged(missed) => lagged(f, *missed),
        }
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("channel empty, try again or await `recv`"),
            Self::Closed => f.write_str(CLOSED),
            Self::Lagged(missed) => lagged(f, *missed),
        }
    }
}

impl<T> Error for SendError<T> {}
impl Error for RecvError {}
impl Error for TryRecvError {}
