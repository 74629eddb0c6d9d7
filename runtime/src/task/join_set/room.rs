//! Room for one more task in a bounded set, and the future that waits for it.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{BoundedJoinSet, JoinSet};
use crate::handle::Handle;
use crate::task::{self, AbortHandle, LocalSet};

/// The right to spawn one more task into a [`BoundedJoinSet`]. Dropping it is no harm.
#[must_use = "room is for spawning"]
#[derive(Debug)]
pub struct Room<'a, T> {
    set: &'a mut JoinSet<T>,
}

impl<'a, T> Room<'a, T> {
    pub(super) fn new(set: &'a mut JoinSet<T>) -> Self {
        Self { set }
    }
}

impl<T: 'static> Room<'_, T> {
    /// As [`JoinSet::spawn`].
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.set.spawn(future)
    }

    /// As [`JoinSet::spawn_on`].
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> AbortHandle
    where
        F: Future<Output = T> + Send + 'static,
        T: Send,
    {
        self.set.spawn_on(future, handle)
    }

    /// As [`JoinSet::spawn_local`].
    ///
    /// # Panics
    ///
    /// Outside a [`LocalSet`].
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.set.spawn_local(future)
    }

    /// As [`JoinSet::spawn_local_on`].
    #[track_caller]
    pub fn spawn_local_on<F>(self, future: F, local_set: &LocalSet) -> AbortHandle
    where
        F: Future<Output = T> + 'static,
    {
        self.set.spawn_local_on(future, local_set)
    }

    /// As [`JoinSet::spawn_blocking`].
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn_blocking<F>(self, work: F) -> AbortHandle
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send,
    {
        self.set.spawn_blocking(work)
    }
}

/// The future of [`BoundedJoinSet::spawn`].
#[must_use = "futures do nothing unless polled"]
pub struct BoundedSpawn<'a, T, F> {
    set: &'a mut BoundedJoinSet<T>,
    /// `None` once it is spawned.
    future: Option<F>,
    place: &'static Location<'static>,
}

impl<'a, T, F> BoundedSpawn<'a, T, F> {
    pub(super) fn new(
        set: &'a mut BoundedJoinSet<T>,
        future: F,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            set,
            future: Some(future),
            place,
        }
    }
}

/// The future it holds is not polled here, and so not pinned.
impl<T, F> Unpin for BoundedSpawn<'_, T, F> {}

impl<T, F> Future for BoundedSpawn<'_, T, F>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    type Output = AbortHandle;

    /// It is woken: by the end of a task; see [`BoundedJoinSet::room`].
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<AbortHandle> {
        ready!(self.set.poll_room(cx));
        let future = self.future.take().expect("polled after it was ready");
        let handle = task::spawn_on(&Handle::current(), future, None, self.place);
        Poll::Ready(self.set.insert(handle))
    }
}

impl<T, F> fmt::Debug for BoundedSpawn<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedSpawn")
            .field("set", &self.set)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
