//! The state of a task in one word: a pure value and its transitions.
//!
//! | Bits | Field | Meaning |
//! |---|---|---|
//! | 0 | `COMPLETE` | the future is gone, the output was stored |
//! | 1 | `CANCELLED` | somebody asked for the task to be dropped at its next turn |
//! | 2 | `JOIN_INTEREST` | a `JoinHandle` exists that has not taken the output |
//! | 3 | `JOIN_WAKER` | the join-waker slot holds a waker, readable by the finisher |
//! | 4 | `LIVE` | the scheduler still knows the task |
//! | 5 | `STARTED` | the task was polled, or is being polled for the first time |
//! | 6..20 | `wakes` | wakes not yet answered by a poll |
//! | 20..47 | `wakers` | `Waker`s that refer to the task |
//! | 47..64 | `handles` | `JoinHandle`s and `AbortHandle`s that refer to the task |
//!
//! # Valid states
//!
//! | `COMPLETE` | `LIVE` | `wakes` | What exists |
//! |---|---|---|---|
//! | no | yes | 0 | the future; nobody may poll it: the task is idle |
//! | no | yes | > 0 | the future and exactly one [`Runnable`](super::Runnable): queued or being polled |
//! | yes | yes | any | the output; the finisher is still waking the joiner |
//! | yes | no | any | the output, if `JOIN_INTEREST`; the memory, while a waker or handle remains |
//!
//! `JOIN_WAKER` implies `JOIN_INTEREST`. Not complete and not `STARTED` implies `wakes > 0`: a new task has
//! its runnable until the first poll.
//!
//! # Invariants
//!
//! I1. Not complete and `wakes > 0` ⟺ exactly one runnable exists. Whoever raises `wakes` from
//!     zero makes it; whoever brings it back to zero has used it up.
//! I2. The memory is freed by whoever makes `COMPLETE`, not `LIVE`, no wakers, no handles true.
//! I3. The output is dropped by the finisher if it completes without `JOIN_INTEREST`, by the
//!     `JoinHandle` otherwise. The bit changes once, in the same word, so exactly one of them acts.
//! I4. The join-waker slot is the handle's to write while `JOIN_WAKER` is clear, and the finisher's
//!     to read once it has completed the task with `JOIN_WAKER` set.
//! I5. `STARTED` never comes after `CANCELLED`: once a task that was not polled is cancelled, it never is.
//!     That is what `JoinHandle::cancel` promises.
//!
//! # Why counting wakes loses none
//!
//! A poll answers the wakes it saw when it started: afterwards that number, not all, is subtracted.
//! A wake during the poll therefore leaves a remainder, and the task runs again. One addition per
//! wake and one subtraction per poll are all the atomic work there is.
//!
//! Beyond some thousands, wakes are not counted any more. A poll that finds that many leaves one
//! unanswered, so the task runs again and sees what an uncounted wake came to tell.
//!
//! # Why wakers and handles are counted apart
//!
//! A task that is idle with no waker left can never run again: only a report, an abort or the
//! shutdown can still reach it. Keeping `wakers` apart makes that visible in one load.
//!
//! # Credits
//!
//! The wake counter is the design of the nexosim executor; the join bits follow the ownership
//! rules that tokio documents for its tasks. Rejected: wakers that are not counted, with tasks in
//! memory that is never freed. They save two atomic operations a wake but make "no waker is left"
//! unknowable, and that report is what this runtime exists for.

use std::fmt;

const COMPLETE: u64 = 1;
const CANCELLED: u64 = 1 << 1;
const JOIN_INTEREST: u64 = 1 << 2;
const JOIN_WAKER: u64 = 1 << 3;
const LIVE: u64 = 1 << 4;
const STARTED: u64 = 1 << 5;

const WAKES_SHIFT: u32 = 6;
const WAKES_BITS: u32 = 14;
const WAKERS_SHIFT: u32 = WAKES_SHIFT + WAKES_BITS;
const WAKERS_BITS: u32 = 27;
const HANDLES_SHIFT: u32 = WAKERS_SHIFT + WAKERS_BITS;
const HANDLES_BITS: u32 = 64 - HANDLES_SHIFT;

const WAKES_MASK: u64 = ((1 << WAKES_BITS) - 1) << WAKES_SHIFT;
const WAKERS_MASK: u64 = ((1 << WAKERS_BITS) - 1) << WAKERS_SHIFT;
const HANDLES_MASK: u64 = ((1 << HANDLES_BITS) - 1) << HANDLES_SHIFT;

/// One wake.
pub(super) const WAKE: u64 = 1 << WAKES_SHIFT;
/// One waker.
pub(super) const WAKER: u64 = 1 << WAKERS_SHIFT;
/// One handle.
pub(super) const HANDLE: u64 = 1 << HANDLES_SHIFT;

/// From this many unanswered wakes on, more are not counted. Threads that read the word before it
/// got there may still add one each; the other half of the field is room for them.
const WAKES_ENOUGH: u64 = 1 << (WAKES_BITS - 1);
/// The same for references, where going on would be unsound: the process aborts, as `Arc` does.
const WAKERS_MAX: u64 = 1 << (WAKERS_BITS - 1);
const HANDLES_MAX: u64 = 1 << (HANDLES_BITS - 1);

