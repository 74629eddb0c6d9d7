//! The work-stealing executor, reactor, timers and sockets of selvedge.
//!
//! Depend on the `selvedge` package, which re-exports this crate; its documentation has the map.
//!
//! # Layers
//!
//! A module uses its own layer and those below; `tests/tidy/layers.rs` has the whole table, and keeps
//! it so.
//!
//! ```text
//!  L5  net · io · fs · process · signal · bridge · time · task · pool · macros: what users see   for users
//!  L4  runtime · handle · context · metrics · park_thread ·
//!      task::{spawn, blocking, local_set} · scheduler::block_in_place           assembly
//!  L3  scheduler                                                                who runs
//!  L2  task::{header, word, raw, runnable, waker, join, registry, …} ·
//!      time::{clock, entry, shard, timers, …} · driver · reactor · blocking · contain ·
//!      signal::{board, handler, hub}                                            mechanisms
//!  L1  task::state · scheduler::{policy, counters, roster} ·
//!      reactor::readiness · io::{interest, ready} · fs::file::state · blocking::state ·
//!      time::{wheel, list, level, tick} · cache_line · rng                      pure values
//!  L0  selvedge-sync
//! ```
#![cfg_attr(
    not(all(
        unix,
        feature = "net",
        feature = "time",
        feature = "multi-thread",
        feature = "process"
    )),
    allow(
        dead_code,
        unused_imports,
        reason = "the features choose what of the machinery is public"
    )
)]

#[cfg(not(target_pointer_width = "64"))]
compile_error!("selvedge packs task states into 64-bit words and supports 64-bit targets only");

mod blocking;
pub mod bridge;
mod cache_line;
mod contain;
mod context;
mod driver;
pub mod fs;
mod handle;
pub mod io;
mod macros;
mod metrics;
#[cfg(feature = "net")]
pub mod net;
mod park_thread;
pub mod pool;
#[cfg(all(unix, feature = "process"))]
pub mod process;
mod reactor;
mod rng;
pub mod runtime;
mod scheduler;
#[cfg(all(unix, feature = "signal"))]
pub mod signal;
pub mod task;
pub mod time;

#[doc(hidden)]
pub use macros::expansion as __macros;
pub use task::spawn;
