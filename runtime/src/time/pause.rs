//! Time under a test's control: stop it, move it, let it run.
//!
//! While time is paused and the runtime has nothing to do, it jumps to the next deadline: a test
//! that sleeps for an hour takes no time, and finds exactly an hour gone. It does not jump while a
//! `spawn_blocking` job runs.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use selvedge_sync::primitive::Arc;

use super::Timers;
use crate::context;

/// Stops the time of the current-thread runtime this is called in.
///
/// [`Instant::now`](super::Instant::now) and all timers follow. The standard library's clocks, and
/// whatever is measured with them, do not.
///
/// # Panics
///
/// If time is paused already, or if this is not called in a current-thread runtime.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "test-util")]
/// # fn main() -> std::io::Result<()> {
/// use selvedge::time::{self, Duration, Instant};
///
/// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// time::pause();
/// let start = Instant::now();
/// time::sleep(Duration::from_secs(3600)).await; // takes no time
/// assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// # });
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "test-util"))]
/// # fn main() {}
/// ```
#[track_caller]
pub fn pause() {
    let timers = here();
    timers.clock().pause();
}

/// Lets paused time run on, from where it stands.
///
/// # Panics
///
/// If time is not paused, or if this is not called in a runtime.
#[track_caller]
pub fn resume() {
    let timers = here();
    timers.clock().resume();
}

/// Moves paused time forward by `duration`, and lets those who waited for it run.
///
/// All timers that are due then have fired when this is ready. The tasks they woke have had a turn
/// if they were ready to run before the caller; what these tasks do may take further turns. Unlike a
/// [`sleep`](super::sleep()), which stops at each deadline on the way, this moves in one step.
///
/// # Cancel safety
///
/// Time is moved in the first poll. Dropping the future later takes nothing back.
///
/// # Panics
///
/// If time is not paused, or if this is not called in a runtime.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "test-util")]
/// # fn main() -> std::io::Result<()> {
/// use selvedge::time::{self, Duration, Instant};
///
/// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// time::pause();
/// let start = Instant::now();
/// time::advance(Duration::from_millis(300)).await;
/// assert_eq!(start.elapsed(), Duration::from_millis(300));
/// # });
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "test-util"))]
/// # fn main() {}
/// ```
pub async fn advance(duration: Duration) {
    let timers = here();
    timers.clock().advance(duration);
    // Not left to the driver: the tasks that waited are to be in the queue before this one.
    timers.fire_due(timers.clock().now());
    drop(timers);

    let mut yielded = false;
    poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        // It is woken: here.
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[track_caller]
fn here() -> Arc<Timers> {
    match context::with_timers(Arc::clone) {
        Some(timers) => timers,
        None => panic!(
            "there is no runtime here whose time could be controlled: call this from a task, or \
             inside `Runtime::block_on`"
        ),
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
