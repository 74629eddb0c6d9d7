//! What is inside each guard: an access to the lock, given up when it is dropped.
#![allow(
    unsafe_code,
    reason = "moves the lock out of a value that has a destructor; names owned locks as hosts"
)]

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use super::RwLock;
use super::raw::RawRwLock;
use super::state::{Access, Wish};
use crate::wait_list::HostRef;

// SAFETY: the lock is on the heap and ends with the last `Arc`.
unsafe impl<T: ?Sized> HostRef for Arc<RwLock<T>> {
    type Host = RawRwLock;

    #[inline]
    fn host(&self) -> &RawRwLock {
        &self.raw
    }
}

/// A lock by reference, or an owned one.
pub(super) trait LockRef: HostRef<Host = RawRwLock> + Clone {}
impl<R: HostRef<Host = RawRwLock> + Clone> LockRef for R {}

/// An [`Access`] as a type.
pub(super) trait Mode {
    const ACCESS: Access;
}

/// A [`Wish`] as a type.
pub(super) trait Request {
    const WISH: Wish;
    /// What it is for.
    type Gains: Mode;
}

/// To read.
#[derive(Debug)]
pub(super) enum Read {}
/// To read, and perhaps to write later.
#[derive(Debug)]
pub(super) enum Upgradable {}
/// To write.
#[derive(Debug)]
pub(super) enum Write {}
/// To write, by who has [`Upgradable`].
#[derive(Debug)]
pub(super) enum Upgrade {}

impl Mode for Read {
    const ACCESS: Access = Access::Read;
}

impl Mode for Upgradable {
    const ACCESS: Access = Access::Upgradable;
}

impl Mode for Write {
    const ACCESS: Access = Access::Write;
}

impl Request for Read {
    const WISH: Wish = Wish::Read;
    type Gains = Self;
}

impl Request for Upgradable {
    const WISH: Wish = Wish::Upgradable;
    type Gains = Self;
}

impl Request for Write {
    const WISH: Wish = Wish::Write;
    type Gains = Self;
}

impl Request for Upgrade {
    const WISH: Wish = Wish::Upgrade;
    type Gains = Write;
}

/// An access to the lock, given up when this is dropped.
#[must_use]
pub(super) struct Held<R: LockRef, M: Mode> {
    lock: R,
    mode: PhantomData<M>,
}

impl<R: LockRef, M: Mode> Held<R, M> {
    /// For who has just entered, or changed the access it had.
    #[inline]
    pub(super) fn new(lock: R) -> Self {
        if matches!(M::ACCESS, Access::Write) {
            lock.host().note_writer();
        }
        Self {
            lock,
            mode: PhantomData,
        }
    }

    #[inline]
    pub(super) fn lock(&self) -> &R {
        &self.lock
    }

    /// The lock, whose access the caller has now.
    #[inline]
    pub(super) fn into_lock(self) -> R {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is neither dropped nor used again, so the lock is moved once.
        unsafe { ptr::read(&raw const this.lock) }
    }

    /// Gives up this access for a lesser one.
    #[inline]
    pub(super) fn downgrade<N: Mode>(self) -> Held<R, N> {
        // The new access first: waking those whom it lets in may panic.
        let held = Held::new(self.into_lock());
        held.lock.host().downgrade(M::ACCESS, N::ACCESS);
        held
    }
}

impl<R: LockRef, M: Mode> Drop for Held<R, M> {
    #[inline]
    fn drop(&mut self) {
        self.lock.host().give_up(M::ACCESS);
    }
}
