//! Waiting for points in time: sleeps, timeouts and intervals.
//!
//! | To | use |
//! |---|---|
//! | wait a while, or until an instant | [`sleep`], [`sleep_until`] |
//! | bound how long something may take | [`timeout`], [`timeout_at`] |
//! | do something again and again | [`interval`], [`interval_at`] |
//! | test code that waits, without waiting | `pause` and `advance`, with the feature `test-util` |
//!
//! All of them need a runtime to watch the clock: they panic outside of one.
//!
//! # Precision
//!
//! Nothing here is ever early. Timers are late by up to 131 µs because the runtime counts time in
//! such steps, and by as long as the operating system and the other tasks keep it from looking. On a
//! current-thread runtime whose time can be paused, the steps are nanoseconds.
//!
//! # How it works
//!
//! ```text
//!   sleep  timeout  interval         futures; each contains an entry
//!          │
//!        entry ──filed in──► shard   a lock around a wheel, one per worker
//!                              ▲
//!   timers: all shards of one runtime, fired by workers and driver
//! ```
//!
//! A timeout that is not reached costs two uncontended locks: nothing is allocated, and no count of
//! references is touched.
//!
//! # Examples
//!
//! ```
//! use selvedge::time::{Duration, sleep, timeout};
//!
//! # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let slow = sleep(Duration::from_secs(3600));
//! assert!(timeout(Duration::from_millis(1), slow).await.is_err());
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```

mod clock;
mod entry;
mod instant;
mod interval;
mod level;
mod list;
mod parking;
mod pool;
mod shard;
mod sleep;
mod source;
mod tick;
mod timeout;
mod timers;
mod wheel;

pub mod error;

#[cfg(any(test, feature = "test-util"))]
mod pause;

#[cfg(all(test, not(selvedge_loom)))]
mod test_world;

pub use self::instant::Instant;
pub use self::interval::{Interval, MissedTickBehavior, NextTick, interval, interval_at};
#[cfg(any(test, feature = "test-util"))]
pub use self::pause::{advance, pause, resume};
pub use self::sleep::{Sleep, sleep, sleep_until};
#[doc(inline)]
pub use self::timeout::{Timeout, timeout, timeout_at};
#[doc(no_inline)]
pub use std::time::Duration;

pub(crate) use self::clock::Clock;
pub(crate) use self::shard::TimerContext;
pub(crate) use self::source::install as install_time_source;
pub(crate) use self::timers::{ParkFor, TimeHold, Timers};
