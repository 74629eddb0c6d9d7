//! What the ends of a broadcast channel share: the slots, and the tail under its lock.

use std::fmt;

use super::slot::{Displaced, Read, Slot};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{hint, thread};
use crate::wait_list::{LockedQueue, WaitList, WaitQueue, has_wait_queue};
use crate::wake_batch::FirstPanic;

/// The list of those who wait for a message.
const RECEIVERS: usize = 0;
/// The list of those who wait for the last receiver to go.
pub(super) const CLOSED: u8 = 1;

/// How often a receiver looks again at a message that another one clones, before it lets other
/// tasks run: as long as a short clone takes and a cache line travels. Models need not repeat it.
const LOOKS_MAX: usize = if cfg!(selvedge_loom) { 1 } else { 16 };

/// Where the channel ends; what its lock protects.
#[derive(Debug)]
pub(super) struct Tail {
    /// The number of the next message. Wraps: all that counts is the distance to a receiver.
    pub(super) next: u64,
    pub(super) receivers: usize,
    /// The last sender is gone.
    pub(super) ended: bool,
}

/// Where a receiver stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Position {
    /// Its message is in the ring.
    Behind,
    /// So many messages were overwritten before it came to them.
    Lagged(u64),
    /// It has seen all there are so far.
    AtEnd,
    /// It has seen all there will be.
    Ended,
}

impl Tail {
    /// Where a receiver stands whose next message is `next`.
    pub(super) fn position(&self, next: u64, capacity: u64) -> Position {
        match self.next.wrapping_sub(next) {
            0 if self.ended => Position::Ended,
            0 => Position::AtEnd,
            behind if behind > capacity => Position::Lagged(behind - capacity),
            _ => Position::Behind,
        }
    }
}

type Lists = [WaitList<()>; 2];

/// A broadcast channel.
pub(super) struct Ring<T> {
    /// A power of two of them.
    slots: Box<[Slot<T>]>,
    pub(super) tail: WaitQueue<(), Tail, Lists>,
    pub(super) senders: AtomicUsize,
    pub(super) weak_senders: AtomicUsize,
}

has_wait_queue!([T] Ring<T>, tail: ((), Tail, 2));

impl<T> Ring<T> {
    /// A channel with one sender, whose first message has the number `first`.
    #[track_caller]
    pub(super) fn new(capacity: usize, receivers: usize, first: u64) -> Self {
        assert!(
            capacity > 0,
            "a broadcast channel needs room for one message at least"
        );
        assert!(
            capacity <= usize::MAX >> 1,
            "a broadcast channel has a capacity of at most `usize::MAX / 2`"
        );
        let capacity = capacity.next_power_of_two() as u64;
        let first_in = |index: u64| first.wrapping_add(index.wrapping_sub(first) & (capacity - 1));
        Self {
            slots: (0..capacity)
                .map(|index| Slot::new(first_in(index), capacity))
                .collect(),
            tail: WaitQueue::with_state(Tail {
                next: first,
                receivers,
                ended: false,
            }),
            senders: AtomicUsize::new(1),
            weak_senders: AtomicUsize::new(0),
        }
    }

    pub(super) fn capacity(&self) -> u64 {
        self.slots.len() as u64
    }

    /// The slot of a message.
    #[inline]
    pub(super) fn slot(&self, number: u64) -> &Slot<T> {
        // The cut of a number on 32-bit targets is harmless: the mask is smaller.
        &self.slots[number as usize & (self.slots.len() - 1)]
    }

    /// Where a receiver stands.
    pub(super) fn position(&self, next: u64) -> Position {
        self.tail.lock().state().position(next, self.capacity())
    }

    /// How many messages a receiver is behind, lost ones included.
    pub(super) fn behind(&self, next: u64) -> u64 {
        self.tail.lock().state().next.wrapping_sub(next)
    }

    /// Enters a receiver; gives the number of its first message.
    #[track_caller]
    pub(super) fn enter_receiver(&self) -> u64 {
        let mut tail = self.tail.lock();
        let tail = tail.state();
        assert!(
            tail.receivers < super::slot::RECEIVERS_MAX,
            "a broadcast channel has at most `usize::MAX / 4` receivers"
        );
        tail.receivers += 1;
        tail.next
    }

    /// Clones the next message of a receiver, who is past it afterwards, also if that panics.
    #[inline]
    pub(super) fn clone_next(&self, next: &mut u64) -> Read<T>
    where
        T: Clone,
    {
        self.read_next(next, T::clone)
    }

    #[inline]
    fn read_next<R>(&self, next: &mut u64, f: impl Fn(&T) -> R) -> Read<R> {
        match self.look(next, &f) {
            Read::Busy => self.look_again(next, &f),
            read => read,
        }
    }

    #[inline]
    fn look<R>(&self, next: &mut u64, f: &impl Fn(&T) -> R) -> Read<R> {
        let number = *next;
        self.slot(number).read(number, |value| {
            *next = number.wrapping_add(1);
            f(value)
        })
    }

