//! The queue all workers share: tasks from outside, and what does not fit in a local queue.
//!
//! A FIFO under a short lock. The length is also kept outside the lock, so that looking into an
//! empty injector is one load. Rejected for now: a lock-free list; workers fetch in batches, so the
//! lock is taken once for many tasks.

use std::collections::VecDeque;

use selvedge_sync::primitive::Mutex;
use selvedge_sync::primitive::atomic::{AtomicUsize, Ordering};

use super::local_queue::LocalQueue;
use crate::task::Runnable;

#[derive(Debug)]
pub(crate) struct Injector {
    tasks: Mutex<VecDeque<Runnable>>,
    len: AtomicUsize,
}

impl Injector {
    pub(crate) fn new() -> Self {
        Self {
            tasks: Mutex::new(VecDeque::new()),
            len: AtomicUsize::new(0),
        }
    }

    pub(crate) fn len(&self) -> usize {
        // Ordering: Relaxed; a hint. Who must not miss a task fences first (`Idle`).
        self.len.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn push(&self, task: Runnable) {
        self.extend([task]);
    }

    pub(crate) fn extend(&self, runnables: impl IntoIterator<Item = Runnable>) {
        let mut tasks = self.tasks.lock();
        tasks.extend(runnables);
        // Ordering: Relaxed; written under the lock, made visible by the fence of who announces.
        self.len.store(tasks.len(), Ordering::Relaxed);
    }

    /// Takes everything, for a worker without peers.
    pub(crate) fn take_all(&self) -> VecDeque<Runnable> {
        if self.is_empty() {
            return VecDeque::new();
        }
        let mut tasks = self.tasks.lock();
        // Ordering: Relaxed, as in `extend`.
        self.len.store(0, Ordering::Relaxed);
        std::mem::take(&mut *tasks)
    }

    /// Takes one task to run, and this worker's share of the others to `local`, which the caller owns: `max`
    /// in all, at most, and only as many as there is room for.
    pub(crate) fn pop_share(
        &self,
        local: &LocalQueue,
        workers: usize,
        max: usize,
    ) -> Option<Runnable> {
        if self.is_empty() {
            return None;
        }
        let mut tasks = self.tasks.lock();
        let first = tasks.pop_front();
        let share = (tasks.len() / workers).min(max.saturating_sub(1));
        for _ in 0..share {
            let Some(task) = tasks.pop_front() else { break };
            if let Err(task) = local.push(task) {
                tasks.push_front(task);
                break;
            }
        }
        // Ordering: Relaxed, as in `extend`.
        self.len.store(tasks.len(), Ordering::Relaxed);
        first
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
