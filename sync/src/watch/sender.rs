//! The end that sends, and the wait for the last receiver to go.

use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
// Shared with users' code, in models too.
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::channel;
use super::error::SendError;
use super::receiver::Receiver;
use super::watched::{Ref, Watched, wait_until_closed};
use crate::context::{self, WaitKind};
use crate::wait_list::Waiter;
use crate::wake_batch::FirstPanic;

/// The end that changes the value; it can be cloned.
///
/// When the last of them is dropped, receivers learn that the value stays as it is.
pub struct Sender<T> {
    pub(super) watched: Arc<Watched<T>>,
}

impl<T> Sender<T> {
    /// A channel that has no receiver yet: [subscribe](Self::subscribe) some.
    pub fn new(init: T) -> Self {
        channel(init).0
    }

    /// Puts in a new value, and drops the old one.
    ///
    /// # Errors
    ///
    /// If there is no receiver the value stays as it was, and the new one comes back.
    /// [`send_replace`](Self::send_replace) changes it all the same.
    ///
    /// # Panics
    ///
    /// If a waker or the drop of the old value panics; the value was sent.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.is_closed() {
            return Err(SendError(value));
        }
        self.send_replace(value);
        Ok(())
    }

    /// Changes the value in place, and tells the receivers.
    ///
    /// Blocks the thread while others [borrow](Receiver::borrow) the value, and blocks them while `modify`
    /// runs: it has to be quick, and must not use this channel.
    ///
    /// # Panics
    ///
    /// If `modify` panics, the value stays as that left it, and receivers are not told. If a waker
    /// panics, the value was sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::watch;
    ///
    /// let (tx, rx) = watch::channel(vec![1]);
    /// tx.send_modify(|list| list.push(2));
    /// assert_eq!(*rx.borrow(), [1, 2]);
    /// assert!(rx.has_changed().unwrap());
    /// ```
    pub fn send_modify<F>(&self, modify: F)
    where
        F: FnOnce(&mut T),
    {
        self.send_if_modified(|value| {
            modify(value);
            true
        });
    }

    /// As [`send_modify`](Self::send_modify), but receivers are told only if `modify` returns true.
    /// Gives what it returns.
    ///
    /// # Panics
    ///
    /// As [`send_modify`](Self::send_modify).
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::watch;
    ///
    /// let (tx, rx) = watch::channel(7);
    /// let raise_to = |new: i32| {
    ///     tx.send_if_modified(|value| {
    ///         let higher = new > *value;
    ///         if higher {
    ///             *value = new;
    ///         }
    ///         higher
    ///     })
    /// };
    /// assert!(!raise_to(5));
    /// assert!(!rx.has_changed().unwrap());
    /// assert!(raise_to(9));
    /// assert!(rx.has_changed().unwrap());
    /// ```
    pub fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        self.watched.modify(modify)
    }

    /// Puts in a new value and gives the old one, whether there are receivers or not.
    ///
    /// # Panics
    ///
    /// If a waker panics; the value was sent.
    pub fn send_replace(&self, mut value: T) -> T {
        self.send_modify(|old| mem::swap(old, &mut value));
        value
    }

    /// Looks at the value. See [`Ref`] for what to mind.
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref::new(self.watched.borrow(), false)
    }

    /// True if there is no receiver.
    pub fn is_closed(&self) -> bool {
        self.receiver_count() == 0
    }

    /// Waits until there is no receiver.
    ///
    /// If one is [subscribed](Self::subscribe) before the waiting task has looked, it goes on
    /// waiting.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has no effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::watch;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (tx, rx) = watch::channel(1);
    /// let watcher = selvedge::spawn(async move { drop(rx) });
    /// tx.closed().await;
    /// watcher.await.unwrap();
    /// assert!(tx.send(2).is_err());
    /// # }
    /// ```
    #[track_caller]
    pub fn closed(&self) -> Closed<'_, T> {
        let place = Location::caller();
        Closed {
            waiter: Waiter::new(&*self.watched, (), place),
            place,
        }
    }

    /// Makes a receiver that has seen the present value.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::subscribe(&self.watched)
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.watched.receiver_count()
    }

    /// How many senders there are.
    pub fn sender_count(&self) -> usize {
        self.watched.sender_count()
    }

    /// True if both send on the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.watched, &other.watched)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.watched.enter_sender();
        Self {
            watched: self.watched.clone(),
        }
    }
}

impl<T: Default> Default for Sender<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut panic = FirstPanic::default();
        panic.catch(|| self.watched.leave_sender());
        panic.resume_in_drop();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.watched.fmt_end("Sender", f)
    }
}

pin_project! {
    /// The future of [`Sender::closed`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Closed<'a, T> {
        #[pin]
        waiter: Waiter<&'a Watched<T>>,
        place: &'static Location<'static>,
    }
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    /// It is woken: by the last receiver to go, or at once without budget.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let waits = this.waiter.is_queued()
            && this
                .waiter
                .as_mut()
                .poll_departure(Some(cx.waker()))
                .is_pending();
        if waits || !wait_until_closed(this.waiter, cx.waker()) {
            context::note_wait(WaitKind::Channel, this.place);
            return Poll::Pending;
        }
        ready!(context::poll_proceed(cx)).made_progress();
        Poll::Ready(())
    }
}

impl<T> fmt::Debug for Closed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed")
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}
