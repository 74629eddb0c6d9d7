//! Which runtime this thread is inside, for the functions that find it by themselves.
//!
//! Two things are kept per thread: the runtime entered last ([`Handle::enter`], `block_on`, or being
//! one of its threads), and whether this thread is *driving*, that is, whether blocking it would stop
//! tasks. `block_on` inside a driving thread panics with advice instead of hanging.
#![allow(
    unsafe_code,
    reason = "the current runtime is borrowed from the entry that holds it"
)]

#[cfg(any(not(test), selvedge_loom))]
#[path = "context/no_override.rs"]
mod overriding;
#[cfg(all(test, not(selvedge_loom)))]
#[path = "context/override_for_tests.rs"]
mod overriding;
mod random;

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;
use std::thread::AccessError;

use selvedge_sync::context;
use selvedge_sync::primitive;

use crate::handle::Handle;
use crate::reactor::Reactor;
use crate::scheduler::{Scheduler, current};
use crate::time::{Clock, TimerContext, Timers};

#[cfg(all(test, not(selvedge_loom)))]
pub(crate) use overriding::{enter_reactor, enter_timers};
pub(crate) use random::random_below;

/// What blocking this thread would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Driving {
    /// Nothing: it is nobody's worker.
    No,
    /// Stop a main future.
    BlockOn,
    /// Stop a main future, and tasks that cannot go on elsewhere: those of a current-thread runtime or
    /// of a local set.
    Bound,
    /// Stop the tasks of a worker.
    Worker,
}

thread_local! {
    /// The scheduler of the last entry in `ENTERED`; null if there is none.
    static CURRENT: Cell<*const Scheduler> = const { Cell::new(ptr::null()) };
    static ENTERED: Entries = const { Entries(RefCell::new(Vec::new())) };
    static NEXT_ENTRY: Cell<u64> = const { Cell::new(0) };
    static DRIVING: Cell<Driving> = const { Cell::new(Driving::No) };
}

/// The runtimes entered on this thread, innermost last, with the key of each entry.
struct Entries(RefCell<Vec<(u64, Handle)>>);

impl Drop for Entries {
    fn drop(&mut self) {
        // Entries that were never left end with the thread, and their handles with them.
        CURRENT.set(ptr::null());
    }
}

/// Leaves the runtime entered with it. Entries may end in any order.
#[derive(Debug)]
pub(crate) struct Entry(u64);

pub(crate) fn enter(handle: Handle) -> Entry {
    let key = NEXT_ENTRY.get();
    NEXT_ENTRY.set(key + 1);
    let scheduler = Arc::as_ptr(handle.scheduler());
    let entered = ENTERED.try_with(|entered| entered.0.borrow_mut().push((key, handle)));
    // At thread exit, as when a runtime kept in a thread-local is dropped, there may be no place left
    // to keep the handle: what runs then finds no runtime here.
    if entered.is_ok() {
        CURRENT.set(scheduler);
    }
    Entry(key)
}

impl Drop for Entry {
    fn drop(&mut self) {
        // At thread exit the thread-local may be gone, and the entry with it.
        let left = ENTERED.try_with(|entered| {
            let mut entered = entered.0.borrow_mut();
            let position = entered.iter().rposition(|(key, _)| *key == self.0)?;
            let left = entered.remove(position);
            let last = entered
                .last()
                .map(|(_, handle)| Arc::as_ptr(handle.scheduler()));
            CURRENT.set(last.unwrap_or(ptr::null()));
            Some(left)
        });
        // The handle, perhaps the last, is dropped after the borrow.
        drop(left);
    }
}

/// The runtime this thread is inside.
pub(crate) fn current() -> Result<Option<Handle>, AccessError> {
    ENTERED.try_with(|entered| entered.0.borrow().last().map(|(_, handle)| handle.clone()))
}

/// Calls `f` with the scheduler of the runtime this thread is inside, without touching its reference
/// count, which every worker would share.
///
/// `f` runs no user code: what it is given lives only as long as the thread's innermost entry.
#[inline]
pub(crate) fn with_scheduler<R>(f: impl FnOnce(Option<&Arc<Scheduler>>) -> R) -> R {
    let scheduler = CURRENT.get();
    if scheduler.is_null() {
        return f(None);
    }
    // SAFETY: the pointer is that of an `Arc` in `ENTERED`, which stays there until its entry ends;
    // `f` ends none. The count is not raised, and not lowered, as the copy is never dropped.
    let scheduler = ManuallyDrop::new(unsafe { Arc::from_raw(scheduler) });
    f(Some(&scheduler))
}

/// The advice of every function that needs a runtime and finds none.
pub(crate) const NO_RUNTIME: &str = "there is no runtime here: call this from a task, inside \
    `Runtime::block_on`, or while a guard of `Handle::enter` is held";

