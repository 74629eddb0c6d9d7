//! The timer inside a sleeping future: its node in the wheel, its waker, and how it ended.
//!
//! ```text
//!            1 ────────►             3 ────────► Fired
//!     Idle               Filed
//!            ◄──────── 2             4 ────────► RuntimeGone
//! ```
//! 1 `file` · 2 `reset`, and drop · 3 `end`, from the shard's `fire_due` · 4 `end`, from its
//! `move_out`. From both ends `reset` leads back to Idle. A deadline that has passed already leads
//! from Idle to Fired directly.
//!
//! Two sides meet here. The *owner* is the future that contains the entry. The *shard* is whoever
//! holds the lock of the shard the entry is filed in.
//!
//! # Invariants
//!
//! I1. In Filed, the node is in the wheel of `shard`, and `waker` is initialised. Otherwise the node
//! is in no wheel, and `waker` is not initialised.
//!
//! I2. The state enters and leaves Filed under the lock of `shard` only. The other transitions are
//! the owner's.
//!
//! I3. Storing `Fired` or `RuntimeGone` is the last thing the shard does with an entry. The owner may
//! free it as soon as it reads one of them.
//!
//! I4. Only the owner writes the bytes of `waker`: before Filed, or under the lock. The shard moves
//! the waker out, which reads them. So the owner may compare them without the lock.
//!
//! # Why no wake-up is lost
//!
//! It is woken: by the shard, which takes the waker when it ends the timer, and nobody else does in
//! Filed. A poll that reads Filed and finds its own waker's bytes returns `Pending` without lock: if
//! the timer ends meanwhile, that very waker is woken. The bytes cannot be those of a freed waker whose
//! address was used again: at the time the state was read as Filed, the waker in the entry was alive,
//! and so was the one in hand. A poll with another waker replaces it under the lock; if the timer
//! ended first, it sees that there.
//!
//! A timer dropped while it fires: either the drop takes the lock first and the wheel forgets the
//! node, or the shard ends it first and the drop finds it ended.
#![allow(
    unsafe_code,
    reason = "the node is reached from the wheel while the future that contains it is elsewhere"
)]

use std::cell::Cell;
use std::marker::PhantomPinned;
use std::mem::{self, MaybeUninit, offset_of};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Poll, Waker};
use std::time::Instant;

use selvedge_sync::primitive::UnsafeCell;
use selvedge_sync::primitive::atomic::{AtomicU8, Ordering};

use super::list::{NodeCell, NodeRef};
use super::shard::{RuntimeId, Shard, TimerContext, UnparkDriver};
use super::tick::Tick;
use super::wheel::{AlreadyDue, Step, Wheel};

const IDLE: u8 = 0;
const FILED: u8 = 1;
const FIRED: u8 = 2;
const RUNTIME_GONE: u8 = 3;

/// The runtime of a timer has shut down, so the timer never fires.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RuntimeGone;

/// A timer. Lives in a pinned future.
#[repr(C)]
pub(super) struct Entry {
    /// The wheel's part. Touched under the lock of `shard` only. First, see `end`.
    node: NodeCell,
    /// See I1 and I4.
    waker: UnsafeCell<MaybeUninit<Waker>>,
    state: AtomicU8,
    /// Where the timer is, or was last, filed; at first where it was made. The owner's.
    shard: Cell<&'static Shard>,
    /// Whose timer it is, for good. The owner's.
    runtime: RuntimeId,
    _address_matters: PhantomPinned,
}

const _: () = assert!(offset_of!(Entry, node) == 0, "`end` casts nodes to entries");

// SAFETY: the node and the waker are shared with the shard's side under I1 to I4, which also holds when
// the owner moves to another thread; a waker is `Send`. `shard` is the owner's alone.
unsafe impl Send for Entry {}
// SAFETY: through `&Entry` without pin other threads can read the state only, which is atomic.
unsafe impl Sync for Entry {}

