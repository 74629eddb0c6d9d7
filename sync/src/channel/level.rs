//! A hint, outside the lock, whether there is a message and whether there is room.
//!
//! Who will have to wait takes the lock once, with its waker at hand, instead of first to find that out.
//! A hint that is wrong costs a clone of a waker, or that first look; nothing else follows from it.

use super::state::State;
use crate::primitive::atomic::{AtomicU8, Ordering};

const EMPTY: u8 = 1;
const FULL: u8 = 2;

/// The hint; changed under the lock of the channel only.
pub(super) struct Level(AtomicU8);

impl Level {
    pub(super) fn new() -> Self {
        Self(AtomicU8::new(EMPTY))
    }

    /// A message was put or taken; under the lock.
    #[inline]
    pub(super) fn note(&self, state: &State) {
        let empty = if state.messages() == 0 { EMPTY } else { 0 };
        let full = if state.is_full() { FULL } else { 0 };
        // Ordering: Relaxed, twice; written under the lock, and nothing follows from a wrong answer.
        if self.0.load(Ordering::Relaxed) != empty | full {
            self.0.store(empty | full, Ordering::Relaxed);
        }
    }

    /// True if there is no message in the buffer.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        // Ordering: Relaxed; a hint, of which nothing follows.
        self.0.load(Ordering::Relaxed) & EMPTY != 0
    }

    /// True if there is no room.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        // Ordering: Relaxed; as above.
        self.0.load(Ordering::Relaxed) & FULL != 0
    }
}
