//! Synchronization primitives for async tasks and threads, under any executor.
//!
//! Nothing here knows a runtime. What a primitive may know about the task it runs in comes from
//! one thread-local, the [`context`], which a runtime sets around each poll and which is simply
//! empty elsewhere.

pub mod context;
#[doc(hidden)]
pub mod primitive;
