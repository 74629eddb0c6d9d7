//! The pool proper: one free list for the process.

use selvedge_sync::primitive::Mutex;
use selvedge_sync::primitive::atomic::{AtomicU64, Ordering};

use crate::time::shard::{RuntimeId, Shard};

static FREE: Mutex<Vec<&'static Shard>> = Mutex::new(Vec::new());
static NEXT_RUNTIME: AtomicU64 = AtomicU64::new(0);

/// An id no other runtime of the process has or had.
pub(in crate::time) fn new_runtime_id() -> RuntimeId {
    // Ordering: Relaxed; only the number matters. 64 bits do not wrap in the life of a process.
    RuntimeId(NEXT_RUNTIME.fetch_add(1, Ordering::Relaxed))
}

/// A shard without tenant.
pub(in crate::time) fn take() -> &'static Shard {
    let free = FREE.lock().pop();
    free.unwrap_or_else(|| Box::leak(Box::new(Shard::new())))
}

/// Returns a shard whose tenant has moved out.
pub(in crate::time) fn give_back(shard: &'static Shard) {
    FREE.lock().push(shard);
}
