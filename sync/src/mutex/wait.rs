//! The waiting side of a mutex, for both kinds of future.

mod dormant;

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use pin_project_lite::pin_project;

use super::raw::{DORMANT, LockEntry, RawMutex, wake};
use super::state::OnLook;
use crate::clock;
use crate::context::{self, WaitKind};
use crate::wait_list::{HostRef, Waiter};
use crate::wake_batch::FirstPanic;

/// For how long a waiter lets others overtake it.
const PATIENCE: Duration = Duration::from_micros(500);

/// How often it does so at most, in case that the clock stands still.
#[cfg(not(selvedge_loom))]
pub(super) const LOSSES_MAX: u32 = 256;
/// In models: one loss without and one with an end.
#[cfg(selvedge_loom)]
pub(super) const LOSSES_MAX: u32 = 1;

/// What a waiter has put up with.
#[derive(Debug, Default)]
struct Patience {
    losses: u32,
    /// When it lost first.
    since: Option<Instant>,
    asked_for_handoff: bool,
}

impl Patience {
    /// Reads the clock, of a waiter that has lost before.
    fn is_exhausted(&self) -> bool {
        self.losses >= LOSSES_MAX
            || self
                .since
                .is_some_and(|since| clock::now().saturating_duration_since(since) >= PATIENCE)
    }

    fn note_loss(&mut self) {
        self.losses = self.losses.saturating_add(1);
        self.since.get_or_insert_with(clock::now);
    }
}

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Not looked at yet.
    Created,
    /// In the queue, or released from it with the lock.
    Queued,
    /// Has the lock, not handed out yet.
    Granted,
    /// Has handed out the lock.
    Done,
}

pin_project! {
    /// What only a wait needs.
    #[project = QueuedProj]
    #[derive(Debug)]
    struct Queued<R>
    where
        R: HostRef<Host = RawMutex>,
    {
        #[pin]
        waiter: Waiter<R>,
        patience: Patience,
    }
}

pin_project! {
    /// One wait for the lock.
    #[derive(Debug)]
    pub(crate) struct LockWait<R>
    where
        R: HostRef<Host = RawMutex>,
    {
        phase: Phase,
        // Made when there is something to wait for.
        #[pin]
        queued: Option<Queued<R>>,
        host: Option<R>,
        place: &'static Location<'static>,
    }

    impl<R> PinnedDrop for LockWait<R>
    where
        R: HostRef<Host = RawMutex>,
    {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if !matches!(this.phase, Phase::Created | Phase::Done) {
                this.cancel();
            }
        }
    }
}

impl<R: HostRef<Host = RawMutex> + Clone> LockWait<R> {
    #[inline]
    pub(crate) fn new(host: R, place: &'static Location<'static>) -> Self {
        Self {
            phase: Phase::Created,
            queued: None,
            host: Some(host),
            place,
        }
    }

    /// `Ready` hands the lock to the caller, with what led to it.
    ///
    /// The lock, or a place in the queue, is taken before the budget is asked: a task without budget
    /// keeps its turn.
    ///
    /// It is woken: by who hands it the lock, or gives it back while this is the first in the queue, see
    /// the argument in the [module](super); or at once without budget.
    #[inline]
    pub(crate) fn poll_lock(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        let at_once = self.phase == Phase::Created && self.raw().try_lock_free();
        if !at_once {
            ready!(self.as_mut().poll_contended(cx.waker()));
        }
        let this = self.project();
        // Before foreign code, that of the waker, runs without budget.
        *this.phase = Phase::Granted;
        ready!(context::poll_proceed(cx)).made_progress();
        *this.phase = Phase::Done;
        match this.host.take() {
            Some(host) => Poll::Ready(host),
            None => unreachable!("a lock is handed out once"),
        }
    }

    #[cold]
    fn poll_contended(mut self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        let polled = match self.phase {
            Phase::Created => self.as_mut().start(waker),
            Phase::Queued => self.as_mut().look(waker),
            Phase::Granted => Poll::Ready(()),
            Phase::Done => panic!("a lock future was polled after it had returned"),
        };
        match polled {
            Poll::Ready(()) => self.raw().note_holder(),
            Poll::Pending => context::note_wait(WaitKind::Lock, self.place),
        }
        polled
    }

