//! The workloads, one file each, in the order of the table.
//!
//! Every file opens with three things: the question it answers, the workload, and what would make
//! its answer misleading.

mod block_on;
mod blocked_worker;
mod chained_spawn;
mod fork_join;
mod memory;
mod ping_pong;
mod process_spawn_wait;
mod remote_spawn;
mod sleeps;
mod small_file_reads;
mod sockets;
mod spawn_blocking;
mod spawn_join;
mod sync;
mod tcp_echo;
mod timeouts;
mod yield_now;

pub use memory::child as memory_child;

use crate::row::{Course, Row};

/// All rows.
pub fn rows() -> Vec<Row> {
    [
        spawn_join::rows(),
        yield_now::rows(),
        ping_pong::rows(),
        chained_spawn::rows(),
        fork_join::rows(),
        remote_spawn::rows(),
        block_on::rows(),
        spawn_blocking::rows(),
        timeouts::rows(),
        sleeps::rows(),
        memory::rows(),
        tcp_echo::rows(),
        sockets::rows(),
        small_file_reads::rows(),
        process_spawn_wait::rows(),
        blocked_worker::rows(),
        sync::rows(),
    ]
    .concat()
}

/// Sets up one entrant of one row, for harnesses other than `paired`.
///
/// # Panics
///
/// If there is no such row or entrant.
pub fn course(row: &str, entrant: &str) -> Course {
    let rows = rows();
    let row = rows
        .iter()
        .find(|candidate| candidate.name == row)
        .expect("unknown row");
    let entrant = row
        .entrants
        .iter()
        .find(|candidate| candidate.name == entrant);
    (entrant.expect("unknown entrant").set_up)()
}
