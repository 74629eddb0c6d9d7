//! The atomic word that holds a task's [state](super::state) and applies its transitions.
//!
//! Each method is one transition of `state.rs`: a single read-modify-write where the transition is
//! an addition, a compare-exchange loop where it must decide first. All of them act on one word, so
//! every read-modify-write continues the release sequence of the ones before it: whoever acquires
//! the word has seen everything released through it.

use selvedge_sync::primitive::atomic::{AtomicU64, Ordering, fence};

use super::leak_check;
use super::state::{
    HANDLE, OnComplete, OnDetach, OnForestall, OnPending, OnRelease, OnWake, Snapshot, WAKE, WAKER,
};

#[derive(Debug)]
pub(super) struct StateWord(AtomicU64);

impl StateWord {
    pub(super) fn spawned() -> Self {
        Self(AtomicU64::new(Snapshot::spawned().0))
    }

    /// The state now.
    pub(super) fn load(&self) -> Snapshot {
        // Ordering: Acquire; pairs with `complete`, so that who sees COMPLETE sees the output, and
        // with `wake`, so that a poll sees what was written before the wakes it answers.
        Snapshot(self.0.load(Ordering::Acquire))
    }

    /// Wakes the task through a reference.
    pub(super) fn wake(&self) -> OnWake {
        if self.load().ignores_wakes() {
            // Ordering: AcqRel; a read-modify-write all the same, so that the poll that will answer
            // (or answered) the earlier wakes is ordered with what the caller wrote before.
            let before = Snapshot(self.0.fetch_or(0, Ordering::AcqRel));
            if before.ignores_wakes() {
                return OnWake::Nothing;
            }
        }
        // Ordering: AcqRel; Release hands the waker's writes to the next poll (`load`), Acquire
        // lets the new runnable's owner see the previous poll (`finish_poll`).
        Snapshot(self.0.fetch_add(WAKE, Ordering::AcqRel)).wake().1
    }

    /// Wakes the task and gives up one waker, in one step.
    pub(super) fn wake_and_drop(&self) -> OnWake {
        if self.load().ignores_wakes() {
            return match (self.wake(), self.drop_waker()) {
                (OnWake::Schedule, _) => OnWake::Schedule,
                (_, OnRelease::Free) => OnWake::Free,
                (_, OnRelease::Nothing) => OnWake::Nothing,
            };
        }
        // Ordering: AcqRel as in `wake`; the Acquire half also orders a free after every use.
        let before = self.0.fetch_add(WAKE.wrapping_sub(WAKER), Ordering::AcqRel);
        Snapshot(before).wake_and_drop().1
    }

    /// The state at the beginning of a poll, which the first one announces, unless the task was cancelled.
    pub(super) fn start_poll(&self) -> Snapshot {
        self.apply(|state| match state.start() {
            Some(started) if started != state => Ok((started, started)),
            _ => Err(state),
        })
    }

    /// The end of a poll that answered `wakes` wakes.
    pub(super) fn finish_poll(&self, wakes: u64) -> OnPending {
        // Ordering: AcqRel; Release hands the future to whoever wakes next (`wake`), Acquire sees
        // the writes of those who woke during the poll.
        let before = Snapshot(self.0.fetch_sub(wakes * WAKE, Ordering::AcqRel));
        debug_assert!(
            before.wakes() >= wakes && !before.is_complete(),
            "I1: {before:?}"
        );
        before.finish_poll(wakes).1
    }

    /// Asks for the task to be dropped at its next turn.
    pub(super) fn cancel(&self) -> OnWake {
        self.apply(|state| state.cancel().ok_or(OnWake::Nothing))
    }

    /// Asks that the task never begins.
    pub(super) fn forestall(&self) -> OnForestall {
        self.apply(|state| Ok(state.forestall()))
    }

    /// Completes the task; the output is stored.
    pub(super) fn complete(&self, output_dropped: bool) -> OnComplete {
        self.apply(|state| match state.complete(output_dropped) {
            (_, OnComplete::DropOutput) => Err(OnComplete::DropOutput),
            change => Ok(change),
        })
    }

