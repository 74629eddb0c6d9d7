//! How many messages the only receiver has in hand: taken out of the shared buffer together, and given to
//! its user one by one.
//!
//! They occupy their places until they are given out, so that the bound of the channel is exact. The
//! receiver tells of each with one change of this word and needs the lock only if somebody waits for the
//! place.
//!
//! # Why no sender is forgotten
//!
//! A sender that finds no room [asks](Hand::ask) under the lock, before it queues, and learns the count of
//! that moment. The receiver's next [`give_out`](Hand::give_out) changes the same word: it comes before, and
//! the sender finds its place; or after, and the receiver is told to serve the queue. It takes back the
//! question only under the lock, and when nobody waits. A sender that finds nothing in hand need not ask:
//! while somebody waits the receiver takes nothing in hand, and a message that comes back after a panic
//! asks for those who wait.

use crate::primitive::atomic::{AtomicUsize, Ordering};

/// Somebody waits, or did, for a place that the receiver's hand occupies.
const ASKED: usize = 1;
/// One message; the upper bits count them.
const MESSAGE: usize = 2;

/// The count and the question in one word.
///
/// On a line of its own: the receiver changes it for each message, while senders change what is beside it.
#[repr(align(64))]
pub(super) struct Hand(AtomicUsize);

impl Hand {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// How many messages are in hand.
    #[inline]
    pub(super) fn count(&self) -> usize {
        // Ordering: Acquire; pairs with the Release of `give_out`: who finds the place free sees what the
        // receiver did before.
        self.0.load(Ordering::Acquire) / MESSAGE
    }

    /// The receiver takes messages, under the lock.
    #[inline]
    pub(super) fn take(&self, count: usize) {
        // Ordering: Relaxed; others read the count under the lock, or as of any moment.
        self.0.fetch_add(count * MESSAGE, Ordering::Relaxed);
    }

    /// The receiver has given out messages; true if it is to serve those who wait for places.
    #[inline]
    pub(super) fn give_out(&self, count: usize) -> bool {
        // Ordering: AcqRel; Release pairs with the Acquire of `count` and `ask`, Acquire with the Release
        // of `ask`.
        self.0.fetch_sub(count * MESSAGE, Ordering::AcqRel) & ASKED != 0
    }

    /// Asks to be told when messages are given out, if there are any; under the lock. Gives how many.
    pub(super) fn ask(&self) -> usize {
        // Ordering: Acquire, as in `count`. The question is taken back under the lock only, so it stays.
        let word = self.0.load(Ordering::Acquire);
        if word & ASKED != 0 || word < MESSAGE {
            return word / MESSAGE;
        }
        // Ordering: AcqRel, as in `give_out`.
        self.0.fetch_or(ASKED, Ordering::AcqRel) / MESSAGE
    }

    /// Nobody waits any more, under the lock.
    #[inline]
    pub(super) fn stop_asking(&self) {
        // Ordering: Relaxed, here and below; the lock orders it with `ask`, and nothing is published.
        if self.0.load(Ordering::Relaxed) & ASKED == 0 {
            return;
        }
        self.0.fetch_and(!ASKED, Ordering::Relaxed);
    }
}
