//! The one source that the reactor serves itself: no task waits for it, and all reactors share it.
//!
//! It moves in when the first task asks for it, and out when the reactor shuts down. Signals arrive
//! this way: each reactor that has listeners watches the same pipe, and whichever turns first reads it
//! and wakes all of them.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::task::Waker;

use selvedge_sync::primitive::Mutex;

use super::gone;

/// What can be served by a reactor itself.
pub(crate) trait Resident: fmt::Debug + Send + Sync {
    /// Has the selector watch it, for reading.
    fn register(&self, registry: &mio::Registry, token: mio::Token) -> io::Result<()>;

    /// It is readable. Puts the wakers of whom that concerns into `wakes`; the caller wakes them.
    fn serve(&self, wakes: &mut Vec<Waker>);

    /// The reactor serves it no longer. Puts the wakers of who may have relied on that into `wakes`.
    fn leave(&self, wakes: &mut Vec<Waker>);
}

/// Where the resident lives.
#[derive(Debug)]
pub(super) struct Residence(Mutex<Occupancy>);

#[derive(Debug)]
enum Occupancy {
    Empty,
    Taken(Arc<dyn Resident>),
    /// The reactor has shut down.
    Closed,
}

impl Residence {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Occupancy::Empty))
    }

    /// Lets the one in whom `make` makes and registers, if nobody lives here.
    ///
    /// # Errors
    ///
    /// That of `make`, or the reactor has shut down.
    pub(super) fn settle(
        &self,
        make: impl FnOnce() -> io::Result<Box<dyn Resident>>,
    ) -> io::Result<()> {
        let mut occupancy = self.0.lock();
        match *occupancy {
            Occupancy::Empty => *occupancy = Occupancy::Taken(make()?.into()),
            Occupancy::Taken(_) => {}
            Occupancy::Closed => return Err(gone()),
        }
        Ok(())
    }

    /// Serves the resident. Returns whether that concerns anybody.
    pub(super) fn serve(&self, wakes: &mut Vec<Waker>) -> bool {
        let resident = match &*self.0.lock() {
            Occupancy::Taken(resident) => Arc::clone(resident),
            Occupancy::Empty | Occupancy::Closed => return false,
        };
        let before = wakes.len();
        resident.serve(wakes);
        wakes.len() > before
    }

    /// Nobody lives here any more, and nobody will.
    pub(super) fn close(&self, wakes: &mut Vec<Waker>) {
        let former = std::mem::replace(&mut *self.0.lock(), Occupancy::Closed);
        if let Occupancy::Taken(resident) = former {
            resident.leave(wakes);
        }
    }
}
