//! A channel for one value from one task to another.
//!
//! [`Sender`] and [`Receiver`] share one allocation without a reference count: its
//! state word (`oneshot/state.rs`) says whose each part is, and which side frees it. The
//! protocol (`oneshot/slot.rs`) and why no wake-up is lost are told there.
//!
//! # Examples
//!
//! ```
//! use selvedge::sync::oneshot;
//!
//! # #[selvedge::main(flavor = "current_thread")]
//! # async fn main() {
//! let (tx, rx) = oneshot::channel();
//! selvedge::spawn(async move {
//!     let _ = tx.send(6 * 7);
//! });
//! assert_eq!(rx.await, Ok(42));
//! # }
//! ```

pub mod error;
mod slot;
mod state;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use self::error::{RecvError, TryRecvError};
use self::slot::{ReceiverSlot, SenderSlot};
use self::state::Side;
use crate::context::{self, WaitKind};
use crate::thread_block::block_thread_on;

/// Makes a channel for one value.
///
/// # Examples
///
/// ```
/// use selvedge::sync::oneshot;
///
/// let (tx, mut rx) = oneshot::channel();
/// tx.send("now").unwrap();
/// assert_eq!(rx.try_recv(), Ok("now"));
/// ```
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = slot::allocate();
    (
        Sender { slot: sender },
        Receiver {
            slot: Some(receiver),
            place: Location::caller(),
        },
    )
}

/// The end that sends the value, once.
///
/// Dropping it unused ends the channel: the receiver gets a [`RecvError`].
pub struct Sender<T> {
    slot: SenderSlot<T>,
}

/// The end that receives the value: a future.
///
/// Sending does not wait, so there is no function `recv`: await the receiver itself. To keep it
/// when the wait may be given up, await `&mut receiver`.
///
/// # Cancel safety
///
/// Awaiting `&mut receiver` and giving up loses nothing. Dropping the receiver closes the channel
/// and drops a value that was sent.
///
/// # Examples
///
/// ```
/// use selvedge::sync::oneshot;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let (tx, rx) = oneshot::channel::<u32>();
/// drop(tx);
/// assert!(rx.await.is_err(), "the sender was dropped");
/// # }
/// ```
pub struct Receiver<T> {
    /// `None` once a value or the end was returned.
    slot: Option<ReceiverSlot<T>>,
    /// Where the channel was made.
    place: &'static Location<'static>,
}

impl<T> Sender<T> {
    /// Sends the value; never waits.
    ///
    /// `Ok` says that the receiver was there, not that it will look: it may be dropped with the
    /// value unseen.
    ///
    /// # Errors
    ///
    /// If the receiver was closed or dropped, the value comes back.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::oneshot;
    ///
    /// let (tx, rx) = oneshot::channel();
    /// drop(rx);
    /// assert_eq!(tx.send(5), Err(5));
    /// ```
    pub fn send(self, value: T) -> Result<(), T> {
        self.slot.send(value)
    }

    /// True if the receiver was closed or dropped, so that sending is in vain.
    pub fn is_closed(&self) -> bool {
        self.slot.state().is_done(Side::Receiver)
    }

    /// Waits until the receiver is closed or dropped.
    ///
    /// To stop working on an answer that nobody wants any more.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::oneshot;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (mut tx, rx) = oneshot::channel::<u32>();
    /// drop(rx);
    /// tx.closed().await;
    /// # }
    /// ```
    #[track_caller]
    pub fn closed(&mut self) -> Closed<'_, T> {
        Closed {
            sender: self,
            place: Location::caller(),
        }
    }

    /// As [`closed`](Self::closed), for hand-written futures.
    ///
    /// Only the last waker is woken.
    #[track_caller]
    pub fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_closed_at(cx, Location::caller())
    }

    /// It is woken: by the receiver when that is done, or at once without budget.
    fn poll_closed_at(
        &mut self,
        cx: &mut Context<'_>,
        place: &'static Location<'static>,
    ) -> Poll<()> {
        let unit = ready!(context::poll_proceed(cx));
        if self.slot.share_waker(cx.waker()) {
            context::note_wait(WaitKind::Channel, place);
            return Poll::Pending;
        }
        unit.made_progress();
        Poll::Ready(())
    }
}

