//! Blocking work as the pool sees it: a runnable to poll once.

use selvedge_sync::context::Budget;

use super::runnable::Runnable;
use crate::blocking::Job;
use crate::time::TimeHold;

/// What the pool runs. Paused time stands still until the task is over *and* its joiner was woken:
/// between the two the runtime would look idle, and time would jump to the joiner's timeout.
#[derive(Debug)]
pub(crate) struct BlockingJob {
    task: Runnable,
    time: Option<TimeHold>,
    is_mandatory: bool,
}

impl BlockingJob {
    pub(super) fn new(task: Runnable, time: Option<TimeHold>, is_mandatory: bool) -> Self {
        Self {
            task,
            time,
            is_mandatory,
        }
    }
}

impl Job for BlockingJob {
    fn run(self) {
        let again = self.task.run_with_budget(Budget::unlimited());
        debug_assert!(again.is_none(), "blocking work is ready after one poll");
        drop(self.time);
    }

    fn cancel(self) {
        drop(self);
    }

    fn is_mandatory(&self) -> bool {
        self.is_mandatory
    }
}
