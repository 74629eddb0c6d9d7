//! Models of how workers sleep and wake: a task that nobody wakes for is a deadlock of the model.
//!
//! The workers follow `worker.rs` step by step: look, search, look, sleep, look again, park. Their
//! queue is a bare counter, read with Relaxed loads, so that only the fences of the protocol can make
//! a push visible to a worker that is about to sleep.

use selvedge_sync::primitive::atomic::{AtomicBool, AtomicUsize};
use selvedge_sync::primitive::{Arc, thread};

use super::*;
use crate::driver::parker::Parker;
use selvedge_sync::model_check::{THREE, check, spawn, start};

struct Floor {
    idle: Idle,
    parkers: Vec<Parker>,
    queue: AtomicUsize,
    /// Tasks that nobody has run yet.
    left: AtomicUsize,
    exit: AtomicBool,
}

impl Floor {
    /// `workers` seats of which `seats` have a thread in the model, and `tasks` to come.
    fn new(workers: usize, seats: usize, tasks: usize) -> Arc<Self> {
        Arc::new(Self {
            idle: Idle::new(workers),
            parkers: (0..seats).map(|_| Parker::new()).collect(),
            queue: AtomicUsize::new(0),
            left: AtomicUsize::new(tasks),
            exit: AtomicBool::new(false),
        })
    }

    /// S1 to S4, as a thread outside that spawns.
    fn push(&self) {
        // Ordering: Relaxed; the fence in `claim_sleeper` is what the model checks.
        self.queue.fetch_add(1, Ordering::Relaxed);
        self.announce();
    }

    fn announce(&self) {
        if let Some(seat) = self.idle.claim_sleeper() {
            self.unpark(seat);
        }
    }

    fn unpark(&self, seat: usize) {
        self.parkers[seat].unpark(|| {});
    }

    fn has_visible_work(&self) -> bool {
        // Ordering: Relaxed, as the hints of the real queues.
        self.queue.load(Ordering::Relaxed) > 0 || self.is_exiting()
    }

    fn is_exiting(&self) -> bool {
        // Ordering: Acquire, as in the scheduler.
        self.exit.load(Ordering::Acquire)
    }

    fn take(&self) -> bool {
        // Ordering: Relaxed; first the hint.
        if self.queue.load(Ordering::Relaxed) == 0 {
            return false;
        }
        // Ordering: Relaxed; nothing is published by this queue.
        self.queue
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
    }

    /// The last task ends the runtime, as in `exit_if_empty`.
    fn run_task(&self) {
        // Ordering: AcqRel; whoever runs the last one comes after all others.
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Ordering: Release, as in the scheduler.
            self.exit.store(true, Ordering::Release);
            (0..self.parkers.len()).for_each(|seat| self.unpark(seat));
        }
    }

    /// `Worker::run`.
    fn work(&self, seat: usize) {
        let mut searching = false;
        while !self.is_exiting() {
            let found = self.take() || {
                searching = searching || self.idle.start_search();
                searching && self.take()
            };
            if found {
                if std::mem::take(&mut searching) && self.idle.stop_search() {
                    self.announce();
                }
                self.run_task();
                continue;
            }
            self.idle.fall_asleep(seat, std::mem::take(&mut searching));
            if !self.has_visible_work() {
                self.parkers[seat].park(None);
            }
            searching = !self.idle.get_up(seat);
        }
        if searching {
            self.idle.stop_search();
            self.announce();
        }
    }

    /// Nobody is left: the counts are exact.
    fn assert_empty(&self) {
        let counters = self.idle.load();
        assert_eq!((counters.searching(), counters.asleep()), (0, 0));
        assert!(self.idle.sleepers.lock().is_empty());
    }
}

fn worker(floor: &Arc<Floor>, seat: usize) -> thread::JoinHandle<()> {
    let floor = floor.clone();
    spawn(move || floor.work(seat))
}

/// L-09. A push while the last searcher goes to sleep: either it sees the task, or it is woken.
///
/// Bound 3: 108 executions.
#[test]
fn l09_push_against_the_last_searcher_parking() {
    check("L-09", THREE, || {
        let floor = Floor::new(2, 1, 1);
        let worker = worker(&floor, 0);
        start();
        floor.push();
        worker.join().unwrap();
        floor.assert_empty();
    });
}

/// L-09, variant: a second worker sleeps, or goes to sleep, meanwhile. The push may rely on one that
/// searches; that one has to see the task, or it finds it and sees to a successor.
///
/// Bound 2: 21 279 executions.
#[test]
fn l09_push_against_two_workers_parking() {
    check("L-09 two", Some(2), || {
        let floor = Floor::new(2, 2, 1);
        let workers = [worker(&floor, 0), worker(&floor, 1)];
        start();
        floor.push();
        workers
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        floor.assert_empty();
    });
}

/// L-10. Two pushes while one worker goes to sleep: both tasks run.
///
/// Bound 3: 893 executions.
#[test]
fn l10_two_pushes_against_one_worker_parking() {
    check("L-10", THREE, || {
        let floor = Floor::new(2, 1, 2);
        let worker = worker(&floor, 0);
        start();
        floor.push();
        floor.push();
        worker.join().unwrap();
        floor.assert_empty();
    });
}

/// L-10, variant: the two pushes come from two threads.
///
/// Bound 3: 14 494 executions.
#[test]
fn l10_two_pushers_against_one_worker_parking() {
    check("L-10 pushers", THREE, || {
        let floor = Floor::new(2, 1, 2);
        let worker = worker(&floor, 0);
        let pusher = {
            let floor = floor.clone();
            spawn(move || floor.push())
        };
        start();
        floor.push();
        pusher.join().unwrap();
        worker.join().unwrap();
        floor.assert_empty();
    });
}

/// L-15. The worker is woken by an event and gets up by itself while a push claims it: whoever
/// removes it from the sleepers decides whether it counts as searching, and the counts stay exact.
///
/// Bound 3: 4 499 executions.
#[test]
fn l15_claim_against_get_up() {
    check("L-15", THREE, || {
        let floor = Floor::new(2, 1, 1);
        let worker = worker(&floor, 0);
        let event = {
            let floor = floor.clone();
            spawn(move || floor.unpark(0))
        };
        start();
        floor.push();
        event.join().unwrap();
        worker.join().unwrap();
        floor.assert_empty();
    });
}
