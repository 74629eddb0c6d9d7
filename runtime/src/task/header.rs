//! What every task has in common, whatever its future: the 64-byte header and its vtable.
//!
//! A task is one allocation: this header, then the future, which its output replaces in place. All
//! roles ([`Runnable`], wakers, handles) are a pointer to the header; the vtable gets back to the
//! concrete types.

use std::ptr::NonNull;
use std::task::{Context, Poll};

use selvedge_sync::context::WaitNote;
use selvedge_sync::primitive::UnsafeCell;
use selvedge_sync::primitive::atomic::{AtomicU32, Ordering};

use super::id::Id;
use super::origin::Origin;
use super::runnable::Runnable;
use super::waker::WakerWord;
use super::word::StateWord;

/// The part of a task that does not depend on its future.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Header {
    pub(super) state: StateWord,
    pub(super) vtable: &'static Vtable,
    /// The scheduler, typed by the vtable. Valid while the task is `LIVE`.
    pub(super) scheduler: *const (),
    pub(super) id: Id,
    /// Where the task was spawned, and its name if it has one.
    pub(super) origin: Origin,
    /// What the task waits for, as noted by its last poll.
    pub(super) note: WaitNote,
    /// Who awaits the task; access as in I4 of `state.rs`.
    pub(super) join_waker: UnsafeCell<WakerWord>,
    registry_key: AtomicU32,
    registry_table: AtomicU32,
}

/// No registry has this many tables.
const NOT_REGISTERED: u32 = u32::MAX;

#[cfg(not(selvedge_loom))]
const _: () = assert!(
    size_of::<Header>() <= 64,
    "a task costs at most 64 bytes over its future"
);

impl Header {
    pub(super) fn new(
        vtable: &'static Vtable,
        scheduler: *const (),
        id: Id,
        origin: Origin,
    ) -> Self {
        Self {
            state: StateWord::spawned(),
            vtable,
            scheduler,
            id,
            origin,
            note: WaitNote::new(),
            join_waker: UnsafeCell::new(WakerWord::none()),
            registry_key: AtomicU32::new(0),
            registry_table: AtomicU32::new(NOT_REGISTERED),
        }
    }

    pub(super) fn set_registry_place(&self, table: usize, key: usize) {
        // Ordering: Relaxed; written under the table's lock before the task is first scheduled.
        self.registry_table.store(table as u32, Ordering::Relaxed);
        // Ordering: Relaxed, as above.
        self.registry_key.store(key as u32, Ordering::Relaxed);
    }

    /// Table and key of a registered task.
    pub(super) fn registry_place(&self) -> Option<(usize, usize)> {
        // Ordering: Relaxed; read by the finisher, whom the state word orders after the spawn.
        let table = self.registry_table.load(Ordering::Relaxed);
        // Ordering: Relaxed, as above.
        let key = self.registry_key.load(Ordering::Relaxed);
        (table != NOT_REGISTERED).then_some((table as usize, key as usize))
    }
}

/// The operations of a task that depend on its future and scheduler.
#[derive(Debug)]
pub(super) struct Vtable {
    /// Polls the future once; `Ready` means that it is gone and its output is stored.
    ///
    /// # Safety
    /// The caller has the runnable, and the future is there.
    pub(super) poll: unsafe fn(NonNull<Header>, &mut Context<'_>) -> Poll<()>,
    /// Drops the future and stores the cancelled outcome.
    ///
    /// # Safety
    /// As for `poll`.
    pub(super) cancel: unsafe fn(NonNull<Header>),
    /// Moves the outcome to the destination, an `Option<Outcome<T>>` of this task's output type.
    ///
    /// # Safety
    /// The outcome is stored, the caller owns it (I3), and it is not used after this.
    pub(super) take_outcome: unsafe fn(NonNull<Header>, *mut ()),
    /// Drops the outcome in place. Never unwinds.
    ///
    /// # Safety
    /// As for `take_outcome`.
    pub(super) drop_outcome: unsafe fn(NonNull<Header>),
    /// Hands the runnable to the task's scheduler.
    pub(super) schedule: fn(Runnable),
    /// Tells the task's scheduler that the task is over.
    ///
    /// # Safety
    /// The task is `LIVE`, and this is the only such call for it.
    pub(super) unregister: unsafe fn(NonNull<Header>),
    /// Frees the memory.
    ///
    /// # Safety
    /// Nothing refers to the task (I2), and future and outcome are gone.
    pub(super) free: unsafe fn(NonNull<Header>),
}
