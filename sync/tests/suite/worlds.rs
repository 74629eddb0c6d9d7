//! Every asynchronous operation of the crate, as a world for the matrices.

mod broadcast;
mod condvar;
mod lock_all;
mod mpmc;
mod mpsc;
mod mutex;
mod notify;
mod once;
mod oneshot;
mod promise;
mod reentrant_mutex;
mod rwlock;
mod semaphore;
mod signals;
mod watch;
mod work_queue;

use crate::world::Operation;

/// All operations, in the order of the table of cancel safety.
pub(crate) fn operations() -> Vec<Operation> {
    let by_primitive: &[fn() -> Vec<Operation>] = &[
        mutex::operations,
        lock_all::operations,
        condvar::operations,
        reentrant_mutex::operations,
        rwlock::operations,
        semaphore::operations,
        notify::operations,
        signals::operations,
        once::operations,
        oneshot::operations,
        promise::operations,
        mpsc::operations,
        mpmc::operations,
        broadcast::operations,
        watch::operations,
        work_queue::operations,
    ];
    by_primitive
        .iter()
        .flat_map(|operations| operations())
        .collect()
}
