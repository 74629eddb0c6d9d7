//! `Promise`: a result that comes later, and that any number of tasks, threads and callbacks want.
//!
//! A [`Promise`] is the right to settle it, once; a [`PromiseFuture`] is a handle on the outcome. They
//! share one allocation (`promise/shared.rs`, where the protocol is told). Neither knows where the work
//! runs: a task, a thread, or a pool settles the promise when it is done.
//!
//! # Rejected
//!
//! One handle for both sides, as in Python: then nobody can tell that the last one who could have settled
//! it is gone. Giving every waiter the value: that needs `T: Clone` of all; here only who awaits the handle
//! by value asks for it, the others read.

mod error;
mod shared;
mod wait;

use std::error::Error;
use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
// Users hold their handles through this one, in models too.
use std::sync::Arc;
use std::time::Duration;

pub use self::error::{PromiseError, PromiseState};
use self::shared::{PromiseShared, Reader};
pub use self::wait::{PromiseCancelled, PromiseResult, PromiseTake, PromiseWait};
use crate::thread_block::{block_thread_for, block_thread_on};
use crate::time_limit::{Elapsed, TimeLimit};
use crate::wake_batch::FirstPanic;

/// The right, and the duty, to settle a promise.
///
/// [`resolve`](Self::resolve) or [`reject`](Self::reject) settle it. A promise that is dropped unsettled,
/// by a panic perhaps, is broken: its futures get [`PromiseError::Broken`]. One that is forgotten with
/// [`mem::forget`](std::mem::forget) stays pending.
///
/// # Examples
///
/// ```
/// use selvedge::sync::Promise;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let promise: Promise<u32> = Promise::new();
/// let future = promise.future();
/// future.on_done(|result| println!("called with {result:?}"));
/// let others = future.clone();
/// std::thread::spawn(move || promise.resolve(6 * 7));
///
/// assert_eq!(*others.wait().await.unwrap(), 42);
/// assert_eq!(future.await.unwrap(), 42);
/// # }
/// ```
pub struct Promise<T, E = Arc<dyn Error + Send + Sync>> {
    shared: Arc<PromiseShared<T, E>>,
}

/// The outcome of a [`Promise`], now or later; each clone is a handle on the same outcome.
///
/// | To get the outcome | from a task | from a plain thread |
/// |---|---|---|
/// | if it is there | [`try_result`](Self::try_result) | [`try_result`](Self::try_result) |
/// | by reference | `(&future).await`, [`wait`](Self::wait) | [`result`](Self::result) |
/// | by reference, within a time | [`wait_timeout`](Self::wait_timeout) | [`result_timeout`](Self::result_timeout) |
/// | as a value of one's own, cloned if others have handles | `future.await` | |
/// | as the value itself, by the only handle | [`take`](Self::take) | [`blocking_take`](Self::blocking_take) |
/// | without waiting for it | [`on_done`](Self::on_done) | [`on_done`](Self::on_done) |
///
/// Handles on several threads may read the outcome at the same time, so they are [`Send`] if `T` and `E` are
/// [`Sync`] too.
///
/// # Fairness
///
/// Those who wait are released together, woken in the order in which they came, before the callbacks are
/// called.
///
/// # Forgetting
///
/// A forgotten wait takes nothing from the others. A handle that is forgotten counts for ever: then the
/// value is never moved out, only read and cloned.
pub struct PromiseFuture<T, E = Arc<dyn Error + Send + Sync>> {
    reader: Reader<T, E>,
}

impl<T, E> Promise<T, E> {
    /// A pending promise.
    pub fn new() -> Self {
        Self {
            shared: Arc::new(PromiseShared::new()),
        }
    }

    /// A handle on the outcome; as many as one likes.
    pub fn future(&self) -> PromiseFuture<T, E> {
        PromiseFuture {
            reader: Reader::new(self.shared.clone()),
        }
    }

    /// How far the promise has come.
    pub fn state(&self) -> PromiseState {
        self.shared.state()
    }

