//! The task as a waker, and a waker as one word.
#![allow(
    unsafe_code,
    reason = "a raw waker is a vtable of unsafe functions over the task pointer"
)]

use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::header::Header;
use super::raw;
use super::state::{OnRelease, OnWake};

/// A `static`, not a `const`: its address tells our wakers from foreign ones.
static WAKER_VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn header(data: *const ()) -> NonNull<Header> {
    NonNull::new(data.cast_mut().cast()).expect("a waker of ours points at its task")
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker being cloned keeps the task's memory.
    unsafe { header(data).as_ref() }.state.clone_waker();
    RawWaker::new(data, &WAKER_VTABLE)
}

unsafe fn wake(data: *const ()) {
    let task = header(data);
    // SAFETY: the waker being consumed kept the task's memory until this transition.
    match unsafe { task.as_ref() }.state.wake_and_drop() {
        OnWake::Nothing => {}
        // SAFETY: the transition made the runnable (I1).
        OnWake::Schedule => unsafe { raw::schedule(task) },
        // SAFETY: the transition gave up the last reference (I2).
        OnWake::Free => unsafe { raw::free(task) },
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    let task = header(data);
    // SAFETY: the waker keeps the task's memory.
    if unsafe { task.as_ref() }.state.wake() == OnWake::Schedule {
        // SAFETY: the transition made the runnable (I1).
        unsafe { raw::schedule(task) };
    }
}

unsafe fn drop_waker(data: *const ()) {
    let task = header(data);
    // SAFETY: the waker being dropped kept the task's memory until this transition.
    if unsafe { task.as_ref() }.state.drop_waker() == OnRelease::Free {
        // SAFETY: the transition gave up the last reference (I2).
        unsafe { raw::free(task) };
    }
}

/// A waker for the duration of a poll, which costs no reference count.
///
/// # Safety
/// The caller keeps the task's memory for as long as it uses the waker.
pub(super) unsafe fn borrowed(task: NonNull<Header>) -> ManuallyDrop<Waker> {
    // SAFETY: the vtable's functions fit the pointer; the caller keeps the task; nothing is counted
    // because the waker is never dropped.
    ManuallyDrop::new(unsafe { Waker::new(task.as_ptr().cast::<()>(), &WAKER_VTABLE) })
}

/// An optional waker in one word: none, a task of ours, or a box (lowest bit set) for a foreign one.
#[derive(Debug)]
pub(super) struct WakerWord(*mut ());

const FOREIGN: usize = 1;

impl WakerWord {
    pub(super) const fn none() -> Self {
        Self(ptr::null_mut())
    }

    pub(super) fn from_waker(waker: Waker) -> Self {
        if ptr::eq(waker.vtable(), &WAKER_VTABLE) {
            return Self(ManuallyDrop::new(waker).data().cast_mut());
        }
        let foreign = Box::into_raw(Box::new(waker));
        Self(foreign.cast::<()>().map_addr(|addr| addr | FOREIGN))
    }

    /// Calls `f` with the waker, if there is one.
    fn with<R>(&self, f: impl FnOnce(&Waker) -> R) -> Option<R> {
        if self.0.is_null() {
            return None;
        }
        if self.0.addr() & FOREIGN == 0 {
            // SAFETY: the word holds the reference of a waker of ours, made in `from_waker`; it is
            // not counted again, and not dropped here.
            let waker = unsafe { ManuallyDrop::new(Waker::new(self.0, &WAKER_VTABLE)) };
            return Some(f(&waker));
        }
        let foreign = self.0.map_addr(|addr| addr & !FOREIGN).cast::<Waker>();
        // SAFETY: with the bit set the word was made from a box in `from_waker`.
        Some(f(unsafe { &*foreign }))
    }

    pub(super) fn wake_by_ref(&self) {
        self.with(Waker::wake_by_ref);
    }

    pub(super) fn will_wake(&self, other: &Waker) -> bool {
        self.with(|waker| waker.will_wake(other)).unwrap_or(false)
    }
}

impl Drop for WakerWord {
    fn drop(&mut self) {
        if self.0.is_null() {
            return;
        }
        if self.0.addr() & FOREIGN == 0 {
            // SAFETY: the word owns the reference it took over in `from_waker`.
            drop(unsafe { Waker::new(self.0, &WAKER_VTABLE) });
        } else {
            let foreign = self.0.map_addr(|addr| addr & !FOREIGN).cast::<Waker>();
            // SAFETY: made by `Box::into_raw` in `from_waker`, dropped only here.
            drop(unsafe { Box::from_raw(foreign) });
        }
    }
}
