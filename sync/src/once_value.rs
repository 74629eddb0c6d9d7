//! A value that is written once and read by everybody from then on, with one Acquire load.
//!
//! # Invariants
//!
//! I1. The word goes from `EMPTY` over `WRITING` to `SET`, and never back while the value is shared.
//!
//! I2. Who moved the word to `WRITING` is the only one to touch the value until it is `SET`. From then on
//! the value is only read.
//!
//! No foreign code runs between the two steps: writing moves the value and drops nothing.
#![allow(
    unsafe_code,
    reason = "hands out references to a value that another thread wrote"
)]

use std::fmt;
use std::mem::MaybeUninit;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::primitive::UnsafeCell;
use crate::primitive::atomic::{AtomicU8, Ordering};

/// There is no value.
const EMPTY: u8 = 0;
/// Somebody moves the value in.
const WRITING: u8 = 1;
/// The value is there, for good.
const SET: u8 = 2;

/// A slot for a value that is set once.
pub(crate) struct OnceValue<T> {
    word: AtomicU8,
    /// Initialised from `SET` on.
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: owning the slot is owning the value.
unsafe impl<T: Send> Send for OnceValue<T> {}
// SAFETY: shared slots give shared references to the value, hence `T: Sync`; and a value set on one
// thread may be dropped on another, hence `T: Send`.
unsafe impl<T: Send + Sync> Sync for OnceValue<T> {}

// A panic leaves the slot as it was: it is set in one piece, and only read from then on.
impl<T: RefUnwindSafe + UnwindSafe> RefUnwindSafe for OnceValue<T> {}

impl<T> OnceValue<T> {
    crate::primitive::const_fn! {
        /// Without a value.
        pub(crate) const fn new() -> Self {
            Self {
                word: AtomicU8::new(EMPTY),
                value: UnsafeCell::new(MaybeUninit::uninit()),
            }
        }
    }

    crate::primitive::const_fn! {
        /// With a value from the start.
        pub(crate) const fn with(value: T) -> Self {
            Self {
                word: AtomicU8::new(SET),
                value: UnsafeCell::new(MaybeUninit::new(value)),
            }
        }
    }

    /// True once the value is there.
    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // Ordering: Acquire; pairs with the Release in `set`, and makes the value visible.
        self.word.load(Ordering::Acquire) == SET
    }

    /// The value, if it is there.
    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        if !self.is_set() {
            return None;
        }
        // SAFETY: set, so initialised, visible by the Acquire in `is_set`, and only read from now on (I2).
        Some(
            self.value
                .with(|value| unsafe { (*value).assume_init_ref() }),
        )
    }

    /// Sets the value, or gives it back if there is one or somebody else is setting one.
    pub(crate) fn set(&self, value: T) -> Result<&T, T> {
        // Ordering: Acquire on success, so that our write comes after the slot was made; the value itself
        // is published below. Relaxed on failure: nothing is read.
        let claim =
            self.word
                .compare_exchange(EMPTY, WRITING, Ordering::Acquire, Ordering::Relaxed);
        if claim.is_err() {
            return Err(value);
        }
        // SAFETY: we moved the word to `WRITING`, so nobody else touches the value (I2).
        self.value.with_mut(|slot| unsafe {
            (*slot).write(value);
        });
        // Ordering: Release; pairs with the Acquire in `is_set`.
        self.word.store(SET, Ordering::Release);
        // SAFETY: initialised above, and only read from now on.
        Ok(self
            .value
            .with(|value| unsafe { (*value).assume_init_ref() }))
    }

    /// The value, for the owner of the slot.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        if !self.is_set() {
            return None;
        }
        // SAFETY: set, and `&mut self` is the only way to it.
        Some(
            self.value
                .with_mut(|value| unsafe { (*value).assume_init_mut() }),
        )
    }

    /// Takes the value out; the slot is empty after that.
    pub(crate) fn take(&mut self) -> Option<T> {
        // SAFETY: `&mut self`: nobody has a reference to the value.
        unsafe { self.take_unshared() }
    }

    /// As [`take`](Self::take), where the borrow checker cannot see that the slot is the caller's.
    ///
    /// # Safety
    ///
    /// Nobody uses the slot or a reference to the value from before the call until it has returned.
    pub(crate) unsafe fn take_unshared(&self) -> Option<T> {
        if !self.is_set() {
            return None;
        }
        // Ordering: Relaxed; the caller has the slot for itself.
        self.word.store(EMPTY, Ordering::Relaxed);
        // SAFETY: it was set, so initialised; it is read out once, since the word says `EMPTY` now.
        Some(
            self.value
                .with_mut(|value| unsafe { (*value).assume_init_read() }),
        )
    }
}

impl<T> Drop for OnceValue<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Some(value) => fmt::Debug::fmt(value, f),
            None => f.write_str("<not set>"),
        }
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
