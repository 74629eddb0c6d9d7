//! The sending end without bound.

use std::fmt;
use std::panic::Location;

use super::error::SendError;
use super::{Closed, UnboundedReceiver};
use crate::channel::{SenderRef, WeakSenderRef, unbounded};

/// Makes a channel without bound: sending never waits.
///
/// A receiver that is slower than its senders lets the buffer grow as long as there is memory. The
/// memory of a long queue is given back when it has been received.
///
/// # Examples
///
/// ```
/// use selvedge::sync::mpsc;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let (tx, mut rx) = mpsc::unbounded_channel();
/// tx.send("one").unwrap();
/// drop(tx);
/// assert_eq!(rx.recv().await, Some("one"));
/// assert_eq!(rx.recv().await, None);
/// # }
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let (sender, receiver) = unbounded();
    (
        UnboundedSender { end: sender },
        UnboundedReceiver::new(receiver),
    )
}

/// The sending end of an [`unbounded_channel`].
///
/// When the last one is dropped, the receiver gets what is in the buffer and then `None`.
pub struct UnboundedSender<T> {
    end: SenderRef<T>,
}

/// A sender that does not keep the channel going.
///
/// [Upgrade](Self::upgrade) it to send.
pub struct WeakUnboundedSender<T> {
    end: WeakSenderRef<T>,
}

impl<T> UnboundedSender<T> {
    /// Sends a message; never waits.
    ///
    /// `Ok` says that the receiver was there, not that it will look.
    ///
    /// # Errors
    ///
    /// If the channel is closed, the message comes back.
    #[inline]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        let sent = self.end.channel().try_send(message);
        sent.map_err(|refused| SendError(refused.into_inner()))
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

    /// True if the receiver has closed the channel, or is gone.
    pub fn is_closed(&self) -> bool {
        self.end.channel().state().is_closed()
    }

    /// True if both are ends of the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        self.end.same_channel(&other.end)
    }

    /// A sender that does not keep the channel going.
    #[must_use = "it does nothing to this sender"]
    pub fn downgrade(&self) -> WeakUnboundedSender<T> {
        WeakUnboundedSender {
            end: self.end.downgrade(),
        }
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

impl<T> WeakUnboundedSender<T> {
    /// A sender, if there is one still.
    ///
    /// Also if the receiver has closed the channel: sending fails then, as with every sender.
    pub fn upgrade(&self) -> Option<UnboundedSender<T>> {
        let end = self.end.upgrade()?;
        Some(UnboundedSender { end })
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

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        Self {
            end: self.end.clone(),
        }
    }
}

impl<T> Clone for WeakUnboundedSender<T> {
    fn clone(&self) -> Self {
        Self {
            end: self.end.clone(),
        }
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnboundedSender")
            .field(self.end.channel())
            .finish()
    }
}

impl<T> fmt::Debug for WeakUnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WeakUnboundedSender")
            .field(self.end.channel())
            .finish()
    }
}
