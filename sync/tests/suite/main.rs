//! What the primitives promise, tried from outside the crate, under any executor.
//!
//! | Module | What |
//! |---|---|
//! | `executors` | one test body, three executors; `spawn`; the watchdog |
//! | `support` | futures polled by hand, wakers that count, values that count |
//! | `world` | an operation with its waiters and its accounts, as the matrices see it |
//! | `worlds` | every operation as a world |
//! | `catalogue` | bugs that others had |
//! | `hostile` | every operation, at wakers that re-enter, panic, block and own |
//! | `auto_traits` | what may be sent, shared, moved and unwound |
//! | `linearizability` | histories of threads, beside a specification |
//! | `reference` | random calls, beside a plain model of each primitive |
//! | `torture` | every operation, ended in fourteen ways after every number of polls |
//! | one per primitive | its behaviour |
//!
//! A primitive's module declares its tests with `any_executor!`, three from each body, and with
//! `watched!` where it polls by hand (`support::Seat`). A test that hangs fails,
//! with its name. No test waits for time to pass.
#![cfg(not(selvedge_loom))]

mod auto_traits;
mod catalogue;
mod executors;
mod hostile;
mod linearizability;
mod reference;
#[allow(dead_code, reason = "each primitive uses what it needs")]
mod support;
mod torture;
mod world;
mod worlds;

mod barrier;
mod broadcast;
mod cancellation_token;
mod event;
mod groups;
mod mpmc;
mod mpsc;
mod mutex;
mod notify;
mod once_cell;
mod oneshot;
mod promise;
mod reentrant_mutex;
mod rwlock;
mod semaphore;
mod time_limit;
mod waker_cell;
mod watch;
mod work_queue;
