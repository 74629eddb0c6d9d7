//! The results of tasks and jobs in the order in which they end.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::stream::{FuturesUnordered, Stream};
use selvedge_sync::Elapsed;
use selvedge_sync::thread_block::{block_thread_for, block_thread_on};

use super::error::JoinError;
use super::join::JoinHandle;

const WHAT: &str = "as_completed";
const INSTEAD: &str = "await `next`, or use it as a stream";

/// The results of `handles` as they arrive: tasks, blocking work and jobs of a
/// `ThreadPool` alike.
///
/// A task takes them from the stream; a plain thread with a loop, which blocks it.
///
/// # Examples
///
/// ```
/// use selvedge::task;
///
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// let mut results = task::as_completed((0..10).map(|n| selvedge::spawn(async move { n })));
/// let mut sum = 0;
/// while let Some(result) = results.next().await {
///     sum += result.unwrap();
/// }
/// assert_eq!(sum, 45);
/// # }
/// ```
pub fn as_completed<T>(handles: impl IntoIterator<Item = JoinHandle<T>>) -> AsCompleted<T> {
    AsCompleted {
        pending: handles.into_iter().collect(),
    }
}

/// The results of handles in the order in which they arrive; see [`as_completed()`].
///
/// It is a [`Stream`] for tasks, and gives an iterator to plain threads, with
/// [`into_iter`](IntoIterator::into_iter) or [`blocking_timeout`](Self::blocking_timeout). Dropping it
/// detaches those that have not ended.
#[must_use = "results arrive only where somebody takes them"]
pub struct AsCompleted<T> {
    pending: FuturesUnordered<JoinHandle<T>>,
}

impl<T> AsCompleted<T> {
    /// Results that were not taken yet.
    pub fn len(&self) -> usize {
        self.pending.len()
    }

    /// True if every result was taken.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Waits for the next result; `None` if all were taken.
    ///
    /// For a limit wrap it in [`time::timeout`](crate::time::timeout) or
    /// [`time::timeout_at`](crate::time::timeout_at).
    ///
    /// # Cancel safety
    ///
    /// No result is lost: it stays in its task until this returns it.
    pub async fn next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| self.poll_next_result(cx)).await
    }

    /// The handles whose results were not taken, to cancel them for example; in no order.
    pub fn into_handles(self) -> Vec<JoinHandle<T>> {
        self.pending.into_iter().collect()
    }

    /// Iterates on a plain thread, for at most `limit` from now on in all.
    ///
    /// When the time is up, it gives one [`Elapsed`] and ends. The handles that are left are still in it.
    ///
    /// # Panics
    ///
    /// The iterator, in a task, whose thread it would block.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use selvedge::{runtime::Runtime, task};
    ///
    /// let runtime = Runtime::new().unwrap();
    /// let mut results = task::as_completed((0..4).map(|n| runtime.spawn_blocking(move || n * n)));
    /// for result in results.blocking_timeout(Duration::from_secs(60)) {
    ///     match result {
    ///         Ok(square) => println!("{}", square.unwrap()),
    ///         Err(elapsed) => println!("{elapsed}"),
    ///     }
    /// }
    /// assert!(results.is_empty());
    /// ```
    pub fn blocking_timeout(&mut self, limit: Duration) -> AsCompletedBlockingTimeout<'_, T> {
        AsCompletedBlockingTimeout {
            // A limit that no clock can express is no limit.
            end: Instant::now().checked_add(limit),
            results: Some(self),
        }
    }

    /// It is woken: by whichever task ends, as its handle is.
    fn poll_next_result(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, JoinError>>> {
        Pin::new(&mut self.pending).poll_next(cx)
    }

    #[track_caller]
    fn blocking_next(&mut self) -> Option<Result<T, JoinError>> {
        block_thread_on(poll_fn(|cx| self.poll_next_result(cx)), WHAT, INSTEAD)
    }

    #[track_caller]
    fn blocking_next_for(
        &mut self,
        limit: Duration,
    ) -> Result<Option<Result<T, JoinError>>, Elapsed> {
        let next = poll_fn(|cx| self.poll_next_result(cx));
        block_thread_for(next, limit, WHAT, INSTEAD)
    }
}

impl<T> Stream for AsCompleted<T> {
    type Item = Result<T, JoinError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_next_result(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<T> fmt::Debug for AsCompleted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("len", &self.len())
            .finish()
    }
}

impl<T> IntoIterator for AsCompleted<T> {
    type Item = Result<T, JoinError>;
    type IntoIter = AsCompletedBlocking<T>;

    /// Iterates on a plain thread, which waits for each result.
    fn into_iter(self) -> AsCompletedBlocking<T> {
        AsCompletedBlocking(self)
    }
}

/// Results as they arrive, for a plain thread; see [`as_completed()`].
///
/// Panics in a task, whose thread it would block.
#[derive(Debug)]
pub struct AsCompletedBlocking<T>(AsCompleted<T>);

impl<T> Iterator for AsCompletedBlocking<T> {
    type Item = Result<T, JoinError>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.blocking_next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> ExactSizeIterator for AsCompletedBlocking<T> {}

/// Results as they arrive, until the time is up; see [`AsCompleted::blocking_timeout`].
#[derive(Debug)]
pub struct AsCompletedBlockingTimeout<'a, T> {
    end: Option<Instant>,
    /// None after the time was up.
    results: Option<&'a mut AsCompleted<T>>,
}

impl<T> Iterator for AsCompletedBlockingTimeout<'_, T> {
    type Item = Result<Result<T, JoinError>, Elapsed>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        let results = self.results.as_mut()?;
        let left = self.end.map_or(Duration::MAX, |end| {
            end.saturating_duration_since(Instant::now())
        });
        let next = results.blocking_next_for(left);
        if next.is_err() {
            self.results = None;
        }
        next.transpose()
    }
}
