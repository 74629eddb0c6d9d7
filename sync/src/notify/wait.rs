//! The waiting side of `Notify`, for both kinds of future.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Poll, Waker};

use pin_project_lite::pin_project;

use super::Notify;
use super::state::{OnWait, Snapshot};
use crate::context::{self, WaitKind};
use crate::primitive::atomic::Ordering;
use crate::wait_list::{Departure, HostRef, Waiter};
use crate::wake_batch::FirstPanic;

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not looked at yet; created after so many broadcasts.
    Created { calls: usize },
    /// In the queue, or released from it.
    Queued,
    /// Took the permit, and has not returned it.
    Permitted,
    /// Notified.
    Done,
}

pin_project! {
    /// One wait for a notification.
    #[derive(Debug)]
    pub(super) struct NotifyWait<R>
    where
        R: HostRef<Host = Notify>,
    {
        #[pin]
        waiter: Waiter<R>,
        phase: Phase,
        place: &'static Location<'static>,
    }

    impl<R> PinnedDrop for NotifyWait<R>
    where
        R: HostRef<Host = Notify>,
    {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl<R: HostRef<Host = Notify>> NotifyWait<R> {
    #[inline]
    pub(super) fn new(host: R, place: &'static Location<'static>) -> Self {
        // Ordering: Acquire; what came before the broadcasts already counted is visible to us.
        let calls = Snapshot(host.host().word.load(Ordering::Acquire)).calls();
        Self {
            waiter: Waiter::new(host, (), place),
            phase: Phase::Created { calls },
            place,
        }
    }

    /// Polls; with no waker it only takes a place in the queue.
    ///
    /// It is woken: by who notifies it, see the argument in the [module](super).
    pub(super) fn poll_notified(self: Pin<&mut Self>, waker: Option<&Waker>) -> Poll<()> {
        let this = self.project();
        let polled = match *this.phase {
            Phase::Permitted | Phase::Done => Poll::Ready(()),
            Phase::Queued => this.waiter.poll_departure(waker).map(drop),
            Phase::Created { calls } => start(this.waiter, this.phase, calls, waker),
        };
        *this.phase = match polled {
            Poll::Ready(()) => Phase::Done,
            Poll::Pending => Phase::Queued,
        };
        if polled.is_pending() && waker.is_some() {
            context::note_wait(WaitKind::Notify, this.place);
        }
        polled
    }

    /// Ends the wait; passes on a notification that nobody will see.
    #[inline]
    fn cancel(self: Pin<&mut Self>) {
        if self.waiter.is_queued() || self.phase == Phase::Permitted {
            self.leave();
        }
    }

    #[cold]
    fn leave(self: Pin<&mut Self>) {
        let this = self.project();
        if *this.phase == Phase::Permitted {
            let mut panic = FirstPanic::default();
            panic.catch(|| this.waiter.host().notify_one());
            return panic.resume_in_drop();
        }
        let mut guard = this.waiter.lock();
        let notify = guard.host();
        let waker = match guard.withdraw() {
            // Not chosen by anybody.
            None => {
                notify.note_departure(guard.queue());
                None
            }
            // Everybody else has this one too.
            Some(Departure::Broadcast) => None,
            // A notification for one: the next in line gets it (I3).
            Some(whom @ (Departure::Front | Departure::Back)) => {
                notify.notify_locked(guard.queue(), whom)
            }
        };
        drop(guard);
        if let Some(waker) = waker {
            let mut panic = FirstPanic::default();
            panic.catch(|| waker.wake());
            panic.resume_in_drop();
        }
    }
}

/// The first poll: takes what is there, or joins the queue.
fn start<R: HostRef<Host = Notify>>(
    waiter: Pin<&mut Waiter<R>>,
    phase: &mut Phase,
    calls: usize,
    waker: Option<&Waker>,
) -> Poll<()> {
    let word = &waiter.host().word;
    // Ordering: Acquire; pairs with the Release of the broadcast that it may see.
    let mut current = Snapshot(word.load(Ordering::Acquire));
    // Without waiters, this much can be done without the lock.
    while current.calls() != calls || current.has_permit() {
        let (next, found) = current.start_wait(calls);
        if found == OnWait::Covered {
            return Poll::Ready(());
        }
        // Ordering: AcqRel; Acquire pairs with the Release of `notify_one`, Release lets those
        // before us pass on through this change.
        match word.compare_exchange_weak(current.0, next.0, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return Poll::Ready(()),
            Err(actual) => current = Snapshot(actual),
        }
    }
    // Cloned before the lock: it is foreign code.
    let waker = waker.cloned();
    let mut guard = waiter.lock();
    let word = &guard.host().word;
    // Ordering: AcqRel and Acquire, as above. If `WAITERS` is set already the word cannot change
    // under our lock, so setting it again is as good as reading it.
    let mut found = OnWait::Enqueue;
    let _ = word.fetch_update(Ordering::AcqRel, Ordering::Acquire, |word| {
        let (next, duty) = Snapshot(word).start_wait(calls);
        found = duty;
        (duty != OnWait::Covered).then_some(next.0)
    });
    match found {
        OnWait::Covered => {
            drop(guard);
            Poll::Ready(())
        }
        OnWait::TookPermit => {
            // Before the waker is dropped, which may panic.
            *phase = Phase::Permitted;
            drop(guard);
            Poll::Ready(())
        }
        OnWait::Enqueue => {
            guard.enqueue(waker);
            Poll::Pending
        }
    }
}
