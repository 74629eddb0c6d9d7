//! A task's memory, and the functions that know its types.
//!
//! ```text
//!  NonNull<Header> ──►┌────────────────────────┐
//!  (wakers, handles,  │ Header       64 bytes  │  state · vtable · scheduler · id · …
//!   the runnable)     ├────────────────────────┤
//!                     │ future │ outcome       │  a union: the state word says which
//!                     └────────────────────────┘
//! ```
//!
//! | State | Who may touch the union |
//! |---|---|
//! | not `COMPLETE` | whoever has the runnable: the future is there until `poll` is ready or `cancel` |
//! | not `COMPLETE`, after that | the same: the outcome is there |
//! | `COMPLETE` | the `JoinHandle`, if `JOIN_INTEREST`; else it is empty |
//!
//! User code that panics — the future's poll, its drop, its output's drop — is caught here: it
//! becomes the task's outcome, or is swallowed where there is no outcome left to replace.
#![allow(
    unsafe_code,
    reason = "type erasure: a task is a pointer to memory of a type only it knows"
)]

use std::any::Any;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use selvedge_sync::context;
use selvedge_sync::primitive::UnsafeCell;

use super::error::Failure;
use super::header::{Header, Vtable};
use super::id::Id;
use super::join::JoinHandle;
use super::leak_check::LeakCheck;
use super::origin::Origin;
use super::runnable::Runnable;
use super::state::{OnComplete, OnRelease};
use crate::contain::contain;

/// What a task ended with.
pub(super) type Outcome<T> = Result<T, Failure>;

/// Where runnables go, and who keeps the list of live tasks.
pub(crate) trait Schedule: 'static {
    /// Takes the runnable of a task that was woken.
    ///
    /// # Safety
    /// `this` was valid when the runnable came into being, and remains so while its task is not
    /// complete; it may become dangling as soon as another thread can have run the runnable.
    unsafe fn schedule(this: *const Self, task: Runnable);

    /// Forgets a task that is over.
    ///
    /// # Safety
    /// `this` is valid; called once per task.
    unsafe fn unregister(this: *const Self, task: &Header);
}

#[repr(C)]
struct TaskMemory<F: Future, S> {
    header: Header,
    stage: UnsafeCell<Stage<F>>,
    leak_check: LeakCheck,
    scheduler: PhantomData<S>,
}

union Stage<F: Future> {
    future: ManuallyDrop<F>,
    outcome: ManuallyDrop<Outcome<F::Output>>,
}

/// Drops the future of a poll that panics.
///
/// It does so while the panic unwinds, so that the future's fields see what its local variables see:
/// `thread::panicking()` is true, and a lock they hold is poisoned. If they panic too, that panic ends
/// here, for a second one would end the process.
struct DropFuture<'a, F: Future>(&'a UnsafeCell<Stage<F>>);

impl<F: Future> Drop for DropFuture<'_, F> {
    fn drop(&mut self) {
        contain(|| {
            // SAFETY: made where the future is there and only its poll may touch it; that is over.
            self.0
                .with_mut(|stage| unsafe { ManuallyDrop::drop(&mut (*stage).future) });
        });
    }
}

/// Makes a task: the right to poll it, and the right to its output.
pub(crate) fn allocate<F: Future, S: Schedule>(
    future: F,
    scheduler: *const S,
    id: Id,
    origin: Origin,
) -> (Runnable, JoinHandle<F::Output>) {
    let memory = Box::new(TaskMemory::<F, S> {
        header: Header::new(TaskMemory::<F, S>::VTABLE, scheduler.cast(), id, origin),
        stage: UnsafeCell::new(Stage {
            future: ManuallyDrop::new(future),
        }),
        leak_check: LeakCheck::new(),
        scheduler: PhantomData,
    });
    // The pointer is to the whole memory: the header is its first field.
    let task = NonNull::from(Box::leak(memory)).cast::<Header>();
    // SAFETY: the state was made by `Snapshot::spawned`: one runnable, one join handle.
    unsafe { (Runnable::from_raw(task), JoinHandle::from_raw(task, id)) }
}

