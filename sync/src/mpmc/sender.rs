//! The sending end.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use super::error::{SendError, SendTimeoutError, TrySendError};
use super::{Closed, Permit, PermitIterator, Reserve, ReserveMany, SendMessage, SendTimeout};
use crate::channel::{SenderRef, WeakSenderRef};
use crate::thread_block::block_thread_for;

/// The sending end of a channel.
///
/// When the last one is dropped, the receivers get what is in the buffer and then `None`.
pub struct Sender<T> {
    end: SenderRef<T>,
}

/// A sender that does not keep the channel going.
///
/// [Upgrade](Self::upgrade) it to send.
pub struct WeakSender<T> {
    end: WeakSenderRef<T>,
}

impl<T> Sender<T> {
    pub(super) fn new(end: SenderRef<T>) -> Self {
        Self { end }
    }

    /// Sends a message; waits while the buffer is full.
    ///
    /// `Ok` says that a receiver was there, not that it will look: it may be dropped with the message
    /// unseen.
    ///
    /// # Errors
    ///
    /// If the channel is or becomes closed, the message comes back.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue. The message was not sent then, and is
    /// dropped with the future: to keep it, wait with [`reserve`](Self::reserve).
    #[track_caller]
    #[inline]
    pub fn send(&self, value: T) -> SendMessage<'_, T> {
        SendMessage::new(self.end.channel(), value, Location::caller())
    }

    /// Sends a message if there is room; never waits.
    ///
    /// # Errors
    ///
    /// If the buffer is full, or others wait for room, or the channel is closed. The message comes back.
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.end.channel().try_send(value)
    }

    /// Sends a message; waits for some time while the buffer is full.
    ///
    /// # Errors
    ///
    /// If the time was up, or the channel is or becomes closed. The message comes back.
    ///
    /// # Cancel safety
    ///
    /// As [`send`](Self::send).
    #[track_caller]
    pub fn send_timeout(&self, value: T, timeout: Duration) -> SendTimeout<'_, T> {
        SendTimeout::new(self.end.channel(), value, timeout, Location::caller())
    }

    /// Blocks the thread until the message is sent; for plain threads.
    ///
    /// # Errors
    ///
    /// If the channel is or becomes closed, the message comes back.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        self.end.channel().blocking_send(value)
    }

    /// Blocks the thread until the message is sent, for some time; for plain threads.
    ///
    /// # Errors
    ///
    /// If the time was up, or the channel is or becomes closed. The message comes back.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_send_timeout(
        &self,
        value: T,
        timeout: Duration,
    ) -> Result<(), SendTimeoutError<T>> {
        let (what, instead) = ("blocking_send_timeout", "await `send_timeout`");
        match block_thread_for(self.reserve(), timeout, what, instead) {
            Ok(Ok(permit)) => {
                permit.send(value);
                Ok(())
            }
            Ok(Err(SendError(()))) => Err(SendTimeoutError::Closed(value)),
            Err(_elapsed) => Err(SendTimeoutError::Timeout(value)),
        }
    }

    /// Waits for room for one message.
    ///
    /// The permit holds the room, so sending it does not wait, and the message need not exist before.
    ///
    /// # Errors
    ///
    /// If the channel is or becomes closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue; room it had goes to the next.
    #[track_caller]
    pub fn reserve(&self) -> Reserve<'_, T> {
        Reserve::new(self.end.channel(), Location::caller())
    }

    /// Waits for room for `n` messages, which is taken as one.
    ///
    /// # Errors
    ///
    /// If the channel is or becomes closed, or `n` is more than its [`max_capacity`](Self::max_capacity).
    ///
    /// # Cancel safety
    ///
    /// As [`reserve`](Self::reserve).
    #[track_caller]
    pub fn reserve_many(&self, n: usize) -> ReserveMany<'_, T> {
        ReserveMany::new(self.end.channel(), n, Location::caller())
    }

    /// Reserves room for one message if there is some; never waits.
    ///
    /// # Errors
    ///
    /// If the buffer is full, or others wait for room, or the channel is closed.
    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        let channel = self.end.channel();
        channel.try_reserve(1)?;
        Ok(Permit::new(channel))
    }

    /// Reserves room for `n` messages if there is so much; never waits.
    ///
    /// # Errors
    ///
    /// If there is less room, or the channel is closed.
    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        let channel = self.end.channel();
        channel.try_reserve(n)?;
        Ok(PermitIterator::new(channel, n))
    }

    /// Waits until the channel is closed, or all receivers are gone.
    ///
    /// To stop making messages that nobody wants any more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn closed(&self) -> Closed<'_, T> {
        Closed::new(self.end.channel(), Location::caller())
    }

    /// Refuses further messages; those in the buffer can be received. True the first time.
    ///
    /// Senders that wait for room get an error. A permit that is out can still be used.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn close(&self) -> bool {
        self.end.channel().close()
    }

    /// A sender that does not keep the channel going.
    #[must_use = "it does nothing to this sender"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender {
            end: self.end.downgrade(),
        }
    }
}

impl<T> WeakSender<T> {
    /// A sender, if there is one still.
    ///
    /// Also if the channel is closed: sending fails then, as with every sender.
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.end.upgrade().map(Sender::new)
    }
}

super::ends::common!(Sender, WeakSender);
