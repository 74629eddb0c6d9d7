//! The end that receives.

use std::fmt;
use std::panic::Location;
// Shared with users' code, in models too.
use std::sync::Arc;

use super::error::{RecvError, TryRecvError};
use super::recv::Recv;
use super::ring::{Position, Ring};
use super::slot::Read;
use crate::primitive::thread;
use crate::thread_block::block_thread_on;
use crate::wake_batch::FirstPanic;

/// The end that receives: each one gets every message sent since it was made.
///
/// Another one comes from [`Sender::subscribe`](super::Sender::subscribe) or
/// [`resubscribe`](Self::resubscribe).
pub struct Receiver<T> {
    pub(super) ring: Arc<Ring<T>>,
    /// The number of its next message.
    pub(super) next: u64,
}

impl<T> Receiver<T> {
    #[track_caller]
    pub(super) fn subscribe(ring: &Arc<Ring<T>>) -> Self {
        let next = ring.enter_receiver();
        Self {
            ring: ring.clone(),
            next,
        }
    }

    /// How many messages were sent since the last one received, lost ones included.
    ///
    /// More than the capacity means that the next call reports how many are lost.
    pub fn len(&self) -> usize {
        usize::try_from(self.ring.behind(self.next)).unwrap_or(usize::MAX)
    }

    /// True if there is nothing to receive now.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True if both receive from the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.ring, &other.ring)
    }

    /// How many senders there are, weak ones not counted.
    pub fn sender_strong_count(&self) -> usize {
        self.ring.sender_count()
    }

    /// How many weak senders there are.
    pub fn sender_weak_count(&self) -> usize {
        self.ring.weak_sender_count()
    }

    /// True if all senders are dropped. There may be messages left.
    pub fn is_closed(&self) -> bool {
        self.sender_strong_count() == 0
    }
}

impl<T: Clone> Receiver<T> {
    /// Makes a receiver for the messages sent from now on: what this one has not received yet, the
    /// new one will not.
    ///
    /// # Panics
    ///
    /// If there are `usize::MAX / 4` receivers.
    #[track_caller]
    pub fn resubscribe(&self) -> Self {
        Self::subscribe(&self.ring)
    }

    /// Waits for the next message.
    ///
    /// # Errors
    ///
    /// [`Lagged`](RecvError::Lagged) if messages were overwritten before this receiver came to
    /// them: go on receiving. [`Closed`](RecvError::Closed) if there is no message, and no sender
    /// left.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no message: each is received by the poll that returns it.
    ///
    /// # Panics
    ///
    /// If cloning the message panics; this receiver is past it then.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::broadcast;
    /// use selvedge::sync::broadcast::error::RecvError;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (tx, mut rx) = broadcast::channel(2);
    /// for number in 1..=3 {
    ///     tx.send(number).unwrap();
    /// }
    /// drop(tx);
    /// assert_eq!(rx.recv().await, Err(RecvError::Lagged(1)));
    /// assert_eq!(rx.recv().await, Ok(2));
    /// assert_eq!(rx.recv().await, Ok(3));
    /// assert_eq!(rx.recv().await, Err(RecvError::Closed));
    /// # }
    /// ```
    #[track_caller]
    pub fn recv(&mut self) -> Recv<'_, T> {
        Recv::new(self, Location::caller())
    }

    /// Takes the next message if there is one; never waits for a sender.
    ///
    /// While another receiver clones the same message, this one waits for its turn.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv), and [`Empty`](TryRecvError::Empty) if there is no message now.
    ///
    /// # Panics
    ///
    /// As [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        loop {
            match self.ring.clone_next(&mut self.next) {
                Read::Done(value) => return Ok(value),
                Read::Busy => thread::yield_now(),
                Read::Absent => match self.ring.position(self.next) {
                    Position::AtEnd => return Err(TryRecvError::Empty),
                    Position::Ended => return Err(TryRecvError::Closed),
                    Position::Lagged(missed) => {
                        self.next = self.next.wrapping_add(missed);
                        return Err(TryRecvError::Lagged(missed));
                    }
                    // It came just now.
                    Position::Behind => {}
                },
            }
        }
    }

    /// Blocks the thread until there is a message; for plain threads.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block; and as [`recv`](Self::recv).
    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        block_thread_on(self.recv(), "blocking_recv", "await `recv`")
    }
}

impl<T> Drop for Receiver<T> {
    /// Counts as read what was not; messages that nobody else is to read are dropped.
    fn drop(&mut self) {
        let (end, last) = {
            let mut tail = self.ring.tail.lock();
            let tail = tail.state();
            tail.receivers -= 1;
            (tail.next, tail.receivers == 0)
        };
        let mut panic = FirstPanic::default();
        self.ring.skip(&mut self.next, end, &mut panic);
        if last {
            panic.catch(|| self.ring.announce_close());
        }
        panic.resume_in_drop();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring.fmt_end("Receiver", f)
    }
}
