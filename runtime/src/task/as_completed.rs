//! The results of tasks and jobs in the order in which they end.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, Stream};

use super::blocking_job::is_pool_thread;
use super::blocking_results::{BlockingResults, BlockingResultsTimeout, Results};
use super::error::JoinError;
use super::join::JoinHandle;

/// The results of `handles` as they arrive: tasks, blocking work and jobs of a
/// [`ThreadPool`](crate::pool::ThreadPool) alike.
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
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The handles whose results were not taken, to cancel them for example; in no order.
    pub fn into_handles(self) -> Vec<JoinHandle<T>> {
        self.pending.into_iter().collect()
    }

    /// Iterates on a plain thread, for at most `limit` from now on in all.
    ///
    /// When the time is up, it gives one [`Elapsed`](selvedge_sync::Elapsed) and ends. The handles that are left are still in it.
    ///
    /// # Panics
    ///
    /// The iterator, in a task, whose thread it would block.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use selvedge::{pool::ThreadPool, task};
    ///
    /// let pool = ThreadPool::new(2);
    /// let mut results = task::as_completed((0..4).map(|n| pool.submit(move || n * n)));
    /// for result in results.blocking_timeout(Duration::from_secs(60)) {
    ///     match result {
    ///         Ok(square) => println!("{}", square.unwrap()),
    ///         Err(elapsed) => println!("{elapsed}"),
    ///     }
    /// }
    /// assert!(results.is_empty());
    /// ```
    pub fn blocking_timeout(&mut self, limit: Duration) -> BlockingResultsTimeout<'_, Self> {
        BlockingResultsTimeout::new(self, limit)
    }
}

impl<T> Stream for AsCompleted<T> {
    type Item = Result<T, JoinError>;

    /// It is woken: by whichever task ends, as its handle is.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.pending).poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<T> Results for AsCompleted<T> {
    fn run_one_here(&self) -> bool {
        is_pool_thread() && self.pending.iter().any(JoinHandle::run_if_queued_here)
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
    type IntoIter = BlockingResults<Self>;

    /// Iterates on a plain thread, which waits for each result.
    fn into_iter(self) -> BlockingResults<Self> {
        BlockingResults::new(self)
    }
}