/// What whoever woke a task must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnWake {
    /// A runnable came into being: schedule it.
    Schedule,
    /// The task will run anyway, or is complete.
    Nothing,
    /// The waker was the last reference to a finished task: free it.
    Free,
}

/// What whoever polled a task and got `Pending` must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnPending {
    /// The task is idle; the runnable is used up.
    Idle,
    /// The task was woken meanwhile: schedule the runnable again.
    Again,
}

/// What became of a request that a task never begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnForestall {
    /// The task was not polled and never will be. Its runnable exists and drops it, or has done so.
    Forestalled,
    /// Too late: the task has begun.
    Begun,
}

/// What the finisher must do after storing the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnComplete {
    /// Nobody will take the output: drop it, then complete again.
    DropOutput,
    /// Wake the joiner, then release the task.
    WakeJoiner,
    /// The task is released.
    Released,
    /// The task is released and nothing refers to it: free it.
    Free,
}

/// What whoever gave up a reference must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnRelease {
    /// Others still refer to the task.
    Nothing,
    /// That was the last reference to a finished task: free it.
    Free,
}

/// What a `JoinHandle` that goes away must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnDetach {
    /// The handle is gone.
    Detached,
    /// The output is the handle's: drop it, then release the handle.
    DropOutput,
    /// The join waker is the handle's again: drop it, then release the handle.
    DropWaker,
}

/// The word as a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) u64);

impl Snapshot {
    /// A task just spawned: one runnable, one `JoinHandle`.
    pub(super) const fn spawned() -> Self {
        Self(LIVE | JOIN_INTEREST | WAKE | HANDLE)
    }

    pub(super) const fn is_complete(self) -> bool {
        self.0 & COMPLETE != 0
    }

    pub(super) const fn is_cancelled(self) -> bool {
        self.0 & CANCELLED != 0
    }

    pub(super) const fn has_join_interest(self) -> bool {
        self.0 & JOIN_INTEREST != 0
    }

    pub(super) const fn has_join_waker(self) -> bool {
        self.0 & JOIN_WAKER != 0
    }

    pub(super) const fn is_live(self) -> bool {
        self.0 & LIVE != 0
    }

    pub(super) const fn is_started(self) -> bool {
        self.0 & STARTED != 0
    }

    pub(super) const fn wakes(self) -> u64 {
        (self.0 & WAKES_MASK) >> WAKES_SHIFT
    }

    pub(super) const fn wakers(self) -> u64 {
        (self.0 & WAKERS_MASK) >> WAKERS_SHIFT
    }

    pub(super) const fn handles(self) -> u64 {
        (self.0 & HANDLES_MASK) >> HANDLES_SHIFT
    }

    /// The table of valid states as code.
    pub(super) const fn is_valid(self) -> bool {
        (self.is_live() || self.is_complete())
            && (self.is_complete() || self.is_started() || self.wakes() > 0)
            && (!self.has_join_waker() || self.has_join_interest())
            && (!self.has_join_interest() || self.handles() > 0)
    }

    /// True when nothing refers to the task any more (I2).
    pub(super) const fn is_unreferenced(self) -> bool {
        self.is_complete() && !self.is_live() && self.wakers() == 0 && self.handles() == 0
    }

    /// True when only the caller's handle refers to the task.
    pub(super) const fn is_last_handle(self) -> bool {
        self.is_complete() && !self.is_live() && self.wakers() == 0 && self.handles() == 1
    }

    /// True if one more wake would tell the task nothing new, or has nowhere to go.
    pub(super) const fn ignores_wakes(self) -> bool {
        self.is_complete() || self.wakes() >= WAKES_ENOUGH
    }

    /// The wakes that a poll which starts now may answer: all of them, but one less if there are so
    /// many that further ones go uncounted. A wake that comes during such a poll, perhaps after the
    /// future has looked, leaves no trace; the wake that is left makes the task run once more.
    pub(super) const fn wakes_to_answer(self) -> u64 {
        if self.wakes() >= WAKES_ENOUGH {
            self.wakes() - 1
        } else {
            self.wakes()
        }
    }

    pub(super) const fn wakers_overflow(self) -> bool {
        self.wakers() >= WAKERS_MAX
    }

    pub(super) const fn handles_overflow(self) -> bool {
        self.handles() >= HANDLES_MAX
    }

    /// A wake through a reference. Not for a state that [ignores wakes](Self::ignores_wakes).
    pub(super) const fn wake(self) -> (Self, OnWake) {
        let duty = if self.is_complete() || self.wakes() > 0 {
            OnWake::Nothing
        } else {
            OnWake::Schedule
        };
        (Self(self.0.wrapping_add(WAKE)), duty)
    }

    /// A wake that consumes its waker. Not for a state that [ignores wakes](Self::ignores_wakes),
    /// except that the task may have completed since the caller looked.
    pub(super) const fn wake_and_drop(self) -> (Self, OnWake) {
        let next = Self(self.0.wrapping_add(WAKE).wrapping_sub(WAKER));
        let duty = match self.wake().1 {
            OnWake::Nothing if next.is_unreferenced() => OnWake::Free,
            duty => duty,
        };
        (next, duty)
    }