    /// Says that the work begins: from now on [`cancel`](PromiseFuture::cancel) is refused.
    ///
    /// False if it was cancelled before: then nobody wants the work.
    pub fn start(&self) -> bool {
        self.shared.start()
    }

    /// True if the promise was cancelled: nobody wants the outcome.
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_done()
    }

    /// Waits until the promise is cancelled.
    ///
    /// To stop working on something that nobody wants any more. Waits for ever if that never happens.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::{Promise, PromiseState};
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let promise: Promise<u32> = Promise::new();
    /// let future = promise.future();
    /// assert!(future.cancel());
    /// promise.cancelled().await;
    /// assert_eq!(promise.resolve(1), Err(1));
    /// assert_eq!(future.state(), PromiseState::Cancelled);
    /// # }
    /// ```
    #[track_caller]
    pub fn cancelled(&self) -> PromiseCancelled<'_, T, E> {
        PromiseCancelled::new(&self.shared, Location::caller())
    }

    /// Settles the promise with a value; never waits.
    ///
    /// Wakes those who wait, then calls the callbacks, here.
    ///
    /// # Errors
    ///
    /// If the promise was cancelled, the value comes back.
    ///
    /// # Panics
    ///
    /// If a waker or a callback panics, the first panic goes on here after all were woken and called.
    pub fn resolve(self, value: T) -> Result<(), T> {
        match self.shared.settle(Ok(value)) {
            Err(Ok(value)) => Err(value),
            _ => Ok(()),
        }
    }

    /// Settles the promise with an error; never waits.
    ///
    /// # Errors
    ///
    /// If the promise was cancelled, the error comes back.
    ///
    /// # Panics
    ///
    /// As [`resolve`](Self::resolve).
    pub fn reject(self, error: E) -> Result<(), E> {
        match self.shared.settle(Err(PromiseError::Rejected(error))) {
            Err(Err(PromiseError::Rejected(error))) => Err(error),
            _ => Ok(()),
        }
    }
}

impl<T, E> Drop for Promise<T, E> {
    /// Breaks the promise if it is not settled. A panic of a waker or a callback goes on here, unless the
    /// thread panics already.
    fn drop(&mut self) {
        let mut panic = FirstPanic::default();
        panic.catch(|| {
            // It is refused if the promise is settled.
            let _settled = self.shared.settle(Err(PromiseError::Broken));
        });
        panic.resume_in_drop();
    }
}

impl<T, E> PromiseFuture<T, E> {
    fn shared(&self) -> &Arc<PromiseShared<T, E>> {
        self.reader.shared()
    }

    /// True if the promise is settled: nothing will change any more.
    pub fn done(&self) -> bool {
        self.shared().is_done()
    }

    /// How far the promise has come.
    pub fn state(&self) -> PromiseState {
        self.shared().state()
    }

    /// Gives up the outcome; true if the promise was still pending, and is cancelled now.
    ///
    /// All handles get [`PromiseError::Cancelled`]. Who works on it [is told](Promise::cancelled), and may
    /// be doing something for it still when this returns. Refused once the work has
    /// [begun](Promise::start).
    ///
    /// Wakes those who wait, then calls the callbacks, here.
    ///
    /// # Panics
    ///
    /// If a waker or a callback panics, the first panic goes on here after all were woken and called.
    pub fn cancel(&self) -> bool {
        self.shared().cancel()
    }

    /// The outcome, if it is there; never waits.
    pub fn try_result(&self) -> Option<Result<&T, &PromiseError<E>>> {
        self.shared().result()
    }

