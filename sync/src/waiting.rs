//! Who waits for a primitive, and where it began to.

use std::fmt;
use std::panic::Location;

use crate::owner::Owner;

/// One wait in progress.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    owner: Option<Owner>,
    place: &'static Location<'static>,
}

impl Waiting {
    pub(crate) fn new(owner: Option<Owner>, place: &'static Location<'static>) -> Self {
        Self { owner, place }
    }

    /// Who polled the wait last; none if it has a place in the queue but was never polled.
    pub fn owner(&self) -> Option<Owner> {
        self.owner
    }

    /// The call that made the future.
    pub fn place(&self) -> &'static Location<'static> {
        self.place
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.owner {
            Some(owner) => write!(f, "{owner} at {}", self.place),
            None => write!(f, "not polled yet, at {}", self.place),
        }
    }
}
