//! The results of a set of tasks, as a stream.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::Stream;

use super::JoinSet;
use crate::task::{Id, JoinError};

/// The stream of [`JoinSet::as_completed`] and [`BoundedJoinSet::as_completed`](super::BoundedJoinSet::as_completed).
#[must_use = "streams do nothing unless polled"]
pub struct AsCompleted<'a, T> {
    set: &'a mut JoinSet<T>,
    /// Results a bounded set took from `set` before.
    ended: Option<&'a mut VecDeque<Result<(Id, T), JoinError>>>,
}

impl<'a, T> AsCompleted<'a, T> {
    pub(super) fn new(
        set: &'a mut JoinSet<T>,
        ended: Option<&'a mut VecDeque<Result<(Id, T), JoinError>>>,
    ) -> Self {
        Self { set, ended }
    }

    fn len(&self) -> usize {
        self.set.len() + self.ended.as_ref().map_or(0, |ended| ended.len())
    }
}

impl<T: 'static> AsCompleted<'_, T> {
    /// The next result; `None` if the set is empty.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T, JoinError>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T: 'static> Stream for AsCompleted<'_, T> {
    type Item = Result<T, JoinError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let ended = self.ended.as_mut().and_then(|ended| ended.pop_front());
        match ended {
            Some(result) => Poll::Ready(Some(result.map(|(_, output)| output))),
            None => self.set.poll_join_next(cx),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<T> fmt::Debug for AsCompleted<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsCompleted")
            .field("len", &self.len())
            .finish()
    }
}
