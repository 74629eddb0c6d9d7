//! Pausing, moving and resuming a clock.

use std::time::{Duration, Instant};

use super::{Clock, Course, ever_paused};

impl Clock {
    /// Stops the clock.
    ///
    /// # Panics
    ///
    /// If it cannot be paused, or is paused.
    #[track_caller]
    pub(crate) fn pause(&self) {
        assert!(
            self.pausable,
            "only the time of a current-thread runtime can be paused: build it with \
             `Builder::new_current_thread`, or use `#[selvedge::test]` without another flavor"
        );
        ever_paused::set();
        let mut course = self.course.lock();
        if let Course::Paused { .. } = *course {
            drop(course);
            panic!("time is already paused: `resume` it before you pause it again");
        }
        *course = Course::Paused { at: course.now() };
    }

    /// Lets a paused clock run on.
    ///
    /// # Panics
    ///
    /// If it runs.
    #[track_caller]
    pub(crate) fn resume(&self) {
        let mut course = self.course.lock();
        let Course::Paused { at } = *course else {
            drop(course);
            panic!("time is not paused: call `pause` before `resume`");
        };
        *course = Course::Running {
            base: at,
            since: Instant::now(),
        };
    }

    /// Moves a paused clock.
    ///
    /// # Panics
    ///
    /// If it runs, or if the platform cannot express an instant that late.
    #[track_caller]
    pub(crate) fn advance(&self, duration: Duration) {
        let mut course = self.course.lock();
        let Course::Paused { at } = *course else {
            drop(course);
            panic!("time is not paused: call `pause` before `advance`");
        };
        let Some(later) = at.checked_add(duration) else {
            drop(course);
            panic!("this platform's instants do not reach {duration:?} further");
        };
        *course = Course::Paused { at: later };
    }
}
