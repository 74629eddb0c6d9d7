//! The sending end with backpressure.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::error::{SendError, TrySendError};
use super::{
    Closed, Permit, PermitIterator, Receiver, Reserve, ReserveMany, SendMessage, SendTimeout,
};
use crate::channel::{Channel, RoomWait, SenderRef, WeakSenderRef, bounded};

/// Makes a channel for at most `buffer` messages at a time.
///
/// # Panics
///
/// If `buffer` is zero, or more than [`Semaphore::MAX_PERMITS`](crate::Semaphore::MAX_PERMITS).
///
/// # Examples
///
/// ```
/// use selvedge::sync::mpsc;
///
/// let (tx, mut rx) = mpsc::channel(1);
/// tx.try_send("first").unwrap();
/// assert!(tx.try_send("second").is_err(), "there is no room");
/// assert_eq!(rx.try_recv(), Ok("first"));
/// ```
#[track_caller]
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = bounded(buffer, "an `mpsc` channel");
    (Sender { end: sender }, Receiver::new(receiver))
}

/// The sending end of a [`channel`].
///
/// When the last one is dropped, the receiver gets what is in the buffer and then `None`.
pub struct Sender<T> {
    end: SenderRef<T>,
}

/// A sender that does not keep the channel going.
///
/// [Upgrade](Self::upgrade) it to send.
///
/// # Examples
///
/// ```
/// use selvedge::sync::mpsc;
///
/// let (tx, _rx) = mpsc::channel::<u32>(1);
/// let weak = tx.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(tx);
/// assert!(weak.upgrade().is_none(), "there is no sender left");
/// ```
pub struct WeakSender<T> {
    end: WeakSenderRef<T>,
}

impl<T> Sender<T> {
    /// Sends a message; waits while the buffer is full.
    ///
    /// `Ok` says that the receiver was there, not that it will look: it may be dropped with the message
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

    /// Waits until the receiver has closed the channel, or is gone.
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

    /// Sends a message if there is room; never waits.
    ///
    /// # Errors
    ///
    /// If the buffer is full, or others wait for room, or the channel is closed. The message comes back.
    #[inline]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        self.end.channel().try_send(message)
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

    /// True if the receiver has closed the channel, or is gone.
    pub fn is_closed(&self) -> bool {
        self.end.channel().state().is_closed()
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
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::mpsc;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (tx, mut rx) = mpsc::channel(1);
    /// let permit = tx.reserve().await.unwrap();
    /// assert!(tx.try_send(1).is_err(), "the room is reserved");
    /// permit.send(2);
    /// assert_eq!(rx.recv().await, Some(2));
    /// # }
    /// ```
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

    /// As [`reserve`](Self::reserve), with a permit that owns this sender.
    ///
    /// # Errors
    ///
    /// If the channel is or becomes closed.
    ///
    /// # Cancel safety
    ///
    /// As [`reserve`](Self::reserve); the sender is dropped with the future. Clone it before to keep it.
    #[track_caller]
    pub fn reserve_owned(self) -> ReserveOwned<T> {
        ReserveOwned {
            wait: RoomWait::new(self.end.channel().clone(), 1, Location::caller()),
            sender: Some(self),
        }
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

    /// As [`try_reserve`](Self::try_reserve), with a permit that owns this sender.
    ///
    /// # Errors
    ///
    /// If the buffer is full, or others wait for room, or the channel is closed. The sender comes back.
    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        match self.end.channel().try_reserve(1) {
            Ok(()) => Ok(OwnedPermit { sender: Some(self) }),
            Err(refused) => Err(refused.map(|()| self)),
        }
    }

    /// True if both are ends of the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.end.same_channel(&other.end)
    }

    /// How many messages could be sent now without waiting.
    ///
    /// Permits that are out count as sent.
    pub fn capacity(&self) -> usize {
        self.end.channel().room()
    }

    /// How many messages the buffer can hold.
    pub fn max_capacity(&self) -> usize {
        self.end.channel().max_capacity().unwrap_or(usize::MAX)
    }

    /// A sender that does not keep the channel going.
    #[must_use = "it does nothing to this sender"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender {
            end: self.end.downgrade(),
        }
    }

    /// How many senders there are; a permit that owns one counts.
    pub fn strong_count(&self) -> usize {
        self.end.channel().sender_count()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.end.channel().weak_sender_count()
    }
}

impl<T> WeakSender<T> {
    /// A sender, if there is one still.
    ///
    /// Also if the receiver has closed the channel: sending fails then, as with every sender.
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let end = self.end.upgrade()?;
        Some(Sender { end })
    }

    /// How many senders there are.
    pub fn strong_count(&self) -> usize {
        self.end.channel().sender_count()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.end.channel().weak_sender_count()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self {
            end: self.end.clone(),
        }
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self {
            end: self.end.clone(),
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(self.end.channel()).finish()
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WeakSender")
            .field(self.end.channel())
            .finish()
    }
}

/// Room for one message, with the sender; given back when this is dropped.
///
/// As a [`Permit`] that needs no reference to its sender.
#[must_use = "the room is given back when the permit is dropped"]
pub struct OwnedPermit<T> {
    /// `None` only on the way out.
    sender: Option<Sender<T>>,
}

impl<T> OwnedPermit<T> {
    /// Sends a message, and gives the sender back; never waits.
    ///
    /// Also into a channel that was closed after the permit was given out. If the receiver is gone, the
    /// message is dropped.
    pub fn send(mut self, value: T) -> Sender<T> {
        let sender = self.take();
        Permit::new(sender.end.channel()).send(value);
        sender
    }

    /// Gives back the room, and the sender.
    pub fn release(mut self) -> Sender<T> {
        let sender = self.take();
        drop(Permit::new(sender.end.channel()));
        sender
    }

    /// True if both are for the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        match (&self.sender, &other.sender) {
            (Some(sender), Some(other)) => sender.same_channel(other),
            _ => false,
        }
    }

    /// True if this is for the channel of `sender`.
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        let own = self.sender.as_ref();
        own.is_some_and(|own| own.same_channel(sender))
    }

    fn take(&mut self) -> Sender<T> {
        self.sender.take().expect("a permit is used once")
    }
}

impl<T> Drop for OwnedPermit<T> {
    fn drop(&mut self) {
        if let Some(sender) = &self.sender {
            drop(Permit::new(sender.end.channel()));
        }
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedPermit").field(&self.sender).finish()
    }
}

pin_project! {
    /// The future of [`Sender::reserve_owned`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ReserveOwned<T> {
        // Ends before the sender does.
        #[pin]
        wait: RoomWait<T, Arc<Channel<T>>>,
        sender: Option<Sender<T>>,
    }
}

impl<T> Future for ReserveOwned<T> {
    type Output = Result<OwnedPermit<T>, SendError<()>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        ready!(this.wait.poll_confirmed(cx))?;
        Poll::Ready(Ok(OwnedPermit {
            sender: this.sender.take(),
        }))
    }
}

impl<T> fmt::Debug for ReserveOwned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReserveOwned").field(&self.wait).finish()
    }
}