    /// The finisher is done with a task whose joiner it had to wake.
    pub(super) fn release(&self) -> OnRelease {
        self.apply(|state| Ok(state.release()))
    }

    /// One waker more.
    pub(super) fn clone_waker(&self) {
        // Ordering: Relaxed; the caller has a reference already, nothing is published.
        let before = Snapshot(self.0.fetch_add(WAKER, Ordering::Relaxed));
        if before.wakers_overflow() {
            abort("a task has more than 2^26 wakers");
        }
    }

    /// One waker less.
    pub(super) fn drop_waker(&self) -> OnRelease {
        // Ordering: Release; pairs with the fence of whoever frees: no use is ordered after it.
        let before = Snapshot(self.0.fetch_sub(WAKER, Ordering::Release));
        acquire_if_free(before.drop_waker().1)
    }

    /// One handle more.
    pub(super) fn clone_handle(&self) {
        // Ordering: Relaxed, as in `clone_waker`.
        let before = Snapshot(self.0.fetch_add(HANDLE, Ordering::Relaxed));
        if before.handles_overflow() {
            abort("a task has more than 2^16 handles");
        }
    }

    /// One handle less, without claim to the output.
    pub(super) fn drop_handle(&self) -> OnRelease {
        // Ordering: Release, as in `drop_waker`.
        let before = Snapshot(self.0.fetch_sub(HANDLE, Ordering::Release));
        acquire_if_free(before.drop_handle().1)
    }

    /// The `JoinHandle` of a completed task is done with the output.
    pub(super) fn drop_join_handle(&self) -> OnRelease {
        if self.load().is_last_handle() {
            return OnRelease::Free;
        }
        self.apply(|state| Ok(state.drop_join_handle()))
    }

    /// The `JoinHandle` goes away.
    pub(super) fn detach(&self) -> OnDetach {
        self.apply(|state| match state.detach() {
            (_, OnDetach::DropOutput) => Err(OnDetach::DropOutput),
            change => Ok(change),
        })
    }

    /// Hands the written join waker to the finisher; false if the task completed before.
    pub(super) fn publish_join_waker(&self) -> bool {
        self.apply(|state| {
            state
                .publish_join_waker()
                .map(|next| (next, true))
                .ok_or(false)
        })
    }

    /// Takes the join-waker slot back; false if the task completed before.
    pub(super) fn reclaim_join_waker(&self) -> bool {
        self.apply(|state| {
            state
                .reclaim_join_waker()
                .map(|next| (next, true))
                .ok_or(false)
        })
    }

    /// For models: all use of the word is over.
    pub(super) fn check_exclusive(&mut self) {
        leak_check::check_exclusive(&mut self.0);
    }

    /// Applies a pure transition; `Err` leaves the word as it is.
    fn apply<D>(&self, transition: impl Fn(Snapshot) -> Result<(Snapshot, D), D>) -> D {
        let mut state = self.load();
        loop {
            let (next, duty) = match transition(state) {
                Ok(change) => change,
                Err(duty) => return duty,
            };
            debug_assert!(next.is_valid(), "{state:?} -> {next:?}");
            // Ordering: AcqRel; Release publishes the output or the join-waker slot, Acquire sees
            // the other side's. On failure Acquire, as in `load`.
            match self
                .0
                .compare_exchange_weak(state.0, next.0, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return duty,
                Err(now) => state = Snapshot(now),
            }
        }
    }
}

fn acquire_if_free(duty: OnRelease) -> OnRelease {
    if duty == OnRelease::Free {
        // Ordering: Acquire; pairs with the Release of every other reference given up.
        fence(Ordering::Acquire);
    }
    duty
}

#[cold]
fn abort(why: &str) -> ! {
    eprintln!("selvedge: {why}; aborting, as the count would overflow");
    std::process::abort()
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