    /// The first poll begins; `None` if the task was cancelled before: drop it instead (I5).
    pub(super) const fn start(self) -> Option<Self> {
        if self.is_cancelled() {
            None
        } else {
            Some(Self(self.0 | STARTED))
        }
    }

    /// The end of a poll that answered `wakes` wakes and was not the last.
    pub(super) const fn finish_poll(self, wakes: u64) -> (Self, OnPending) {
        let next = Self(self.0 - wakes * WAKE);
        (
            next,
            if next.wakes() == 0 {
                OnPending::Idle
            } else {
                OnPending::Again
            },
        )
    }

    /// A request to drop the task at its next turn; `None` if it is over already.
    pub(super) const fn cancel(self) -> Option<(Self, OnWake)> {
        if self.is_complete() {
            return None;
        }
        let cancelled = Self(self.0 | CANCELLED);
        if self.wakes() >= WAKES_ENOUGH {
            return Some((cancelled, OnWake::Nothing));
        }
        Some(cancelled.wake())
    }

    /// A request that the task never begins. There is nobody to wake: its first runnable is still there.
    pub(super) const fn forestall(self) -> (Self, OnForestall) {
        if self.is_started() {
            return (self, OnForestall::Begun);
        }
        // A task that is over without having begun was cancelled, if only by the loss of its runnable.
        if self.is_complete() {
            return (self, OnForestall::Forestalled);
        }
        (Self(self.0 | CANCELLED), OnForestall::Forestalled)
    }

    /// The output is stored. With `DropOutput` the state stays as it was.
    pub(super) const fn complete(self, output_dropped: bool) -> (Self, OnComplete) {
        if !self.has_join_interest() && !output_dropped {
            return (self, OnComplete::DropOutput);
        }
        let done = (self.0 & !WAKES_MASK) | COMPLETE;
        if self.has_join_waker() {
            return (Self(done), OnComplete::WakeJoiner);
        }
        let next = Self(done & !LIVE);
        (
            next,
            if next.is_unreferenced() {
                OnComplete::Free
            } else {
                OnComplete::Released
            },
        )
    }

    /// The finisher has woken the joiner and is done.
    pub(super) const fn release(self) -> (Self, OnRelease) {
        Self(self.0 & !LIVE).released()
    }

    /// One waker less.
    pub(super) const fn drop_waker(self) -> (Self, OnRelease) {
        Self(self.0 - WAKER).released()
    }

    /// One handle less; it has no claim to the output (any more).
    pub(super) const fn drop_handle(self) -> (Self, OnRelease) {
        Self(self.0 - HANDLE).released()
    }

    /// The `JoinHandle` took or dropped the output, or gave up before there was one.
    pub(super) const fn drop_join_handle(self) -> (Self, OnRelease) {
        Self(self.0 & !(JOIN_INTEREST | JOIN_WAKER)).drop_handle()
    }

    const fn released(self) -> (Self, OnRelease) {
        (
            self,
            if self.is_unreferenced() {
                OnRelease::Free
            } else {
                OnRelease::Nothing
            },
        )
    }

    /// The `JoinHandle` goes away. `DropOutput` leaves the state alone, `DropWaker` keeps the
    /// handle's count: both end with [`drop_join_handle`](Self::drop_join_handle) or
    /// [`drop_handle`](Self::drop_handle).
    pub(super) const fn detach(self) -> (Self, OnDetach) {
        if self.is_complete() {
            return (self, OnDetach::DropOutput);
        }
        let next = self.0 & !(JOIN_INTEREST | JOIN_WAKER);
        if self.has_join_waker() {
            (Self(next), OnDetach::DropWaker)
        } else {
            (Self(next - HANDLE), OnDetach::Detached)
        }
    }

    /// The handle has written the join-waker slot; `None` if the task completed before.
    pub(super) const fn publish_join_waker(self) -> Option<Self> {
        if self.is_complete() {
            None
        } else {
            Some(Self(self.0 | JOIN_WAKER))
        }
    }

    /// The handle wants to write the join-waker slot again; `None` if the task completed before.
    pub(super) const fn reclaim_join_waker(self) -> Option<Self> {
        if self.is_complete() {
            None
        } else {
            Some(Self(self.0 & !JOIN_WAKER))
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match (self.is_complete(), self.is_live(), self.wakes()) {
            (false, _, 0) => "idle",
            (false, ..) => "scheduled",
            (true, true, _) => "completing",
            (true, false, _) => "complete",
        };
        f.debug_struct("State")
            .field("phase", &phase)
            .field("started", &self.is_started())
            .field("cancelled", &self.is_cancelled())
            .field("join_interest", &self.has_join_interest())
            .field("join_waker", &self.has_join_waker())
            .field("wakes", &self.wakes())
            .field("wakers", &self.wakers())
            .field("handles", &self.handles())
            .finish()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
pub(super) mod tests;
