//! The end that watches.

use std::fmt;
use std::panic::Location;
// Shared with users' code, in models too.
use std::sync::Arc;

use super::error::RecvError;
use super::state::Version;
use super::wait::{Changed, WaitFor};
use super::watched::{Ref, Watched};
use crate::wake_batch::FirstPanic;

/// The end that watches the value, and remembers which one it has seen; it can be cloned.
pub struct Receiver<T> {
    pub(super) watched: Arc<Watched<T>>,
    /// The version it has seen.
    pub(super) seen: Version,
}

impl<T> Receiver<T> {
    pub(super) fn subscribe(watched: &Arc<Watched<T>>) -> Self {
        watched.enter_receiver();
        Self {
            watched: watched.clone(),
            seen: watched.state().version(),
        }
    }

    /// Looks at the value, which does not count as seen by that. See [`Ref`] for what to mind.
    ///
    /// In a loop around [`changed`](Self::changed) prefer
    /// [`borrow_and_update`](Self::borrow_and_update): a value that is sent between the two is then
    /// not reported twice.
    pub fn borrow(&self) -> Ref<'_, T> {
        let (value, version) = self.watched.borrow_versioned();
        Ref::new(value, version != self.seen)
    }

    /// Looks at the value, which counts as seen. See [`Ref`] for what to mind.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let (value, version) = self.watched.borrow_versioned();
        let has_changed = version != self.seen;
        self.seen = version;
        Ref::new(value, has_changed)
    }

    /// True if the value is one that this receiver has not seen.
    ///
    /// # Errors
    ///
    /// If all senders are dropped, also if the last value is one not seen.
    pub fn has_changed(&self) -> Result<bool, RecvError> {
        let state = self.watched.state();
        if state.is_closed() {
            return Err(RecvError(()));
        }
        Ok(state.version() != self.seen)
    }

    /// True if all senders are dropped.
    pub fn is_closed(&self) -> bool {
        self.watched.state().is_closed()
    }

    /// Makes the value count as one not seen.
    pub fn mark_changed(&mut self) {
        self.seen = self.seen.before();
    }

    /// Makes the value count as seen.
    pub fn mark_unchanged(&mut self) {
        self.seen = self.watched.state().version();
    }

    /// Waits for a value that this receiver has not seen, which then counts as seen.
    ///
    /// Values that came and went meanwhile are not reported.
    ///
    /// # Errors
    ///
    /// If all senders are dropped and the last value was seen: one not seen is reported first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: a value counts as seen only if the future has said so.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::watch;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (tx, mut rx) = watch::channel("off");
    /// let switch = selvedge::spawn(async move { tx.send("on") });
    /// rx.changed().await.unwrap();
    /// assert_eq!(*rx.borrow_and_update(), "on");
    /// assert!(rx.changed().await.is_err(), "the sender is gone");
    /// # switch.await.unwrap().unwrap();
    /// # }
    /// ```
    #[track_caller]
    pub fn changed(&mut self) -> Changed<'_, T> {
        Changed::new(self, Location::caller())
    }

    /// Waits until the value fulfils `f`; looks at the present one first, seen or not.
    ///
    /// `f` is called with the value borrowed: it has to be quick, and must not send on this channel. Not
    /// every value is shown to it: some may come and go before this task looks.
    ///
    /// # Errors
    ///
    /// If all senders are dropped and the last value does not fulfil `f`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing but the values that `f` was shown: they count as seen.
    ///
    /// # Panics
    ///
    /// If `f` panics; the value counts as seen.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::watch;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (tx, mut rx) = watch::channel(1);
    /// let counter = selvedge::spawn(async move {
    ///     for _ in 0..5 {
    ///         tx.send_modify(|value| *value += 1);
    ///     }
    /// });
    /// assert!(*rx.wait_for(|value| *value > 3).await.unwrap() > 3);
    /// # counter.await.unwrap();
    /// # }
    /// ```
    #[track_caller]
    pub fn wait_for<F>(&mut self, f: F) -> WaitFor<'_, T, F>
    where
        F: FnMut(&T) -> bool,
    {
        WaitFor::new(self, f, Location::caller())
    }

    /// True if both watch the same value.
    pub fn same_channel(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.watched, &other.watched)
    }
}

impl<T> Clone for Receiver<T> {
    /// Makes a receiver that has seen what this one has.
    fn clone(&self) -> Self {
        self.watched.enter_receiver();
        Self {
            watched: self.watched.clone(),
            seen: self.seen,
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut panic = FirstPanic::default();
        panic.catch(|| self.watched.leave_receiver());
        panic.resume_in_drop();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.watched.fmt_end("Receiver", f)
    }
}
