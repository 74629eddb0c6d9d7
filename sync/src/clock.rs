//! Where waits with a limit get their time: from the runtime around them, or from the system.
//!
//! The seam for virtual time: nothing else in this crate reads a clock.

use std::future::Future;
use std::pin::Pin;
// The time source is outside of what models see.
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::context;

/// Ready when its time has come.
pub type Alarm = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// The clock and the timers of a runtime, for the tasks that run in it.
pub trait TimeSource: Sync {
    /// The present: that of the runtime where this runs, that of the system outside of one.
    fn now(&self) -> Instant;

    /// Ready after `delay`; asked inside polls only. None if no runtime of this source runs the poll.
    fn alarm(&self, delay: Duration) -> Option<Alarm>;
}

static SOURCE: OnceLock<&'static dyn TimeSource> = OnceLock::new();

/// Makes a runtime's clock that of the waits inside it.
///
/// For runtimes; the first one counts. Where no source applies, the system's clock and one helper
/// thread do, so that time limits work under any executor and on plain threads.
pub fn set_time_source(source: &'static dyn TimeSource) {
    // The first one counts: the second of the same runtime changes nothing.
    let _already = SOURCE.set(source);
}

/// The present.
pub(crate) fn now() -> Instant {
    SOURCE
        .get()
        .map_or_else(Instant::now, |source| source.now())
}

/// Ready after `delay`.
pub(crate) fn alarm(delay: Duration) -> Alarm {
    // A thread that runs no poll of a runtime may well be the one that would have to drive its timers.
    let source = SOURCE.get().filter(|_| !context::may_block());
    let alarm = source.and_then(|source| source.alarm(delay));
    alarm.unwrap_or_else(|| helper_thread::alarm(delay))
}

#[cfg(not(selvedge_loom))]
mod helper_thread;

#[cfg(selvedge_loom)]
mod helper_thread {
    //! A model has no time: what waits for it waits for ever.

    use super::{Alarm, Duration};

    pub(super) fn alarm(_delay: Duration) -> Alarm {
        Box::pin(std::future::pending())
    }
}
