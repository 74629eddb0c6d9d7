//! Building a runtime whose clock stands still, for tests.

use super::Builder;

impl Builder {
    /// Starts with the clock paused, on a current-thread runtime.
    ///
    /// See [`time::pause`](crate::time::pause).
    pub fn start_paused(&mut self, paused: bool) -> &mut Self {
        self.start_paused = paused;
        self
    }
}
