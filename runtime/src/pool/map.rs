//! One result for each item, in the order of the items.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::stream::Stream;

use crate::task::{BlockingResults, BlockingResultsTimeout, JoinError, JoinHandle, Results};

/// The results of [`ThreadPool::map`](super::ThreadPool::map), in the order of the items.
///
/// It is a [`Stream`] for tasks, and gives an iterator to plain threads, with
/// [`into_iter`](IntoIterator::into_iter) or [`blocking_timeout`](Self::blocking_timeout). Dropping it cancels
/// what has not begun.
#[must_use = "dropping the results cancels what has not begun"]
pub struct Map<R> {
    handles: VecDeque<JoinHandle<R>>,
}

impl<R> Map<R> {
    pub(super) fn new(handles: VecDeque<JoinHandle<R>>) -> Self {
        Self { handles }
    }

    /// Results that were not taken yet.
    pub fn len(&self) -> usize {
        self.handles.len()
    }

    /// True if every result was taken.
    pub fn is_empty(&self) -> bool {
        self.handles.is_empty()
    }

    /// Waits for the result of the next item; `None` if all were taken.
    ///
    /// # Cancel safety
    ///
    /// No result is lost.
    pub async fn next(&mut self) -> Option<Result<R, JoinError>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Iterates on a plain thread, for at most `limit` from now on in all.
    ///
    /// When the time is up, it gives one [`Elapsed`](selvedge_sync::Elapsed) and ends. The results that are left
    /// can still be taken.
    ///
    /// # Panics
    ///
    /// The iterator, in a task, whose thread it would block.
    pub fn blocking_timeout(&mut self, limit: Duration) -> BlockingResultsTimeout<'_, Self> {
        BlockingResultsTimeout::new(self, limit)
    }
}

impl<R> Stream for Map<R> {
    type Item = Result<R, JoinError>;

    /// It is woken: by the end of the job whose result is next, as its handle is.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(handle) = self.handles.front_mut() else {
            return Poll::Ready(None);
        };
        let result = ready!(Pin::new(handle).poll(cx));
        self.handles.pop_front();
        Poll::Ready(Some(result))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<R> Results for Map<R> {
    fn run_one_here(&self) -> bool {
        self.handles
            .front()
            .is_some_and(JoinHandle::run_if_queued_here)
    }
}

impl<R> IntoIterator for Map<R> {
    type Item = Result<R, JoinError>;
    type IntoIter = BlockingResults<Self>;

    /// Iterates on a plain thread, which waits for each result.
    fn into_iter(self) -> BlockingResults<Self> {
        BlockingResults::new(self)
    }
}

impl<R> Drop for Map<R> {
    fn drop(&mut self) {
        for handle in &self.handles {
            let _has_begun = handle.cancel();
        }
    }
}

impl<R> fmt::Debug for Map<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").field("len", &self.len()).finish()
    }
}