    /// Waits for the outcome.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the wait, and nothing else.
    #[track_caller]
    pub fn wait(&self) -> PromiseWait<'_, T, E> {
        PromiseWait::new(self.shared(), Location::caller())
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
    pub fn wait_timeout(&self, limit: Duration) -> TimeLimit<PromiseWait<'_, T, E>> {
        TimeLimit::new(self.wait(), limit)
    }

    /// Blocks the thread until there is an outcome; for plain threads.
    ///
    /// # Errors
    ///
    /// If the promise is rejected, broken or cancelled.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::{Promise, PromiseError};
    ///
    /// let promise: Promise<u32, &str> = Promise::new();
    /// let future = promise.future();
    /// std::thread::spawn(move || promise.reject("no"));
    /// assert_eq!(future.result(), Err(&PromiseError::Rejected("no")));
    /// ```
    #[track_caller]
    pub fn result(&self) -> Result<&T, &PromiseError<E>> {
        block_thread_on(self.wait(), "result", "await the future")
    }

    /// As [`result`](Self::result), for at most so long.
    ///
    /// # Errors
    ///
    /// The outer one if the time is up first, the inner one if the promise has no value.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn result_timeout(&self, limit: Duration) -> Result<Result<&T, &PromiseError<E>>, Elapsed> {
        let instead = "await `wait_timeout`";
        block_thread_for(self.wait(), limit, "result_timeout", instead)
    }

    /// Calls `callback` with the outcome, exactly once.
    ///
    /// If the promise is settled and its callbacks have run, it is called at once, here. Otherwise who
    /// settles the promise calls it, in its thread or task, after those that were registered before. No
    /// lock is held, so it may use the promise, also register further callbacks. It should be short: who
    /// settles the promise goes on after it.
    ///
    /// A callback that panics does not keep the others from being called.
    ///
    /// # Panics
    ///
    /// If the callback is called here, and panics.
    pub fn on_done<F>(&self, callback: F)
    where
        F: FnOnce(Result<&T, &PromiseError<E>>) + Send + 'static,
    {
        self.reader.on_done(Box::new(callback));
    }

    /// Waits until the callbacks have run, and moves the outcome out if this is the only handle.
    ///
    /// For values that cannot be cloned, or should not be.
    ///
    /// # Errors
    ///
    /// If there are other handles then, this one comes back.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handle, and with the last one the outcome. Keep a clone and `take` that
    /// one, or [`wait`](Self::wait) first.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::Promise;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// struct NoClone(u32);
    /// let promise: Promise<NoClone> = Promise::new();
    /// let future = promise.future();
    /// selvedge::spawn(async { promise.resolve(NoClone(7)) });
    /// let result = future.take().await.expect("no other handles");
    /// assert_eq!(result.unwrap().0, 7);
    /// # }
    /// ```
    #[track_caller]
    pub fn take(self) -> PromiseTake<T, E> {
        PromiseTake::new(self, Location::caller())
    }

    /// As [`take`](Self::take), on a plain thread, which it blocks.
    ///
    /// # Errors
    ///
    /// As [`take`](Self::take).
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_take(self) -> Result<Result<T, PromiseError<E>>, Self> {
        block_thread_on(self.take(), "blocking_take", "await `take`")
    }

    /// Moves the outcome out if it is there, the callbacks have run, and this is the only handle; never
    /// waits.
    ///
    /// # Errors
    ///
    /// Otherwise the handle comes back.
    pub fn try_take(self) -> Result<Result<T, PromiseError<E>>, Self> {
        self.reader.take().map_err(|reader| Self { reader })
    }
}

impl<T, E> Clone for PromiseFuture<T, E> {
    fn clone(&self) -> Self {
        Self {
            reader: self.reader.clone(),
        }
    }
}

impl<T: Clone, E: Clone> IntoFuture for PromiseFuture<T, E> {
    type Output = Result<T, PromiseError<E>>;
    type IntoFuture = PromiseResult<T, E>;

    /// Waits for the outcome; clones it if there are other handles.
    #[track_caller]
    fn into_future(self) -> Self::IntoFuture {
        PromiseResult::new(self, Location::caller())
    }
}

impl<'a, T, E> IntoFuture for &'a PromiseFuture<T, E> {
    type Output = Result<&'a T, &'a PromiseError<E>>;
    type IntoFuture = PromiseWait<'a, T, E>;

    #[track_caller]
    fn into_future(self) -> Self::IntoFuture {
        self.wait()
    }
}

impl<T, E> Default for Promise<T, E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, E> fmt::Debug for Promise<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Promise").field(&self.state()).finish()
    }
}

impl<T, E> fmt::Debug for PromiseFuture<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PromiseFuture").field(&self.state()).finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