impl<T> Receiver<T> {
    /// Refuses a value that was not sent yet: from now on [`Sender::send`] fails.
    ///
    /// A value that was sent before can still be received. Close, then
    /// [`try_recv`](Self::try_recv), to end the channel without losing a value.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::oneshot;
    ///
    /// let (tx, mut rx) = oneshot::channel();
    /// rx.close();
    /// assert!(tx.is_closed());
    /// assert_eq!(tx.send(1), Err(1));
    /// assert!(rx.try_recv().is_err());
    /// ```
    pub fn close(&mut self) {
        if let Some(slot) = &mut self.slot {
            slot.close();
        }
    }

    /// True if the receiver has returned the value or the end of the channel.
    ///
    /// It must not be awaited after that.
    pub fn is_terminated(&self) -> bool {
        self.slot.is_none()
    }

    /// True if there is no value to receive now.
    ///
    /// Also when none will come.
    pub fn is_empty(&self) -> bool {
        self.slot
            .as_ref()
            .is_none_or(|slot| !slot.state().has_value())
    }

    /// Takes the value if it was sent; never waits.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) if it may still come, [`Closed`](TryRecvError::Closed) if
    /// not; the receiver must not be awaited after the latter.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        match self.try_end() {
            None => Err(TryRecvError::Empty),
            Some(end) => end.map_err(|RecvError(())| TryRecvError::Closed),
        }
    }

    /// Blocks the thread until the value is sent or the channel ends.
    ///
    /// For plain threads; tasks await the receiver.
    ///
    /// # Errors
    ///
    /// If the sender is dropped without sending.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::oneshot;
    ///
    /// let (tx, rx) = oneshot::channel();
    /// let thread = std::thread::spawn(move || rx.blocking_recv());
    /// tx.send(3).unwrap();
    /// assert_eq!(thread.join().unwrap(), Ok(3));
    /// ```
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        block_thread_on(self, "blocking_recv", "await the receiver")
    }

    /// How the channel has ended, if it has; after that the receiver is terminated.
    fn try_end(&mut self) -> Option<Result<T, RecvError>> {
        let Some(slot) = &self.slot else {
            return Some(Err(RecvError(())));
        };
        let state = slot.state();
        if !state.is_over() {
            return None;
        }
        let slot = self.slot.take().filter(|_| state.has_value());
        Some(slot.map(ReceiverSlot::receive).ok_or(RecvError(())))
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    /// It is woken: by the sender when that is done, or at once without budget.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(
            !self.is_terminated(),
            "a oneshot receiver was polled after it had returned its result: check \
             `is_terminated` first, or drop it"
        );
        let unit = ready!(context::poll_proceed(cx));
        loop {
            if let Some(end) = self.try_end() {
                unit.made_progress();
                return Poll::Ready(end);
            }
            let shared = self
                .slot
                .as_mut()
                .is_some_and(|slot| slot.share_waker(cx.waker()));
            if shared {
                context::note_wait(WaitKind::Channel, self.place);
                return Poll::Pending;
            }
            // The channel has ended meanwhile; it does so once.
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(&self.slot.state()).finish()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_tuple("Receiver");
        match &self.slot {
            Some(slot) => f.field(&slot.state()),
            None => f.field(&format_args!("terminated")),
        };
        f.finish()
    }
}

/// The future of [`Sender::closed`].
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Closed<'a, T> {
    sender: &'a mut Sender<T>,
    place: &'static Location<'static>,
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let place = self.place;
        self.sender.poll_closed_at(cx, place)
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Closed").field(&self.sender).finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
