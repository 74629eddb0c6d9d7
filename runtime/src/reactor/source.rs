//! One source's slot: its readiness word, and the waiters under a short lock.
//!
//! ```text
//!   event ──► set_ready ──► lock, take waiters ──► unlock, wake
//!                 │ word
//!   task ───► look, else lock, leave waker, want ──► unlock, Pending
//! ```
//!
//! # Invariants
//!
//! S1. The word is always a valid state of `readiness.rs`.
//! S2. For each waiter in the waiters there is a readiness bit that would end its wait and that is
//!     *wanted* in the word, or somebody holds the duty [`OnReady::Wake`] for such a bit and has
//!     not locked the waiters yet.
//! S3. The waiters' lock is held for a few moves only, never while a waker is cloned, woken or
//!     dropped. The word is changed without the lock, except for `want`.
//!
//! # Protocol
//!
//! Waiter: (1) look: nothing there. (2) Lock. (3) Leave the waker. (4) `want`, a
//! read-modify-write of the word. (5) If that finds readiness, take the waker back and go.
//! (6) Unlock, return `Pending`.
//!
//! Event: (a) `set_ready`, a read-modify-write of the same word. (b) If it says `Wake`, lock,
//! (c) take the matching waiters, (d) unlock, (e) wake them.
//!
//! # Why no wake-up is lost
//!
//! (4) and (a) are read-modify-writes of one word, so one of them comes first. If (4), then (a)
//! sees the wish and says `Wake`; its lock (b) comes after the unlock (6), because the waiter holds
//! the lock from (2) on, so (c) finds the waker. If (a), then (4) sees the readiness, unless
//! somebody cleared it in between; that clear named the tick of (a) or a later one, so its
//! operation began after the event and found the source empty, and what happens to an empty source
//! is a new event. There is no pair of different locations here, hence no store-buffer case and no
//! fence. A duty taken over by S2 is never dropped: `dispatch` and `shutdown` act on it before they
//! return, and nothing between the two can panic.
//!
//! A duty may come late: the waiters it finds can belong to a wait, or even to an owner, that began
//! after (a). They are woken for nothing, look again and wait again.
//!
//! # Rejected
//!
//! A fence and a flag beside the word: the same guarantee, one more location and one more argument.
//! A waker word per direction without lock: saves one uncontended lock per wait, and costs a state
//! machine per word; the lock is taken only when somebody has to wait anyway.

use std::fmt;
use std::task::{Context, Poll, Waker};

use selvedge_sync::primitive::Mutex;
use selvedge_sync::primitive::atomic::{AtomicU64, Ordering};

use super::readiness::{OnReady, OnWant, ReadyEvent, Snapshot};
use super::waiters::{Offer, Place, Waiters};
use crate::io::Ready;

/// A slot for one source. Its address is stable; owners come and go.
#[repr(align(64))]
pub(super) struct Source {
    word: AtomicU64,
    waiters: Mutex<Waiters>,
}

impl Source {
    /// A free slot.
    pub(super) fn new() -> Self {
        Self {
            word: AtomicU64::new(Snapshot::FREE.word()),
            waiters: Mutex::new(Waiters::default()),
        }
    }

    /// A socket takes the slot, assumed ready for `ready`; returns the generation of its events.
    pub(super) fn open(&self, ready: Ready) -> u16 {
        self.apply(|state| (state.open(ready), state.generation()))
    }

    /// The owner gives the slot back. Whatever still waits is forgotten, not woken.
    ///
    /// Forgetting matters: a waker may keep alive the task that owns this very socket.
    pub(super) fn close(&self) {
        self.apply(|state| (state.close(), ()));
        let mut forgotten = Vec::new();
        self.waiters
            .lock()
            .take_matching(Ready::ALL, &mut forgotten);
        // The lock is released: dropping a waker may run foreign code.
        drop(forgotten);
    }

