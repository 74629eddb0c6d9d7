//! The runtime as its users see it: every test here goes through the public interface of a whole
//! runtime, with threads, a driver and a blocking pool.
//!
//! Tests whose name starts with `r` and a number are named after a line in the catalogue of bugs
//! that other runtimes had; their comment says what went wrong there.
//!
//! Nothing here waits by sleeping for others to be done: tests wait for conditions, and everything
//! runs under [`support::within`], so that a hang is a failure with a name.

#![cfg(all(
    feature = "macros",
    feature = "multi-thread",
    feature = "net",
    feature = "test-util",
    feature = "time"
))]
#![allow(
    clippy::async_yields_async,
    reason = "that a handle outlives what made it is what many tests are about"
)]

mod abort;
#[cfg(unix)]
mod async_fd;
mod block_in_place;
mod block_on;
mod blocking;
mod builder;
mod context;
mod coop;
mod fairness;
mod foreign_wakers;
mod fs_dir;
mod fs_file;
mod fs_file_cancel;
mod fs_file_trouble;
mod handle_verbs;
mod identity;
mod join;
mod join_macros;
mod join_set;
mod local;
mod metrics;
mod moving_over;
#[cfg(target_os = "linux")]
mod os_limits;
mod pool;
mod pool_scope;
#[cfg(target_os = "linux")]
mod processes;
mod public_types;
mod scope;
mod select;
mod shutdown;
mod shutdown_context;
mod shutdown_races;
#[cfg(target_os = "linux")]
mod signals;
mod spawn;
mod stand_in;
mod stdio;
mod support;
mod task_local;
mod task_map;
mod task_tracker;
mod tcp;
mod thread_locals;
mod time_limits;
mod timers;
mod timers_paused;
mod udp;
#[cfg(unix)]
mod unix_datagram;
#[cfg(unix)]
mod unix_pipe;
#[cfg(unix)]
mod unix_stream;
mod who_waits;
