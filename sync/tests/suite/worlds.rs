//! Every asynchronous operation of the crate, as a world for the matrices.

mod notify;
mod oneshot;
mod semaphore;

use crate::world::Operation;

/// All operations, in the order of the table of cancel safety.
pub(crate) fn operations() -> Vec<Operation> {
    let by_primitive: &[fn() -> Vec<Operation>] = &[
        notify::operations,
        semaphore::operations,
        oneshot::operations,
    ];
    by_primitive
        .iter()
        .flat_map(|operations| operations())
        .collect()
}
