//! Where signal handlers note what came, and listeners find it.
//!
//! # Picture
//!
//! ```text
//!   handler ──1── pending: a bit per signal            pipe ◄──2── handler
//!                    │                                  │
//!                    c                                  a
//!                    ▼                                  │
//!   reader ──b── audience of each signal                └── readers: one per runtime that listens
//!                    │
//!                    d ──► wakers of all listeners, in whichever runtime ──► e
//! ```
//!
//! # Invariants
//!
//! B1. The handler does nothing but one read-modify-write here and one write to the pipe: both are
//!     allowed in a signal handler.
//! B2. Bits are taken only under the lock of the audiences, and what is taken is delivered before the
//!     lock is released.
//! B3. No foreign code runs under the lock: wakers are cloned, woken and dropped without it.
//!
//! # Protocol
//!
//! Handler: (1) set the bit. (2) Write a byte; if the pipe is full, do not.
//!
//! Reader, when the pipe is readable: (a) take bytes until none is left. (b) Lock. (c) Take all bits.
//! (d) Count a delivery for each and take the wakers of its listeners. Unlock. (e) Wake them.
//!
//! Listener: (i) lock. (ii) Compare the count of deliveries with its own; if they differ, take the new
//! one over and go. (iii) Leave a waker. (iv) Unlock, return `Pending`.
//!
//! # Why no signal is lost
//!
//! *From handler to reader.* Say a reader's step (c) misses the bit, so (1) comes after it in the order
//! of that word. Then (2) comes after (a) of that reader. If the byte was written, somebody takes it,
//! and does (c) afterwards. If the pipe was full, somebody takes a byte that was in it, after (2), and
//! does (c) afterwards. In both cases that (c) comes after (1) and finds the bit, unless another took
//! it, who delivers it (B2). So a signal is delivered as soon as *any* of the readers turns.
//!
//! *Who turns.* Each runtime in which somebody listens watches a duplicate of the pipe's end in its own
//! selector, so each is told of each byte, and a runtime that nobody drives keeps no byte from the
//! others: it holds no byte, it only could take one. Whoever takes it wakes the listeners of all, each
//! into its own runtime. A listener makes sure, before it waits, that the runtime that polls it is among
//! the readers; so it does not depend on others that may go away. A reader that comes late, after the
//! last one left, finds the bytes still in the pipe, and its selector says so at once.
//!
//! *From reader to listener.* (b) to (d) and (i) to (iv) exclude each other. If the delivery is first,
//! (ii) finds it; if the listener is first, (d) finds its waker.
//!
//! Signals that come faster than readers turn are delivered together, as the kernel itself does.
//!
//! # Rejected
//!
//! *Each runtime a pipe of its own.* The handler would have to walk a list that changes under it.
//! *Delivering what is noted before somebody joins, so that nobody hears what came before.* tokio's listeners
//! hear it, and programs that listen again after having let go rely on that.

use std::task::{Context, Poll, Waker};

use selvedge_sync::primitive::Mutex;
use selvedge_sync::primitive::atomic::{AtomicU64, Ordering};

use super::audience::{Audience, Place};
use super::number::Number;

const BITS: usize = u64::BITS as usize;
const WORDS: usize = Number::MAX / BITS;

/// The pending signals and their listeners.
#[derive(Debug)]
pub(crate) struct Board {
    pending: [AtomicU64; WORDS],
    audiences: Mutex<Box<[Audience<Waker>]>>,
}

/// A listener: a place in the audience of one signal.
#[derive(Debug)]
pub(crate) struct Seat {
    number: Number,
    place: Place,
}

impl Board {
    pub(crate) fn new() -> Self {
        Self {
            pending: std::array::from_fn(|_| AtomicU64::new(0)),
            audiences: Mutex::new(Number::all().map(|_| Audience::new()).collect()),
        }
    }

    /// The signal has come. For signal handlers: neither locks nor allocates.
    pub(crate) fn note(&self, number: Number) {
        let index = number.index();
        // Ordering: Release; pairs with the `swap` in `collect`. The word's own order and the pipe
        // decide who finds the bit, see the file's header.
        self.pending[index / BITS].fetch_or(1 << (index % BITS), Ordering::Release);
    }

    /// Delivers what is noted. Puts the wakers of the listeners into `wakes`; the caller wakes them.
    pub(crate) fn collect(&self, wakes: &mut Vec<Waker>) {
        let mut audiences = self.audiences.lock();
        for (word, audiences) in self.pending.iter().zip(audiences.chunks_mut(BITS)) {
            // Ordering: Acquire; pairs with the `fetch_or` in `note`.
            let mut noted = word.swap(0, Ordering::Acquire);
            while noted != 0 {
                audiences[noted.trailing_zeros() as usize].deliver(wakes);
                noted &= noted - 1;
            }
        }
    }

    /// A new listener, who hears what is delivered from now on; what was noted before may be.
    pub(crate) fn join(&self, number: Number) -> Seat {
        let place = self.audiences.lock()[number.index()].join();
        Seat { number, place }
    }

    /// A listener leaves.
    pub(crate) fn leave(&self, seat: &Seat) {
        let waker = self.audiences.lock()[seat.number.index()].leave(&seat.place);
        // The lock is released: dropping a waker may run foreign code.
        drop(waker);
    }

    /// Has all listeners of all signals look again.
    pub(crate) fn stir(&self, wakes: &mut Vec<Waker>) {
        for audience in &mut *self.audiences.lock() {
            audience.stir(wakes);
        }
    }

    /// Waits until a delivery that the listener has not heard yet, or several.
    ///
    /// It is woken: by `collect`, see the file's header, and by `stir`.
    pub(crate) fn poll_hear(&self, cx: &mut Context<'_>, seat: &mut Seat) -> Poll<()> {
        let index = seat.number.index();
        let mut spare = None;
        loop {
            let mut audiences = self.audiences.lock();
            let audience = &mut audiences[index];
            if audience.hear(&mut seat.place) {
                return Poll::Ready(());
            }
            let waker = audience.waker(&seat.place);
            if waker.as_ref().is_some_and(|it| it.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            if let Some(spare) = spare.take() {
                let former = waker.replace(spare);
                drop(audiences);
                // The lock is released: dropping a waker may run foreign code.
                drop(former);
                return Poll::Pending;
            }
            drop(audiences);
            spare = Some(cx.waker().clone());
        }
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
