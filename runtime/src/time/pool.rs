//! Where shards come from and go to: they are reused, never freed.
//!
//! That is what lets a sleeping future keep a plain reference to its shard. The memory is bounded by
//! the largest number of workers that ever ran at once in the process.

#[cfg(not(selvedge_loom))]
mod recycled;
#[cfg(not(selvedge_loom))]
pub(super) use recycled::{give_back, new_runtime_id, take};

#[cfg(selvedge_loom)]
mod fresh;
#[cfg(selvedge_loom)]
pub(super) use fresh::{give_back, new_runtime_id, take};