impl<F: Future, S: Schedule> TaskMemory<F, S> {
    const VTABLE: &'static Vtable = &Vtable {
        poll: Self::poll,
        cancel: Self::cancel,
        take_outcome: Self::take_outcome,
        drop_outcome: Self::drop_outcome,
        schedule: Self::schedule,
        unregister: Self::unregister,
        free: Self::free,
    };

    /// # Safety
    /// `task` was made by [`allocate`] with these types and is not freed.
    unsafe fn stage<'a>(task: NonNull<Header>) -> &'a UnsafeCell<Stage<F>> {
        // SAFETY: as promised; only shared references to the memory are ever made.
        unsafe { &task.cast::<Self>().as_ref().stage }
    }

    unsafe fn poll(task: NonNull<Header>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: made by `allocate` with these types; a runnable keeps the memory.
        let stage = unsafe { Self::stage(task) };
        let polled = catch(|| {
            let on_panic = DropFuture(stage);
            let polled = stage.with_mut(|stage| {
                // SAFETY: the caller has the runnable and says the future is there; it is never
                // moved again before it is dropped in place.
                unsafe { Pin::new_unchecked(&mut *(*stage).future) }.poll(cx)
            });
            mem::forget(on_panic);
            polled
        });
        match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            // SAFETY: as above; the future is ready, and not used again.
            Ok(Poll::Ready(output)) => unsafe { Self::replace_future(task, Ok(output)) },
            Err(payload) => {
                let outcome = ManuallyDrop::new(Err(Failure::panicked(payload)));
                // SAFETY: the future was dropped on the way here; the caller may write the stage.
                stage.with_mut(|stage| unsafe { (*stage).outcome = outcome });
            }
        }
        Poll::Ready(())
    }

    unsafe fn cancel(task: NonNull<Header>) {
        // SAFETY: the caller has the runnable, and the future is there.
        unsafe { Self::replace_future(task, Err(Failure::cancelled())) };
    }

    /// Drops the future and puts the outcome in its place; a panicking drop becomes the outcome.
    ///
    /// # Safety
    /// The caller has the runnable, and the future is there.
    unsafe fn replace_future(task: NonNull<Header>, outcome: Outcome<F::Output>) {
        // SAFETY: made by `allocate` with these types; a runnable keeps the memory.
        let stage = unsafe { Self::stage(task) };
        let dropped = catch(|| {
            // SAFETY: the future is there and nobody else may touch it.
            stage.with_mut(|stage| unsafe { ManuallyDrop::drop(&mut (*stage).future) });
        });
        let outcome = match dropped {
            Ok(()) => outcome,
            Err(payload) => {
                contain(|| drop(outcome));
                Err(Failure::panicked(payload))
            }
        };
        // SAFETY: the future is gone; the caller may write the stage.
        stage.with_mut(|stage| unsafe { (*stage).outcome = ManuallyDrop::new(outcome) });
    }

    unsafe fn take_outcome(task: NonNull<Header>, into: *mut ()) {
        // SAFETY: made by `allocate` with these types; the caller's handle keeps the memory.
        let stage = unsafe { Self::stage(task) };
        // SAFETY: the caller owns the stored outcome and does not use it again.
        let outcome = stage.with_mut(|stage| unsafe { ManuallyDrop::take(&mut (*stage).outcome) });
        // SAFETY: `into` is an `Option` of this type, as the vtable demands.
        unsafe { *into.cast::<Option<Outcome<F::Output>>>() = Some(outcome) };
    }

    unsafe fn drop_outcome(task: NonNull<Header>) {
        // SAFETY: made by `allocate` with these types; the caller keeps the memory.
        let stage = unsafe { Self::stage(task) };
        // SAFETY: as above.
        let id = unsafe { task.as_ref() }.id;
        contain(|| {
            context::on_behalf_of(id.0, || {
                // SAFETY: the caller owns the stored outcome and does not use it again.
                stage.with_mut(|stage| unsafe { ManuallyDrop::drop(&mut (*stage).outcome) });
            });
        });
    }

    fn schedule(task: Runnable) {
        let scheduler = task.header().scheduler.cast::<S>();
        // SAFETY: the runnable exists, so the task is not complete and its scheduler is valid.
        unsafe { S::schedule(scheduler, task) };
    }

    unsafe fn unregister(task: NonNull<Header>) {
        // SAFETY: the task is LIVE, says the caller.
        let header = unsafe { task.as_ref() };
        // SAFETY: a live task's scheduler is valid; called once.
        unsafe { S::unregister(header.scheduler.cast(), header) };
    }

    unsafe fn free(task: NonNull<Header>) {
        // SAFETY: made from a box of this type in `allocate`; nothing refers to it any more. The
        // stage is empty, and a union drops nothing.
        let mut memory = unsafe { Box::from_raw(task.cast::<Self>().as_ptr()) };
        // No code; a model checks that all use happened before.
        memory.header.state.check_exclusive();
        memory.stage.with_mut(|_| ());
        memory.header.join_waker.with_mut(|_| ());
        drop(memory);
    }
}

