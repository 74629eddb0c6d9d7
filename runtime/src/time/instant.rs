//! A point in time on the runtime's clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::time::Duration;

use super::clock::{Clock, ever_paused};
use crate::context;

/// "Never", for practical purposes. Not every platform's instants reach much further.
const FAR_FUTURE: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// The present of the runtime this thread is in, of the system elsewhere.
#[inline]
pub(super) fn now() -> std::time::Instant {
    if ever_paused::get() {
        context::with_clock(Clock::now).unwrap_or_else(std::time::Instant::now)
    } else {
        std::time::Instant::now()
    }
}

/// A point in time.
///
/// As [`std::time::Instant`], but [`now`](Instant::now) reads the clock of the runtime, which a test
/// can pause. Differences never panic: they are zero if the other instant is later.
///
/// # Examples
///
/// ```
/// use selvedge::time::{Duration, Instant};
///
/// let start = Instant::now();
/// let deadline = start + Duration::from_secs(5);
/// assert_eq!(deadline - start, Duration::from_secs(5));
/// assert_eq!(start - deadline, Duration::ZERO);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(std::time::Instant);

impl Instant {
    /// The present: that of the runtime this is called in, that of the system elsewhere.
    #[inline]
    pub fn now() -> Self {
        Self(now())
    }

    /// Converts from the standard library's type.
    pub fn from_std(std: std::time::Instant) -> Self {
        Self(std)
    }

    /// Converts to the standard library's type.
    pub fn into_std(self) -> std::time::Instant {
        self.0
    }

    /// The time since `earlier`; zero if that is later.
    pub fn duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time since `earlier`; `None` if that is later.
    pub fn checked_duration_since(&self, earlier: Self) -> Option<Duration> {
        self.0.checked_duration_since(earlier.0)
    }

    /// The time since `earlier`; zero if that is later.
    pub fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// The time since this instant; zero if it is yet to come.
    pub fn elapsed(&self) -> Duration {
        Self::now().saturating_duration_since(*self)
    }

    /// This instant, later by `duration`; `None` if the platform cannot express it.
    pub fn checked_add(&self, duration: Duration) -> Option<Self> {
        self.0.checked_add(duration).map(Self)
    }

    /// This instant, earlier by `duration`; `None` if the platform cannot express it.
    pub fn checked_sub(&self, duration: Duration) -> Option<Self> {
        self.0.checked_sub(duration).map(Self)
    }

    /// This instant, later by `duration`, or by thirty years if the platform cannot express it.
    pub(super) fn add_or_far_future(self, duration: Duration) -> Self {
        self.checked_add(duration)
            .or_else(|| self.checked_add(FAR_FUTURE))
            .unwrap_or(self)
    }
}

impl From<std::time::Instant> for Instant {
    fn from(std: std::time::Instant) -> Self {
        Self(std)
    }
}

impl From<Instant> for std::time::Instant {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

/// # Panics
///
/// If the platform cannot express the sum; see [`checked_add`](Instant::checked_add).
impl Add<Duration> for Instant {
    type Output = Self;

    #[track_caller]
    fn add(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }
}

impl AddAssign<Duration> for Instant {
    #[track_caller]
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

/// The time between two instants; zero if the second is later.
impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.saturating_duration_since(earlier)
    }
}

/// # Panics
///
/// If the platform cannot express the difference; see [`checked_sub`](Instant::checked_sub).
impl Sub<Duration> for Instant {
    type Output = Self;

    #[track_caller]
    fn sub(self, duration: Duration) -> Self {
        Self(self.0 - duration)
    }
}

impl SubAssign<Duration> for Instant {
    #[track_caller]
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
