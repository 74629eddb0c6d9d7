//! Permits of a bounded semaphore that give themselves back.

use std::sync::Arc;

use super::BoundedSemaphore;
use crate::semaphore::merged;

/// Permits of a [`BoundedSemaphore`], given back when this is dropped.
#[must_use = "the permit is given back when it is dropped"]
#[derive(Debug)]
pub struct BoundedSemaphorePermit<'a> {
    pub(super) semaphore: &'a BoundedSemaphore,
    pub(super) permits: usize,
}

/// Permits of a [`BoundedSemaphore`] that keep it alive, given back when this is dropped.
#[must_use = "the permit is given back when it is dropped"]
#[derive(Debug)]
pub struct OwnedBoundedSemaphorePermit {
    pub(super) semaphore: Arc<BoundedSemaphore>,
    pub(super) permits: usize,
}

impl BoundedSemaphorePermit<'_> {
    /// Leaves the permits out without a guard, until they are given back with
    /// [`add_permits`](BoundedSemaphore::add_permits).
    pub fn forget(mut self) {
        self.semaphore.note_loose(std::mem::take(&mut self.permits));
    }

    /// Adds the permits of `other` to these.
    ///
    /// # Panics
    ///
    /// If they belong to another semaphore.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        let same = std::ptr::eq(self.semaphore, other.semaphore);
        self.permits = merged(same, self.permits, other.permits);
        other.permits = 0;
    }

    /// Takes `n` of the permits out into another value; `None` if there are fewer.
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(n)?;
        Some(Self {
            semaphore: self.semaphore,
            permits: n,
        })
    }

    /// The semaphore that these are of.
    pub fn semaphore(&self) -> &BoundedSemaphore {
        self.semaphore
    }

    /// How many permits these are.
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

impl OwnedBoundedSemaphorePermit {
    /// Leaves the permits out without a guard, until they are given back with
    /// [`add_permits`](BoundedSemaphore::add_permits).
    pub fn forget(mut self) {
        self.semaphore.note_loose(std::mem::take(&mut self.permits));
    }

    /// Adds the permits of `other` to these.
    ///
    /// # Panics
    ///
    /// If they belong to another semaphore.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        let same = Arc::ptr_eq(&self.semaphore, &other.semaphore);
        self.permits = merged(same, self.permits, other.permits);
        other.permits = 0;
    }

    /// Takes `n` of the permits out into another value; `None` if there are fewer.
    pub fn split(&mut self, n: usize) -> Option<Self> {
        self.permits = self.permits.checked_sub(n)?;
        Some(Self {
            semaphore: self.semaphore.clone(),
            permits: n,
        })
    }

    /// The semaphore that these are of.
    pub fn semaphore(&self) -> &Arc<BoundedSemaphore> {
        &self.semaphore
    }

    /// How many permits these are.
    pub fn num_permits(&self) -> usize {
        self.permits
    }
}

impl Drop for BoundedSemaphorePermit<'_> {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.semaphore.add_permits(self.num_permits());
    }
}

impl Drop for OwnedBoundedSemaphorePermit {
    #[inline]
    fn drop(&mut self) {
        self.semaphore.semaphore.add_permits(self.num_permits());
    }
}
