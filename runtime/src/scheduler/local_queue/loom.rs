//! Models of the run queue, with a ring of four: every task is taken once (I1 to I3), and what was
//! written before its push is seen by its taker.

use std::mem::ManuallyDrop;

use selvedge_sync::primitive::{Arc, thread};

use super::*;
use crate::scheduler::ledger::Ledger;
use selvedge_sync::model_check::{THREE, UNBOUNDED, check, spawn, start};

/// Two queues, each with an owner, and the tasks that pass through them.
struct Ring {
    victim: ManuallyDrop<LocalQueue>,
    thief: ManuallyDrop<LocalQueue>,
    ledger: Ledger,
}

impl Ring {
    fn new(tasks: usize, start: u32) -> Arc<Self> {
        // Not dropped: a queue would drop what a failed model leaves in it, which is no task.
        let queue = || ManuallyDrop::new(LocalQueue::starting_at(start));
        Arc::new(Self {
            victim: queue(),
            thief: queue(),
            ledger: Ledger::new(tasks),
        })
    }

    fn push(&self, number: usize) {
        assert!(self.try_push(number), "there is room");
    }

    /// False if the queue was full; the task came back then.
    fn try_push(&self, number: usize) -> bool {
        let Err(task) = self.victim.push(self.ledger.give(number)) else {
            return true;
        };
        assert_eq!(self.ledger.take(task), number, "the very task comes back");
        false
    }

    fn take(&self, task: Option<Runnable>) -> Option<usize> {
        task.map(|task| self.ledger.take(task))
    }

    fn pop(&self) -> Option<usize> {
        self.take(self.victim.pop())
    }

    /// Steals into the second queue, and takes what came into it: how many that were in all. The
    /// stolen tasks come in order.
    fn steal_and_drain(&self) -> usize {
        let first = self.take(self.victim.steal_half(&self.thief));
        let stolen = first
            .into_iter()
            .chain(self.drain(&self.thief))
            .collect::<Vec<_>>();
        assert!(stolen.is_sorted(), "{stolen:?}");
        stolen.len()
    }

    /// By the owner.
    fn drain<'a>(&'a self, queue: &'a LocalQueue) -> impl Iterator<Item = usize> {
        std::iter::from_fn(|| self.take(queue.pop()))
    }

    /// At the end, by the only thread left.
    fn assert_nothing_lost(&self) {
        self.drain(&self.victim).for_each(drop);
        self.drain(&self.thief).for_each(drop);
        self.ledger.assert_all_taken();
    }
}

fn on_a_thread<R: 'static>(
    ring: &Arc<Ring>,
    body: impl FnOnce(&Ring) -> R + 'static,
) -> thread::JoinHandle<R> {
    let ring = ring.clone();
    spawn(move || body(&ring))
}

/// L-01. The owner pushes three times and pops twice while a thief steals twice.
///
/// Unbounded: 57 658 executions.
#[test]
fn l01_push_and_pop_against_a_thief() {
    check("L-01", UNBOUNDED, || {
        let ring = Ring::new(3, 0);
        let thief = on_a_thread(&ring, |ring| {
            ring.steal_and_drain();
            ring.steal_and_drain();
        });
        start();
        ring.push(0);
        ring.push(1);
        let first = ring.pop();
        ring.push(2);
        let second = ring.pop();
        if let (Some(first), Some(second)) = (first, second) {
            assert!(first < second, "first in, first out");
        }
        thief.join().unwrap();
        ring.assert_nothing_lost();
    });
}

/// L-02. The same with two thieves, the second of which has a queue of its own.
///
/// Bound 3: 16 253 executions.
#[test]
fn l02_push_and_pop_against_two_thieves() {
    check("L-02", THREE, || {
        let ring = Ring::new(3, 0);
        ring.push(0);
        ring.push(1);
        let thief = on_a_thread(&ring, |ring| {
            ring.steal_and_drain();
        });
        let other = on_a_thread(&ring, |ring| {
            let mine = ManuallyDrop::new(LocalQueue::new());
            ring.take(ring.victim.steal_half(&mine));
            ring.drain(&mine).for_each(drop);
        });
        start();
        ring.push(2);
        ring.pop();
        ring.pop();
        thief.join().unwrap();
        other.join().unwrap();
        ring.assert_nothing_lost();
    });
}

/// L-03. The queue is full when the owner pushes more, and slots become free by a theft: a slot is
/// overwritten only once its thief is done with it (I3), and what finds no room comes back.
///
/// Unbounded: 19 executions.
#[test]
fn l03_overflow_against_a_thief() {
    check("L-03", UNBOUNDED, || {
        let ring = Ring::new(6, 0);
        (0..CAPACITY).for_each(|number| ring.push(number));
        let thief = on_a_thread(&ring, Ring::steal_and_drain);
        start();
        let fifth = ring.try_push(4);
        let sixth = ring.try_push(5);
        assert!(!fifth || sixth, "a theft frees two slots at once");
        let stolen = thief.join().unwrap();
        assert!(
            stolen == 2 || stolen == 3,
            "half of what was there: {stolen}"
        );
        ring.assert_nothing_lost();
    });
}

/// L-04. The indices wrap in the middle of what is pushed and stolen.
///
/// Bound 3: 7 465 executions.
#[test]
fn l04_indices_wrap() {
    check("L-04", THREE, || {
        let ring = Ring::new(5, u32::MAX);
        let thief = on_a_thread(&ring, |ring| {
            ring.steal_and_drain();
            ring.steal_and_drain();
        });
        start();
        (0..4).for_each(|number| ring.push(number));
        ring.pop();
        ring.push(4);
        ring.pop();
        thief.join().unwrap();
        ring.assert_nothing_lost();
    });
}

/// L-05. A thief is itself stolen from, while it steals for the second time into the slots that
/// were copied from.
///
/// Bound 3: 17 502 executions.
#[test]
fn l05_thief_is_stolen_from() {
    check("L-05", THREE, || {
        let ring = Ring::new(4, 0);
        let thief = on_a_thread(&ring, |ring| {
            ring.steal_and_drain();
            ring.steal_and_drain();
        });
        let robber = on_a_thread(&ring, |ring| {
            let mine = ManuallyDrop::new(LocalQueue::new());
            ring.take(ring.thief.steal_half(&mine));
            ring.drain(&mine).for_each(drop);
        });
        start();
        (0..4).for_each(|number| ring.push(number));
        thief.join().unwrap();
        robber.join().unwrap();
        ring.assert_nothing_lost();
    });
}

/// The owner fills the ring a second time while a slow thief still copies from the first round.
///
/// Bound 3: 6 210 executions.
#[test]
fn slots_are_reused_under_a_slow_thief() {
    check("slow thief", THREE, || {
        let ring = Ring::new(7, 0);
        (0..CAPACITY).for_each(|number| ring.push(number));
        let thief = on_a_thread(&ring, Ring::steal_and_drain);
        start();
        ring.pop();
        ring.pop();
        ring.pop();
        for number in 4..7 {
            ring.push(number);
        }
        thief.join().unwrap();
        ring.assert_nothing_lost();
    });
}
