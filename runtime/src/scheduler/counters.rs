//! How many workers search and how many sleep, in one word: a pure value.
//!
//! | Bits | Field |
//! |---|---|
//! | 0..32 | workers that look for work to steal |
//! | 32..64 | workers that sleep (or are about to) and were not claimed by a waker |

use std::fmt;

/// One searching worker.
pub(super) const SEARCHING: u64 = 1;
/// One sleeping worker.
pub(super) const ASLEEP: u64 = 1 << 32;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Counters(pub(super) u64);

impl Counters {
    pub(super) const fn searching(self) -> u32 {
        self.0 as u32
    }

    pub(super) const fn asleep(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// New work needs a wake only if nobody is looking for work and somebody could.
    pub(super) const fn wants_wake(self) -> bool {
        self.searching() == 0 && self.asleep() > 0
    }

    /// At most half of the workers search at a time: more would only get in each other's way.
    pub(super) const fn may_search(self, workers: u32) -> bool {
        self.searching() * 2 < workers
    }
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} searching, {} asleep",
            self.searching(),
            self.asleep()
        )
    }
}
