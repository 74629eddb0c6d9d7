//! Ticking: waiting again and again, at a fixed period.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::{Instant, Sleep};

/// A tick this late, or less, counts as on time: the schedule stays as it is.
const ON_TIME: Duration = Duration::from_millis(5);

/// Ticks every `period`, at once for the first time.
///
/// What happens after a tick was missed is up to the [`MissedTickBehavior`].
///
/// # Panics
///
/// If `period` is zero, or if there is no runtime here to watch the clock.
///
/// # Examples
///
/// ```
/// use selvedge::time::{Duration, interval};
///
/// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let mut interval = interval(Duration::from_millis(1));
/// interval.tick().await; // at once
/// interval.tick().await; // a millisecond later
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    Interval::new(Instant::now(), period, Location::caller())
}

/// Ticks every `period`, at `start` for the first time.
///
/// # Panics
///
/// As [`interval`].
///
/// # Examples
///
/// ```
/// use selvedge::time::{Duration, Instant, interval_at};
///
/// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let start = Instant::now() + Duration::from_millis(2);
/// let mut interval = interval_at(start, Duration::from_millis(1));
/// assert_eq!(interval.tick().await, start);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    Interval::new(start, period, Location::caller())
}

/// What an [`Interval`] does after ticks were missed.
///
/// With a period of 50 ms, and a task that is busy from 60 ms to 180 ms:
///
/// ```text
/// on time   0    50   100   150   200   250   300
/// Burst     0    50   180   180   200   250   300      100 and 150 are made up for at once
/// Delay     0    50   180         230         280      the schedule starts anew at 180
/// Skip      0    50   180         200   250   300      150 is left out
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissedTickBehavior {
    /// Ticks as often as needed, without waiting, to make up for all that was missed.
    #[default]
    Burst,
    /// Ticks one period after the late tick, and so on from there.
    Delay,
    /// Ticks at the next multiple of the period, as if nothing had happened.
    Skip,
}

impl MissedTickBehavior {
    /// When to tick next, if the tick that was due at `due` was taken at `now`, too late.
    fn next_after(self, due: Instant, now: Instant, period: Duration) -> Instant {
        match self {
            Self::Burst => due.add_or_far_future(period),
            Self::Delay => now.add_or_far_future(period),
            Self::Skip => {
                let into_period = remainder(now - due, period);
                now.add_or_far_future(period - into_period)
            }
        }
    }
}

/// `duration` modulo `period`, for all there are.
fn remainder(duration: Duration, period: Duration) -> Duration {
    const NANOS_PER_SEC: u128 = 1_000_000_000;
    let nanos = duration.as_nanos() % period.as_nanos();
    // Fits: the remainder is less than `period`.
    Duration::new(
        (nanos / NANOS_PER_SEC) as u64,
        (nanos % NANOS_PER_SEC) as u32,
    )
}

/// Ticks at a fixed period; made by [`interval`] and [`interval_at`].
#[derive(Debug)]
pub struct Interval {
    delay: Pin<Box<Sleep>>,
    period: Duration,
    missed_tick_behavior: MissedTickBehavior,
}

impl Interval {
    #[track_caller]
    fn new(start: Instant, period: Duration, place: &'static Location<'static>) -> Self {
        assert!(
            !period.is_zero(),
            "an interval needs a period greater than zero"
        );
        Self {
            delay: Box::pin(Sleep::new(start, place)),
            period,
            missed_tick_behavior: MissedTickBehavior::default(),
        }
    }

    /// Waits for the next tick; the instant is the one the tick was due at.
    ///
    /// # Cancel safety
    ///
    /// A tick is used up when the future is ready, so dropping it before loses none.
    ///
    /// # Examples
    ///
    /// See [`interval`].
    #[track_caller]
    pub fn tick(&mut self) -> NextTick<'_> {
        self.delay.as_mut().set_place(Location::caller());
        NextTick { interval: self }
    }

    /// As [`tick`](Self::tick), for use in other futures. If it is pending, the task is woken for
    /// the next tick.
    pub fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Instant> {
        // It is woken: by the timer of the sleep.
        ready!(self.delay.as_mut().poll(cx));
        let due = self.delay.deadline();
        let now = Instant::now();
        let next = if now - due > ON_TIME {
            self.missed_tick_behavior.next_after(due, now, self.period)
        } else {
            due.add_or_far_future(self.period)
        };
        // The sleep is over, so this files no timer; the next poll does.
        self.delay.as_mut().reset(next);
        Poll::Ready(due)
    }

    /// Ticks one period from now, and so on from there.
    pub fn reset(&mut self) {
        self.reset_after(self.period);
    }

    /// Ticks at once, and so on from there.
    pub fn reset_immediately(&mut self) {
        self.reset_at(Instant::now());
    }

    /// Ticks after `after`, and so on from there.
    pub fn reset_after(&mut self, after: Duration) {
        self.reset_at(Instant::now().add_or_far_future(after));
    }

    /// Ticks at `deadline`, and so on from there.
    pub fn reset_at(&mut self, deadline: Instant) {
        self.delay.as_mut().reset(deadline);
    }

    /// What happens after ticks were missed.
    pub fn missed_tick_behavior(&self) -> MissedTickBehavior {
        self.missed_tick_behavior
    }

    /// Chooses what happens after ticks were missed.
    pub fn set_missed_tick_behavior(&mut self, behavior: MissedTickBehavior) {
        self.missed_tick_behavior = behavior;
    }

    /// The time from one tick to the next.
    pub fn period(&self) -> Duration {
        self.period
    }
}

/// The future of [`Interval::tick`].
#[derive(Debug)]
#[must_use = "a tick is waited for only if this is awaited"]
pub struct NextTick<'a> {
    interval: &'a mut Interval,
}

impl Future for NextTick<'_> {
    type Output = Instant;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        self.interval.poll_tick(cx)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
