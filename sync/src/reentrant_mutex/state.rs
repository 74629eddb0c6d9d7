//! Who holds a reentrant mutex, and how often.

use crate::owner::Owner;

/// What the lock of the queue protects, besides the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holding {
    /// Valid: there is an owner if and only if `depth` is not 0.
    owner: Option<Owner>,
    /// Guards that exist, or are granted to a future that has not handed them out.
    depth: u32,
}

/// Why somebody cannot enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It belongs to another one.
    Taken,
    /// The owner has as many guards as can be counted.
    TooDeep,
}

impl Holding {
    /// Nobody holds it.
    pub(super) const fn new() -> Self {
        Self {
            owner: None,
            depth: 0,
        }
    }

    pub(super) const fn owner(self) -> Option<Owner> {
        self.owner
    }

    pub(super) const fn depth(self) -> u32 {
        self.depth
    }

    /// One more guard for `owner`.
    pub(super) fn enter(&mut self, owner: Owner) -> Result<(), Refused> {
        match self.owner {
            Some(other) if other != owner => return Err(Refused::Taken),
            _ => {}
        }
        self.depth = self.depth.checked_add(1).ok_or(Refused::TooDeep)?;
        self.owner = Some(owner);
        Ok(())
    }

    /// One guard less; true if that was the last.
    pub(super) fn leave(&mut self) -> bool {
        debug_assert!(self.depth > 0 && self.owner.is_some());
        self.depth -= 1;
        if self.depth == 0 {
            self.owner = None;
        }
        self.depth == 0
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
