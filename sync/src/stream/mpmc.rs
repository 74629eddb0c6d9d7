//! The stream of an `mpmc` receiver.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::channel::{Channel, MessageWait};
use crate::mpmc::Receiver;

/// The messages that an [`mpmc::Receiver`](Receiver) gets.
///
/// Between two polls it keeps its place in the queue of receivers, and a message it was promised: drop the
/// stream, or poll it on, so that others get that one.
pub struct MpmcReceiverStream<T> {
    // Ends before the receiver does. On the heap, so that the stream may move.
    wait: Pin<Box<MessageWait<T, Arc<Channel<T>>>>>,
    receiver: Receiver<T>,
}

impl<T> MpmcReceiverStream<T> {
    /// The receiver as a stream.
    #[track_caller]
    pub fn new(receiver: Receiver<T>) -> Self {
        let wait = MessageWait::new(receiver.channel().clone(), Location::caller());
        Self {
            wait: Box::pin(wait),
            receiver,
        }
    }

    /// The receiver. A message that was promised to the stream goes to the next receiver.
    pub fn into_inner(self) -> Receiver<T> {
        self.receiver
    }
}

impl<T> Stream for MpmcReceiverStream<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.wait.as_mut().poll_message(cx)
    }
}

impl<T> AsRef<Receiver<T>> for MpmcReceiverStream<T> {
    fn as_ref(&self) -> &Receiver<T> {
        &self.receiver
    }
}

impl<T> From<Receiver<T>> for MpmcReceiverStream<T> {
    #[track_caller]
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}

impl<T> fmt::Debug for MpmcReceiverStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MpmcReceiverStream")
            .field(&self.receiver)
            .finish()
    }
}
