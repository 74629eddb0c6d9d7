//! For models of queues: each task is handed over once, and what its giver wrote is seen by its taker.
#![allow(unsafe_code, reason = "reads and writes modelled cells")]

use selvedge_sync::primitive::UnsafeCell;

use super::numbered;
use crate::task::Runnable;

/// A cell per task, written by who makes the task and by who takes it. Two takers, or a taker that
/// does not see the giver's write as earlier, are two writes at once, which loom reports.
pub(super) struct Ledger {
    taken: Vec<UnsafeCell<bool>>,
}

// SAFETY: the cells are what the models check: loom reports two writers.
unsafe impl Send for Ledger {}
// SAFETY: as above.
unsafe impl Sync for Ledger {}

impl Ledger {
    pub(super) fn new(tasks: usize) -> Self {
        Self {
            taken: (0..tasks).map(|_| UnsafeCell::new(false)).collect(),
        }
    }

    /// The task of this number, fresh.
    pub(super) fn give(&self, number: usize) -> Runnable {
        // SAFETY: nobody else has this task yet; loom checks it.
        self.taken[number].with_mut(|taken| unsafe { *taken = false });
        numbered::runnable(number)
    }

    /// Notes that a task was taken, and gives its number.
    pub(super) fn take(&self, task: Runnable) -> usize {
        let number = numbered::number(task);
        self.taken[number].with_mut(|taken| {
            // SAFETY: only one taker has the task; loom checks it.
            let taken = unsafe { &mut *taken };
            assert!(!*taken, "task {number} was taken twice");
            *taken = true;
        });
        number
    }

    /// All tasks were taken, after all threads have ended.
    pub(super) fn assert_all_taken(&self) {
        for (number, taken) in self.taken.iter().enumerate() {
            // SAFETY: nobody writes any more; loom checks it.
            assert!(
                taken.with(|taken| unsafe { *taken }),
                "task {number} was lost"
            );
        }
    }
}
