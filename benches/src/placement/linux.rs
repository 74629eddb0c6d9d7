//! Pinning by affinity masks. Only CPUs that the process may use are taken.

use std::sync::OnceLock;

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

#[derive(Clone, Copy)]
pub(super) enum Side {
    Server,
    Client,
}

/// The first CPU for the server, the last for the client; the same if there is only one.
pub(super) fn pin(side: Side) {
    let mut usable = (0..CpuSet::MAX_CPU).filter(|&cpu| allowed().is_set(cpu));
    let cpu = match side {
        Side::Server => usable.next(),
        Side::Client => usable.next_back(),
    };
    let mut only = CpuSet::new();
    only.set(cpu.expect("a thread that runs may run somewhere"));
    sched_setaffinity(None, &only).expect("a thread may be pinned to a CPU it may use");
}

pub(super) fn unpin() {
    sched_setaffinity(None, allowed()).expect("a thread may use what it could use before");
}

/// What the process could use before anything was pinned.
fn allowed() -> &'static CpuSet {
    static ALLOWED: OnceLock<CpuSet> = OnceLock::new();
    ALLOWED.get_or_init(|| sched_getaffinity(None).expect("a thread may ask where it may run"))
}
