//! `SetOnce`: a value that somebody sets once, and others wait for.
//!
//! # Invariants
//!
//! I1. The value is set under the lock of the queue, so of two who set it the second one sees the value.
//!
//! I2. Who is queued and not covered by the broadcast came while there was no value.
//!
//! # Why no waiter is forgotten
//!
//! A waiter looks for the value under the lock before it queues. So it finds the value, or it is queued
//! before the value is set, and the broadcast that follows under the same lock covers it.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::context::{self, WaitKind};
use crate::once_value::OnceValue;
use crate::thread_block::{block_thread_for, block_thread_on};
use crate::time_limit::{Elapsed, TimeLimit};
use crate::wait_list::{WaitQueue, Waiter, has_wait_queue};

/// The value was set before; gives back the one that was refused.
#[derive(PartialEq, Eq)]
pub struct SetOnceError<T>(pub T);

impl<T> fmt::Debug for SetOnceError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetOnceError(..)")
    }
}

impl<T> fmt::Display for SetOnceError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value was set before, read it with `get`")
    }
}

impl<T> Error for SetOnceError<T> {}

/// A value that is set once, and can be waited for.
///
/// Where the one who waits can also make the value, use [`OnceCell`](super::OnceCell).
///
/// # Fairness
///
/// All who wait are released together, woken in the order in which they came.
///
/// # Examples
///
/// ```
/// use selvedge::sync::SetOnce;
///
/// static ADDRESS: SetOnce<&str> = SetOnce::const_new();
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// selvedge::spawn(async { ADDRESS.set("127.0.0.1:8080") });
/// assert_eq!(*ADDRESS.wait().await, "127.0.0.1:8080");
/// assert!(ADDRESS.set("elsewhere").is_err());
/// # }
/// ```
pub struct SetOnce<T> {
    value: OnceValue<T>,
    waiters: WaitQueue<()>,
}

has_wait_queue!([T] SetOnce<T>, waiters: ());

impl<T> SetOnce<T> {
    /// Without a value.
    pub fn new() -> Self {
        Self::const_new()
    }

    crate::primitive::const_fn! {
        /// As [`new`](Self::new), for statics.
        pub const fn const_new() -> Self {
            Self {
                value: OnceValue::new(),
                waiters: WaitQueue::new(),
            }
        }
    }

    /// With this value, or without one.
    pub fn new_with(value: Option<T>) -> Self {
        match value {
            Some(value) => Self::const_new_with(value),
            None => Self::const_new(),
        }
    }

    crate::primitive::const_fn! {
        /// With this value, for statics.
        pub const fn const_new_with(value: T) -> Self {
            Self {
                value: OnceValue::with(value),
                waiters: WaitQueue::new(),
            }
        }
    }

    /// True if the value is set.
    pub fn initialized(&self) -> bool {
        self.value.is_set()
    }

    /// The value, if it is set; never waits.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// Sets the value and wakes all who wait for it.
    ///
    /// After this there is a value, whether this call has set it or another one.
    ///
    /// # Errors
    ///
    /// If the value was set before, `value` comes back.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken; the value is set then.
    pub fn set(&self, value: T) -> Result<(), SetOnceError<T>> {
        if self.initialized() {
            return Err(SetOnceError(value));
        }
        let waiters = self.waiters.lock();
        self.value.set(value).map_err(SetOnceError)?;
        waiters.broadcast();
        Ok(())
    }

    /// Waits until the value is set.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the wait, and nothing else.
    #[track_caller]
    pub fn wait(&self) -> SetOnceWait<'_, T> {
        let place = Location::caller();
        SetOnceWait {
            waiter: Waiter::new(self, (), place),
            once: self,
            place,
        }
    }

    /// As [`wait`](Self::wait), for at most so long.
    ///
    /// # Errors
    ///
    /// If the time is up first.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_timeout(&self, limit: Duration) -> TimeLimit<SetOnceWait<'_, T>> {
        TimeLimit::new(self.wait(), limit)
    }

    /// Blocks the thread until the value is set; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait(&self) -> &T {
        block_thread_on(self.wait(), "blocking_wait", "await `wait`")
    }

    /// As [`blocking_wait`](Self::blocking_wait), for at most so long.
    ///
    /// # Errors
    ///
    /// If the time is up first.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait_timeout(&self, limit: Duration) -> Result<&T, Elapsed> {
        let instead = "await `wait_timeout`";
        block_thread_for(self.wait(), limit, "blocking_wait_timeout", instead)
    }

    /// The value, if it is set; ends the `SetOnce`.
    pub fn into_inner(mut self) -> Option<T> {
        self.value.take()
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for SetOnce<T> {
    fn from(value: T) -> Self {
        Self::const_new_with(value)
    }
}

impl<T: Clone> Clone for SetOnce<T> {
    /// One of its own, with a clone of the value if it is set.
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for SetOnce<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for SetOnce<T> {}

impl<T: fmt::Debug> fmt::Debug for SetOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOnce")
            .field("value", &self.get())
            .finish()
    }
}

pin_project! {
    /// The future of [`SetOnce::wait`].
    ///
    /// Once it is complete it stays so: polling it again gives the value again.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct SetOnceWait<'a, T> {
        #[pin]
        waiter: Waiter<&'a SetOnce<T>>,
        once: &'a SetOnce<T>,
        place: &'static Location<'static>,
    }
}

impl<'a, T> SetOnceWait<'a, T> {
    /// It is woken: by the broadcast of who sets the value.
    fn poll_value(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'a T> {
        let mut this = self.project();
        if let Some(value) = this.once.get() {
            return Poll::Ready(value);
        }
        if this.waiter.is_queued() {
            ready!(this.waiter.as_mut().poll_departure(Some(cx.waker())));
        } else {
            // Cloned before the lock: it is foreign code.
            let waker = cx.waker().clone();
            let mut guard = this.waiter.as_mut().lock();
            if !this.once.initialized() {
                guard.enqueue(Some(waker));
                return Poll::Pending;
            }
        }
        let value = this.once.get();
        Poll::Ready(value.expect("I2: it was set before anybody was released"))
    }
}

impl<'a, T> Future for SetOnceWait<'a, T> {
    type Output = &'a T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'a T> {
        let Poll::Ready(value) = self.as_mut().poll_value(cx) else {
            context::note_wait(WaitKind::Notify, self.place);
            return Poll::Pending;
        };
        // There is no turn to lose without budget: the value stays.
        ready!(context::poll_proceed(cx)).made_progress();
        Poll::Ready(value)
    }
}

impl<T> fmt::Debug for SetOnceWait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetOnceWait")
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
