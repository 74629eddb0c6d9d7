//! The right to spawn into a scope.

use std::fmt;
use std::future::Future;
use std::panic::Location;

use selvedge_sync::primitive::Arc;

use super::ScopeCore;
use super::child::{Child, Work};
use super::children::{Children, Hold};
use crate::handle::Handle;
use crate::task::{self, JoinHandle};

/// The right to spawn into a [`scope`](super::scope()), and to abort its children.
///
/// Clones are for children that spawn more children, as the body's own is for the body. Every child
/// returns a `Result` with the error type of the scope.
///
/// The handle of a child gives the child's value. It never gives its failure, which is the scope's: then,
/// as after an abort, it gives a [cancelled](task::JoinError::is_cancelled) error. A child that was aborted
/// with its handle is no failure; the scope goes on. Dropping the handle does not detach the child.
///
/// A scope that is ending, or over, takes no more children: what is spawned is dropped at once, and its
/// handle is cancelled.
///
/// ```
/// use selvedge::task::{self, Scope};
///
/// fn visit(scope: &Scope<String>, depth: u32) {
///     let inner = scope.clone();
///     scope.spawn(async move {
///         if depth > 0 {
///             visit(&inner, depth - 1);
///             visit(&inner, depth - 1);
///         }
///         Ok(())
///     });
/// }
///
/// # #[selvedge::main] async fn main() {
/// let ended = task::scope(async |scope| {
///     visit(&scope, 5);
///     Ok(())
/// });
/// ended.await.unwrap();
/// # }
/// ```
pub struct Scope<E> {
    core: Arc<ScopeCore<E>>,
}

impl<E> Scope<E> {
    pub(super) fn new(core: Arc<ScopeCore<E>>) -> Self {
        Self { core }
    }

    /// Aborts the children that there are now, as [`JoinHandle::abort`]. The body goes on, and so does the
    /// scope: that is how to stop helpers when the work is done, or the losers of a race.
    ///
    /// ```
    /// use std::future::pending;
    ///
    /// # #[selvedge::main(flavor = "current_thread")] async fn main() {
    /// let value = selvedge::task::scope(async |scope| {
    ///     scope.spawn(pending::<Result<(), String>>());
    ///     scope.abort_all();
    ///     Ok(42)
    /// });
    /// assert_eq!(value.await.unwrap(), 42);
    /// # }
    /// ```
    pub fn abort_all(&self) {
        self.core.children.abort_all();
    }

    /// True once the scope ends early or is over; for [blocking work](Self::spawn_blocking), which cannot be
    /// aborted and has to look itself.
    pub fn is_cancelled(&self) -> bool {
        self.core.children.is_ending()
    }

    /// The future of a child, and the spawning call's hold of it; `None` if the scope refuses it.
    fn admit<F>(&self, future: F) -> (Child<F, E>, Option<Hold>) {
        let hold = Children::enter(&self.core.children);
        let future = hold.is_some().then_some(future);
        let child = Child::new(future, Arc::clone(&self.core), hold.clone());
        (child, hold)
    }
}

impl<E: Send + 'static> Scope<E> {
    /// Spawns a child, as [`spawn`](task::spawn).
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn<F, U>(&self, future: F) -> JoinHandle<U>
    where
        F: Future<Output = Result<U, E>> + Send + 'static,
        U: Send + 'static,
    {
        let (child, hold) = self.admit(future);
        started(task::spawn(child), hold)
    }

    /// Spawns a child on a given runtime.
    #[track_caller]
    pub fn spawn_on<F, U>(&self, future: F, handle: &Handle) -> JoinHandle<U>
    where
        F: Future<Output = Result<U, E>> + Send + 'static,
        U: Send + 'static,
    {
        let (child, hold) = self.admit(future);
        started(handle.spawn(child), hold)
    }

    /// Runs blocking work, as [`spawn_blocking`](task::spawn_blocking).
    ///
    /// Work that has not begun is aborted like any child. For work that has begun the scope waits;
    /// [`is_cancelled`](Self::is_cancelled) tells it when to stop.
    ///
    /// # Panics
    ///
    /// Outside a runtime, and as `spawn_blocking`.
    #[track_caller]
    pub fn spawn_blocking<W, U>(&self, work: W) -> JoinHandle<U>
    where
        W: FnOnce() -> Result<U, E> + Send + 'static,
        U: Send + 'static,
    {
        let (runtime, place) = (Handle::current(), Location::caller());
        let hold = Children::enter(&self.core.children);
        let future = hold.clone().map(|hold| {
            let work = held_by(hold, work);
            Work(task::spawn_blocking_on(&runtime, work, None, place))
        });
        let child = Child::new(future, Arc::clone(&self.core), hold.clone());
        started(task::spawn(child), hold)
    }
}

impl<E: 'static> Scope<E> {
    /// Spawns a child that is not `Send`, as [`spawn_local`](task::spawn_local).
    ///
    /// # Panics
    ///
    /// Outside a [`LocalSet`](task::LocalSet).
    #[track_caller]
    pub fn spawn_local<F, U>(&self, future: F) -> JoinHandle<U>
    where
        F: Future<Output = Result<U, E>> + 'static,
        U: 'static,
    {
        let (child, hold) = self.admit(future);
        started(task::spawn_local(child), hold)
    }
}

/// The handle of a child; that of one that was refused is cancelled.
fn started<U>(handle: JoinHandle<U>, hold: Option<Hold>) -> JoinHandle<U> {
    match hold {
        Some(hold) => hold.started(&handle),
        None => handle.abort(),
    }
    handle
}

/// `work`, which is held until it, and all that is in it, is done or dropped.
fn held_by<W, R>(hold: Hold, work: W) -> impl FnOnce() -> R
where
    W: FnOnce() -> R,
{
    // Fields are dropped in this order.
    let held = (work, hold);
    move || {
        let held = held;
        let (work, _hold) = held;
        work()
    }
}

impl<E> Clone for Scope<E> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.core))
    }
}

impl<E> fmt::Debug for Scope<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