    /// Makes what a wait needs.
    fn prepare(self: Pin<&mut Self>) {
        let mut this = self.project();
        let host = this.host.clone().expect("the lock is not handed out");
        this.queued.set(Some(Queued {
            waiter: Waiter::new(host, LockEntry::default(), this.place),
            patience: Patience::default(),
        }));
    }

    /// The first poll of a lock that was taken or waited for: passes the others, or joins the queue.
    fn start(mut self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        if self.raw().try_barge() {
            *self.project().phase = Phase::Granted;
            return Poll::Ready(());
        }
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        self.as_mut().prepare();
        let (phase, queued) = self.split();
        let mut guard = queued.waiter.lock();
        match guard.host().take_or_wait() {
            OnLook::Taken => {
                *phase = Phase::Granted;
                drop(guard);
                Poll::Ready(())
            }
            OnLook::Waits => {
                *phase = Phase::Queued;
                guard.enqueue(Some(waker));
                Poll::Pending
            }
        }
    }

    /// A later poll: learns that it has the lock, or competes for it.
    fn look(self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        let (phase, queued) = self.split();
        let (mut waiter, patience) = (queued.waiter, queued.patience);
        if waiter.as_mut().take_departure().is_some() {
            *phase = Phase::Granted;
            return Poll::Ready(());
        }
        let ask_for_handoff = patience.is_exhausted();
        let mut fresh = None;
        loop {
            let mut guard = waiter.as_mut().lock();
            if guard.withdraw_if_released().is_some() {
                *phase = Phase::Granted;
                return Poll::Ready(());
            }
            let raw = guard.host();
            let woken = guard.with_data(|entry| std::mem::take(&mut entry.woken));
            match raw.look(woken, ask_for_handoff) {
                OnLook::Taken => {
                    // Before wakers are dropped, which may panic.
                    *phase = Phase::Granted;
                    let _none = guard.withdraw();
                    raw.note_left(guard.queue(), woken, patience.asked_for_handoff);
                    return Poll::Ready(());
                }
                OnLook::Waits => {}
            }
            patience.asked_for_handoff |= woken && ask_for_handoff;
            let has_waker = match fresh.take() {
                Some(fresh) => {
                    guard.set_waker(fresh);
                    true
                }
                None => guard.would_wake(waker),
            };
            drop(guard);
            if woken {
                patience.note_loss();
            }
            if has_waker {
                return Poll::Pending;
            }
            // Cloning is foreign code; whatever happens during it is looked at again.
            fresh = Some(waker.clone());
        }
    }
}

impl<R: HostRef<Host = RawMutex>> LockWait<R> {
    #[inline]
    fn raw(&self) -> &RawMutex {
        match &self.host {
            Some(host) => host.host(),
            None => panic!("a lock future was polled after it had returned"),
        }
    }

    /// Would a poll get the lock, or find that it has it? A fair lock is handed over, so looking at it
    /// helps nobody.
    pub(super) fn would_get_on(&self) -> bool {
        let is_granted = match self.phase {
            Phase::Created => false,
            Phase::Queued => {
                let queued = self.queued.as_ref();
                queued.is_some_and(|queued| queued.waiter.has_departed())
            }
            Phase::Granted | Phase::Done => true,
        };
        is_granted || self.raw().is_fair() || self.raw().state().take().is_some()
    }

    /// What a wait that was prepared needs.
    fn split(self: Pin<&mut Self>) -> (&mut Phase, QueuedProj<'_, R>) {
        let this = self.project();
        let queued = this.queued.as_pin_mut().expect("prepared before");
        (this.phase, queued.project())
    }

    /// Ends the wait: passes on a wake that nobody will answer, and a lock that nobody will use.
    #[cold]
    fn cancel(mut self: Pin<&mut Self>) {
        if self.phase == Phase::Queued {
            let QueuedProj { waiter, patience } = self.as_mut().split().1;
            let mut guard = waiter.lock();
            if guard.withdraw().is_none() {
                if guard.list() == usize::from(DORMANT) {
                    return;
                }
                let raw = guard.host();
                let woken = guard.with_data(|entry| entry.woken);
                raw.note_left(guard.queue(), woken, patience.asked_for_handoff);
                let waker = raw.settle(guard.queue());
                let mut panic = FirstPanic::default();
                // Drops a waker.
                panic.catch(|| drop(guard));
                panic.catch(|| wake(waker));
                return panic.resume_in_drop();
            }
        }
        self.raw().unlock();
    }
}
