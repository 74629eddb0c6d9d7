//! The errors of an `mpsc` channel.

pub use crate::channel::error::{SendError, SendTimeoutError, TryRecvError, TrySendError};
