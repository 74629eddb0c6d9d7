//! The one allocation of a oneshot channel, and the two handles that share it.
//!
//! The [state](super::state) word says whose each part is; this file does what it says.
//!
//! # Invariants
//!
//! I1. There is at most one [`SenderSlot`] and one [`ReceiverSlot`] per allocation, and each sets
//! its `GONE` as its last access. The second one frees.
//!
//! I2. No foreign code (clone, wake or drop of a waker, drop of a value) runs while a part of the
//! slot is between two owners, so a panic in it leaves nothing half done.
//!
//! # Protocol
//!
//! Sending, with nobody waiting, is one change of the word: `DONE`, `GONE` and `VALUE` together.
//! Whoever finds a waker shared cannot leave in that step, because the peer could then free the
//! waker's slot under its hands:
//!
//! 1. set `DONE` (and `VALUE`), clear both `WAKER`: the wakers are ours,
//! 2. move them out,
//! 3. set `GONE`; free if the peer is gone,
//! 4. drop our own waker, wake the peer's.
//!
//! The peer may see the end already after 1: it takes the value and leaves. After 3 we touch only
//! what we moved out.
//!
//! # Why no wake-up is lost
//!
//! A side waits by writing its waker and then setting `WAKER`, which fails if the peer is `DONE`.
//! The peer's step 1 changes the same word: it comes before, and the waiting side sees `DONE`; or
//! after, and takes the waker.
#![allow(
    unsafe_code,
    reason = "shares one allocation between two owners without counting references"
)]

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::NonNull;
use std::task::Waker;

use super::state::{OnFinish, OnLeave, Side, Snapshot};
use crate::primitive::UnsafeCell;
use crate::primitive::atomic::{AtomicUsize, Ordering};

/// What both sides share.
struct Slot<T> {
    word: AtomicUsize,
    /// Initialised from `VALUE` until the receiver takes it.
    value: UnsafeCell<MaybeUninit<T>>,
    /// Initialised while the sender's `WAKER` is set.
    sender_waker: UnsafeCell<MaybeUninit<Waker>>,
    /// Initialised while the receiver's `WAKER` is set.
    receiver_waker: UnsafeCell<MaybeUninit<Waker>>,
}

/// The right of the sender to the slot; dropping it ends the channel without a value.
pub(super) struct SenderSlot<T>(NonNull<Slot<T>>);

/// The right of the receiver to the slot; dropping it closes the channel and drops a value in it.
pub(super) struct ReceiverSlot<T>(NonNull<Slot<T>>);

// SAFETY: the value may move from one side's thread to the other's, as `T: Send` allows; the state
// word orders all accesses, and wakers may go anywhere. The same holds for the three below. Shared
// references to the handles only read the state word.
unsafe impl<T: Send> Send for SenderSlot<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for SenderSlot<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for ReceiverSlot<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for ReceiverSlot<T> {}

/// Allocates a slot.
pub(super) fn allocate<T>() -> (SenderSlot<T>, ReceiverSlot<T>) {
    let slot = NonNull::from(Box::leak(Box::new(Slot {
        word: AtomicUsize::new(Snapshot::OPEN.0),
        value: UnsafeCell::new(MaybeUninit::uninit()),
        sender_waker: UnsafeCell::new(MaybeUninit::uninit()),
        receiver_waker: UnsafeCell::new(MaybeUninit::uninit()),
    })));
    (SenderSlot(slot), ReceiverSlot(slot))
}

impl<T> Slot<T> {
    fn load(&self) -> Snapshot {
        // Ordering: Acquire; pairs with the Release of every change, so that what a bit says is
        // in a slot is visible there.
        Snapshot(self.word.load(Ordering::Acquire))
    }

    /// Applies a transition; gives the state before it, or the one it refused.
    #[inline]
    fn update(
        &self,
        mut current: Snapshot,
        transition: impl Fn(Snapshot) -> Option<Snapshot>,
    ) -> Result<Snapshot, Snapshot> {
        loop {
            let next = transition(current).ok_or(current)?;
            // Ordering: AcqRel; Release publishes the parts the change gives away, Acquire makes
            // those visible it takes. Acquire on failure, as in `load`.
            match self.word.compare_exchange_weak(
                current.0,
                next.0,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return Ok(current),
                Err(actual) => current = Snapshot(actual),
            }
        }
    }

    fn waker_of(&self, side: Side) -> &UnsafeCell<MaybeUninit<Waker>> {
        match side {
            Side::Sender => &self.sender_waker,
            Side::Receiver => &self.receiver_waker,
        }
    }

    /// Moves a waker out.
    ///
    /// # Safety
    ///
    /// The slot is initialised, and the caller has cleared its `WAKER` or never set it.
    unsafe fn take_waker(&self, side: Side) -> Waker {
        // Only a read: the side that shared the waker may be comparing it at this moment.
        self.waker_of(side)
            // SAFETY: initialised, and the caller is the only one to move it out.
            .with(|slot| unsafe { (*slot).assume_init_read() })
    }