    /// An event of this generation reports `ready`. Puts the wakers of the tasks to wake into
    /// `wakes`; the caller wakes them. Returns false for a stale event.
    pub(super) fn dispatch(&self, generation: u16, ready: Ready, wakes: &mut Vec<Waker>) -> bool {
        let duty = self.apply(|state| state.set_ready(generation, ready));
        self.discharge(duty, wakes);
        duty != OnReady::Stale
    }

    /// Ends every wait, now and later.
    pub(super) fn shutdown(&self, wakes: &mut Vec<Waker>) {
        let duty = self.apply(Snapshot::shutdown);
        self.discharge(duty, wakes);
    }

    fn discharge(&self, duty: OnReady, wakes: &mut Vec<Waker>) {
        if let OnReady::Wake(due) = duty {
            self.waiters.lock().take_matching(due, wakes);
        }
    }

    /// What an operation that needs one of `mask` finds.
    pub(super) fn look(&self, mask: Ready) -> ReadyEvent {
        self.snapshot().look(mask)
    }

    /// An operation that relied on `seen` found the source not ready after all.
    pub(super) fn clear(&self, seen: ReadyEvent) {
        self.apply(|state| (state.clear_ready(seen), ()));
    }

    /// As [`clear`](Self::clear), and closed sides count as open again.
    pub(super) fn forget(&self, seen: ReadyEvent) {
        self.apply(|state| (state.forget_ready(seen), ()));
    }

    /// Waits at `place` until one of `mask` is there.
    ///
    /// It is woken: by `dispatch` and `shutdown`, see the file's header.
    pub(super) fn poll_wait(
        &self,
        cx: &mut Context<'_>,
        mask: Ready,
        place: Place<'_>,
    ) -> Poll<ReadyEvent> {
        let found = self.snapshot();
        let event = found.look(mask);
        if event.is_due() {
            return Poll::Ready(event);
        }
        // A mask that is wanted entirely was probably left here by the last poll of this task, and
        // its waker may still be the right one.
        let is_repeated = found.wanted() & mask == mask;
        let mut spare = (!is_repeated).then(|| cx.waker().clone());
        let (former, poll) = loop {
            let mut waiters = self.waiters.lock();
            let former = match waiters.offer(place, cx.waker(), &mut spare) {
                Offer::Kept => None,
                Offer::Stored(former) => former,
                Offer::Needed => {
                    drop(waiters);
                    spare = Some(cx.waker().clone());
                    continue;
                }
            };
            break match self.apply(|state| state.want(mask)) {
                OnWant::Wait => ([former, None], Poll::Pending),
                OnWant::Go(event) => ([former, waiters.withdraw(place)], Poll::Ready(event)),
            };
        };
        // The lock is released: dropping a waker may run foreign code.
        drop((former, spare));
        poll
    }

    /// Ends the wait at `place` without an answer.
    pub(super) fn cancel(&self, place: Place<'_>) {
        let waker = self.waiters.lock().withdraw(place);
        // The lock is released: dropping a waker may run foreign code.
        drop(waker);
    }

    fn snapshot(&self) -> Snapshot {
        // Ordering: Acquire; pairs with the release side of `apply` in `dispatch`, so that what
        // the reactor did before the event is visible to the operation that relies on it.
        Snapshot::from_word(self.word.load(Ordering::Acquire))
    }

    /// Applies a transition to the word; it may be tried more than once.
    fn apply<R>(&self, transition: impl Fn(Snapshot) -> (Snapshot, R)) -> R {
        let mut state = self.snapshot();
        loop {
            let (next, result) = transition(state);
            debug_assert!(next.is_valid(), "{state:?} went to {next:?}");
            // Ordering: AcqRel; the release side publishes to `snapshot` and to later transitions,
            // the acquire side makes this transition follow the ones it builds on. The waiters
            // need neither: their lock orders them, and the word's own order decides the races.
            match self.word.compare_exchange_weak(
                state.word(),
                next.word(),
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return result,
                Err(word) => state = Snapshot::from_word(word),
            }
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("word", &self.snapshot())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