/// The runtime this thread is inside, or a panic with advice.
#[track_caller]
pub(crate) fn expect_current() -> Handle {
    match current() {
        Ok(Some(handle)) => handle,
        Ok(None) => panic!("{NO_RUNTIME}"),
        Err(_) => panic!(
            "the runtime of this thread cannot be found while its thread-locals are destroyed"
        ),
    }
}

/// Puts the former state of this thread back.
#[derive(Debug)]
struct RestoreDriving(Driving);

impl Drop for RestoreDriving {
    fn drop(&mut self) {
        DRIVING.set(self.0);
    }
}

/// Enters the runtime for the life of one of its own threads, as a worker.
pub(crate) fn enter_for_thread(handle: Handle) -> Entry {
    DRIVING.set(Driving::Worker);
    enter(handle)
}

/// Runs `f`, which blocks this thread until a future is ready, inside the runtime. `is_bound` if it may
/// run tasks that cannot go on elsewhere meanwhile.
///
/// # Panics
///
/// If this thread drives tasks already.
#[track_caller]
pub(crate) fn block_on<R>(handle: &Handle, is_bound: bool, f: impl FnOnce() -> R) -> R {
    assert!(
        may_block(),
        "cannot start a runtime from within a runtime: `block_on` would stop the thread that runs \
         the other tasks; `.await` the future instead, or wrap the call in `task::block_in_place`, \
         or move it to `task::spawn_blocking`"
    );
    let driving = if is_bound {
        Driving::Bound
    } else {
        Driving::BlockOn
    };
    let _restore = RestoreDriving(DRIVING.replace(driving));
    let _entered = enter(handle.clone());
    f()
}

/// May this thread be blocked without stopping tasks?
pub(crate) fn may_block() -> bool {
    DRIVING.get() == Driving::No
}

/// Does this thread run tasks that cannot go on elsewhere, inside `block_on`?
pub(crate) fn is_bound() -> bool {
    DRIVING.get() == Driving::Bound
}

/// What `block_on` does on this thread includes the tasks of a local set until the guard is dropped.
pub(crate) fn enter_local_set() -> impl Drop {
    let former = DRIVING.get();
    if former == Driving::BlockOn {
        DRIVING.set(Driving::Bound);
    }
    RestoreDriving(former)
}

/// Runs `f`, which may block this thread: others have taken over what it drives.
pub(crate) fn blocking<R>(f: impl FnOnce() -> R) -> R {
    let _restore = RestoreDriving(DRIVING.replace(Driving::No));
    context::allow_blocking(f)
}

/// The reactor of the runtime this thread is inside.
///
/// # Panics
///
/// If it is inside none.
#[track_caller]
pub(crate) fn reactor() -> primitive::Arc<Reactor> {
    overriding::reactor()
        .unwrap_or_else(|| primitive::Arc::clone(&expect_current().scheduler().driver.reactor))
}

/// As [`reactor`]; `None` outside any runtime.
pub(crate) fn try_reactor() -> Option<primitive::Arc<Reactor>> {
    overriding::reactor().or_else(|| {
        with_scheduler(|scheduler| scheduler.map(|it| primitive::Arc::clone(&it.driver.reactor)))
    })
}

/// Where this thread files timers: a worker in a shard of its own.
///
/// # Panics
///
/// Outside any runtime.
#[track_caller]
#[inline]
pub(crate) fn timers() -> TimerContext {
    match try_timers() {
        Some(timers) => timers,
        None => panic!("{NO_RUNTIME}"),
    }
}

/// As [`timers`]; `None` outside any runtime.
#[inline]
pub(crate) fn try_timers() -> Option<TimerContext> {
    if let Some((_, timers)) = overriding::timers() {
        return Some(timers);
    }
    with_scheduler(|scheduler| {
        let scheduler = scheduler?;
        let shard = current::with(|worker| {
            worker
                .filter(|worker| worker.serves(scheduler))
                .map_or(0, |worker| worker.shard_for_new_timers())
        });
        Some(scheduler.driver.timers.context(shard, shard == 0))
    })
}

/// The timers of the runtime this thread is inside, for rare use.
pub(crate) fn with_timers<R>(f: impl FnOnce(&primitive::Arc<Timers>) -> R) -> Option<R> {
    let timers = match overriding::timers() {
        Some((timers, _)) => timers,
        None => with_scheduler(|scheduler| {
            scheduler.map(|it| primitive::Arc::clone(&it.driver.timers))
        })?,
    };
    Some(f(&timers))
}

/// The clock of the runtime this thread is inside.
pub(crate) fn with_clock<R>(f: impl FnOnce(&Clock) -> R) -> Option<R> {
    with_timers(|timers| f(timers.clock()))
}
