//! Task ids: never reused in the life of a process.

use std::cell::Cell;
use std::fmt;
use std::num::NonZeroU64;
// Not from the loom switch: ids take part in no protocol, and models need none.
use std::sync::atomic::{AtomicU64, Ordering};

/// The id of a task, unique in the process.
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// let task = selvedge::spawn(async { selvedge::task::id() });
/// let id = task.id();
/// assert_eq!(task.await.unwrap(), id);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub(crate) NonZeroU64);

/// Ids a thread takes from the common counter at a time, so that spawning shares no cache line.
const IDS_PER_BLOCK: u64 = 256;

static NEXT_BLOCK: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The next id of this thread, and the end of its block.
    static BLOCK: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

impl Id {
    /// An id nobody had before.
    pub(crate) fn next() -> Self {
        BLOCK.with(|block| {
            let (mut next, mut end) = block.get();
            if next == end {
                // Ordering: Relaxed; only uniqueness matters.
                next = NEXT_BLOCK.fetch_add(IDS_PER_BLOCK, Ordering::Relaxed);
                end = next + IDS_PER_BLOCK;
            }
            block.set((next + 1, end));
            Self(NonZeroU64::new(next).expect("2^64 tasks are not spawned in one process"))
        })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of the task this code runs in.
///
/// # Panics
///
/// Outside a task. [`try_id`] gives `None` there.
#[track_caller]
pub fn id() -> Id {
    try_id().expect("task::id() was called outside a task; use task::try_id() if that may happen")
}

/// The id of the task this code runs in, if it runs in one.
pub fn try_id() -> Option<Id> {
    selvedge_sync::context::current_task().map(Id)
}
