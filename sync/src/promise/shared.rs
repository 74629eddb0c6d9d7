//! What a promise and its futures share: the result, who waits for it, and who wants to be called.
//!
//! ```text
//!                   1                    2                      3
//!     pending ──────────► running ──────────────► settling ──────────► quiet
//!        └──────────────────────────────────────────▲
//!                            2, 4
//! ```
//! 1 `start` · 2 `settle`, with a value, an error, or as broken · 3 the callbacks have run ·
//! 4 `settle`, as cancelled
//!
//! # Invariants
//!
//! I1. The result is set under the lock, in the step from an open phase to `Settling`, so once.
//!
//! I2. Who takes that step calls the callbacks, in the order in which they came, with the lock free. Who
//! comes while they run is called after them; who comes later calls its own.
//!
//! I3. The result is read by handles, which are counted in `readers`, and by the callbacks while
//! `Settling`. It is moved out only by the last handle, once `Quiet`, and not if it says that the promise
//! was cancelled: then the [`Promise`](super::Promise) may still make handles.
//!
//! # Why no waiter is forgotten
//!
//! A waiter looks at the phase under the lock before it queues; each step that it may wait for is taken
//! under the same lock and followed by a broadcast.
#![allow(
    unsafe_code,
    reason = "the last handle moves the result out of a shared allocation"
)]

use std::mem;
use std::sync::Arc;

use super::{PromiseError, PromiseState};
use crate::once_value::OnceValue;
use crate::wait_list::{WaitList, WaitQueue, has_wait_queue};
use crate::wake_batch::FirstPanic;

/// Those who wait for the result, and the producer that waits for being cancelled.
pub(super) const SETTLED: u8 = 0;
/// Those who wait until the callbacks have run.
pub(super) const QUIET: u8 = 1;
const LISTS: usize = 2;

/// What a promise comes to.
pub(super) type Settled<T, E> = Result<T, PromiseError<E>>;

/// The result as others see it.
pub(super) type ResultRef<'a, T, E> = Result<&'a T, &'a PromiseError<E>>;

/// Foreign code to be called with the result.
pub(super) type Callback<T, E> = Box<dyn FnOnce(ResultRef<'_, T, E>) + Send>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Can be settled and cancelled.
    Pending,
    /// Can be settled.
    Running,
    /// The result is set, and callbacks run.
    Settling,
    /// The result is set, and the callbacks have run.
    Quiet,
}

/// What the lock protects.
pub(super) struct Ledger<T, E> {
    phase: Phase,
    /// How many handles may read the result.
    readers: usize,
    callbacks: Vec<Callback<T, E>>,
}

/// The one allocation of a promise.
pub(super) struct PromiseShared<T, E> {
    result: OnceValue<Settled<T, E>>,
    queue: WaitQueue<(), Ledger<T, E>, [WaitList<()>; LISTS]>,
}

has_wait_queue!([T, E] PromiseShared<T, E>, queue: ((), Ledger<T, E>, LISTS));

impl<T, E> Ledger<T, E> {
    /// Has happened what those in `list` wait for?
    pub(super) fn is_over(&self, list: u8) -> bool {
        let awaited = if list == QUIET {
            Phase::Quiet
        } else {
            Phase::Settling
        };
        self.phase >= awaited
    }
}

impl<T, E> PromiseShared<T, E> {
    pub(super) fn new() -> Self {
        Self {
            result: OnceValue::new(),
            queue: WaitQueue::with_state(Ledger {
                phase: Phase::Pending,
                readers: 0,
                callbacks: Vec::new(),
            }),
        }
    }

