//! The receiving end, bounded and not.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::error::TryRecvError;
use crate::channel::{Inbox, ReceiverRef};
use crate::thread_block::{block_thread_on, block_thread_on_peer, check_may_block};

/// The receiving end of a [`channel`](super::channel).
///
/// Dropping it closes the channel and drops the messages in the buffer.
pub struct Receiver<T> {
    inbox: Inbox<T>,
}

/// The receiving end of an [`unbounded_channel`](super::unbounded_channel).
///
/// Dropping it closes the channel and drops the messages in the buffer.
pub struct UnboundedReceiver<T> {
    inbox: Inbox<T>,
}

macro_rules! receiver {
    ($receiver:ident) => {
        impl<T> $receiver<T> {
            pub(super) fn new(end: ReceiverRef<T>) -> Self {
                let inbox = Inbox::new(end);
                Self { inbox }
            }

            /// Waits for the next message; `None` says that none will come.
            ///
            /// None will come when all senders are gone, or after [`close`](Self::close) when nobody
            /// holds a permit any more; and the buffer is empty.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing.
            #[track_caller]
            pub fn recv(&mut self) -> Recv<'_, T> {
                Recv {
                    inbox: &mut self.inbox,
                    place: Location::caller(),
                }
            }

            /// Waits for messages and moves at most `limit` to the end of `buffer`; gives how many.
            ///
            /// Waits until there is one, and then takes those that are there. Zero says that none will
            /// come, or that `limit` is zero.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing: what it received is in `buffer`, and then it is ready.
            #[track_caller]
            pub fn recv_many<'a>(
                &'a mut self,
                buffer: &'a mut Vec<T>,
                limit: usize,
            ) -> RecvMany<'a, T> {
                RecvMany {
                    inbox: &mut self.inbox,
                    buffer,
                    limit,
                    place: Location::caller(),
                }
            }

            /// Takes the next message if there is one; never waits.
            ///
            /// # Errors
            ///
            /// [`Empty`](TryRecvError::Empty) if one may still come,
            /// [`Disconnected`](TryRecvError::Disconnected) if not.
            pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
                self.inbox.try_recv()
            }

            /// Blocks the thread until there is a message; `None` says that none will come.
            ///
            /// For plain threads.
            ///
            /// # Panics
            ///
            /// In a task, whose thread it would block.
            #[track_caller]
            pub fn blocking_recv(&mut self) -> Option<T> {
                let (what, instead) = ("blocking_recv", "await `recv`");
                check_may_block(what, instead);
                match self.try_recv() {
                    Err(TryRecvError::Empty) => block_thread_on_peer(self.recv(), what, instead),
                    other => other.ok(),
                }
            }

            /// Blocks the thread until there are messages and moves at most `limit` to the end of
            /// `buffer`; gives how many.
            ///
            /// For plain threads; else as [`recv_many`](Self::recv_many).
            ///
            /// # Panics
            ///
            /// In a task, whose thread it would block.
            #[track_caller]
            pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
                let wait = self.recv_many(buffer, limit);
                block_thread_on(wait, "blocking_recv_many", "await `recv_many`")
            }

            /// Refuses further messages; those in the buffer can be received.
            ///
            /// Senders that wait for room get an error. A permit that is out can still be used: receive
            /// until `None` to get every message.
            ///
            /// # Panics
            ///
            /// If a waker panics, the first panic goes on here after all were woken.
            pub fn close(&mut self) {
                self.inbox.channel().close();
            }

            /// True if the channel was closed, or all senders are gone.
            ///
            /// There may be messages in the buffer.
            pub fn is_closed(&self) -> bool {
                self.sender_strong_count() == 0 || self.inbox.channel().state().is_closed()
            }

            /// True if there is no message in the buffer.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// How many messages are in the buffer.
            pub fn len(&self) -> usize {
                self.inbox.len()
            }

            /// As [`recv`](Self::recv), for hand-written futures; only the last waker is woken.
            #[track_caller]
            #[inline]
            pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
                self.inbox.poll_recv(cx, Location::caller())
            }

            /// As [`recv_many`](Self::recv_many), for hand-written futures; only the last waker is woken.
            #[track_caller]
            pub fn poll_recv_many(
                &mut self,
                cx: &mut Context<'_>,
                buffer: &mut Vec<T>,
                limit: usize,
            ) -> Poll<usize> {
                let place = Location::caller();
                self.inbox.poll_recv_many(cx, buffer, limit, place)
            }

            /// How many senders there are.
            pub fn sender_strong_count(&self) -> usize {
                self.inbox.channel().sender_count()
            }

            /// How many weak senders there are.
            pub fn sender_weak_count(&self) -> usize {
                self.inbox.channel().weak_sender_count()
            }
        }

        impl<T> fmt::Debug for $receiver<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($receiver))
                    .field(self.inbox.channel())
                    .finish()
            }
        }
    };
}

receiver!(Receiver);
receiver!(UnboundedReceiver);

impl<T> Receiver<T> {
    /// How many messages could be sent now without waiting.
    ///
    /// Permits that are out count as sent.
    pub fn capacity(&self) -> usize {
        self.inbox.channel().room()
    }

    /// How many messages the buffer can hold.
    pub fn max_capacity(&self) -> usize {
        self.inbox.channel().max_capacity().unwrap_or(usize::MAX)
    }
}

/// The future of [`Receiver::recv`] and [`UnboundedReceiver::recv`].
#[must_use = "futures do nothing unless polled"]
pub struct Recv<'a, T> {
    inbox: &'a mut Inbox<T>,
    place: &'static Location<'static>,
}

impl<T> Future for Recv<'_, T> {
    type Output = Option<T>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let place = self.place;
        self.inbox.poll_recv(cx, place)
    }
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recv").field(self.inbox.channel()).finish()
    }
}

/// The future of [`Receiver::recv_many`] and [`UnboundedReceiver::recv_many`].
#[must_use = "futures do nothing unless polled"]
pub struct RecvMany<'a, T> {
    inbox: &'a mut Inbox<T>,
    buffer: &'a mut Vec<T>,
    limit: usize,
    place: &'static Location<'static>,
}

impl<T> Future for RecvMany<'_, T> {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        this.inbox
            .poll_recv_many(cx, this.buffer, this.limit, this.place)
    }
}

impl<T> fmt::Debug for RecvMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvMany")
            .field("channel", self.inbox.channel())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
