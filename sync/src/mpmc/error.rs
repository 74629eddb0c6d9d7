//! The errors of an `mpmc` channel.

pub use crate::channel::error::{
    RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
};
