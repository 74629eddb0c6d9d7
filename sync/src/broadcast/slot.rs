//! A place in the ring: the latest message whose number falls on it, and who has still to read it.
//!
//! # Picture
//!
//! ```text
//!   slot i, capacity n          cell                    cell
//!                        ┌───────────────────┐   ┌───────────────────┐
//!                        │ number  i + 2n    │   │ number  i + n     │
//!                        │ word    3 readers │   │ word    busy      │ ◄── a receiver clones this
//!                        │ value   Some      │   │ value   Some      │     value right now
//!                        └───────────────────┘   └───────────────────┘
//! ```
//!
//! One cell would do if cloning were quick. It is foreign code: it may take long, or send on this
//! very channel. A sender that comes round to a cell in use takes the other one, and waits for
//! nobody.
//!
//! # Invariants
//!
//! I1. The value of a cell is touched only by who has set `BUSY` in its [word](state::Snapshot).
//!
//! I2. There is a value in a free cell if and only if receivers have still to read it.
//!
//! I3. A number is in at most one of the two cells. Only senders write numbers, one at a time.
//!
//! # What a receiver may find
//!
//! The number it looks for, and reads the value: each receiver comes for a number once, so the
//! last one leaves the cell empty. Another number, or no value: the message is not there yet, or
//! there no longer. Which of them says the tail of the channel, under its lock.
//!
//! A message that is overwritten while it is cloned stays in its cell until a sender comes to this
//! slot again; but nobody begins to read it any more.
#![allow(
    unsafe_code,
    reason = "a value that receivers clone one at a time, under the bit of the state word"
)]

mod state;

use std::fmt;

pub(super) use self::state::RECEIVERS_MAX;
use self::state::{OnRead, Snapshot};
use crate::primitive::UnsafeCell;
use crate::primitive::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What came of an attempt to read a message.
#[derive(Debug)]
pub(super) enum Read<R> {
    /// It was read.
    Done(R),
    /// Another receiver clones it just now.
    Busy,
    /// It is not here.
    Absent,
}

/// The values that a new message has displaced; dropped by who sent it, without a lock.
pub(super) type Displaced<T> = [Option<T>; 2];

/// Room for a value.
struct Cell<T> {
    /// The number of the message.
    number: AtomicU64,
    word: AtomicUsize,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: a value may go to any thread, and the word gives it to one at a time (I1), so nobody
// shares it.
unsafe impl<T: Send> Sync for Cell<T> {}

impl<T> Cell<T> {
    fn new(number: u64) -> Self {
        Self {
            number: AtomicU64::new(number),
            word: AtomicUsize::new(Snapshot::EMPTY.0),
            value: UnsafeCell::new(None),
        }
    }

    #[inline]
    fn number(&self) -> u64 {
        // Ordering: Relaxed; a guess, unless the cell is held, which acquires what its last holder
        // wrote. What was sent before we were woken, or before we had the lock, is seen here.
        self.number.load(Ordering::Relaxed)
    }

    fn state(&self) -> Snapshot {
        // Ordering: Relaxed; a guess, `seize` decides.
        Snapshot(self.word.load(Ordering::Relaxed))
    }

    /// Takes the cell if it is free.
    #[inline]
    fn seize(&self) -> Option<Held<'_, T>> {
        let mut current = self.state();
        loop {
            let seized = current.seize()?;
            // Ordering: Acquire; pairs with the Release of the last holder, whose value this is.
            match self.word.compare_exchange_weak(
                current.0,
                seized.0,
                Ordering::Acquire,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    return Some(Held {
                        cell: self,
                        after: seized.release(),
                        at_end: OnRead::Leave,
                        stale: None,
                    });
                }
                Err(actual) => current = Snapshot(actual),
            }
        }
    }
}

/// A cell for us alone, until this is dropped.
struct Held<'c, T> {
    cell: &'c Cell<T>,
    /// The state to leave behind.
    after: Snapshot,
    /// What to do with the value before.
    at_end: OnRead,
    /// The value taken out; dropped when the cell is free again, being foreign code.
    stale: Option<T>,
}

