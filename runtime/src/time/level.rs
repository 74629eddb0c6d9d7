//! The geometry of the wheel: which slot of which level a tick belongs to. Pure.
//!
//! A tick is read as a number in base 64. Filed while the wheel stands at `elapsed`, it belongs to
//! the level of its highest digit that differs from `elapsed`, and there to the slot of that digit:
//!
//! ```text
//!  elapsed      …  2 │ 17 │ 03 │ 40          level  spans, if a tick is 131 µs
//!  tick A       …  2 │ 17 │ 03 │ 55  →  level 0, slot 55      8.4 ms
//!  tick B       …  2 │ 17 │ 09 │ 00  →  level 1, slot  9      537 ms
//!  tick C       …  2 │ 20 │ 61 │ 12  →  level 2, slot 20      34 s
//! ```
//!
//! There are as many levels as a tick has digits. So every tick has a place, nothing lies beyond
//! the top level, and no slot is ever shared by two turns of the wheel: the digits above the level
//! are those of `elapsed`, and the digit at the level is higher than that of `elapsed`.
//!
//! From this follows what the wheel lives on: all ticks of a level come before those of the level
//! above, and within a level the slots are in order of time. The next slot to handle is the lowest
//! bit of the lowest level.
//!
//! Rejected: six levels and a list for what is further away. That list has to be looked through
//! now and then, and its wrap-around is where others had their worst timer bugs; five more levels
//! of empty slots cost 2.5 KiB.

use super::tick::Tick;

const DIGIT_BITS: u32 = 6;
const SLOTS: usize = 1 << DIGIT_BITS;

/// Levels of the wheel. A model has no use for late ticks, and pays for each slot.
pub(super) const LEVELS: usize = if cfg!(selvedge_loom) { 2 } else { 11 };

/// Digits a tick may have, in bits. Two bits of a `u64` stay free, so that no sum overflows.
pub(super) const TICK_BITS: u32 = if LEVELS as u32 * DIGIT_BITS < 62 {
    LEVELS as u32 * DIGIT_BITS
} else {
    62
};

const _: () = assert!(
    TICK_BITS <= LEVELS as u32 * DIGIT_BITS,
    "each tick has a place"
);

/// One slot of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    level: u8,
    slot: u8,
}

impl Place {
    /// How many places there are.
    pub(super) const COUNT: usize = LEVELS * SLOTS;

    /// Where a tick goes while the wheel stands at `elapsed`; `None` if the tick is not later.
    pub(super) fn of(tick: Tick, elapsed: Tick) -> Option<Self> {
        if tick <= elapsed {
            return None;
        }
        let highest_difference = (tick.get() ^ elapsed.get()).ilog2();
        let level = highest_difference / DIGIT_BITS;
        let digit = (tick.get() >> (level * DIGIT_BITS)) % SLOTS as u64;
        Some(Self {
            level: level as u8,
            slot: digit as u8,
        })
    }

    /// The number of the place, below [`Place::COUNT`].
    pub(super) fn index(self) -> usize {
        usize::from(self.level) * SLOTS + usize::from(self.slot)
    }

    /// The first tick of the place, seen from `elapsed`.
    pub(super) fn start(self, elapsed: Tick) -> Tick {
        let shift = u32::from(self.level) * DIGIT_BITS;
        // The shift past the top level is as wide as the number.
        let above = elapsed
            .get()
            .checked_shr(shift + DIGIT_BITS)
            .map_or(0, |digits| digits << (shift + DIGIT_BITS));
        Tick::new(above | u64::from(self.slot) << shift)
    }

    /// True if the place holds one tick only.
    pub(super) fn is_exact(self) -> bool {
        self.level == 0
    }
}

/// Which places hold timers: one bit for each place, one for each level.
#[derive(Default)]
pub(super) struct Occupancy {
    levels: u16,
    slots: [u64; LEVELS],
}

impl Occupancy {
    /// Notes that `place` holds a timer.
    pub(super) fn insert(&mut self, place: Place) {
        self.slots[usize::from(place.level)] |= 1 << place.slot;
        self.levels |= 1 << place.level;
    }

    /// Notes that `place` is empty.
    pub(super) fn remove(&mut self, place: Place) {
        let slots = &mut self.slots[usize::from(place.level)];
        *slots &= !(1 << place.slot);
        if *slots == 0 {
            self.levels &= !(1 << place.level);
        }
    }

    /// The earliest place that holds a timer.
    pub(super) fn first(&self) -> Option<Place> {
        if self.levels == 0 {
            return None;
        }
        let level = self.levels.trailing_zeros() as u8;
        let slot = self.slots[usize::from(level)].trailing_zeros() as u8;
        Some(Place { level, slot })
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
