//! Synchronization primitives for async tasks and threads, under any executor.
//!
//! Nothing here knows a runtime. What a primitive may know about the task it runs in comes from
//! one thread-local, the [`context`], which a runtime sets around each poll and which is simply
//! empty elsewhere.
//!
//! # Which primitive for which problem
//!
//! | Problem | Primitive |
//! |---|---|
//! | One task waits for one value of another | [`oneshot`] |
//! | Many tasks send to one | [`mpsc`] |
//! | Many tasks share the work that many send; a mailbox | [`mpmc`] |
//! | Every message to every task | [`broadcast`] |
//! | The latest value, and when it changes | [`watch`] |
//! | Count what many threads do | [`counter`] |
//! | Do not let the sender run ahead | [`mpsc::channel`], [`mpsc::Sender::reserve`] |
//! | Receive with `StreamExt` | [`stream`] |
//! | Stop working when nobody waits for the answer | [`oneshot::Sender::closed`] |
//! | Tell a task to look again at shared data | [`Notify::notify_one`] |
//! | Tell all that wait now | [`Notify::notify_waiters`] |
//! | One at a time, with data that only the one may touch | [`Mutex`] |
//! | Several of these at once, without a deadlock | [`lock_all()`] |
//! | Wait until such data changes | [`Condvar`] |
//! | At most so many at once | [`Semaphore`] |
//! | Divide a budget of bytes, or other weights | [`Semaphore::acquire_many`] |
//! | No more of it: end all waits | [`Semaphore::close`] |
//! | Notice a permit that is given back twice | [`BoundedSemaphore`] |
//! | A flag to wait for, set and cleared; set once | [`Event`]; [`OneShotEvent`] |
//! | Wait for each other, round after round | [`Barrier`] |
//! | Ask tasks to stop, and those below them | [`CancellationToken`] |
//! | Wait until all of a group are done | [`WaitGroup`], [`TaskTracker`] |
//! | Many read, one writes | [`RwLock`]; who goes first: [`RwLockPolicy`] |
//! | Look first, and perhaps write then | [`RwLock::upgradable_read`] |
//! | Functions that lock and call each other | [`ReentrantMutex`] |
//! | A value that the first one to ask for it makes | [`OnceCell`] |
//! | A value that one sets, and others wait for | [`SetOnce`] |
//! | A result for tasks, threads and callbacks alike; give it up | [`Promise`], [`PromiseFuture::cancel`] |
//! | Spread work over workers, and wait until all of it is done | [`WorkQueue`] |
//! | Wait for any of these on a plain thread | [`oneshot::Receiver::blocking_recv`], [`Semaphore::blocking_acquire`] |
//!
//! # How they are made
//!
//! ```text
//!   Notify   Semaphore        oneshot          what users see; no unsafe code but in its slot
//!        ╲   ╱                   │
//!      wait_list             its own slot      who waits, in which order; who owns which memory
//!          │
//!      wake_batch   waker_cell                 wakers: many at once; one for many notifiers
//!            ╲         ╱
//!             primitive                        atomics, cells, locks: native or modelled
//! ```
//!
//! Three rules hold everywhere. No foreign code (clone, wake and drop of wakers, drop of values)
//! runs under a lock or between two halves of a transition, so wakers may panic or use the same
//! primitive. What a dropped future was given and did not return goes to the next. And a future
//! that returns `Pending` has [noted](context::note_wait) what it waits for.
//!
//! # Cancel safety
//!
#![doc = include_str!("../CANCEL_SAFETY.md")]

