//! The waiting side of an event, for all futures that wait for one.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::Event;
use super::state::Snapshot;
use crate::context::{self, WaitKind};
use crate::primitive::atomic::Ordering;
use crate::wait_list::{HasWaitQueue, HostRef, WaitList, Waiter};

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not looked at yet.
    Created,
    /// In the queue, or released from it.
    Queued,
    /// The event was set; not returned yet.
    Released,
    /// Has returned.
    Done,
}

/// What has an event in it, with the waiters of that event as its own.
pub(crate) trait HasEvent:
    HasWaitQueue<Data = (), State = (), Lists = [WaitList<()>; 1]>
{
    /// The event.
    fn event(&self) -> &Event;
}

impl HasEvent for Event {
    fn event(&self) -> &Event {
        self
    }
}

pin_project! {
    /// One wait for an event.
    #[derive(Debug)]
    pub(crate) struct SetWait<R>
    where
        R: HostRef,
        R::Host: HasEvent,
    {
        #[pin]
        waiter: Waiter<R>,
        phase: Phase,
        place: &'static Location<'static>,
    }

    impl<R> PinnedDrop for SetWait<R>
    where
        R: HostRef,
        R::Host: HasEvent,
    {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<R> SetWait<R>
where
    R: HostRef,
    R::Host: HasEvent,
{
    pub(crate) fn new(host: R, place: &'static Location<'static>) -> Self {
        Self {
            waiter: Waiter::new(host, (), place),
            phase: Phase::Created,
            place,
        }
    }

    /// Waits, and charges the budget when the wait is over.
    pub(crate) fn poll_set(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.phase == Phase::Done {
            return Poll::Ready(());
        }
        ready!(self.as_mut().poll_released(cx.waker()));
        ready!(context::poll_proceed(cx)).made_progress();
        *self.project().phase = Phase::Done;
        Poll::Ready(())
    }

    /// Waits without regard to the budget.
    ///
    /// It is woken: by who sets the event, see the argument in the [module](super).
    pub(crate) fn poll_released(self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        let this = self.project();
        let polled = match *this.phase {
            Phase::Released | Phase::Done => return Poll::Ready(()),
            Phase::Queued => this.waiter.poll_departure(Some(waker)).map(drop),
            Phase::Created => start(this.waiter, waker),
        };
        match polled {
            Poll::Ready(()) => *this.phase = Phase::Released,
            Poll::Pending => {
                *this.phase = Phase::Queued;
                context::note_wait(WaitKind::Notify, this.place);
            }
        }
        polled
    }

    fn cancel(self: Pin<&mut Self>) {
        let this = self.project();
        if !this.waiter.is_queued() {
            return;
        }
        let mut guard = this.waiter.lock();
        if guard.withdraw().is_none() {
            let event = guard.host().event();
            event.note_departure(guard.queue());
        }
    }
}

/// The first poll: looks at the event, and joins the queue if it is not set.
fn start<R>(waiter: Pin<&mut Waiter<R>>, waker: &Waker) -> Poll<()>
where
    R: HostRef,
    R::Host: HasEvent,
{
    if waiter.host().event().is_set() {
        return Poll::Ready(());
    }
    // Cloned before the lock: it is foreign code.
    let waker = waker.clone();
    let mut guard = waiter.lock();
    let word = &guard.host().event().word;
    // Ordering: AcqRel; Acquire pairs with the Release of who set the event, Release lets those
    // before us pass on through this change.
    let waits = word.fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
        Snapshot(word).start_wait().map(|next| next.0)
    });
    if waits.is_err() {
        drop(guard);
        return Poll::Ready(());
    }
    guard.enqueue(Some(waker));
    Poll::Pending
}
