//! `OnceCell`: a value that the first one to ask for it makes, in an async function.
//!
//! ```text
//!            1 ──────────►                 2 ──────────►
//!     empty                initialising                    set
//!            ◄────────── 3
//! ```
//! 1 the next in line gets the turn · 2 its initialiser succeeds, or `set` · 3 its initialiser fails,
//! panics, or is dropped
//!
//! # Invariants
//!
//! I1. The turn is the one permit of a semaphore. Only who holds it runs an initialiser or sets the value.
//!
//! I2. A turn that ends without a value goes to the next in line, after the future of the initialiser was
//! dropped. One that ends with a value closes the semaphore, once the value is there.
//!
//! # Why no waiter is forgotten
//!
//! Those who wait for the turn wait at the semaphore. It gives the turn to the first of them when it comes
//! back (I2), or it is closed and lets all go, who then find the value.

mod init;

use std::error::Error;
use std::fmt;
use std::future::Future;

pub use self::init::{GetOrInit, GetOrTryInit};
use crate::once_value::OnceValue;
use crate::semaphore::{Semaphore, SemaphorePermit, TryAcquireError};

/// Why [`OnceCell::set`] refused a value, which it gives back.
#[derive(PartialEq, Eq)]
pub enum SetError<T> {
    /// The cell has a value.
    AlreadyInitializedError(T),
    /// Somebody runs an initialiser: use [`get_or_init`](OnceCell::get_or_init) to wait for the outcome.
    InitializingError(T),
}

impl<T> SetError<T> {
    /// True if the cell has a value.
    pub fn is_already_init_err(&self) -> bool {
        matches!(self, Self::AlreadyInitializedError(_))
    }

    /// True if somebody runs an initialiser.
    pub fn is_initializing_err(&self) -> bool {
        matches!(self, Self::InitializingError(_))
    }

    /// The value that was refused.
    pub fn into_inner(self) -> T {
        match self {
            Self::AlreadyInitializedError(value) | Self::InitializingError(value) => value,
        }
    }
}

impl<T> fmt::Debug for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyInitializedError(_) => "AlreadyInitializedError(..)",
            Self::InitializingError(_) => "InitializingError(..)",
        })
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyInitializedError(_) => "the cell has a value, read it with `get`",
            Self::InitializingError(_) => {
                "the cell is being initialised, wait for it with `get_or_init`"
            }
        })
    }
}

impl<T> Error for SetError<T> {}

/// A cell that is set once, by an initialiser that may be asynchronous.
///
/// All who call [`get_or_init`](Self::get_or_init) get the same value. One of them makes it; the others
/// wait. If the initialiser fails, panics or is cancelled, the next one in line runs its own. Reading a
/// value that is there takes one load.
///
/// # Fairness
///
/// Turns to initialise are given out in the order in which they were asked for, by the first polls.
/// An initialiser that never ends keeps all who wait.
///
/// # Forgetting
///
/// If a future is forgotten with [`mem::forget`](std::mem::forget) when it has the turn, the turn is lost:
/// the cell stays empty, and others wait for ever.
///
/// # Examples
///
/// ```
/// use selvedge::sync::OnceCell;
///
/// static SETTINGS: OnceCell<String> = OnceCell::const_new();
///
/// async fn load() -> String {
///     "colour = blue".to_owned()
/// }
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(SETTINGS.get_or_init(load).await, "colour = blue");
/// assert!(SETTINGS.get().is_some());
/// # }
/// ```
pub struct OnceCell<T> {
    value: OnceValue<T>,
    turn: Semaphore,
}

impl<T> OnceCell<T> {
    /// An empty cell.
    #[track_caller]
    pub fn new() -> Self {
        Self::const_new()
    }

    crate::primitive::const_fn! {
        /// As [`new`](Self::new), for statics.
        #[track_caller]
        pub const fn const_new() -> Self {
            Self {
                value: OnceValue::new(),
                turn: Semaphore::const_new(1),
            }
        }
    }

    /// A cell with this value, or an empty one.
    #[track_caller]
    pub fn new_with(value: Option<T>) -> Self {
        match value {
            Some(value) => Self::const_new_with(value),
            None => Self::const_new(),
        }
    }

    crate::primitive::const_fn! {
        /// A cell with this value, for statics.
        #[track_caller]
        pub const fn const_new_with(value: T) -> Self {
            Self {
                // Nobody asks for the turn of a cell with a value.
                value: OnceValue::with(value),
                turn: Semaphore::const_new(1),
            }
        }
    }

    /// True if the cell has a value.
    pub fn initialized(&self) -> bool {
        self.value.is_set()
    }