mod barrier;
mod bounded_semaphore;
pub mod broadcast;
mod cancellation_token;
mod channel;
mod clock;
mod compile_fail;
mod condvar;
pub mod context;
pub mod counter;
#[cfg(all(test, not(selvedge_loom)))]
mod counting_waker;
mod event;
mod identity;
mod lock_all;
#[cfg(selvedge_loom)]
#[doc(hidden)]
pub mod model_check;
pub mod mpmc;
pub mod mpsc;
mod mutex;
mod notify;
mod once_cell;
mod once_value;
pub mod oneshot;
mod owner;
#[doc(hidden)]
pub mod primitive;
mod promise;
mod reentrant_mutex;
mod rwlock;
mod semaphore;
mod set_once;
pub mod stream;
mod task_tracker;
#[doc(hidden)]
pub mod thread_block;
#[doc(hidden)]
pub mod thread_number;
mod time_limit;
mod try_lock_error;
mod wait_group;
mod wait_list;
mod waiting;
#[doc(hidden)]
pub mod wake_batch;
#[doc(hidden)]
pub mod waker_cell;
pub mod watch;
pub mod work_queue;

/// The futures of the primitives, where their names are needed in types.
pub mod futures {
    pub use crate::barrier::BarrierWait;
    pub use crate::bounded_semaphore::{BoundedSemaphoreAcquire, BoundedSemaphoreAcquireOwned};
    pub use crate::cancellation_token::{
        RunUntilCancelledFuture, RunUntilCancelledFutureOwned, WaitForCancellationFuture,
        WaitForCancellationFutureOwned,
    };
    pub use crate::condvar::{Wait, WaitTimeout, WaitWhile, WaitWhileTimeout};
    pub use crate::event::EventWait;
    pub use crate::lock_all::LockAll;
    pub use crate::mutex::{Lock, LockOwned};
    pub use crate::notify::{Notified, OwnedNotified};
    pub use crate::once_cell::{GetOrInit, GetOrTryInit};
    pub use crate::promise::{PromiseCancelled, PromiseResult, PromiseTake, PromiseWait};
    pub use crate::reentrant_mutex::ReentrantLock;
    pub use crate::rwlock::{
        RwLockRead, RwLockReadOwned, RwLockUpgradableRead, RwLockUpgradableReadOwned,
        RwLockUpgrade, RwLockUpgradeOwned, RwLockWrite, RwLockWriteOwned,
    };
    pub use crate::semaphore::{SemaphoreAcquire, SemaphoreAcquireOwned};
    pub use crate::set_once::SetOnceWait;
    pub use crate::task_tracker::{TaskTrackerWaitFuture, TrackedFuture};
    pub use crate::time_limit::TimeLimit;
    pub use crate::wait_group::WaitGroupWait;
}

pub use barrier::{Barrier, BarrierWaitResult};
pub use bounded_semaphore::{
    BoundedSemaphore, BoundedSemaphorePermit, OwnedBoundedSemaphorePermit, ReleaseError,
};
pub use cancellation_token::{CancellationToken, DropGuard, DropGuardRef};
pub use clock::{Alarm, TimeSource, set_time_source};
pub use condvar::{Condvar, WaitTimeoutResult};
pub use event::{Event, OneShotEvent};
pub use lock_all::{LockSet, blocking_lock_all, lock_all, try_lock_all};
pub use mutex::{
    LockGuard, MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
};
pub use notify::{Notified, Notify, OwnedNotified};
pub use once_cell::{OnceCell, SetError};
pub use owner::Owner;
pub use promise::{Promise, PromiseError, PromiseFuture, PromiseState};
pub use reentrant_mutex::{ReentrantMutex, ReentrantMutexGuard};
pub use rwlock::{
    OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard,
    OwnedRwLockWriteGuard, RwLock, RwLockMappedWriteGuard, RwLockPolicy, RwLockReadGuard,
    RwLockUpgradableReadGuard, RwLockWriteGuard,
};
pub use semaphore::{
    AcquireError, OwnedSemaphorePermit, Semaphore, SemaphoreAcquire, SemaphoreAcquireOwned,
    SemaphorePermit, TryAcquireError,
};
pub use set_once::{SetOnce, SetOnceError};
pub use task_tracker::{TaskTracker, TaskTrackerToken};
pub use time_limit::Elapsed;
pub use try_lock_error::TryLockError;
pub use wait_group::WaitGroup;
pub use waiting::Waiting;
pub use work_queue::{Job, WorkQueue};
