//! What a lock is called in reports: a name, if it was given one, and the place where it was made.

use std::fmt;
use std::panic::Location;

/// A part of each lock.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    name: Option<&'static str>,
    created: &'static Location<'static>,
}

impl Identity {
    /// Made by the caller of the caller, and so on through `#[track_caller]`.
    #[track_caller]
    pub(crate) const fn new() -> Self {
        Self {
            name: None,
            created: Location::caller(),
        }
    }

    /// The same with a name.
    pub(crate) const fn named(self, name: &'static str) -> Self {
        Self {
            name: Some(name),
            created: self.created,
        }
    }

    pub(crate) const fn name(&self) -> Option<&'static str> {
        self.name
    }

    pub(crate) const fn created_at(&self) -> &'static Location<'static> {
        self.created
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => write!(f, "`{name}` ({})", self.created),
            None => write!(f, "{}", self.created),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
