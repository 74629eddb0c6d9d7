//! The run queue by itself: order, room, wrap of the indices, and a storm of thieves.

use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicU8};
use std::thread;

use super::*;
use crate::scheduler::injector::Injector;
use crate::scheduler::numbered::{number, runnable};

fn queue(start: u32) -> ManuallyDrop<LocalQueue> {
    ManuallyDrop::new(LocalQueue::starting_at(start))
}

fn pop_all(queue: &LocalQueue) -> Vec<usize> {
    std::iter::from_fn(|| queue.pop()).map(number).collect()
}

#[test]
fn first_in_first_out_until_full() {
    let queue = queue(0);
    assert!(queue.is_empty());
    assert!(queue.pop().is_none());
    for task in 0..CAPACITY {
        assert!(queue.push(runnable(task)).is_ok());
        assert_eq!(queue.len(), task + 1);
    }
    let refused = queue.push(runnable(CAPACITY)).map_err(number);
    assert_eq!(refused, Err(CAPACITY), "the very task comes back");
    assert_eq!(pop_all(&queue), (0..CAPACITY).collect::<Vec<_>>());
    assert!(queue.is_empty());
}

#[test]
fn a_thief_gets_the_older_half_in_order() {
    for count in 1..=CAPACITY {
        let (victim, thief) = (queue(0), queue(7));
        (0..count).for_each(|task| assert!(victim.push(runnable(task)).is_ok()));
        let half = count.div_ceil(2);
        assert_eq!(victim.steal_half(&thief).map(number), Some(0));
        assert_eq!(pop_all(&thief), (1..half).collect::<Vec<_>>());
        assert_eq!(pop_all(&victim), (half..count).collect::<Vec<_>>());
    }
    assert!(queue(0).steal_half(&queue(0)).is_none());
}

/// Indices wrap at any of these starts without a gap, a loss or a panic.
#[test]
fn indices_wrap() {
    for before in 0..=CAPACITY as u32 + 1 {
        let (victim, thief) = (queue(u32::MAX - before), queue(u32::MAX - before / 2));
        let mut expected = VecDeque::new();
        let mut next = 0;
        for _ in 0..4 {
            while victim.push(runnable(next)).map_err(number).is_ok() {
                expected.push_back(next);
                next += 1;
            }
            next += 1;
            assert_eq!(victim.len(), CAPACITY);
            assert_eq!(victim.steal_half(&thief).map(number), expected.pop_front());
            for task in pop_all(&thief) {
                assert_eq!(Some(task), expected.pop_front());
            }
            assert_eq!(victim.pop().map(number), expected.pop_front());
        }
        assert_eq!(pop_all(&victim), Vec::from(expected));
    }
}

/// What overflows into the injector is the newest, and comes out after what was there before.
#[test]
fn order_across_overflow() {
    let (local, injector) = (queue(0), ManuallyDrop::new(Injector::new()));
    let count = 3 * CAPACITY;
    for task in 0..count {
        if let Err(task) = local.push(runnable(task)) {
            injector.push(task);
        }
    }
    let mut order = pop_all(&local);
    assert_eq!(order.len(), CAPACITY);
    // By the ways a worker gets them: one to run, and a share of the others.
    while let Some(first) = injector.pop_share(&local, 2, CAPACITY) {
        order.push(number(first));
        order.extend(pop_all(&local));
    }
    assert_eq!(order, (0..count).collect::<Vec<_>>());
}

/// A million tasks under a storm of thieves, who rob each other too: each is taken once.
#[test]
fn every_task_is_taken_once_under_a_storm() {
    const TASKS: usize = 1_000_000;
    const THIEVES: usize = 3;
    let taken: Vec<AtomicU8> = (0..TASKS).map(|_| AtomicU8::new(0)).collect();
    let queues: Vec<_> = (0..=THIEVES).map(|_| queue(u32::MAX - 1000)).collect();
    let injector = ManuallyDrop::new(Injector::new());
    let all_pushed = AtomicBool::new(false);
    let note = |task: Runnable| {
        // Ordering: Relaxed; a count, read after the threads were joined.
        taken[number(task)].fetch_add(1, Ordering::Relaxed);
    };
    thread::scope(|scope| {
        for me in 1..=THIEVES {
            let (queues, injector, all_pushed, note) = (&queues, &injector, &all_pushed, &note);
            scope.spawn(move || {
                loop {
                    // Ordering: Acquire; after this, an empty look is the last one.
                    let last_look = all_pushed.load(Ordering::Acquire);
                    let victims = (0..=THIEVES).filter(|victim| *victim != me);
                    let found = victims
                        .filter_map(|victim| queues[victim].steal_half(&queues[me]))
                        .next()
                        .or_else(|| injector.pop_share(&queues[me], THIEVES, CAPACITY));
                    match found {
                        Some(task) => note(task),
                        None if last_look => break,
                        None => thread::yield_now(),
                    }
                    // Meanwhile the others rob this one.
                    std::iter::from_fn(|| queues[me].pop()).for_each(note);
                }
            });
        }
        for task in 0..TASKS {
            if let Err(task) = queues[0].push(runnable(task)) {
                injector.push(task);
            }
            if task % 7 == 0 {
                queues[0].pop().into_iter().for_each(note);
            }
        }
        // Ordering: Release; pairs with the Acquire of the thieves.
        all_pushed.store(true, Ordering::Release);
    });
    for queue in &queues {
        std::iter::from_fn(|| queue.pop()).for_each(note);
    }
    let empty = queue(0);
    std::iter::from_fn(|| injector.pop_share(&empty, 1, 1)).for_each(note);
    // Ordering: Relaxed; the threads were joined.
    let wrong = taken
        .iter()
        .position(|count| count.load(Ordering::Relaxed) != 1);
    assert_eq!(wrong, None, "that task was lost or taken twice");
}
