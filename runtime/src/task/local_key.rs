//! Task-locals: values that all code of a task sees, and no other task.
//!
//! A task-local lives in a thread-local slot only while its task is being polled: the future of
//! [`LocalKey::scope`] swaps its value in before each poll and out afterwards.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomPinned;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

/// Declares task-locals.
///
/// ```
/// selvedge::task_local! {
///     /// Who asked.
///     pub static USER: String;
///     static DEPTH: u32;
/// }
///
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// USER.scope("ada".to_owned(), async {
///     USER.with(|user| assert_eq!(user, "ada"));
/// })
/// .await;
/// assert!(DEPTH.try_with(|_| ()).is_err());
/// # }
/// ```
#[macro_export]
macro_rules! task_local {
    () => {};
    ($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty; $($rest:tt)*) => {
        $crate::__task_local_key!($(#[$attr])* $vis $name, $t);
        $crate::task_local!($($rest)*);
    };
    ($(#[$attr:meta])* $vis:vis static $name:ident: $t:ty) => {
        $crate::__task_local_key!($(#[$attr])* $vis $name, $t);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __task_local_key {
    ($(#[$attr:meta])* $vis:vis $name:ident, $t:ty) => {
        $(#[$attr])*
        $vis static $name: $crate::task::LocalKey<$t> = {
            ::std::thread_local! {
                static SLOT: ::std::cell::RefCell<::std::option::Option<$t>> =
                    const { ::std::cell::RefCell::new(::std::option::Option::None) };
            }
            $crate::task::__private::local_key(&SLOT)
        };
    };
}

/// What `task_local!` expands to.
pub mod private {
    use super::{LocalKey, RefCell};

    #[doc(hidden)]
    pub const fn local_key<T: 'static>(
        slot: &'static std::thread::LocalKey<RefCell<Option<T>>>,
    ) -> LocalKey<T> {
        LocalKey { slot }
    }
}

/// The key of a task-local, made by [`task_local!`](crate::task_local).
pub struct LocalKey<T: 'static> {
    slot: &'static std::thread::LocalKey<RefCell<Option<T>>>,
}

/// The task-local has no value here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessError {
    _private: (),
}

impl fmt::Display for AccessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the task-local has no value here: it is set only inside `LocalKey::scope`")
    }
}

impl std::error::Error for AccessError {}

/// Why a scope could not begin.
enum ScopeError {
    /// The value is borrowed, by a `with` further up.
    Borrowed,
    /// The thread is ending.
    Destroyed,
}

impl ScopeError {
    #[track_caller]
    fn panic(&self) -> ! {
        match self {
            Self::Borrowed => {
                panic!("cannot enter a task-local scope while the task-local is borrowed by `with`")
            }
            Self::Destroyed => {
                panic!("cannot enter a task-local scope while the thread's locals are destroyed")
            }
        }
    }
}

impl<T: 'static> LocalKey<T> {
    /// Runs `future` with the task-local set to `value`.
    ///
    /// The value is seen by the code of this future only, not by tasks it spawns. It is dropped with
    /// the future.
    ///
    /// # Cancel safety
    ///
    /// As `future`: the scope adds no `await` of its own.
    pub fn scope<F>(&'static self, value: T, future: F) -> TaskLocalFuture<T, F>
    where
        F: Future,
    {
        TaskLocalFuture {
            key: self,
            value: Some(value),
            future: Some(future),
            _pinned: PhantomPinned,
        }
    }

    /// Runs `f` with the task-local set to `value`.
    ///
    /// # Panics
    ///
    /// Inside a `with` of the same key.
    #[track_caller]
    pub fn sync_scope<F, R>(&'static self, value: T, f: F) -> R
    where
        F: FnOnce() -> R,
    {
        let mut value = Some(value);
        match self.scope_inner(&mut value, f) {
            Ok(result) => result,
            Err(error) => error.panic(),
        }
    }

    /// Calls `f` with the value in the slot, and puts the slot's former value back afterwards, also
    /// after a panic.
    fn scope_inner<F, R>(&'static self, value: &mut Option<T>, f: F) -> Result<R, ScopeError>
    where
        F: FnOnce() -> R,
    {
        struct Restore<'a, T: 'static>(&'static LocalKey<T>, &'a mut Option<T>);
        impl<T: 'static> Drop for Restore<'_, T> {
            fn drop(&mut self) {
                // The slot was free to borrow before and nobody holds on to a borrow.
                self.0
                    .slot
                    .with(|slot| mem::swap(self.1, &mut slot.borrow_mut()));
            }
        }
        self.slot
            .try_with(|slot| {
                let mut slot = slot.try_borrow_mut().map_err(|_| ScopeError::Borrowed)?;
                mem::swap(value, &mut slot);
                Ok(())
            })
            .map_err(|_| ScopeError::Destroyed)??;
        let _restore = Restore(self, value);
        Ok(f())
    }

    /// Calls `f` with the value.
    ///
    /// # Panics
    ///
    /// If the task-local has no value here; [`try_with`](Self::try_with) does not.
    #[track_caller]
    pub fn with<F, R>(&'static self, f: F) -> R
    where
        F: FnOnce(&T) -> R,
    {
        match self.try_with(f) {
            Ok(result) => result,
            Err(error) => panic!("{error}"),
        }
    }

    /// Calls `f` with the value.
    ///
    /// # Errors
    ///
    /// The task-local has no value here.
    pub fn try_with<F, R>(&'static self, f: F) -> Result<R, AccessError>
    where
        F: FnOnce(&T) -> R,
    {
        let found = self.slot.try_with(|slot| slot.borrow().as_ref().map(f));
        found.ok().flatten().ok_or(AccessError { _private: () })
    }

    /// A clone of the value.
    ///
    /// # Panics
    ///
    /// If the task-local has no value here.
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// A clone of the value.
    ///
    /// # Errors
    ///
    /// The task-local has no value here.
    pub fn try_get(&'static self) -> Result<T, AccessError>
    where
        T: Clone,
    {
        self.try_with(T::clone)
    }
}

impl<T: 'static> fmt::Debug for LocalKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalKey").finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`LocalKey::scope`].
    pub struct TaskLocalFuture<T, F>
    where
        T: 'static,
    {
        key: &'static LocalKey<T>,
        value: Option<T>,
        #[pin]
        future: Option<F>,
        #[pin]
        _pinned: PhantomPinned,
    }

    impl<T: 'static, F> PinnedDrop for TaskLocalFuture<T, F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let mut future = this.future;
            // The future's own drop may read the task-local. If the slot cannot be entered, the
            // future is dropped without.
            if future.is_some() {
                let _ = this.key.scope_inner(this.value, || future.set(None));
            }
        }
    }
}

impl<T: 'static, F> TaskLocalFuture<T, F> {
    /// Takes the value out, for use after the future is ready.
    pub fn take_value(self: Pin<&mut Self>) -> Option<T> {
        self.project().value.take()
    }
}

impl<T: 'static, F: Future> Future for TaskLocalFuture<T, F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut future = this.future;
        let polled = this.key.scope_inner(this.value, || {
            let polled = future.as_mut().as_pin_mut().map(|future| future.poll(cx));
            if matches!(polled, Some(Poll::Ready(_))) {
                future.set(None);
            }
            polled
        });
        match polled {
            Ok(Some(polled)) => polled,
            Ok(None) => panic!("a TaskLocalFuture was polled after it was ready"),
            Err(error) => error.panic(),
        }
    }
}

impl<T: fmt::Debug + 'static, F> fmt::Debug for TaskLocalFuture<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskLocalFuture")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