impl Entry {
    /// An idle timer of the runtime that `here` names.
    #[inline]
    pub(super) fn new(here: TimerContext) -> Self {
        Self {
            node: NodeCell::new(),
            waker: UnsafeCell::new(MaybeUninit::uninit()),
            state: AtomicU8::new(IDLE),
            shard: Cell::new(here.shard),
            runtime: here.runtime,
            _address_matters: PhantomPinned,
        }
    }

    /// `here`, if that is inside the runtime the timer belongs to.
    pub(super) fn at_home(&self, here: Option<TimerContext>) -> Option<TimerContext> {
        here.filter(|here| here.runtime == self.runtime)
    }

    /// True if the timer has fired.
    pub(super) fn has_fired(&self) -> bool {
        // Ordering: Acquire; pairs with the Release in `end`: what the firing thread did before is
        // visible to who acts on it.
        self.state.load(Ordering::Acquire) == FIRED
    }

    /// True if the timer is neither filed nor ended.
    pub(super) fn is_idle(&self) -> bool {
        // Ordering: Relaxed; only the owner enters and leaves Idle.
        self.state.load(Ordering::Relaxed) == IDLE
    }

    /// Makes an idle timer a fired one: its deadline has passed before it was filed.
    pub(super) fn skip_to_fired(self: Pin<&mut Self>) {
        debug_assert!(self.is_idle(), "only an idle timer can skip");
        // Ordering: Relaxed; the entry is not filed, the owner sees its own stores.
        self.state.store(FIRED, Ordering::Relaxed);
    }

    /// Asks whether a timer that is not idle has ended, and arranges for `waker` to be woken then.
    pub(super) fn poll(self: Pin<&mut Self>, waker: &Waker) -> Poll<Result<(), RuntimeGone>> {
        let this = self.into_ref();
        // Ordering: Acquire; pairs with the Release in `end` (I3).
        match this.state.load(Ordering::Acquire) {
            FILED if this.waits_with(waker) => Poll::Pending,
            FILED => this.change_waker(waker),
            ended => Poll::Ready(Self::result(ended)),
        }
    }

    fn result(ended: u8) -> Result<(), RuntimeGone> {
        if ended == FIRED {
            Ok(())
        } else {
            debug_assert_eq!(ended, RUNTIME_GONE, "only an ended timer has a result");
            Err(RuntimeGone)
        }
    }

    /// Transition 1: files an idle timer.
    ///
    /// `here` is the present thread's context, if it is [at home](Self::at_home): then the timer is
    /// filed in that shard, otherwise where it was made. `now` is the present of that runtime, if
    /// the caller knows it.
    pub(super) fn file(
        self: Pin<&mut Self>,
        waker: &Waker,
        deadline: Instant,
        now: Option<Instant>,
        here: Option<TimerContext>,
    ) -> Poll<Result<(), RuntimeGone>> {
        debug_assert!(self.is_idle(), "I1: it would be filed twice");
        let this = self.into_ref();
        let shard = here.map_or(this.shard.get(), |here| here.shard);
        this.shard.set(shard);
        this.put_waker(waker.clone());
        let mut locked = shard.lock();
        let outcome = match locked.scale(this.runtime) {
            None => Err(RUNTIME_GONE),
            Some(scale) => {
                if let Some(now) = now {
                    locked.timers.catch_up(scale.at_or_before(now));
                }
                let foreign = here.is_none_or(|here| here.wake_driver);
                shard
                    .file(&mut locked, this, scale.at_or_after(deadline), foreign)
                    .map_err(|AlreadyDue| FIRED)
            }
        };
        // Ordering: Relaxed, both; the shard learns of it through the lock, the owner knows.
        let state = *outcome.as_ref().err().unwrap_or(&FILED);
        this.state.store(state, Ordering::Relaxed);
        drop(locked);
        match outcome {
            Ok(unpark) => {
                UnparkDriver::now(unpark);
                Poll::Pending
            }
            Err(ended) => {
                drop(this.take_waker());
                Poll::Ready(Self::result(ended))
            }
        }
    }