impl<T> Held<'_, T> {
    /// Gives `f` the value; whatever `f` does, this counts as one reading.
    #[inline]
    fn read<R>(mut self, f: impl FnOnce(&T) -> R) -> Option<R> {
        let cell = self.cell;
        cell.value.with(|value| {
            // SAFETY: the cell is ours (I1).
            let value = unsafe { (*value).as_ref()? };
            let seized = self.after.seize().expect("the cell is given back free");
            (self.after, self.at_end) = seized.finish_read();
            Some(f(value))
        })
    }

    /// Puts a new message here; gives the old one.
    #[inline]
    fn fill(mut self, number: u64, readers: usize, value: T) -> Option<T> {
        // Ordering: Relaxed; the word publishes it, others only guess by it.
        self.cell.number.store(number, Ordering::Relaxed);
        self.after = Snapshot::filled(readers);
        // SAFETY: the cell is ours (I1).
        self.cell
            .value
            .with_mut(|held| unsafe { (*held).replace(value) })
    }

    /// Takes the message out.
    fn empty(mut self) -> Option<T> {
        self.after = Snapshot::EMPTY;
        self.take()
    }

    fn take(&self) -> Option<T> {
        // SAFETY: the cell is ours (I1).
        self.cell.value.with_mut(|value| unsafe { (*value).take() })
    }
}

impl<T> Drop for Held<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.at_end == OnRead::Take {
            self.stale = self.take();
        }
        // Nobody else changes the word of a cell that is held.
        // Ordering: Release; pairs with the Acquire in `seize`.
        self.cell.word.store(self.after.0, Ordering::Release);
    }
}

/// A place in the ring, with cache lines of its own: receivers are at work in the one while a
/// sender fills the next.
#[repr(align(64))]
pub(super) struct Slot<T> {
    cells: [Cell<T>; 2],
}

impl<T> Slot<T> {
    /// A slot whose first message will have the number `first`, in a ring of `capacity`.
    pub(super) fn new(first: u64, capacity: u64) -> Self {
        // Numbers that no receiver looks for before they were used once.
        let past = |rounds: u64| first.wrapping_sub(rounds.wrapping_mul(capacity));
        Self {
            cells: [Cell::new(past(1)), Cell::new(past(2))],
        }
    }

    /// The cell of a message, unless there is a later one in the slot.
    ///
    /// Numbers are told apart by their distance, which never comes near 2^63.
    #[inline]
    fn find(&self, number: u64) -> Option<&Cell<T>> {
        let [first, second] = &self.cells;
        let (a, b) = (first.number(), second.number());
        let (latest, cell) = if (a.wrapping_sub(b) as i64) > 0 {
            (a, first)
        } else {
            (b, second)
        };
        (latest == number).then_some(cell)
    }

    /// True if receivers have still to read the message.
    pub(super) fn is_unread(&self, number: u64) -> bool {
        self.find(number)
            .is_some_and(|cell| cell.state().readers() > 0)
    }

    /// Runs `f` on a message, as one of the receivers that were to read it.
    #[inline]
    pub(super) fn read<R>(&self, number: u64, f: impl FnOnce(&T) -> R) -> Read<R> {
        let Some(cell) = self.find(number) else {
            return Read::Absent;
        };
        let Some(held) = cell.seize() else {
            return Read::Busy;
        };
        if cell.number() != number {
            return Read::Absent;
        }
        held.read(f).map_or(Read::Absent, Read::Done)
    }

    /// Puts in a message that so many receivers are to read. Under the lock of the tail (I3).
    ///
    /// # Errors
    ///
    /// If receivers are at work in both cells, the value comes back.
    #[inline]
    pub(super) fn put(&self, number: u64, readers: usize, value: T) -> Result<Displaced<T>, T> {
        let [first, second] = &self.cells;
        let (held, other) = if let Some(held) = first.seize() {
            (held, second)
        } else if let Some(held) = second.seize() {
            (held, first)
        } else {
            return Err(value);
        };
        let overwritten = held.fill(number, readers, value);
        let left_over = if other.state() == Snapshot::EMPTY {
            None
        } else {
            other.seize().and_then(Held::empty)
        };
        Ok([overwritten, left_over])
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states = self.cells.each_ref().map(Cell::state);
        f.debug_tuple("Slot").field(&states).finish()
    }
}