    /// Leaves the side's waker for the peer; false if a side is done.
    ///
    /// It is woken: by the peer when that is done, see the argument in the module.
    ///
    /// # Safety
    ///
    /// The caller is the side, which is not gone.
    unsafe fn share_waker(&self, side: Side, waker: &Waker) -> bool {
        let state = self.load();
        if state.is_over() {
            return false;
        }
        if state.has_waker(side) {
            // SAFETY: initialised, since the bit is set. The peer may clear it and read the
            // waker too, but nobody writes: that is this side's to do.
            let same = self
                .waker_of(side)
                .with(|slot| unsafe { (*slot).assume_init_ref().will_wake(waker) });
            if same {
                return true;
            }
        }
        // Foreign code, before anything changes (I2).
        let fresh = waker.clone();
        let mut stale = None;
        if state.has_waker(side) {
            if self
                .update(state, |state| state.unshare_waker(side))
                .is_err()
            {
                return false;
            }
            // SAFETY: the bit was set, and we cleared it.
            stale = Some(unsafe { self.take_waker(side) });
        }
        // SAFETY: the bit is clear and this side not done, so the slot is its own.
        self.waker_of(side).with_mut(|slot| unsafe {
            (*slot).write(fresh);
        });
        let shared = self
            .update(self.load(), |state| state.share_waker(side))
            .is_ok();
        if !shared {
            // SAFETY: written above, and never shared.
            drop(unsafe { self.take_waker(side) });
        }
        drop(stale);
        shared
    }

    /// Ends the channel for a side and leaves, unless the channel is over; then gives its state.
    ///
    /// # Safety
    ///
    /// The caller is the side, and does not touch the slot after `Ok`.
    unsafe fn finish_and_leave(slot: NonNull<Self>, side: Side) -> Result<(), Snapshot> {
        // SAFETY: the side has not left, so the slot is there.
        let this = unsafe { slot.as_ref() };
        let before = this.update(this.load(), |state| {
            (!state.is_over()).then(|| state.finish_and_leave(side).0)
        })?;
        // SAFETY: the side has just finished, and the caller's.
        unsafe { Self::after_finish(slot, side, before.finish_and_leave(side).1) };
        Ok(())
    }

    /// Does what finishing the channel asks for, and leaves if it did not.
    ///
    /// # Safety
    ///
    /// The caller is the side, has applied the transition that `duty` is of, and does not touch
    /// the slot after this.
    unsafe fn after_finish(slot: NonNull<Self>, side: Side, duty: OnFinish) {
        match duty {
            // SAFETY: both sides have left, and the transition acquired that of the peer.
            OnFinish::Left(OnLeave::Free) => unsafe { Self::free(slot) },
            OnFinish::Left(OnLeave::Forget) => {}
            OnFinish::TakeWakers { own, peer } => {
                // SAFETY: the side has not left, so the slot is there.
                let this = unsafe { slot.as_ref() };
                // SAFETY: both were shared, and the transition cleared the bits.
                let own = own.then(|| unsafe { this.take_waker(side) });
                // SAFETY: as above.
                let peer = peer.then(|| unsafe { this.take_waker(side.peer()) });
                // SAFETY: the caller's.
                unsafe { Self::leave(slot, side) };
                if let Some(peer) = peer {
                    peer.wake();
                }
                drop(own);
            }
        }
    }

    /// Leaves a channel that was seen to be over, where nobody waits any more.
    ///
    /// # Safety
    ///
    /// The caller is the side, and does not touch the slot after this.
    unsafe fn leave_over(slot: NonNull<Self>, side: Side, over: Snapshot) {
        debug_assert!(over.is_over());
        if over.is_gone(side.peer()) {
            // SAFETY: the peer has left, which was loaded with Acquire, and so have we.
            unsafe { Self::free(slot) };
        } else {
            // SAFETY: the caller's.
            unsafe { Self::leave(slot, side) };
        }
    }

    /// Leaves a channel that is over.
    ///
    /// # Safety
    ///
    /// The caller is the side, and does not touch the slot after this.
    unsafe fn leave(slot: NonNull<Self>, side: Side) {
        // SAFETY: the side has not left, so the slot is there.
        let word = unsafe { &slot.as_ref().word };
        // Ordering: AcqRel; Release orders our accesses before the peer frees the slot, Acquire
        // orders the peer's before we do.
        let before = Snapshot(word.fetch_or(side.left_bits(), Ordering::AcqRel));
        if before.leave(side) == OnLeave::Free {
            // SAFETY: both sides have left.
            unsafe { Self::free(slot) };
        }
    }

    /// Gives the memory back.
    ///
    /// # Safety
    ///
    /// The peer has left, the caller knows that with Acquire, and nothing is left in the slot.
    unsafe fn free(slot: NonNull<Self>) {
        // SAFETY: allocated as a box in `allocate`, and nobody else knows it any more.
        let slot = unsafe { Box::from_raw(slot.as_ptr()) };
        // Shows a model that nobody is at the parts any more.
        slot.value.with_mut(|_| ());
        slot.sender_waker.with_mut(|_| ());
        slot.receiver_waker.with_mut(|_| ());
    }
}

