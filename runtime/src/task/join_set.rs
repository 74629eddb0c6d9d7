//! A set of tasks whose results are taken as they come.

mod as_completed;
mod bounded;
mod room;

use std::fmt;
use std::panic;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use futures_util::stream::{FuturesUnordered, Stream};

use super::error::JoinError;
use super::id::Id;
use super::join::{AbortHandle, JoinHandle};
use super::local_set::LocalSet;
use crate::handle::Handle;

pub use as_completed::AsCompleted;
pub use bounded::BoundedJoinSet;
pub use room::{BoundedSpawn, Room};

/// Tasks with output `T`, joined in the order in which they end. Dropping the set aborts them all.
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// let mut set = selvedge::task::JoinSet::new();
/// for n in 0..10 {
///     set.spawn(async move { n });
/// }
/// let mut sum = 0;
/// while let Some(result) = set.join_next().await {
///     sum += result.unwrap();
/// }
/// assert_eq!(sum, 45);
/// # }
/// ```
#[must_use = "dropping a JoinSet aborts its tasks"]
pub struct JoinSet<T> {
    members: FuturesUnordered<Member<T>>,
}

/// A handle whose output says which task it was.
struct Member<T>(JoinHandle<T>);

impl<T> Future for Member<T> {
    type Output = (Id, Result<T, JoinError>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let id = self.0.id();
        Pin::new(&mut self.0).poll(cx).map(|result| (id, result))
    }
}

impl<T> JoinSet<T> {
    /// An empty set.
    pub fn new() -> Self {
        Self {
            members: FuturesUnordered::new(),
        }
    }

    /// A set of which at most `limit` tasks run at once: spawning waits for room.
    ///
    /// # Panics
    ///
    /// If `limit` is zero.
    #[track_caller]
    pub fn bounded(limit: usize) -> BoundedJoinSet<T> {
        BoundedJoinSet::new(limit)
    }

    /// Tasks whose results were not taken.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// True if every result was taken.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl<T: 'static> JoinSet<T> {
    /// A task to be spawned on this set, with a name.
    pub fn build_task(&mut self) -> Builder<'_, T> {
        Builder {
            set: self,
            task: super::Builder::new(),
        }
    }

    fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        let abort = handle.abort_handle();
        self.members.push(Member(handle));
        abort
    }

    /// Spawns on the current runtime, as [`spawn`](super::spawn).
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(super::spawn(future))
    }

    /// Spawns on a given runtime.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, future: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn(future))
    }

    /// Spawns a future that is not `Send`, as [`spawn_local`](super::spawn_local).
    ///
    /// # Panics
    ///
    /// Outside a [`LocalSet`].
    #[track_caller]
    pub fn spawn_local<F>(&mut self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(super::spawn_local(future))
    }

    /// Spawns a future that is not `Send` on a given set.
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, future: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.insert(local_set.spawn_local(future))
    }

    /// Runs blocking work, as [`spawn_blocking`](super::spawn_blocking).
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, work: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(super::spawn_blocking(work))
    }

    /// Runs blocking work for a given runtime.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, work: F, handle: &Handle) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.insert(handle.spawn_blocking(work))
    }

    /// Waits for the next task to end; `None` if the set is empty.
    ///
    /// # Cancel safety
    ///
    /// No result is lost: it stays in the set until this returns it.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        std::future::poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// As [`join_next`](Self::join_next), with the id of the task.
    ///
    /// # Cancel safety
    ///
    /// As [`join_next`](Self::join_next).
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        std::future::poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// The results as they come, as a stream, which ends when the set is empty.
    ///
    /// ```
    /// use futures_util::StreamExt;
    ///
    /// # #[selvedge::main(flavor = "current_thread")] async fn main() {
    /// let mut set: selvedge::task::JoinSet<u32> = (0..10).map(|n| async move { n }).collect();
    /// let odd = set.as_completed().filter_map(async |result| result.ok().filter(|n| n % 2 == 1));
    /// assert_eq!(odd.count().await, 5);
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// The tasks stay in the set: dropping the stream loses nothing and aborts nothing.
    pub fn as_completed(&mut self) -> AsCompleted<'_, T> {
        AsCompleted::new(self, None)
    }

    /// The result of a task that has ended, without waiting; `None` if there is none now.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        self.try_join_next_with_id()
            .map(|result| result.map(|(_, output)| output))
    }

    /// As [`try_join_next`](Self::try_join_next), with the id of the task.
    pub fn try_join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        let mut cx = Context::from_waker(Waker::noop());
        // The budget is for waits; this looks once and returns.
        let polled = selvedge_sync::context::with_budget(
            selvedge_sync::context::Budget::unlimited(),
            || self.poll_join_next_with_id(&mut cx),
        );
        match polled {
            Poll::Ready(result) => result,
            Poll::Pending => None,
        }
    }

    /// Polls for the next task to end: `Ready(None)` if the set is empty.
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        self.poll_join_next_with_id(cx)
            .map(|next| next.map(|result| result.map(|(_, output)| output)))
    }

    /// As [`poll_join_next`](Self::poll_join_next), with the id of the task.
    pub fn poll_join_next_with_id(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Id, T), JoinError>>> {
        let next = ready!(Pin::new(&mut self.members).poll_next(cx));
        Poll::Ready(next.map(|(id, result)| result.map(|output| (id, output))))
    }

    /// Aborts all tasks and waits until they are gone.
    ///
    /// # Cancel safety
    ///
    /// The tasks are aborted by the first poll; dropping the future only stops the waiting.
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
    }

    /// Waits for all tasks and gives their outputs in the order in which they ended.
    ///
    /// # Panics
    ///
    /// If a task panicked, with its panic; or was aborted. The other tasks are aborted then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future aborts the tasks and drops the outputs.
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(result) = self.join_next().await {
            outputs.push(output_of(result));
        }
        outputs
    }

    /// Aborts all tasks. Their results, mostly cancelled errors, still have to be taken.
    pub fn abort_all(&mut self) {
        abort_all(&self.members);
    }

    /// Lets go of all tasks without aborting them.
    pub fn detach_all(&mut self) {
        self.members.clear();
    }
}

