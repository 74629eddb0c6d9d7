#![doc = include_str!("../README.md")]

pub use selvedge_runtime::{__join, __macros, __select, join, pin, select, try_join};
pub use selvedge_runtime::{__task_local_key, task_local};
pub use selvedge_runtime::{bridge, fs, io, pool, runtime, spawn, task};

#[cfg(feature = "net")]
pub use selvedge_runtime::net;
#[cfg(all(unix, feature = "process"))]
pub use selvedge_runtime::process;
#[cfg(all(unix, feature = "signal"))]
pub use selvedge_runtime::signal;
#[cfg(feature = "time")]
pub use selvedge_runtime::time;

/// Synchronization primitives for tasks and threads.
pub use selvedge_sync as sync;

#[cfg(all(feature = "macros", feature = "multi-thread"))]
pub use selvedge_macros::{main, test};
#[cfg(all(feature = "macros", not(feature = "multi-thread")))]
pub use selvedge_macros::{main_rt as main, test_rt as test};