    /// Makes a filed timer wake somebody else.
    fn change_waker(self: Pin<&Self>, waker: &Waker) -> Poll<Result<(), RuntimeGone>> {
        let mut new = waker.clone();
        let locked = self.shard.get().lock();
        // Ordering: Acquire; pairs with the Release in `end` (I3). Filed cannot change before unlock.
        let state = self.state.load(Ordering::Acquire);
        if state == FILED {
            self.waker.with_mut(|slot| {
                // SAFETY: the lock is held in Filed, so the waker is there and ours to write (I1, I4).
                mem::swap(unsafe { (*slot).assume_init_mut() }, &mut new);
            });
        }
        drop(locked);
        drop(new);
        if state == FILED {
            Poll::Pending
        } else {
            Poll::Ready(Self::result(state))
        }
    }

    /// Transition 2, or moves a filed timer to another deadline, with the waker it has.
    ///
    /// `here` and `now` are as for [`file`](Self::file).
    pub(super) fn reset(
        self: Pin<&mut Self>,
        deadline: Instant,
        now: Option<Instant>,
        here: Option<TimerContext>,
    ) {
        let this = self.into_ref();
        // Ordering: Acquire; pairs with the Release in `end` (I3): the entry will be filed again.
        if this.state.load(Ordering::Acquire) == FILED {
            this.refile(deadline, now, here);
        } else {
            // Ordering: Relaxed; not filed, so the owner's alone.
            this.state.store(IDLE, Ordering::Relaxed);
        }
    }

    fn refile(
        self: Pin<&Self>,
        deadline: Instant,
        now: Option<Instant>,
        here: Option<TimerContext>,
    ) {
        let shard = self.shard.get();
        let foreign = here.is_none_or(|here| here.wake_driver || !std::ptr::eq(here.shard, shard));
        let mut locked = shard.lock();
        // Ordering: Acquire; pairs with the Release in `end` (I3).
        if self.state.load(Ordering::Acquire) != FILED {
            // It ended just now, and somebody was woken; the next poll files it anew.
            // Ordering: Relaxed; not filed, so the owner's alone.
            self.state.store(IDLE, Ordering::Relaxed);
            return;
        }
        shard.unfile(&mut locked, self);
        let scale = locked.scale(self.runtime).expect("I1: a tenant's timer");
        let filed = if now.is_some_and(|now| deadline <= now) {
            Err(AlreadyDue)
        } else {
            shard.file(&mut locked, self, scale.at_or_after(deadline), foreign)
        };
        match filed {
            Ok(unpark) => {
                drop(locked);
                UnparkDriver::now(unpark);
            }
            Err(AlreadyDue) => {
                // Ordering: Relaxed; it is in no wheel any more, so the owner's alone.
                self.state.store(FIRED, Ordering::Relaxed);
                drop(locked);
                self.take_waker().wake();
            }
        }
    }

    /// Takes a filed timer off the wheel, for good.
    fn cancel(self: Pin<&Self>) {
        let shard = self.shard.get();
        let mut locked = shard.lock();
        // Ordering: Acquire; pairs with the Release in `end` (I3): the memory will be reused.
        if self.state.load(Ordering::Acquire) == FILED {
            shard.unfile(&mut locked, self);
            // Ordering: Relaxed; it is in no wheel any more, so the owner's alone.
            self.state.store(IDLE, Ordering::Relaxed);
            drop(locked);
            drop(self.take_waker());
        }
    }

    /// True if the waker of a filed timer, or of one that ends this moment, is `waker`.
    fn waits_with(&self, waker: &Waker) -> bool {
        self.waker.with(|slot| {
            // SAFETY: it was filed by this owner, so the bytes are those of a waker and nobody writes
            // them (I4). If the shard moved the waker out just now they are a copy: of it, only
            // the two words are compared, and neither is followed.
            unsafe { (*slot).assume_init_ref() }.will_wake(waker)
        })
    }

    /// Puts a waker into an entry that is not filed.
    fn put_waker(&self, waker: Waker) {
        self.waker.with_mut(|slot| {
            // SAFETY: not filed, so the owner's alone (I1), and there is no waker to be lost.
            unsafe { (*slot).write(waker) };
        });
    }

