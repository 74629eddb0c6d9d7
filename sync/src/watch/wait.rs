//! The waits for another value.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
// Shared with users' code, in models too.
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::error::RecvError;
use super::receiver::Receiver;
use super::state::{OnWait, Version};
use super::watched::{Ref, Watched, wait_for_change};
use crate::context::{self, WaitKind};
use crate::wait_list::{HostRef, Waiter};

pin_project! {
    /// The future of [`Receiver::changed`].
    ///
    /// Polling it again after it is complete waits for the next value.
    #[must_use = "futures do nothing unless polled"]
    pub struct Changed<'a, T> {
        #[pin]
        waiter: Waiter<&'a Watched<T>>,
        seen: &'a mut Version,
        place: &'static Location<'static>,
    }
}

impl<'a, T> Changed<'a, T> {
    pub(super) fn new(receiver: &'a mut Receiver<T>, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(&*receiver.watched, (), place),
            seen: &mut receiver.seen,
            place,
        }
    }
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), RecvError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        poll_changed(this.waiter, this.seen, this.place, cx)
    }
}

impl<T> fmt::Debug for Changed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changed")
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}

/// A wait for one change after the other that may move: for streams.
pub(crate) struct ChangeWait<T> {
    waiter: Pin<Box<Waiter<Arc<Watched<T>>>>>,
    place: &'static Location<'static>,
}

impl<T> ChangeWait<T> {
    pub(crate) fn new(receiver: &Receiver<T>, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Box::pin(Waiter::new(receiver.watched.clone(), (), place)),
            place,
        }
    }

    /// Polls for a value that `receiver`, the one this was made for, has not seen.
    pub(crate) fn poll_change(
        &mut self,
        receiver: &mut Receiver<T>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), RecvError>> {
        poll_changed(self.waiter.as_mut(), &mut receiver.seen, self.place, cx)
    }
}

/// Waits for another version than the one seen.
///
/// It is woken: as `wait_for_change` says, or at once without budget.
pub(super) fn poll_changed<T, R>(
    waiter: Pin<&mut Waiter<R>>,
    seen: &mut Version,
    place: &'static Location<'static>,
    cx: &mut Context<'_>,
) -> Poll<Result<(), RecvError>>
where
    R: HostRef<Host = Watched<T>>,
{
    let found = ready!(poll_version(waiter, *seen, place, cx));
    ready!(context::poll_proceed(cx)).made_progress();
    Poll::Ready(match found {
        Some(version) => {
            *seen = version;
            Ok(())
        }
        None => Err(RecvError(())),
    })
}

/// Another version than the one seen, or `None` if there will be none.
fn poll_version<T, R>(
    mut waiter: Pin<&mut Waiter<R>>,
    seen: Version,
    place: &'static Location<'static>,
    cx: &mut Context<'_>,
) -> Poll<Option<Version>>
where
    R: HostRef<Host = Watched<T>>,
{
    let stays = waiter.is_queued()
        && waiter
            .as_mut()
            .poll_departure(Some(cx.waker()))
            .is_pending();
    if !stays {
        match wait_for_change(waiter, seen, cx.waker()) {
            OnWait::Changed(version) => return Poll::Ready(Some(version)),
            OnWait::Closed => return Poll::Ready(None),
            OnWait::Enqueue => {}
        }
    }
    context::note_wait(WaitKind::Channel, place);
    Poll::Pending
}

pin_project! {
    /// The future of [`Receiver::wait_for`].
    ///
    /// Polling it again after it is complete waits for the next value that fulfils the condition.
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitFor<'a, T, F> {
        #[pin]
        waiter: Waiter<&'a Watched<T>>,
        watched: &'a Watched<T>,
        seen: &'a mut Version,
        condition: F,
        // Was the condition asked about a value?
        asked: bool,
        place: &'static Location<'static>,
    }
}

impl<'a, T, F> WaitFor<'a, T, F> {
    pub(super) fn new(
        receiver: &'a mut Receiver<T>,
        condition: F,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            waiter: Waiter::new(&*receiver.watched, (), place),
            watched: &*receiver.watched,
            seen: &mut receiver.seen,
            condition,
            asked: false,
            place,
        }
    }
}

impl<'a, T, F: FnMut(&T) -> bool> Future for WaitFor<'a, T, F> {
    type Output = Result<Ref<'a, T>, RecvError>;

    /// It is woken: as `wait_for_change` says, or at once without budget.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (watched, seen) = (*this.watched, &mut **this.seen);
        loop {
            // The first value is shown to the condition whether it was seen or not.
            let more = if *this.asked {
                ready!(poll_version(this.waiter.as_mut(), *seen, this.place, cx)).is_some()
            } else {
                true
            };
            // Asked before the condition is: a value that it has accepted is returned at once.
            let budget = ready!(context::poll_proceed(cx));
            if !more {
                budget.made_progress();
                return Poll::Ready(Err(RecvError(())));
            }
            let (value, version) = watched.borrow_versioned();
            let has_changed = version != *seen;
            *seen = version;
            *this.asked = true;
            if (this.condition)(&value) {
                budget.made_progress();
                return Poll::Ready(Ok(Ref::new(value, has_changed)));
            }
        }
    }
}

impl<T, F> fmt::Debug for WaitFor<'_, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor")
            .field("waiter", &self.waiter)
            .finish_non_exhaustive()
    }
}