/// The output, or the task's panic.
fn output_of<T>(result: Result<T, JoinError>) -> T {
    match result.map_err(JoinError::try_into_panic) {
        Ok(output) => output,
        Err(Ok(payload)) => panic::resume_unwind(payload),
        Err(Err(error)) => panic!("a task of the set has no output: {error}"),
    }
}

fn abort_all<T>(members: &FuturesUnordered<Member<T>>) {
    members.iter().for_each(|member| member.0.abort());
}

impl<T> Drop for JoinSet<T> {
    fn drop(&mut self) {
        abort_all(&self.members);
    }
}

impl<T> Default for JoinSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for JoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinSet").field("len", &self.len()).finish()
    }
}

/// Collects futures by spawning them.
impl<T, F> FromIterator<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
        let mut set = Self::new();
        for future in futures {
            set.spawn(future);
        }
        set
    }
}

impl<T, F> Extend<F> for JoinSet<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    #[track_caller]
    fn extend<I: IntoIterator<Item = F>>(&mut self, futures: I) {
        for future in futures {
            self.spawn(future);
        }
    }
}

/// A task to be spawned on a [`JoinSet`], with a name.
#[must_use = "a builder does nothing until it spawns"]
pub struct Builder<'a, T> {
    set: &'a mut JoinSet<T>,
    task: super::Builder<'a>,
}

impl<'a, T: 'static> Builder<'a, T> {
    /// Names the task.
    pub fn name(self, name: &'a str) -> Self {
        Self {
            set: self.set,
            task: self.task.name(name),
        }
    }

    /// As [`JoinSet::spawn`].
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> std::io::Result<AbortHandle>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        Ok(self.set.insert(self.task.spawn(future)?))
    }

    /// As [`JoinSet::spawn_on`].
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> std::io::Result<AbortHandle>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        Ok(self.set.insert(self.task.spawn_on(future, handle)?))
    }

    /// As [`JoinSet::spawn_local`].
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> std::io::Result<AbortHandle>
    where
        F: Future<Output = T> + 'static,
    {
        Ok(self.set.insert(self.task.spawn_local(future)?))
    }

    /// As [`JoinSet::spawn_blocking`].
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn_blocking<F>(self, work: F) -> std::io::Result<AbortHandle>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        Ok(self.set.insert(self.task.spawn_blocking(work)?))
    }
}

impl<T> fmt::Debug for Builder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("task", &self.task).finish()
    }
}