    /// Takes the waker that was put there, if the timer was not filed then or is no longer.
    ///
    /// Not for timers that the shard ended: it took the waker.
    fn take_waker(&self) -> Waker {
        self.waker.with(|slot| {
            // SAFETY: the callers put one there or found the timer Filed under the lock; they made
            // the state another one, so nobody takes it a second time.
            unsafe { (*slot).assume_init_read() }
        })
    }

    /// The node, for the wheel of `shard`.
    fn node(self: Pin<&Self>) -> NodeRef {
        // SAFETY: (1) the entry is pinned, and its drop cancels it, so the node stays alive as long as
        // it is filed; (2) it is filed in `shard` only, and used with that lock held (`TimerQueue`
        // is found there only). The pointer is to all of the entry, for `end`.
        unsafe { NodeRef::new(NonNull::from(self.get_ref()).cast()) }
    }
}

impl Drop for Entry {
    #[inline]
    fn drop(&mut self) {
        // Ordering: Acquire; pairs with the Release in `end` (I3): the memory will be reused.
        if self.state.load(Ordering::Acquire) == FILED {
            // SAFETY: it is dropped where it is. It was pinned when it was filed, and is not moved
            // between here and its end.
            unsafe { Pin::new_unchecked(&*self) }.cancel();
        }
    }
}

/// The wheel of a shard: all its nodes are in entries.
pub(super) struct TimerQueue(Wheel);

/// What [`TimerQueue::step`] did.
#[must_use]
pub(super) enum QueueStep {
    /// A timer fired; wake this without lock.
    Fired(Waker),
    /// There may be more to do.
    Continue,
    /// No further timer is due.
    Done,
}

impl TimerQueue {
    /// No timers, at the origin.
    pub(super) fn new() -> Self {
        Self(Wheel::new())
    }

    /// See [`Wheel::rewind`].
    pub(super) fn rewind(&mut self) {
        self.0.rewind();
    }

    /// See [`Wheel::catch_up`].
    pub(super) fn catch_up(&mut self, now: Tick) {
        self.0.catch_up(now);
    }

    /// See [`Wheel::next_wake`].
    pub(super) fn next_wake(&self) -> Option<Tick> {
        self.0.next_wake()
    }

    /// True if no timer is filed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Files a timer; the caller makes its state `FILED` before it unlocks.
    pub(super) fn insert(&mut self, timer: Pin<&Entry>, tick: Tick) -> Result<(), AlreadyDue> {
        self.0.insert(timer.node(), tick)
    }

    /// Takes a filed timer off, and says what its tick was; the caller changes its state.
    pub(super) fn remove(&mut self, timer: Pin<&Entry>) -> Tick {
        let node = timer.node();
        self.0.remove(node);
        node.tick()
    }

    /// One step towards `now`, see [`Wheel::step`].
    pub(super) fn step(&mut self, now: Tick) -> QueueStep {
        match self.0.step(now) {
            Step::Due(node) => QueueStep::Fired(end(node, FIRED)),
            Step::Refiled => QueueStep::Continue,
            Step::Done => QueueStep::Done,
        }
    }

    /// Ends any timer, because the runtime is going away; wake the waker without lock.
    pub(super) fn abandon_any(&mut self) -> Option<Waker> {
        Some(end(self.0.remove_any()?, RUNTIME_GONE))
    }
}

/// Transitions 3 and 4: ends a timer that was just taken off the wheel, under the shard's lock.
fn end(node: NodeRef, ending: u8) -> Waker {
    // SAFETY: all nodes of a `TimerQueue` were made by `Entry::node`, from pointers to entries. The
    // entry is alive: it is Filed, and its drop needs the lock that is held here.
    let entry: &Entry = unsafe { node.address().cast().as_ref() };
    // SAFETY: in Filed, the waker is there (I1). The state below says that it is gone.
    let waker = entry
        .waker
        .with(|slot| unsafe { (*slot).assume_init_read() });
    // Ordering: Release; pairs with the Acquire loads of the owner, which may free the entry (I3).
    entry.state.store(ending, Ordering::Release);
    waker
}
