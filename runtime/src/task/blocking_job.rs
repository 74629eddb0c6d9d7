//! Blocking work as the pool sees it: a runnable to poll once.

use std::cell::RefCell;

use selvedge_sync::{TaskTracker, TaskTrackerToken};

use super::header::Header;
use super::runnable::Runnable;
use crate::blocking::{BlockingPool, Job};
use crate::contain::contain;
use crate::time::TimeHold;

thread_local! {
    /// The pool whose thread this is.
    static OWN_POOL: RefCell<Option<BlockingPool<BlockingJob>>> = const { RefCell::new(None) };
}

/// What the pool runs. Paused time stands still until the task is over *and* its joiner was woken:
/// between the two the runtime would look idle, and time would jump to the joiner's timeout.
#[derive(Debug)]
pub(crate) struct BlockingJob {
    task: Runnable,
    time: Option<TimeHold>,
    is_mandatory: bool,
    /// Given up last: who waits for the group relies on it that the task is over, and its future gone.
    group: Option<TaskTrackerToken>,
}

impl BlockingJob {
    pub(super) fn new(
        task: Runnable,
        time: Option<TimeHold>,
        is_mandatory: bool,
        group: Option<TaskTrackerToken>,
    ) -> Self {
        Self {
            task,
            time,
            is_mandatory,
            group,
        }
    }

    pub(super) fn into_task(self) -> Runnable {
        self.task
    }

    fn is_in(&self, group: &TaskTracker) -> bool {
        let own = self.group.as_ref().map(TaskTrackerToken::task_tracker);
        own.is_some_and(|own| TaskTracker::ptr_eq(own, group))
    }
}

impl Job for BlockingJob {
    fn run(self) {
        self.task.run_blocking();
        drop(self.time);
        drop(self.group);
    }

    fn cancel(self) {
        self.task.cancel_blocking();
        drop(self.time);
        drop(self.group);
    }

    fn is_mandatory(&self) -> bool {
        self.is_mandatory
    }

    fn serve_in(pool: &BlockingPool<Self>, serve: impl FnOnce()) {
        OWN_POOL.set(Some(pool.clone()));
        serve();
        drop(OWN_POOL.take());
    }
}

/// Runs the job of `task` here if it waits for a thread of the pool that this thread belongs to: who is
/// about to wait for it would otherwise keep a thread from it, perhaps the last.
pub(super) fn run_if_queued(task: &Header) -> bool {
    run_own(|job| job.task.is_of(task))
}

/// As [`run_if_queued`], for one job of a group.
pub(crate) fn run_one_of(group: &TaskTracker) -> bool {
    run_own(|job| job.is_in(group))
}

/// True if this is a thread of that pool.
pub(crate) fn is_own_pool(pool: &BlockingPool<BlockingJob>) -> bool {
    OWN_POOL.with_borrow(|own| own.as_ref().is_some_and(|own| own.is_same(pool)))
}

/// True on a thread of any pool.
pub(super) fn is_pool_thread() -> bool {
    OWN_POOL.with_borrow(Option::is_some)
}

fn run_own(wanted: impl Fn(&BlockingJob) -> bool) -> bool {
    let own = OWN_POOL.try_with(|own| own.borrow().clone());
    let job = own.ok().flatten().and_then(|own| own.take(wanted));
    let found = job.is_some();
    if let Some(job) = job {
        contain(|| job.run());
    }
    found
}
