//! A set of tasks that makes whoever spawns wait while too many run.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::task::{Context, Poll, ready};

use super::{AsCompleted, BoundedSpawn, JoinSet, Room};
use crate::task::{AbortHandle, Id, JoinError, JoinHandle};

/// A [`JoinSet`] of which at most so many tasks run at once; made by [`JoinSet::bounded`].
///
/// [`spawn`](Self::spawn) waits for room: that is backpressure for whoever makes the work, an accept loop
/// for instance. [`try_spawn`](Self::try_spawn) gives the future back instead, and [`room`](Self::room) waits without
/// one. A task takes room until it ends. Its result stays in the set until it is taken, so a loop that
/// spawns for ever has to take results now and then, or drop them with
/// [`try_join_next`](Self::try_join_next).
///
/// Dropping the set aborts its tasks.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use selvedge::task::{JoinSet, yield_now};
///
/// # #[selvedge::main] async fn main() {
/// static BUSY: AtomicUsize = AtomicUsize::new(0);
///
/// let mut set = JoinSet::bounded(3);
/// for _ in 0..100 {
///     let work = async {
///         assert!(BUSY.fetch_add(1, Ordering::SeqCst) < 3);
///         yield_now().await;
///         BUSY.fetch_sub(1, Ordering::SeqCst);
///     };
///     set.spawn(work).await;
/// }
/// assert_eq!(set.join_all().await.len(), 100);
/// # }
/// ```
#[must_use = "dropping a BoundedJoinSet aborts its tasks"]
pub struct BoundedJoinSet<T> {
    /// Those that run, or whose end was not noticed.
    running: JoinSet<T>,
    limit: usize,
    /// Results that came while somebody waited for room.
    ended: VecDeque<Result<(Id, T), JoinError>>,
}

impl<T> BoundedJoinSet<T> {
    #[track_caller]
    pub(super) fn new(limit: usize) -> Self {
        assert!(limit > 0, "a JoinSet with a limit of zero has never room");
        Self {
            running: JoinSet::new(),
            limit,
            ended: VecDeque::new(),
        }
    }

    /// How many tasks may run at once.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Tasks whose results were not taken.
    pub fn len(&self) -> usize {
        self.running.len() + self.ended.len()
    }

    /// True if every result was taken.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty() && self.ended.is_empty()
    }
}

impl<T: 'static> BoundedJoinSet<T> {
    /// Spawns, as [`spawn`](crate::task::spawn), when there is room.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping this future before it is ready drops the one to be spawned. To keep
    /// that, wait for [`room`](Self::room) and [`spawn`](Room::spawn) then.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn<F>(&mut self, future: F) -> BoundedSpawn<'_, T, F>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        BoundedSpawn::new(self, future, Location::caller())
    }

    /// Spawns if there is room now.
    ///
    /// # Errors
    ///
    /// The future itself, if there is none.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn try_spawn<F>(&mut self, future: F) -> Result<AbortHandle, F>
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        match self.try_room() {
            Some(room) => Ok(room.spawn(future)),
            None => Err(future),
        }
    }

    /// Waits until one more task may run.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: results that come meanwhile stay in the set.
    pub async fn room(&mut self) -> Room<'_, T> {
        poll_fn(|cx| self.poll_room(cx)).await;
        Room::new(&mut self.running)
    }

    /// The right to spawn one more task, if there is room now.
    pub fn try_room(&mut self) -> Option<Room<'_, T>> {
        while self.running.len() >= self.limit {
            let ended = self.running.try_join_next_with_id()?;
            self.ended.push_back(ended);
        }
        Some(Room::new(&mut self.running))
    }

    /// It is woken: by the end of a task, of which there are some while there is no room.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.running.len() >= self.limit {
            let ended = ready!(self.running.poll_join_next_with_id(cx));
            self.ended.extend(ended);
        }
        Poll::Ready(())
    }

    pub(super) fn insert(&mut self, handle: JoinHandle<T>) -> AbortHandle {
        self.running.insert(handle)
    }

    /// Waits for the next task to end; `None` if the set is empty.
    ///
    /// # Cancel safety
    ///
    /// No result is lost: it stays in the set until this returns it.
    pub async fn join_next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_join_next(cx)).await
    }

    /// As [`join_next`](Self::join_next), with the id of the task.
    ///
    /// # Cancel safety
    ///
    /// As [`join_next`](Self::join_next).
    pub async fn join_next_with_id(&mut self) -> Option<Result<(Id, T), JoinError>> {
        poll_fn(|cx| self.poll_join_next_with_id(cx)).await
    }

    /// The result of a task that has ended, without waiting; `None` if there is none now.
    pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
        let ended = self.ended.pop_front();
        let result = ended.or_else(|| self.running.try_join_next_with_id())?;
        Some(result.map(|(_, output)| output))
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
        match self.ended.pop_front() {
            Some(result) => Poll::Ready(Some(result)),
            None => self.running.poll_join_next_with_id(cx),
        }
    }

    /// The results as they come, as a stream; see [`JoinSet::as_completed`].
    ///
    /// # Cancel safety
    ///
    /// The tasks stay in the set: dropping the stream loses nothing and aborts nothing.
    pub fn as_completed(&mut self) -> AsCompleted<'_, T> {
        AsCompleted::new(&mut self.running, Some(&mut self.ended))
    }

    /// Aborts all tasks and waits until they are gone. Results are dropped.
    ///
    /// # Cancel safety
    ///
    /// The tasks are aborted by the first poll; dropping the future only stops the waiting.
    pub async fn shutdown(&mut self) {
        self.ended.clear();
        self.running.shutdown().await;
    }

    /// Waits for all tasks and gives their outputs in the order in which they ended.
    ///
    /// # Panics
    ///
    /// As [`JoinSet::join_all`].
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future aborts the tasks and drops the outputs.
    pub async fn join_all(mut self) -> Vec<T> {
        let mut outputs = Vec::with_capacity(self.len());
        while let Some(result) = self.join_next().await {
            outputs.push(super::output_of(result));
        }
        outputs
    }

    /// Aborts all tasks. Their results, mostly cancelled errors, still have to be taken.
    pub fn abort_all(&mut self) {
        self.running.abort_all();
    }
}

impl<T> fmt::Debug for BoundedJoinSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedJoinSet")
            .field("limit", &self.limit)
            .field("len", &self.len())
            .finish()
    }
}