/// Takes the future out of a task that was never polled, which ends as a cancelled one.
///
/// # Safety
/// [`allocate`] made the task with these types, and it was not polled.
pub(super) unsafe fn reclaim<F: Future + Unpin, S: Schedule>(task: Runnable) -> F {
    let task = task.into_raw();
    // SAFETY: made by `allocate` with these types; we have the runnable, which keeps the memory.
    let stage = unsafe { TaskMemory::<F, S>::stage(task) };
    let future = stage.with_mut(|stage| {
        // SAFETY: the future is there, nobody else may touch it, and it may be moved.
        let future = unsafe { ManuallyDrop::take(&mut (*stage).future) };
        let outcome = ManuallyDrop::new(Err(Failure::cancelled()));
        // SAFETY: the future is gone; the owner of the runnable may write the stage.
        unsafe { (*stage).outcome = outcome };
        future
    });
    // SAFETY: the outcome is stored, and the runnable is used up here.
    unsafe { finish(task) };
    future
}

/// Schedules the runnable that the caller's transition has made.
///
/// # Safety
/// The caller's transition returned `Schedule` (I1).
pub(super) unsafe fn schedule(task: NonNull<Header>) {
    // SAFETY: as promised.
    let runnable = unsafe { Runnable::from_raw(task) };
    (runnable.header().vtable.schedule)(runnable);
}

/// Frees a task.
///
/// # Safety
/// The caller's transition returned `Free` (I2).
pub(super) unsafe fn free(task: NonNull<Header>) {
    // SAFETY: nothing refers to the task but the caller.
    let free = unsafe { task.as_ref() }.vtable.free;
    // SAFETY: as promised.
    unsafe { free(task) };
}

/// Ends a task whose outcome is stored: forgets it, tells the joiner, frees what nobody needs.
///
/// # Safety
/// The caller has the runnable, and the outcome is stored.
pub(super) unsafe fn finish(task: NonNull<Header>) {
    // SAFETY: the task is LIVE until the transitions below.
    let header = unsafe { task.as_ref() };
    // SAFETY: a task finishes once.
    unsafe { (header.vtable.unregister)(task) };
    let mut duty = header.state.complete(false);
    if duty == OnComplete::DropOutput {
        // SAFETY: without JOIN_INTEREST the outcome is ours (I3).
        unsafe { (header.vtable.drop_outcome)(task) };
        duty = header.state.complete(true);
    }
    let unreferenced = match duty {
        OnComplete::Free => true,
        OnComplete::Released | OnComplete::DropOutput => false,
        OnComplete::WakeJoiner => {
            // A foreign waker may panic; the task must be released all the same.
            contain(|| {
                header.join_waker.with(|waker| {
                    // SAFETY: completed with JOIN_WAKER set, the slot is ours to read (I4).
                    unsafe { &*waker }.wake_by_ref();
                });
            });
            header.state.release() == OnRelease::Free
        }
    };
    if unreferenced {
        // SAFETY: the transition gave up the last reference.
        unsafe { free(task) };
    }
}

fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Box<dyn Any + Send>> {
    panic::catch_unwind(AssertUnwindSafe(f))
}
