//! The ends that send: strong ones, which keep the channel open, and weak ones, which do not.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
// Shared with users' code, in models too.
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::error::SendError;
use super::receiver::Receiver;
use super::ring::{CLOSED, Ring};
use crate::context::{self, WaitKind};
use crate::primitive::atomic::Ordering;
use crate::primitive::thread;
use crate::wait_list::Waiter;
use crate::wake_batch::FirstPanic;

/// The end that sends; it can be cloned.
///
/// The channel ends when the last of them is dropped: receivers then get what is left, and
/// [`Closed`](super::error::RecvError::Closed) after it.
pub struct Sender<T> {
    pub(super) ring: Arc<Ring<T>>,
}

/// A [`Sender`] that does not keep the channel open.
///
/// # Examples
///
/// ```
/// use selvedge::sync::broadcast;
///
/// let (tx, _rx) = broadcast::channel::<u32>(4);
/// let weak = tx.downgrade();
/// assert!(weak.upgrade().is_some());
/// drop(tx);
/// assert!(weak.upgrade().is_none());
/// ```
pub struct WeakSender<T> {
    ring: Arc<Ring<T>>,
}

impl<T> Sender<T> {
    /// A channel that has no receiver yet: [subscribe](Self::subscribe) some.
    ///
    /// # Panics
    ///
    /// If the capacity is zero or more than `usize::MAX / 2`.
    #[track_caller]
    pub fn new(capacity: usize) -> Self {
        Self {
            ring: Arc::new(Ring::new(capacity, 0, 0)),
        }
    }

    /// Sends a message to all receivers there are now; never waits. Gives how many they are.
    ///
    /// If the channel is full, the oldest message is overwritten, and receivers who have not read
    /// it [lag](super::error::RecvError::Lagged). That a message was sent does not say that
    /// somebody reads it: receivers may be dropped before.
    ///
    /// # Errors
    ///
    /// If there is no receiver, the message comes back. Later ones may succeed: see
    /// [`subscribe`](Self::subscribe).
    ///
    /// # Panics
    ///
    /// If a waker or the drop of an overwritten message panics; the message was sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::broadcast;
    ///
    /// let (tx, mut rx) = broadcast::channel(4);
    /// assert_eq!(tx.send("news").unwrap(), 1);
    /// assert_eq!(rx.try_recv(), Ok("news"));
    /// drop(rx);
    /// assert!(tx.send("more news").is_err());
    /// ```
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let ring = &*self.ring;
        let mut value = value;
        loop {
            let mut locked = ring.tail.lock();
            let tail = locked.state();
            let receivers = tail.receivers;
            if receivers == 0 {
                drop(locked);
                return Err(SendError(value));
            }
            match ring.put(tail, value) {
                Ok(displaced) => {
                    Ring::announce(locked, displaced);
                    return Ok(receivers);
                }
                Err(back) => value = back,
            }
            drop(locked);
            // Two receivers clone the two values there could be in this slot.
            thread::yield_now();
        }
    }

    /// Makes a receiver for the messages sent from now on.
    ///
    /// # Panics
    ///
    /// If there are `usize::MAX / 4` receivers.
    #[track_caller]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver::subscribe(&self.ring)
    }

    /// Makes a sender that does not keep the channel open.
    #[must_use = "the sender itself stays as it is"]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender::new(&self.ring)
    }

    /// How many messages have still to be read by some receiver.
    pub fn len(&self) -> usize {
        self.ring.unread()
    }

    /// True if all messages were read by all.
    pub fn is_empty(&self) -> bool {
        self.ring.is_read()
    }

    /// How many receivers there are.
    pub fn receiver_count(&self) -> usize {
        self.ring.tail.lock().state().receivers
    }

    /// True if both send on the same channel.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.ring, &other.ring)
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
    /// use selvedge::sync::broadcast;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (tx, rx) = broadcast::channel::<u32>(4);
    /// let listener = selvedge::spawn(async move { drop(rx) });
    /// tx.closed().await;
    /// listener.await.unwrap();
    /// # }
    /// ```
    #[track_caller]
    pub fn closed(&self) -> Closed<'_, T> {
        let place = Location::caller();
        Closed {
            waiter: Waiter::new(&*self.ring, (), place),
            place,
        }
    }

    /// How many senders there are, weak ones not counted.
    pub fn strong_count(&self) -> usize {
        self.ring.sender_count()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.ring.weak_sender_count()
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        // Ordering: Relaxed; a count, and this sender keeps it above zero.
        self.ring.senders.fetch_add(1, Ordering::Relaxed);
        Self {
            ring: self.ring.clone(),
        }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        // Ordering: AcqRel; Release pairs with the Acquire of who sees the count, Acquire lets the
        // Releases of the senders before pass on through this change.
        if self.ring.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            let mut panic = FirstPanic::default();
            panic.catch(|| self.ring.end());
            panic.resume_in_drop();
        }
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring.fmt_end("Sender", f)
    }
}

impl<T> WeakSender<T> {
    fn new(ring: &Arc<Ring<T>>) -> Self {
        // Ordering: Relaxed; a count that decides nothing.
        ring.weak_senders.fetch_add(1, Ordering::Relaxed);
        Self { ring: ring.clone() }
    }

    /// Makes a sender, unless the last one was dropped: the channel has ended then for good.
    #[must_use = "the weak sender itself stays as it is"]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        self.ring.upgrade().then(|| Sender {
            ring: self.ring.clone(),
        })
    }

    /// How many senders there are, weak ones not counted.
    pub fn strong_count(&self) -> usize {
        self.ring.sender_count()
    }

    /// How many weak senders there are.
    pub fn weak_count(&self) -> usize {
        self.ring.weak_sender_count()
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self::new(&self.ring)
    }
}

impl<T> Drop for WeakSender<T> {
    fn drop(&mut self) {
        // Ordering: AcqRel, as for senders.
        self.ring.weak_senders.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ring.fmt_end("WeakSender", f)
    }
}

pin_project! {
    /// The future of [`Sender::closed`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Closed<'a, T> {
        #[pin]
        waiter: Waiter<&'a Ring<T>>,
        place: &'static Location<'static>,
    }
}

impl<T> Future for Closed<'_, T> {
    type Output = ();

    /// It is woken: by the last receiver to go, which counts itself out under the lock and then
    /// wakes all that are queued; or at once without budget.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if this.waiter.is_queued()
            && this
                .waiter
                .as_mut()
                .poll_departure(Some(cx.waker()))
                .is_pending()
        {
            context::note_wait(WaitKind::Channel, this.place);
            return Poll::Pending;
        }
        // Cloned before the lock: it is foreign code.
        let waker = cx.waker().clone();
        let mut guard = this.waiter.lock();
        if guard.queue().state().receivers > 0 {
            guard.enqueue_in(CLOSED, Some(waker));
            drop(guard);
            context::note_wait(WaitKind::Channel, this.place);
            return Poll::Pending;
        }
        drop(guard);
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
