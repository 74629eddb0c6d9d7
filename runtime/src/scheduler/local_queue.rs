//! The run queue of one worker: a bounded FIFO ring whose owner pushes and pops, and from which any
//! thread may steal half.
//!
//! ```text
//!          head ──► oldest                      newest ◄── tail
//!   ┌────┬────┬────┬────┬────┬────┬────┬────┐
//!   │    │ t1 │ t2 │ t3 │ t4 │    │    │    │     slot of index i: i % capacity
//!   └────┴────┴────┴────┴────┴────┴────┴────┘
//! ```
//!
//! # Invariants
//!
//! I1. `head <= tail <= head + CAPACITY` in wrapping order; slots from head to tail hold tasks.
//! I2. Only the owner moves `tail`, only forward. Owner and thieves move `head`, only forward, by
//!     compare-exchange.
//! I3. The owner overwrites the slot of index `i` only after it has seen `head > i - CAPACITY`.
//!
//! # Why a task is taken exactly once
//!
//! A thief copies slots first and then moves `head` from the value it read. While `head` keeps that
//! value the owner does not overwrite those slots (I3), and nobody else takes from them; if `head`
//! moved, the exchange fails and the copies are forgotten. The slots are atomics, so that copying a
//! slot which is just being overwritten is no data race, merely a wasted read. Indices are 32 bits:
//! for a stale exchange to succeed, 2^32 tasks would have to pass while the thief copies.
//!
//! # Credits
//!
//! The scheme of Go's scheduler (copy, then one exchange). Rejected: the split head of tokio and
//! st3, where thieves book a range first; it exists to avoid reading slots that may be overwritten,
//! costs a second exchange per theft, and lets only one thief in. Rejected: moving half the ring to
//! the injector on overflow; a task just fetched from there would bounce back. The newest task goes
//! there instead, so tasks keep their order.

use std::ptr;

use selvedge_sync::primitive::atomic::{AtomicPtr, AtomicU32, Ordering};

use crate::cache_line::CacheLine;
use crate::task::{Header, Runnable};

/// Tasks a queue holds. Two steps of stealing half reach 64 tasks, enough for a busy server; models
/// use a tiny ring so that it wraps.
#[cfg(not(selvedge_loom))]
pub(crate) const CAPACITY: usize = 256;
#[cfg(selvedge_loom)]
pub(crate) const CAPACITY: usize = 4;

const MASK: u32 = CAPACITY as u32 - 1;
const _: () = assert!(CAPACITY.is_power_of_two());

#[derive(Debug)]
pub(crate) struct LocalQueue {
    /// Index of the oldest task; contended by thieves.
    head: CacheLine<AtomicU32>,
    /// Index after the newest task; written by the owner.
    tail: CacheLine<AtomicU32>,
    slots: Box<[AtomicPtr<Header>]>,
}

impl LocalQueue {
    pub(crate) fn new() -> Self {
        Self::starting_at(0)
    }

    fn starting_at(index: u32) -> Self {
        Self {
            head: CacheLine(AtomicU32::new(index)),
            tail: CacheLine(AtomicU32::new(index)),
            slots: (0..CAPACITY)
                .map(|_| AtomicPtr::new(ptr::null_mut()))
                .collect(),
        }
    }

    fn slot(&self, index: u32) -> &AtomicPtr<Header> {
        &self.slots[(index & MASK) as usize]
    }

