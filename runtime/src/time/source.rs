//! The runtime's clock and timers for what [`selvedge_sync`] waits for with a limit.

use selvedge_sync::{Alarm, TimeSource, set_time_source};

use super::{Duration, instant, sleep};
use crate::context;

struct RuntimeTime;

impl TimeSource for RuntimeTime {
    fn now(&self) -> std::time::Instant {
        instant::now()
    }

    fn alarm(&self, delay: Duration) -> Option<Alarm> {
        context::try_timers()?;
        Some(Box::pin(sleep(delay)))
    }
}

/// From here on primitives take their time from the runtime they are used in.
pub(crate) fn install() {
    set_time_source(&RuntimeTime);
}
