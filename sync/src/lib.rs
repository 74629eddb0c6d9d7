//! Synchronization primitives for async tasks and threads, under any executor.
//!
//! Nothing here knows a runtime. What a primitive may know about the task it runs in comes from
//! one thread-local, the [`context`], which a runtime sets around each poll and which is simply
//! empty elsewhere.

pub mod context;
#[cfg(all(test, not(selvedge_loom)))]
mod counting_waker;
mod notify;
pub mod oneshot;
#[doc(hidden)]
pub mod primitive;
mod semaphore;
mod thread_block;
mod wait_list;
#[doc(hidden)]
pub mod wake_batch;
#[doc(hidden)]
pub mod waker_cell;

pub use notify::{Notified, Notify, OwnedNotified};
pub use semaphore::{
    AcquireError, OwnedSemaphorePermit, Semaphore, SemaphoreAcquire, SemaphoreAcquireOwned,
    SemaphorePermit, TryAcquireError,
};
