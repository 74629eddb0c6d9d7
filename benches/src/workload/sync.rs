//! The synchronisation primitives, one file each, beside those of other crates.
//!
//! In every row all peers run on the same executor, Selvedge's, so that the row compares primitives
//! and not executors: those of `async-lock`, `mea` (whose later releases are called `asyncband`),
//! `saa`, `kanal`, `flume`, `crossfire`, `tachyonix` and `async-channel` run on any. Only `tokio` is
//! tokio's primitive on tokio's executor, as its users have it; the entrant `tokio on selvedge` tells
//! what of the difference is the executor's.
//!
//! **What misleads in all of them.** The peers know no budget: their tasks never give way while the
//! lock is free or the channel has room, so that "64 tasks" may come to one task after the other on
//! each worker. Selvedge and tokio make a task yield after so many operations and pay for that here;
//! what they buy with it shows in no row. Nor does fairness: a peer that lets the holder of a lock
//! take it again and again is fastest. Some peers spin or yield the thread where others suspend the
//! task; look at the CPU time. There are two CPUs' worth of contention and no more.
//!
//! `saa` has no place in the rows where tasks meet: its tasks spin for up to 32 µs before they suspend, and
//! when the holder is a task of the same worker that is lost time, so that `mutex_held_64` took 97 µs for
//! one operation and `mutex_2` at times did not end.

mod barrier;
mod broadcast;
mod mpsc;
mod mpsc_threads;
mod mutex;
mod mutex_threads;
mod notify;
mod oneshot;
mod rwlock;
mod semaphore;
mod watch;

use crate::row::Row;

pub(super) fn rows() -> Vec<Row> {
    [
        mutex::rows(),
        mutex_threads::rows(),
        rwlock::rows(),
        semaphore::rows(),
        notify::rows(),
        barrier::rows(),
        oneshot::rows(),
        mpsc::rows(),
        mpsc_threads::rows(),
        broadcast::rows(),
        watch::rows(),
    ]
    .concat()
}