    /// Tasks in the queue, as far as anyone can tell.
    pub(crate) fn len(&self) -> usize {
        // Ordering: Relaxed; a hint. Who must not miss a task fences first (`Idle`).
        let head = self.head.0.load(Ordering::Relaxed);
        // Ordering: Relaxed, as above.
        let tail = self.tail.0.load(Ordering::Relaxed);
        (tail.wrapping_sub(head) as usize).min(CAPACITY)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a task; gives it back if the queue is full. For the owner only.
    pub(crate) fn push(&self, task: Runnable) -> Result<(), Runnable> {
        // Ordering: Relaxed; only the owner, this thread, writes the tail (I2).
        let tail = self.tail.0.load(Ordering::Relaxed);
        // Ordering: Acquire; pairs with the exchange of a thief: its copies are over (I3).
        let head = self.head.0.load(Ordering::Acquire);
        if tail.wrapping_sub(head) as usize >= CAPACITY {
            return Err(task);
        }
        // Ordering: Relaxed; published by the tail.
        self.slot(tail)
            .store(task.into_raw().as_ptr(), Ordering::Relaxed);
        // Ordering: Release; pairs with the Acquire of a thief's tail load: the slot is written.
        self.tail.0.store(tail.wrapping_add(1), Ordering::Release);
        Ok(())
    }

    /// Takes the oldest task. For the owner only.
    pub(crate) fn pop(&self) -> Option<Runnable> {
        // Ordering: Relaxed; only the owner, this thread, writes the tail (I2).
        let tail = self.tail.0.load(Ordering::Relaxed);
        // Ordering: Relaxed; the exchange below validates it, and the slots are our own writes.
        let mut head = self.head.0.load(Ordering::Relaxed);
        loop {
            if head == tail {
                return None;
            }
            // Ordering: Relaxed; written by this thread.
            let task = self.slot(head).load(Ordering::Relaxed);
            // Ordering: Release; pairs with the head load of a thief, who then sees a tail that is not
            // behind this head. The slot needs no ordering: only this thread reuses it, and a thief
            // that loses to us forgets what it copied.
            match self.head.0.compare_exchange_weak(
                head,
                head.wrapping_add(1),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Some(from_slot(task)),
                Err(now) => head = now,
            }
        }
    }

    /// Takes half of the tasks, rounded up: returns the oldest, moves the others to `thief`, which
    /// is empty and owned by the caller.
    pub(crate) fn steal_half(&self, thief: &LocalQueue) -> Option<Runnable> {
        // Ordering: Relaxed; the thief's own tail.
        let thief_tail = thief.tail.0.load(Ordering::Relaxed);
        // Ordering: Acquire; as in `push`: who stole from the thief has copied its slots (I3).
        let thief_head = thief.head.0.load(Ordering::Acquire);
        debug_assert_eq!(thief_head, thief_tail, "the thief's queue is empty");
        loop {
            // Ordering: Acquire; pairs with whoever moved the head: the tail read next is not behind it.
            let head = self.head.0.load(Ordering::Acquire);
            // Ordering: Acquire; pairs with the Release in `push`: the slots are written.
            let tail = self.tail.0.load(Ordering::Acquire);
            let available = tail.wrapping_sub(head);
            if available == 0 {
                return None;
            }
            if available as usize > CAPACITY {
                // The head moved on between the two loads.
                continue;
            }
            let count = available - available / 2;
            // Ordering: Relaxed; ordered by the tail above, validated by the exchange below.
            let oldest = self.slot(head).load(Ordering::Relaxed);
            for offset in 1..count {
                // Ordering: Relaxed, as above.
                let task = self.slot(head.wrapping_add(offset)).load(Ordering::Relaxed);
                // Ordering: Relaxed; not published before the tail store below.
                thief
                    .slot(thief_tail.wrapping_add(offset - 1))
                    .store(task, Ordering::Relaxed);
            }
            // Ordering: Release; pairs with the head load in `push`: the copies are done.
            if self
                .head
                .0
                .compare_exchange(
                    head,
                    head.wrapping_add(count),
                    Ordering::Release,
                    Ordering::Relaxed,
                )
                .is_ok()
            {
                // Ordering: Release; as in `push`.
                thief
                    .tail
                    .0
                    .store(thief_tail.wrapping_add(count - 1), Ordering::Release);
                return Some(from_slot(oldest));
            }
        }
    }
}

#[allow(unsafe_code, reason = "the slots hold runnables as pointers")]
fn from_slot(task: *mut Header) -> Runnable {
    let task = ptr::NonNull::new(task).expect("a slot between head and tail holds a task");
    // SAFETY: stored by `push` through `into_raw`, and taken once (module docs).
    unsafe { Runnable::from_raw(task) }
}

impl Drop for LocalQueue {
    fn drop(&mut self) {
        while let Some(task) = self.pop() {
            drop(task);
        }
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
