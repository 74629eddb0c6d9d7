//! Sleeping: a future that is ready when its deadline has come.

use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use selvedge_sync::context::{self as task_context, WaitKind};

use super::entry::{Entry, RuntimeGone};
use super::instant::{self, Instant};
use crate::context;

/// Waits for `duration`.
///
/// The time runs from this call, not from the first poll. A duration the platform cannot add to the
/// present means thirty years.
///
/// # Cancel safety
///
/// Dropping the future ends the wait; nothing is lost.
///
/// # Panics
///
/// If there is no runtime here to watch the clock. The future panics if that runtime has shut down.
///
/// # Examples
///
/// ```
/// use selvedge::time::{Duration, Instant, sleep};
///
/// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let start = Instant::now();
/// sleep(Duration::from_millis(2)).await;
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::new(
        Instant::now().add_or_far_future(duration),
        Location::caller(),
    )
}

/// Waits until `deadline`.
///
/// A deadline in the past is ready at the first poll.
///
/// # Cancel safety
///
/// Dropping the future ends the wait; nothing is lost.
///
/// # Panics
///
/// As [`sleep`].
///
/// # Examples
///
/// ```
/// use selvedge::time::{Duration, Instant, sleep_until};
///
/// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// sleep_until(Instant::now() + Duration::from_millis(2)).await;
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(deadline, Location::caller())
}

pin_project! {
    /// The future of [`sleep`] and [`sleep_until`].
    ///
    /// It belongs to the runtime it was made in, wherever it is polled. To wait again, [`reset`] it:
    /// that is cheaper than making a new one. It does not move once polled, so pin it first when it
    /// is used more than once.
    ///
    /// [`reset`]: Sleep::reset
    ///
    /// # Examples
    ///
    /// One sleep in a loop of events:
    ///
    /// ```
    /// use std::pin::pin;
    /// use selvedge::time::{Duration, Instant, sleep};
    ///
    /// # let runtime = selvedge::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let idle = Duration::from_millis(1);
    /// let mut sleep = pin!(sleep(idle));
    /// for _ in 0..3 {
    ///     sleep.as_mut().await;
    ///     sleep.as_mut().reset(Instant::now() + idle);
    /// }
    /// # });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use = "a sleep does nothing unless it is awaited"]
    #[project(!Unpin)]
    pub struct Sleep {
        deadline: Instant,
        // Shown by dumps as the place of the wait.
        place: &'static Location<'static>,
        #[pin]
        entry: Entry,
    }
}

impl Sleep {
    #[track_caller]
    #[inline]
    pub(super) fn new(deadline: Instant, place: &'static Location<'static>) -> Self {
        Self {
            deadline,
            place,
            entry: Entry::new(context::timers()),
        }
    }

    /// When the wait ends.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// True once the wait is over, that is, once a poll would return at once.
    ///
    /// A sleep begins to wait when it is polled first: until then this is false, whatever the time.
    pub fn is_elapsed(&self) -> bool {
        self.entry.has_fired()
    }

    /// Sets another deadline, also when the wait is over.
    ///
    /// The task that polled last is woken then, also if it does not poll again. A deadline in the
    /// past ends the wait.
    ///
    /// # Examples
    ///
    /// See the example at [`Sleep`].
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        let this = self.project();
        let before = mem::replace(this.deadline, deadline);
        let here = this.entry.at_home(context::try_timers());
        // A later deadline is in the future, or else the timer fires this moment anyway: no reason to
        // read the clock.
        let now = here.filter(|_| deadline < before).map(|_| instant::now());
        this.entry.reset(deadline.into_std(), now, here);
    }

    /// From now on, dumps show `place` for the waits of this sleep.
    pub(super) fn set_place(self: Pin<&mut Self>, place: &'static Location<'static>) {
        *self.project().place = place;
    }

    /// As `poll`, but leaves it to the caller to note the wait.
    pub(crate) fn poll_elapsed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let progress = ready!(task_context::poll_proceed(cx));
        let this = self.project();
        let outcome = if this.entry.is_idle() {
            start(this.entry, this.deadline.into_std(), cx)
        } else {
            this.entry.poll(cx.waker())
        };
        match ready!(outcome) {
            Ok(()) => {
                progress.made_progress();
                Poll::Ready(())
            }
            Err(RuntimeGone) => panic!(
                "the runtime of the timer made at {} has shut down, so its time will never come: \
                 poll it before the runtime is dropped",
                this.place
            ),
        }
    }
}

/// The first poll after `sleep` or a reset.
fn start(
    entry: Pin<&mut Entry>,
    deadline: std::time::Instant,
    cx: &mut Context<'_>,
) -> Poll<Result<(), RuntimeGone>> {
    let here = entry.at_home(context::try_timers());
    // Away from home the clock of the thread may be another one than that of the timer.
    let now = here.map(|_| instant::now());
    if now.is_some_and(|now| deadline <= now) {
        entry.skip_to_fired();
        return Poll::Ready(Ok(()));
    }
    entry.file(cx.waker(), deadline, now, here)
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // It is woken: when the timer fires, or its runtime shuts down; see `entry`.
        let poll = self.as_mut().poll_elapsed(cx);
        if poll.is_pending() {
            task_context::note_wait(WaitKind::Timer, self.place);
        }
        poll
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("deadline", &self.deadline)
            .field("is_elapsed", &self.is_elapsed())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