    /// The result, if it is set.
    pub(super) fn result(&self) -> Option<ResultRef<'_, T, E>> {
        self.result.get().map(Result::as_ref)
    }

    pub(super) fn is_done(&self) -> bool {
        self.result.is_set()
    }

    pub(super) fn state(&self) -> PromiseState {
        if let Some(result) = self.result.get() {
            return PromiseState::of(result);
        }
        let mut locked = self.queue.lock();
        match (locked.state().phase, self.result.get()) {
            (_, Some(result)) => PromiseState::of(result),
            (Phase::Running, None) => PromiseState::Running,
            (_, None) => PromiseState::Pending,
        }
    }

    /// Says that the work begins; false if it is too late.
    pub(super) fn start(&self) -> bool {
        let mut locked = self.queue.lock();
        let phase = &mut locked.state().phase;
        if *phase == Phase::Pending {
            *phase = Phase::Running;
        }
        *phase == Phase::Running
    }

    /// Settles the promise as cancelled; false if it is too late.
    pub(super) fn cancel(&self) -> bool {
        let cancelled = Err(PromiseError::Cancelled);
        self.settle_if(|phase| phase == Phase::Pending, cancelled)
            .is_ok()
    }

    /// Settles the promise, or gives the result back if it is settled.
    pub(super) fn settle(&self, result: Settled<T, E>) -> Result<(), Settled<T, E>> {
        self.settle_if(|phase| phase < Phase::Settling, result)
    }

    fn settle_if(
        &self,
        allowed: impl FnOnce(Phase) -> bool,
        result: Settled<T, E>,
    ) -> Result<(), Settled<T, E>> {
        let mut panic = FirstPanic::default();
        let mut locked = self.queue.lock();
        if !allowed(locked.state().phase) {
            return Err(result);
        }
        self.result.set(result).map(|_| ())?;
        locked.state().phase = Phase::Settling;
        panic.catch(|| locked.broadcast_in(SETTLED.into()));
        self.run_callbacks(&mut panic);
        panic.resume();
        Ok(())
    }

    /// Calls all that came so far and those that come meanwhile.
    fn run_callbacks(&self, panic: &mut FirstPanic) {
        let result = self.result().expect("I1: it was set by the caller");
        loop {
            let mut locked = self.queue.lock();
            let callbacks = mem::take(&mut locked.state().callbacks);
            if callbacks.is_empty() {
                locked.state().phase = Phase::Quiet;
                // The result may be gone from here on (I3).
                panic.catch(|| locked.broadcast_in(QUIET.into()));
                return;
            }
            drop(locked);
            for callback in callbacks {
                panic.catch(|| callback(result));
            }
        }
    }
}

/// A handle on the outcome: keeps it readable, and may move it out when it is the only one.
pub(super) struct Reader<T, E> {
    shared: Arc<PromiseShared<T, E>>,
}

impl<T, E> Reader<T, E> {
    pub(super) fn new(shared: Arc<PromiseShared<T, E>>) -> Self {
        shared.queue.lock().state().readers += 1;
        Self { shared }
    }

    pub(super) fn shared(&self) -> &Arc<PromiseShared<T, E>> {
        &self.shared
    }

    /// Calls `callback` with the result: at once, or when there is one.
    pub(super) fn on_done(&self, callback: Callback<T, E>) {
        let mut locked = self.shared.queue.lock();
        if locked.state().phase != Phase::Quiet {
            locked.state().callbacks.push(callback);
            return;
        }
        drop(locked);
        callback(self.shared.result().expect("I1: it is done"));
    }

    /// Moves the result out if this is the only handle and the callbacks have run.
    pub(super) fn take(self) -> Result<Settled<T, E>, Self> {
        let mut locked = self.shared.queue.lock();
        let ledger = locked.state();
        if ledger.readers != 1 || ledger.phase != Phase::Quiet {
            drop(locked);
            return Err(self);
        }
        let result = &self.shared.result;
        let taken = match result.get() {
            Some(Err(PromiseError::Cancelled)) => Some(Err(PromiseError::Cancelled)),
            // SAFETY: nobody else can reach the result (I3). We are the only handle, and not borrowed.
            // Callbacks have run. The promise is not cancelled, so it was settled by the `Promise`, which is
            // gone or going, reads the result no more, and makes no further handles.
            _ => unsafe { result.take_unshared() },
        };
        drop(locked);
        Ok(taken.expect("I3: only the last handle takes it, and ends with it"))
    }
}

impl<T, E> Clone for Reader<T, E> {
    fn clone(&self) -> Self {
        Self::new(self.shared.clone())
    }
}

impl<T, E> Drop for Reader<T, E> {
    fn drop(&mut self) {
        self.shared.queue.lock().state().readers -= 1;
    }
}
