//! The pool of a model: new shards for each execution, because loom's locks cannot outlive one.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::time::shard::{RuntimeId, Shard};

// From `std`: a static outlives the executions of a model, and this one takes part in no protocol.
static NEXT_RUNTIME: AtomicU64 = AtomicU64::new(0);

/// An id no other runtime of the process has or had.
pub(in crate::time) fn new_runtime_id() -> RuntimeId {
    // Ordering: Relaxed; only the number matters.
    RuntimeId(NEXT_RUNTIME.fetch_add(1, Ordering::Relaxed))
}

/// A shard without tenant. It is leaked: about a kibibyte for each execution.
pub(in crate::time) fn take() -> &'static Shard {
    Box::leak(Box::new(Shard::new()))
}

/// Returns a shard whose tenant has moved out.
pub(in crate::time) fn give_back(_shard: &'static Shard) {}
