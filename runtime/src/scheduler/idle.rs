//! Who sleeps and who is woken: no task waits in a queue while a worker sleeps through it.
//!
//! ```text
//!            1 ──────────────►            3 ─────────────►
//!   Running                   Searching                    Asleep
//!            ◄────────────── 2            ◄───────────── 4
//!            ◄──────────────────────────────────────────── 5
//! ```
//! 1 `start_search` · 2 `stop_search` · 3 `fall_asleep` · 4 `claim_sleeper` (by a waker) · 5 `get_up`
//! (by itself: an event, a timer, or work seen at the last moment)
//!
//! # Invariants
//!
//! I1. A seat is in `sleepers` if and only if it counts as asleep; both change under the lock.
//! I2. Whoever claims a sleeper counts it as searching, and unparks it.
//!
//! # Protocol
//!
//! | Who has made a task visible | Who is about to sleep |
//! |---|---|
//! | S1 push the task | P1 `fall_asleep`: count as asleep, no longer as searching |
//! | S2 `fence(SeqCst)` | P2 `fence(SeqCst)` |
//! | S3 load the counters: somebody asleep, nobody searching? | P3 look into every queue again |
//! | S4 claim a sleeper and unpark it | P4 found something: `get_up`; else park |
//!
//! # Why no wake-up is lost
//!
//! Take the order of the two fences. If S2 is before P2, then P3 sees the task of S1 and the worker
//! gets up. If P2 is before S2, then S3 sees the sleeper of P1; nothing happens only if somebody is
//! counted as searching. That searcher ends in one of two ways. It finds work: the last one to do so
//! (`stop_search`) goes through S2 to S4 itself. Or it finds none and goes through P1 to P3: its P1 is
//! a later change of the counters than the one S3 read, its fence comes after S2, so its P3 sees the
//! task. Every queue whose tasks announce themselves is part of P3; a LIFO slot is not, because its
//! owner is awake.

use selvedge_sync::primitive::Mutex;
use selvedge_sync::primitive::atomic::{AtomicU64, Ordering, fence};

use super::counters::{ASLEEP, Counters, SEARCHING};

#[derive(Debug)]
pub(crate) struct Idle {
    counters: AtomicU64,
    /// The seats that sleep; the last to fall asleep is the first to be woken: its cache is warm.
    sleepers: Mutex<Vec<usize>>,
    workers: u32,
}

impl Idle {
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            counters: AtomicU64::new(0),
            sleepers: Mutex::new(Vec::with_capacity(workers)),
            workers: workers as u32,
        }
    }

    fn load(&self) -> Counters {
        // Ordering: Relaxed; ordered by the fences of the protocol where that matters.
        Counters(self.counters.load(Ordering::Relaxed))
    }

    /// Workers asleep now.
    pub(crate) fn asleep(&self) -> usize {
        self.load().asleep() as usize
    }

    /// 1: may this worker search? Counts it if so.
    pub(crate) fn start_search(&self) -> bool {
        if !self.load().may_search(self.workers) {
            return false;
        }
        // Ordering: SeqCst is not needed; the count only grows here, and the searcher's later
        // `stop_search` or `fall_asleep` is what others are ordered with.
        self.counters.fetch_add(SEARCHING, Ordering::Relaxed);
        true
    }

    /// 2: a searcher has found work. True if it was the last: it then has to see to a successor.
    pub(crate) fn stop_search(&self) -> bool {
        // Ordering: AcqRel; a later reader of the count is ordered after what the searcher took.
        let before = Counters(self.counters.fetch_sub(SEARCHING, Ordering::AcqRel));
        debug_assert!(before.searching() > 0);
        before.searching() == 1
    }

    /// 3, P1 and P2: the seat goes to sleep. The caller does P3 and P4.
    pub(crate) fn fall_asleep(&self, seat: usize, searching: bool) {
        let change = if searching {
            ASLEEP.wrapping_sub(SEARCHING)
        } else {
            ASLEEP
        };
        {
            let mut sleepers = self.sleepers.lock();
            debug_assert!(!sleepers.contains(&seat), "I1");
            sleepers.push(seat);
            // Ordering: AcqRel; in one modification order with the claims of wakers (I1).
            self.counters.fetch_add(change, Ordering::AcqRel);
        }
        // Ordering: P2; pairs with the fence in `claim_sleeper`.
        fence(Ordering::SeqCst);
    }

    /// 4, S2 to S4: the seat to unpark for new work, if one should be woken.
    pub(crate) fn claim_sleeper(&self) -> Option<usize> {
        // Ordering: S2; pairs with the fence in `fall_asleep`.
        fence(Ordering::SeqCst);
        if !self.load().wants_wake() {
            return None;
        }
        self.claim_any_sleeper()
    }

    /// As [`claim_sleeper`](Self::claim_sleeper), even if somebody is searching already.
    pub(crate) fn claim_any_sleeper(&self) -> Option<usize> {
        let mut sleepers = self.sleepers.lock();
        let seat = sleepers.pop()?;
        // Ordering: AcqRel; in one modification order with the sleepers' own changes (I1, I2).
        self.counters
            .fetch_sub(ASLEEP.wrapping_sub(SEARCHING), Ordering::AcqRel);
        Some(seat)
    }

    /// 5: the seat is awake. True if it woke by itself, false if a waker had claimed it, in which
    /// case it counts as searching (I2).
    pub(crate) fn get_up(&self, seat: usize) -> bool {
        let mut sleepers = self.sleepers.lock();
        let Some(position) = sleepers.iter().position(|&sleeper| sleeper == seat) else {
            return false;
        };
        sleepers.remove(position);
        // Ordering: AcqRel, as in `fall_asleep`.
        self.counters.fetch_sub(ASLEEP, Ordering::AcqRel);
        true
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
