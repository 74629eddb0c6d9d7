//! In which order the items of a work queue come out.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, VecDeque};

/// The items.
pub(super) enum Items<T> {
    /// First in, first out.
    Fifo(VecDeque<T>),
    /// Last in, first out.
    Lifo(Vec<T>),
    /// The smallest rank first; of the same rank first in, first out.
    Ranked {
        heap: BinaryHeap<Ranked<T>>,
        /// How many have come in.
        arrivals: u64,
    },
}

/// An item in a heap, whose order looks at nothing that is the user's: it is compared under a lock.
pub(super) struct Ranked<T> {
    rank: i64,
    arrival: u64,
    item: T,
}

impl<T> Ranked<T> {
    /// The greater one of a heap comes out first.
    fn precedence(&self) -> (Reverse<i64>, Reverse<u64>) {
        (Reverse(self.rank), Reverse(self.arrival))
    }
}

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.precedence() == other.precedence()
    }
}

impl<T> Eq for Ranked<T> {}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.precedence().cmp(&other.precedence())
    }
}

impl<T> Items<T> {
    pub(super) fn fifo() -> Self {
        Self::Fifo(VecDeque::new())
    }

    pub(super) fn lifo() -> Self {
        Self::Lifo(Vec::new())
    }

    pub(super) fn ranked() -> Self {
        Self::Ranked {
            heap: BinaryHeap::new(),
            arrivals: 0,
        }
    }

    /// Adds an item; its rank counts in ranked queues only.
    pub(super) fn push(&mut self, item: T, rank: i64) {
        match self {
            Self::Fifo(items) => items.push_back(item),
            Self::Lifo(items) => items.push(item),
            Self::Ranked { heap, arrivals } => {
                let arrival = *arrivals;
                *arrivals += 1;
                heap.push(Ranked {
                    rank,
                    arrival,
                    item,
                });
            }
        }
    }

    /// Takes out the item whose turn it is.
    pub(super) fn pop(&mut self) -> Option<T> {
        match self {
            Self::Fifo(items) => items.pop_front(),
            Self::Lifo(items) => items.pop(),
            Self::Ranked { heap, .. } => heap.pop().map(|ranked| ranked.item),
        }
    }
}