impl<T> SenderSlot<T> {
    fn slot(&self) -> &Slot<T> {
        // SAFETY: the sender has not left (I1).
        unsafe { self.0.as_ref() }
    }

    pub(super) fn state(&self) -> Snapshot {
        self.slot().load()
    }

    /// Leaves the waker to be woken when the receiver is done; false if it is.
    pub(super) fn share_waker(&mut self, waker: &Waker) -> bool {
        // SAFETY: `&mut self` is the sender, which has not left.
        unsafe { self.slot().share_waker(Side::Sender, waker) }
    }

    /// Sends a value and leaves, or gives the value back.
    pub(super) fn send(self, value: T) -> Result<(), T> {
        let slot = self.slot();
        let current = slot.load();
        if current.is_done(Side::Receiver) {
            return Err(value);
        }
        // SAFETY: the value is the sender's until `VALUE`, which only this function sets.
        slot.value.with_mut(|slot| unsafe {
            (*slot).write(value);
        });
        match slot.update(current, |state| state.send().map(|(next, _)| next)) {
            Err(_closed) => {
                // SAFETY: written above and not sent.
                Err(slot
                    .value
                    .with(|slot| unsafe { (*slot).assume_init_read() }))
            }
            Ok(before) => {
                let (_, duty) = before.finish_and_leave(Side::Sender);
                let this = ManuallyDrop::new(self);
                // SAFETY: we are the sender, and do not use the handle again.
                unsafe { Slot::after_finish(this.0, Side::Sender, duty) };
                Ok(())
            }
        }
    }
}

impl<T> Drop for SenderSlot<T> {
    fn drop(&mut self) {
        // SAFETY: we are the sender, and the handle is not used after this.
        unsafe {
            if let Err(over) = Slot::finish_and_leave(self.0, Side::Sender) {
                Slot::leave_over(self.0, Side::Sender, over);
            }
        }
    }
}

impl<T> ReceiverSlot<T> {
    fn slot(&self) -> &Slot<T> {
        // SAFETY: the receiver has not left (I1).
        unsafe { self.0.as_ref() }
    }

    pub(super) fn state(&self) -> Snapshot {
        self.slot().load()
    }

    /// Leaves the waker to be woken when the sender is done; false if it is.
    pub(super) fn share_waker(&mut self, waker: &Waker) -> bool {
        // SAFETY: `&mut self` is the receiver, which has not left.
        unsafe { self.slot().share_waker(Side::Receiver, waker) }
    }

    /// Refuses a value that was not sent yet.
    pub(super) fn close(&mut self) {
        let slot = self.slot();
        let closed = slot.update(slot.load(), |state| {
            (!state.is_over()).then(|| state.close(Side::Receiver))
        });
        let Ok(before) = closed else { return };
        // SAFETY: shared until we closed, which cleared the bit.
        let own = before
            .has_waker(Side::Receiver)
            .then(|| unsafe { slot.take_waker(Side::Receiver) });
        // SAFETY: as above.
        let peer = before
            .has_waker(Side::Sender)
            .then(|| unsafe { slot.take_waker(Side::Sender) });
        if let Some(peer) = peer {
            peer.wake();
        }
        drop(own);
    }

    /// Takes the value out and leaves.
    ///
    /// # Panics
    ///
    /// If no value was sent.
    pub(super) fn receive(self) -> T {
        let state = self.state();
        assert!(state.has_value(), "the caller has seen a value");
        // SAFETY: the value is the receiver's from `VALUE` on, and this consumes the receiver.
        let value = self
            .slot()
            .value
            .with(|slot| unsafe { (*slot).assume_init_read() });
        let this = ManuallyDrop::new(self);
        // SAFETY: we are the receiver, do not use the handle again, and have taken the value.
        unsafe { Slot::leave_over(this.0, Side::Receiver, state) };
        value
    }
}

impl<T> Drop for ReceiverSlot<T> {
    fn drop(&mut self) {
        /// Leaves also if the drop of the value panics.
        struct Leave<T>(NonNull<Slot<T>>, Snapshot);
        impl<T> Drop for Leave<T> {
            fn drop(&mut self) {
                // SAFETY: we are the receiver, which ends here.
                unsafe { Slot::leave_over(self.0, Side::Receiver, self.1) };
            }
        }
        // SAFETY: we are the receiver, and do not use the handle after `Ok`.
        let Err(over) = (unsafe { Slot::finish_and_leave(self.0, Side::Receiver) }) else {
            return;
        };
        let _leave = Leave(self.0, over);
        if over.has_value() {
            // SAFETY: the value is the receiver's, initialised, and not touched after this.
            self.slot()
                .value
                .with_mut(|slot| unsafe { (*slot).assume_init_drop() });
        }
    }
}
