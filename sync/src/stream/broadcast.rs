//! The stream of a `broadcast` receiver.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::broadcast::error::RecvError;
use crate::broadcast::{MessageWait, Receiver};

/// What a [`BroadcastStream`] gives instead of messages that were lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BroadcastStreamRecvError {
    /// So many messages were overwritten before the stream came to them. It goes on with the oldest that
    /// is left.
    Lagged(u64),
}

impl fmt::Display for BroadcastStreamRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Lagged(missed) = *self;
        RecvError::Lagged(missed).fmt(f)
    }
}

impl Error for BroadcastStreamRecvError {}

/// The messages that a [`broadcast::Receiver`](Receiver) gets.
pub struct BroadcastStream<T> {
    wait: MessageWait<T>,
    receiver: Receiver<T>,
}

impl<T: Clone> BroadcastStream<T> {
    /// The receiver as a stream.
    #[track_caller]
    pub fn new(receiver: Receiver<T>) -> Self {
        Self {
            wait: MessageWait::new(&receiver, Location::caller()),
            receiver,
        }
    }

    /// The receiver.
    pub fn into_inner(self) -> Receiver<T> {
        self.receiver
    }
}

impl<T: Clone> Stream for BroadcastStream<T> {
    type Item = Result<T, BroadcastStreamRecvError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let received = ready!(this.wait.poll_message(&mut this.receiver, cx));
        Poll::Ready(match received {
            Ok(message) => Some(Ok(message)),
            Err(RecvError::Lagged(missed)) => Some(Err(BroadcastStreamRecvError::Lagged(missed))),
            Err(RecvError::Closed) => None,
        })
    }
}

impl<T> AsRef<Receiver<T>> for BroadcastStream<T> {
    fn as_ref(&self) -> &Receiver<T> {
        &self.receiver
    }
}

impl<T: Clone> From<Receiver<T>> for BroadcastStream<T> {
    #[track_caller]
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}

impl<T> fmt::Debug for BroadcastStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BroadcastStream")
            .field(&self.receiver)
            .finish()
    }
}
