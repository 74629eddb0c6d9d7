//! Ticks: points in time as whole numbers, and how they relate to instants.
//!
//! The wheel counts; only this file knows what one count means. A clock that runs in real time
//! counts in steps of 2^17 ns (131 µs), so that timers which are due together are found together.
//! A clock that can be paused counts in nanoseconds, so that a test which sleeps five seconds finds
//! exactly five seconds gone.
//!
//! # Why a timer is never early
//!
//! A deadline is rounded up to a tick, the present is rounded down, and a timer fires when
//! `deadline_tick <= present_tick`. So `deadline <= deadline_tick <= present_tick <= present`.
//! [`Tick::MAX`] stands for every instant beyond it: 146 years after the start of the runtime if
//! ticks are nanoseconds, 19 million years otherwise.

use std::time::{Duration, Instant};

use super::level::TICK_BITS;

/// A point in time, counted from the origin of its [`TickScale`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Tick(u64);

impl Tick {
    /// The origin of the scale.
    pub(super) const ZERO: Self = Self(0);

    /// The last tick. All later instants saturate to it.
    pub(super) const MAX: Self = Self((1 << TICK_BITS) - 1);

    /// The tick with this number, or [`Tick::MAX`].
    pub(super) const fn new(number: u64) -> Self {
        if number < Self::MAX.0 {
            Self(number)
        } else {
            Self::MAX
        }
    }

    /// The number of the tick.
    pub(super) const fn get(self) -> u64 {
        self.0
    }
}

/// Nanoseconds per tick, as a power of two, of a clock that runs in real time.
const REAL_TICK_NS_LOG2: u32 = 17;

/// How the instants of one clock map to ticks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TickScale {
    origin: Instant,
    tick_ns_log2: u32,
}

impl TickScale {
    /// The scale of a clock that cannot be paused.
    pub(super) fn real(origin: Instant) -> Self {
        Self {
            origin,
            tick_ns_log2: REAL_TICK_NS_LOG2,
        }
    }

    /// The scale of a clock that can be paused: a tick is a nanosecond.
    pub(super) fn exact(origin: Instant) -> Self {
        Self {
            origin,
            tick_ns_log2: 0,
        }
    }

    /// The first tick that is not before `instant`.
    pub(super) fn at_or_after(self, instant: Instant) -> Tick {
        let round_up = (1_u128 << self.tick_ns_log2) - 1;
        self.tick(self.nanos(instant) + round_up)
    }

    /// The last tick that is not after `instant`.
    pub(super) fn at_or_before(self, instant: Instant) -> Tick {
        self.tick(self.nanos(instant))
    }

    /// When `tick` begins; `None` if the platform cannot express an instant that late.
    pub(super) fn start_of(self, tick: Tick) -> Option<Instant> {
        const NANOS_PER_SEC: u128 = 1_000_000_000;
        let nanos = u128::from(tick.get()) << self.tick_ns_log2;
        let secs = u64::try_from(nanos / NANOS_PER_SEC).ok()?;
        let since_origin = Duration::new(secs, (nanos % NANOS_PER_SEC) as u32);
        self.origin.checked_add(since_origin)
    }

    /// An instant before the origin counts as the origin: a clock that steps back stands still.
    fn nanos(self, instant: Instant) -> u128 {
        instant.saturating_duration_since(self.origin).as_nanos()
    }

    fn tick(self, nanos: u128) -> Tick {
        u64::try_from(nanos >> self.tick_ns_log2).map_or(Tick::MAX, Tick::new)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
