//! Waits for the lock that begin when a condition variable says so.
//!
//! A dormant waiter is queued at the mutex, in a list that unlockers do not look at. Who is told by the
//! condition variable lets it compete, or [calls up](LockWait::call_up) all that were told together, so
//! that they are woken one by one as the lock becomes free.

use std::pin::Pin;
use std::task::Waker;

use super::super::raw::{Call, DORMANT, LockEntry, RawMutex, wake};
use super::super::state::OnLook;
use super::{LockWait, Phase};
use crate::wait_list::HostRef;
use crate::wake_batch::FirstPanic;

impl<R: HostRef<Host = RawMutex> + Clone> LockWait<R> {
    /// The address of the lock, which tells it from others.
    pub(crate) fn address(&self) -> usize {
        std::ptr::from_ref(self.raw()).addr()
    }

    /// Joins the dormant; instead of the first poll.
    pub(crate) fn lie_dormant(mut self: Pin<&mut Self>, call: Call, waker: Waker) {
        debug_assert_eq!(self.phase, Phase::Created);
        self.as_mut().prepare();
        let (phase, queued) = self.split();
        let mut guard = queued.waiter.lock();
        guard.with_data(|entry| *entry = LockEntry { woken: false, call });
        guard.enqueue_in(DORMANT, Some(waker));
        *phase = Phase::Queued;
    }

    /// Leaves the waker; true if the waiter was called up.
    pub(crate) fn is_called_up(self: Pin<&mut Self>, waker: &Waker) -> bool {
        let (phase, queued) = self.split();
        let mut waiter = queued.waiter;
        let mut fresh = None;
        loop {
            let mut guard = waiter.as_mut().lock();
            if guard.withdraw_if_released().is_some() {
                *phase = Phase::Granted;
                return true;
            }
            if guard.list() != usize::from(DORMANT) {
                return true;
            }
            if let Some(fresh) = fresh.take() {
                guard.set_waker(fresh);
                return false;
            }
            if guard.would_wake(waker) {
                return false;
            }
            drop(guard);
            // Cloning is foreign code; whatever happens during it is looked at again.
            fresh = Some(waker.clone());
        }
    }

    /// Competes from now on, if it does not already, and then lets those compete that wait for an earlier
    /// call than this.
    pub(crate) fn compete(self: Pin<&mut Self>, waker: &Waker, with_others: Option<Call>) {
        let (phase, queued) = self.split();
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        let mut guard = queued.waiter.lock();
        if *phase == Phase::Queued && guard.withdraw_if_released().is_some() {
            *phase = Phase::Granted;
        }
        if *phase == Phase::Queued && guard.list() == usize::from(DORMANT) {
            let _none = guard.withdraw();
            match guard.host().take_or_wait() {
                OnLook::Taken => *phase = Phase::Granted,
                OnLook::Waits => guard.enqueue(Some(waker)),
            }
        }
        let raw = guard.host();
        let first = with_others.and_then(|now| raw.call_up(guard.queue(), now));
        let mut panic = FirstPanic::default();
        // Drops a waker.
        panic.catch(|| drop(guard));
        panic.catch(|| wake(first));
        panic.resume();
    }

    /// Lets all compete that wait for an earlier call than `now`, this one among them, if it is queued.
    pub(crate) fn call_up(self: Pin<&mut Self>, now: Call) {
        let queued = self.split().1;
        let mut guard = queued.waiter.lock();
        let raw = guard.host();
        let waker = raw.call_up(guard.queue(), now);
        drop(guard);
        wake(waker);
    }
}