    #[cold]
    fn look_again<R>(&self, next: &mut u64, f: &impl Fn(&T) -> R) -> Read<R> {
        for _ in 0..LOOKS_MAX {
            hint::spin_loop();
            let read = self.look(next, f);
            let Read::Busy = read else {
                return read;
            };
        }
        // If it is the sender who is so slow: it has the lock until it is done.
        drop(self.tail.lock());
        self.look(next, f)
    }

    /// Counts as read what a receiver has not read up to `end`.
    ///
    /// Panics of the values dropped go to `panic`.
    pub(super) fn skip(&self, next: &mut u64, end: u64, panic: &mut FirstPanic) {
        // What is lost need not be looked for.
        if let Position::Lagged(missed) = self.position(*next) {
            // Not beyond the end, though the others have gone on.
            *next = next.wrapping_add(missed.min(end.wrapping_sub(*next)));
        }
        while *next != end {
            panic.catch(|| match self.read_next(next, |_| ()) {
                Read::Done(()) => {}
                Read::Busy => thread::yield_now(),
                // Overwritten meanwhile.
                Read::Absent => *next = next.wrapping_add(1),
            });
        }
    }

    /// Puts a message into its slot, under the lock of the tail.
    ///
    /// # Errors
    ///
    /// If receivers clone both the values there, the message comes back.
    #[inline]
    pub(super) fn put(&self, tail: &mut Tail, value: T) -> Result<Displaced<T>, T> {
        let displaced = self.slot(tail.next).put(tail.next, tail.receivers, value)?;
        tail.next = tail.next.wrapping_add(1);
        Ok(displaced)
    }

    /// Wakes the receivers that wait, and drops what a message has displaced; not under the lock.
    #[inline]
    pub(super) fn announce(mut tail: LockedQueue<'_, (), Tail, Lists>, displaced: Displaced<T>) {
        let waited_for = tail.has_open_in(RECEIVERS);
        if !waited_for && displaced.iter().all(Option::is_none) {
            return;
        }
        let mut panic = FirstPanic::default();
        if waited_for {
            panic.catch(|| tail.broadcast_in(RECEIVERS));
        } else {
            drop(tail);
        }
        displaced
            .into_iter()
            .flatten()
            .for_each(|value| panic.catch(|| drop(value)));
        panic.resume();
    }

    /// How many messages have still to be read by somebody.
    pub(super) fn unread(&self) -> usize {
        let mut tail = self.tail.lock();
        let next = tail.state().next;
        // Who has not read a message has not read the later ones, so the read ones are in front.
        let oldest = next.wrapping_sub(self.capacity());
        let (mut read, mut len) = (0, self.capacity());
        while len > 0 {
            let half = len / 2;
            let number = oldest.wrapping_add(read + half);
            if self.slot(number).is_unread(number) {
                len = half;
            } else {
                read += half + 1;
                len -= half + 1;
            }
        }
        (self.capacity() - read) as usize
    }

    /// True if nobody has still to read a message.
    pub(super) fn is_read(&self) -> bool {
        let mut tail = self.tail.lock();
        let last = tail.state().next.wrapping_sub(1);
        !self.slot(last).is_unread(last)
    }

    /// Ends the channel: the last sender is gone.
    pub(super) fn end(&self) {
        let mut tail = self.tail.lock();
        tail.state().ended = true;
        Self::announce(tail, [None, None]);
    }

    /// Tells those who wait for it that there is no receiver left.
    pub(super) fn announce_close(&self) {
        self.tail.lock().broadcast_in(usize::from(CLOSED));
    }

    /// Takes another sender out of a weak one, or out of none.
    pub(super) fn upgrade(&self) -> bool {
        // Ordering: Relaxed; a count. Who was the last sender is decided in this one word, and what
        // the others see of its end is published under the lock of the tail.
        self.senders
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |senders| {
                (senders > 0).then(|| senders + 1)
            })
            .is_ok()
    }

    /// How many senders there are.
    pub(super) fn sender_count(&self) -> usize {
        // Ordering: Acquire; pairs with the Release of a sender that is dropped: who sees it gone
        // sees what it has sent.
        self.senders.load(Ordering::Acquire)
    }

    /// How many weak senders there are.
    pub(super) fn weak_sender_count(&self) -> usize {
        // Ordering: Acquire, as for the senders.
        self.weak_senders.load(Ordering::Acquire)
    }

    /// Shows one of the ends.
    pub(super) fn fmt_end(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (receivers, ended) = {
            let mut tail = self.tail.lock();
            let tail = tail.state();
            (tail.receivers, tail.ended)
        };
        f.debug_struct(name)
            .field("capacity", &self.capacity())
            .field("unread", &self.unread())
            .field("senders", &self.sender_count())
            .field("receivers", &receivers)
            .field("ended", &ended)
            .finish()
    }
}
