//! Spawning tasks that a [`TaskTracker`] waits for.

use selvedge_sync::TaskTracker;

use super::join::JoinHandle;
use super::local_set::{LocalSet, spawn_local};
use super::{spawn, spawn_blocking};
use crate::handle::Handle;

mod sealed {
    pub trait Sealed {}
    impl Sealed for selvedge_sync::TaskTracker {}
}

/// What a [`TaskTracker`] can spawn; the tracker itself works under any executor and so knows none.
///
/// Each of these is the function of the same name, for a future that is
/// [tracked](TaskTracker::track_future). They panic when that one does.
///
/// # Examples
///
/// ```
/// use selvedge::task::{SpawnTracked, TaskTracker};
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let tracker = TaskTracker::new();
/// let task = tracker.spawn(async { 6 * 7 });
/// tracker.close();
/// tracker.wait().await;
/// assert_eq!(task.await.unwrap(), 42);
/// # }
/// ```
pub trait SpawnTracked: sealed::Sealed {
    /// Spawns a tracked task; see [`spawn`].
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Spawns a tracked task on another runtime; see [`Handle::spawn`].
    #[track_caller]
    fn spawn_on<F>(&self, future: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Spawns a tracked task that stays on this thread; see [`spawn_local`].
    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Spawns a tracked task on a [`LocalSet`]; see [`LocalSet::spawn_local`].
    #[track_caller]
    fn spawn_local_on<F>(&self, future: F, set: &LocalSet) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static;

    /// Runs tracked work that may block; see [`spawn_blocking`].
    #[track_caller]
    fn spawn_blocking<W, R>(&self, work: W) -> JoinHandle<R>
    where
        W: FnOnce() -> R + Send + 'static,
        R: Send + 'static;

    /// Runs tracked work that may block on another runtime; see [`Handle::spawn_blocking`].
    #[track_caller]
    fn spawn_blocking_on<W, R>(&self, work: W, handle: &Handle) -> JoinHandle<R>
    where
        W: FnOnce() -> R + Send + 'static,
        R: Send + 'static;
}

impl SpawnTracked for TaskTracker {
    #[track_caller]
    fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        spawn(self.track_future(future))
    }

    #[track_caller]
    fn spawn_on<F>(&self, future: F, handle: &Handle) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        handle.spawn(self.track_future(future))
    }

    #[track_caller]
    fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        spawn_local(self.track_future(future))
    }

    #[track_caller]
    fn spawn_local_on<F>(&self, future: F, set: &LocalSet) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        set.spawn_local(self.track_future(future))
    }

    #[track_caller]
    fn spawn_blocking<W, R>(&self, work: W) -> JoinHandle<R>
    where
        W: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        spawn_blocking(tracked(self, work))
    }

    #[track_caller]
    fn spawn_blocking_on<W, R>(&self, work: W, handle: &Handle) -> JoinHandle<R>
    where
        W: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        handle.spawn_blocking(tracked(self, work))
    }
}

/// The same work, tracked until it is done or dropped.
fn tracked<W, R>(tracker: &TaskTracker, work: W) -> impl FnOnce() -> R + use<W, R>
where
    W: FnOnce() -> R,
{
    let token = tracker.token();
    move || {
        let _token = token;
        work()
    }
}