    /// The value, if there is one; never waits.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// The value, if there is one, to be changed by the owner of the cell.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.value.get_mut()
    }

    /// Sets the value if the cell is empty and nobody initialises it; never waits.
    ///
    /// # Errors
    ///
    /// If the cell has a value or is about to get one, `value` comes back.
    ///
    /// # Panics
    ///
    /// If the waker of somebody who waits panics; the value is set then.
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        if self.initialized() {
            return Err(SetError::AlreadyInitializedError(value));
        }
        match self.turn.try_acquire() {
            Ok(turn) => {
                self.finish(value, turn);
                Ok(())
            }
            Err(TryAcquireError::NoPermits) => Err(SetError::InitializingError(value)),
            Err(TryAcquireError::Closed) => Err(SetError::AlreadyInitializedError(value)),
        }
    }

    /// Sets the value and ends the wait of all others.
    fn finish(&self, value: T, turn: SemaphorePermit<'_>) -> &T {
        let Ok(value) = self.value.set(value) else {
            unreachable!("I1: only who has the turn sets the value, and the turn ends with it");
        };
        // Closed before the turn ends: nobody gets it after this (I2).
        self.turn.close();
        turn.forget();
        value
    }

    /// The value; if there is none, waits for its turn and runs `init` to make it.
    ///
    /// `init` is not called if another initialiser succeeds first. While one runs, the others wait.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue. If it runs `init`, that is dropped where it is,
    /// and then the next one in line runs its own.
    ///
    /// # Panics
    ///
    /// If `init` panics, in the task that runs it; the next one in line runs its own. Calling `get_or_init`
    /// on the same cell inside `init` waits for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::OnceCell;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let cell = OnceCell::new();
    /// assert_eq!(*cell.get_or_init(|| async { 1 }).await, 1);
    /// assert_eq!(*cell.get_or_init(|| async { 2 }).await, 1);
    /// # }
    /// ```
    #[track_caller]
    pub fn get_or_init<F, Fut>(&self, init: F) -> GetOrInit<'_, T, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        GetOrInit::new(self, init)
    }

    /// As [`get_or_init`](Self::get_or_init), with an initialiser that may fail.
    ///
    /// # Errors
    ///
    /// If `init` fails, with its error; the next one in line runs its own.
    ///
    /// # Cancel safety
    ///
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// # Panics
    ///
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::OnceCell;
    ///
    /// # #[selvedge::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let cell = OnceCell::new();
    /// let refused = cell.get_or_try_init(|| async { Err("no connection") }).await;
    /// assert_eq!(refused, Err("no connection"));
    /// assert_eq!(cell.get_or_try_init(|| async { Ok::<_, ()>(2) }).await, Ok(&2));
    /// # }
    /// ```
    #[track_caller]
    pub fn get_or_try_init<E, F, Fut>(&self, init: F) -> GetOrTryInit<'_, T, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        GetOrTryInit::new(self, init)
    }

    /// The value; if there is none, blocks the thread until it is its turn, and calls `init` to make it.
    ///
    /// For plain threads. Both kinds of initialisers wait in the same queue.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block, unless the cell has a value. If `init` panics; the next one
    /// in line runs its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::OnceCell;
    ///
    /// static ANSWER: OnceCell<u32> = OnceCell::const_new();
    ///
    /// let thread = std::thread::spawn(|| *ANSWER.blocking_get_or_init(|| 42));
    /// assert_eq!(thread.join().unwrap(), 42);
    /// ```
    #[track_caller]
    pub fn blocking_get_or_init(&self, init: impl FnOnce() -> T) -> &T {
        match self.get() {
            Some(value) => value,
            None => match self.blocking_turn("blocking_get_or_init", "await `get_or_init`") {
                Ok(turn) => self.finish(init(), turn),
                Err(value) => value,
            },
        }
    }

    /// As [`blocking_get_or_init`](Self::blocking_get_or_init), with an initialiser that may fail.
    ///
    /// # Errors
    ///
    /// If `init` fails, with its error; the next one in line runs its own.
    ///
    /// # Panics
    ///
    /// As [`blocking_get_or_init`](Self::blocking_get_or_init).
    #[track_caller]
    pub fn blocking_get_or_try_init<E>(
        &self,
        init: impl FnOnce() -> Result<T, E>,
    ) -> Result<&T, E> {
        match self.get() {
            Some(value) => Ok(value),
            None => match self.blocking_turn("blocking_get_or_try_init", "await `get_or_try_init`")
            {
                Ok(turn) => init().map(|value| self.finish(value, turn)),
                Err(value) => Ok(value),
            },
        }
    }

    /// Blocks the thread until it has the turn, or there is a value.
    #[track_caller]
    fn blocking_turn(&self, what: &str, instead: &str) -> Result<SemaphorePermit<'_>, &T> {
        let turn = crate::thread_block::block_thread_on(self.turn.acquire(), what, instead);
        turn.map_err(|_closed| self.value_after_close())
    }

    /// The value, for somebody who saw that the semaphore is closed.
    fn value_after_close(&self) -> &T {
        self.get()
            .expect("I2: the turns end when the value is there")
    }

    /// The value, if there is one; ends the cell.
    pub fn into_inner(mut self) -> Option<T> {
        self.value.take()
    }

    /// Takes the value out and leaves an empty cell.
    #[track_caller]
    pub fn take(&mut self) -> Option<T> {
        // A new cell: the semaphore of this one is closed.
        std::mem::replace(self, Self::const_new()).into_inner()
    }
}

impl<T> Default for OnceCell<T> {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceCell<T> {
    #[track_caller]
    fn from(value: T) -> Self {
        Self::const_new_with(value)
    }
}

impl<T: Clone> Clone for OnceCell<T> {
    /// A cell of its own, with a clone of the value if there is one.
    fn clone(&self) -> Self {
        Self::new_with(self.get().cloned())
    }
}

impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceCell")
            .field("value", &self.get())
            .finish()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
