//! The streams of `mpsc` receivers.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::mpsc::{Receiver, UnboundedReceiver};

macro_rules! receiver_stream {
    ($(#[$doc:meta])* $stream:ident, $receiver:ident) => {
        $(#[$doc])*
        pub struct $stream<T> {
            receiver: $receiver<T>,
        }

        impl<T> $stream<T> {
            /// The receiver as a stream.
            pub fn new(receiver: $receiver<T>) -> Self {
                Self { receiver }
            }

            /// The receiver.
            pub fn into_inner(self) -> $receiver<T> {
                self.receiver
            }

            /// Refuses further messages, as the receiver's `close`.
            pub fn close(&mut self) {
                self.receiver.close();
            }
        }

        impl<T> Stream for $stream<T> {
            type Item = T;

            fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
                self.receiver.poll_recv(cx)
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.receiver.len(), None)
            }
        }

        impl<T> AsRef<$receiver<T>> for $stream<T> {
            fn as_ref(&self) -> &$receiver<T> {
                &self.receiver
            }
        }

        impl<T> AsMut<$receiver<T>> for $stream<T> {
            fn as_mut(&mut self) -> &mut $receiver<T> {
                &mut self.receiver
            }
        }

        impl<T> From<$receiver<T>> for $stream<T> {
            fn from(receiver: $receiver<T>) -> Self {
                Self::new(receiver)
            }
        }

        impl<T> fmt::Debug for $stream<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($stream)).field(&self.receiver).finish()
            }
        }
    };
}

receiver_stream!(
    /// The messages of an [`mpsc::Receiver`](Receiver).
    ReceiverStream,
    Receiver
);
receiver_stream!(
    /// The messages of an [`mpsc::UnboundedReceiver`](UnboundedReceiver).
    UnboundedReceiverStream,
    UnboundedReceiver
);
