//! The same async work on each of many items: so many tasks at once, results in order.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::iter::Fuse;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::stream::{FuturesUnordered, Stream};

use super::error::JoinError;
use super::join::JoinHandle;
use crate::handle::Handle;

/// Calls `f` for each item and runs what it returns as tasks, at most `limit` at once; results come in the
/// order of the items.
///
/// Each item has a task of its own, so all workers take part. Await it for all results, or take them one by
/// one, as a [`Stream`] or with [`next`](Map::next). Nothing runs before that.
///
/// `f` itself runs in the caller: what its future needs has to be moved or cloned into it.
///
/// ```
/// use selvedge::task;
/// use selvedge::time::{Duration, sleep};
///
/// # #[selvedge::main] async fn main() -> Result<(), task::JoinError> {
/// let squares = task::map(4, 1..=5_u64, async |n| {
///     sleep(Duration::from_millis(5 - n)).await;
///     n * n
/// });
/// assert_eq!(squares.await?, [1, 4, 9, 16, 25]);
/// # Ok(())
/// # }
/// ```
///
/// # As a future
///
/// Awaiting gives `Result<Vec<T>, JoinError>`, with all that [`next`](Map::next) has not given out. The first task that panics ends it: the others are aborted, and
/// once they are gone, its error is the result. `f` may return results of its own:
/// `outputs.into_iter().collect::<Result<Vec<_>, _>>()`.
///
/// # As a stream
///
/// Each result is a `Result<T, JoinError>`, so a panic takes only its own item. No more than `limit` items are
/// under way or wait for an earlier one, so a consumer that is slow slows the tasks down, and what waits does not
/// pile up. New tasks start only while the stream is polled.
///
/// # Cancel safety
///
/// Dropping the map, or the future of it, aborts the tasks that have not ended. Dropping the future of
/// [`next`](Map::next) loses nothing.
///
/// # Panics
///
/// If `limit` is zero. A poll panics if the iterator or `f` does, or outside a runtime; the tasks go on until the map is
/// dropped.
#[track_caller]
pub fn map<I, F, Fut>(limit: usize, items: I, f: F) -> Map<I::IntoIter, F, Fut::Output>
where
    I: IntoIterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future + Send + 'static,
    Fut::Output: Send + 'static,
{
    assert!(limit > 0, "task::map with a limit of zero would never end");
    Map {
        items: items.into_iter().fuse(),
        f,
        limit,
        tasks: Tasks(FuturesUnordered::new()),
        results: VecDeque::new(),
        first: 0,
        place: Location::caller(),
    }
}

/// See [`map`](map()).
#[must_use = "streams and futures do nothing unless polled"]
pub struct Map<I, F, T> {
    items: Fuse<I>,
    f: F,
    limit: usize,
    tasks: Tasks<T>,
    /// Of the items from `first` on, as far as they are begun; `None` while the task runs.
    results: VecDeque<Option<Result<T, JoinError>>>,
    first: usize,
    place: &'static Location<'static>,
}

/// Nothing in it is pinned.
impl<I, F, T> Unpin for Map<I, F, T> {}

impl<I, F, T> Map<I, F, T> {
    /// The result of the next item; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Panics
    ///
    /// As a poll; see [`map`](map()).
    pub async fn next(&mut self) -> Option<Result<T, JoinError>>
    where
        Self: Stream<Item = Result<T, JoinError>>,
    {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<I, F, Fut, T> Map<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    /// Starts items until `limit` tasks run, or `held` items are begun and not given out.
    fn start(&mut self, held: usize) {
        let mut runtime = None;
        while self.tasks.0.len() < self.limit && self.results.len() < held {
            let Some(item) = self.items.next() else {
                return;
            };
            let runtime = runtime.get_or_insert_with(Handle::current);
            let handle = super::spawn_on(runtime, (self.f)(item), None, self.place);
            let index = self.first + self.results.len();
            self.tasks.0.push(Indexed { index, handle });
            self.results.push_back(None);
        }
    }
}

impl<I, F, Fut, T> Stream for Map<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    type Item = Result<T, JoinError>;

    /// It is woken: by the end of a task, of which there is one unless the items have run out.
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(Some(_)) = this.results.front() {
                this.first += 1;
                return Poll::Ready(this.results.pop_front().flatten());
            }
            this.start(this.limit);
            match ready!(Pin::new(&mut this.tasks.0).poll_next(cx)) {
                Some((index, result)) => this.results[index - this.first] = Some(result),
                None => return Poll::Ready(None),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let begun = self.results.len();
        let (min, max) = self.items.size_hint();
        let max = max.and_then(|max| max.checked_add(begun));
        (min.saturating_add(begun), max)
    }
}

impl<I, F, Fut, T> IntoFuture for Map<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    type Output = Result<Vec<T>, JoinError>;
    type IntoFuture = MapAll<I, F, T>;

    fn into_future(self) -> MapAll<I, F, T> {
        MapAll {
            map: self,
            error: None,
        }
    }
}

impl<I, F, T> fmt::Debug for Map<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map")
            .field("limit", &self.limit)
            .field("running", &self.tasks.0.len())
            .field("given_out", &self.first)
            .finish_non_exhaustive()
    }
}

/// The future of all results of a [`Map`].
#[must_use = "futures do nothing unless polled"]
pub struct MapAll<I, F, T> {
    map: Map<I, F, T>,
    error: Option<JoinError>,
}

impl<I, F, Fut, T> Future for MapAll<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    type Output = Result<Vec<T>, JoinError>;

    /// It is woken: by the end of a task, of which there is one unless the items have run out.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { map, error } = self.get_mut();
        loop {
            if error.is_none() {
                map.start(usize::MAX);
            }
            match ready!(Pin::new(&mut map.tasks.0).poll_next(cx)) {
                Some((index, Ok(output))) => map.results[index - map.first] = Some(Ok(output)),
                Some((_, Err(failure))) => {
                    error.get_or_insert(failure);
                    map.tasks.abort_all();
                }
                None => break,
            }
        }
        let all = map.results.drain(..).flatten();
        Poll::Ready(match error.take() {
            Some(error) => Err(error),
            None => all.collect(),
        })
    }
}

impl<I, F, T> fmt::Debug for MapAll<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.fmt(f)
    }
}

/// The tasks that run; aborted when this is dropped.
struct Tasks<T>(FuturesUnordered<Indexed<T>>);

impl<T> Tasks<T> {
    fn abort_all(&self) {
        self.0.iter().for_each(|task| task.handle.abort());
    }
}

impl<T> Drop for Tasks<T> {
    fn drop(&mut self) {
        self.abort_all();
    }
}

/// A handle whose output says of which item it is.
struct Indexed<T> {
    index: usize,
    handle: JoinHandle<T>,
}

impl<T> Future for Indexed<T> {
    type Output = (usize, Result<T, JoinError>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let index = self.index;
        Pin::new(&mut self.handle)
            .poll(cx)
            .map(|result| (index, result))
    }
}
