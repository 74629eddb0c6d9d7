//! The queue of waiters behind every primitive: intrusive, in order of arrival, under one lock.
//!
//! A waiter's node lives in its future, so waiting allocates nothing. This is the crate's only
//! intrusive list, and it is safe to use: the primitives on top of it contain no `unsafe`.
//!
//! # Picture
//!
//! ```text
//!   head                     open                      tail
//!     │                        │                         │
//!     ▼                        ▼                         ▼
//!  [covered] ⇄ [covered] ⇄ [open] ⇄ [open] ⇄ ... ⇄ [open]
//!  └── a broadcast ──────┘ └── `depart(Front)` takes the first, `depart(Back)` the last
//!      is releasing them
//! ```
//!
//! A broadcast covers everybody who is queued when it starts, which is a prefix of the queue. It
//! does so in constant time, by forgetting where the open part starts; then it releases the
//! covered ones in batches, with the lock free between two batches. Meanwhile each covered node is
//! an ordinary member of the queue, which its future may unlink, and others do not see it.
//!
//! # Invariants
//!
//! I1. A node is linked only while its [`Waiter`] is pinned and alive: only
//! [`WaiterGuard::enqueue`](waiter::WaiterGuard::enqueue) links, from a pinned waiter, and [`Waiter`]'s drop unlinks.
//!
//! I2. While a node is linked, its `cell` is touched only under the lock of its queue.
//!
//! I3. Who unlinks a node for good is its owner, or a notifier that then stores a [`Departure`] as
//! its very last access. An owner that acquires the departure has the node for itself.
//!
//! I4. The covered nodes are those of an older epoch than the list, and are a prefix; `open` is the
//! first node of this epoch.
//!
//! I5. No waker is cloned, woken or dropped under the lock.
//!
//! # Why no waiter is forgotten
//!
//! A node is queued with its waker (or, before its first poll, without one) under the lock. Who
//! releases it takes the waker under the same lock and wakes it after. A poll that finds neither a
//! departure nor a broadcast has its own waker in the node before it lets go of the lock. A
//! broadcast goes on after a waker panics, so everybody it covers departs.
//!
//! # Rejected
//!
//! Moving the covered nodes to a list of their own needs a sentinel on the stack of the
//! broadcaster, and every early exit has to empty that list first. Collecting all wakers under one
//! lock needs an allocation, and holds the lock for as long as the queue is.
#![allow(
    unsafe_code,
    reason = "links between nodes that live in the futures of the waiters"
)]

mod waiter;

use std::fmt;
use std::marker::PhantomPinned;
use std::ptr::NonNull;
use std::task::Waker;

pub(crate) use self::waiter::{HasWaitQueue, HostRef, Waiter, has_wait_queue};
use crate::primitive::atomic::{AtomicU8, Ordering};
use crate::primitive::{Mutex, MutexGuard, UnsafeCell};
use crate::wake_batch::{FirstPanic, WakeBatch};

/// How a waiter left the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Departure {
    /// It was chosen as the first in the queue.
    Front = 1,
    /// It was chosen as the last in the queue.
    Back = 2,
    /// A broadcast released everybody.
    Broadcast = 3,
}

/// The departure word of a node that nobody released.
const STAYS: u8 = 0;

impl Departure {
    const fn decode(word: u8) -> Option<Self> {
        match word {
            1 => Some(Self::Front),
            2 => Some(Self::Back),
            3 => Some(Self::Broadcast),
            _ => None,
        }
    }
}

/// A waiter's place in the queue.
struct Node<D> {
    /// Under the lock while linked (I2); the owner's otherwise.
    cell: UnsafeCell<NodeFields<D>>,
    /// A [`Departure`] or [`STAYS`].
    departure: AtomicU8,
    /// Others point here: `&mut Node` must not promise to be the only way to the node.
    _pinned: PhantomPinned,
}

struct NodeFields<D> {
    prev: Option<NonNull<Node<D>>>,
    next: Option<NonNull<Node<D>>>,
    /// The epoch of the list when the node was linked.
    epoch: u64,
    waker: Option<Waker>,
    data: D,
}

// SAFETY: the fields may be used by any thread that holds the lock, or by the owner once the node
// is not linked (I2, I3); wakers may go anywhere, and `D: Send` is required of the data.
unsafe impl<D: Send> Send for Node<D> {}
// SAFETY: as above; a shared reference alone gives access to nothing but the atomic.
unsafe impl<D: Send> Sync for Node<D> {}

impl<D> Node<D> {
    fn new(data: D) -> Self {
        Self {
            cell: UnsafeCell::new(NodeFields {
                prev: None,
                next: None,
                epoch: 0,
                waker: None,
                data,
            }),
            departure: AtomicU8::new(STAYS),
            _pinned: PhantomPinned,
        }
    }

    /// How the node was released, if it was.
    fn departure(&self) -> Option<Departure> {
        // Ordering: Acquire; pairs with the Release in `WaitList::release`, so that the owner has
        // the node for itself, and what the notifier did before is visible (I3).
        Departure::decode(self.departure.load(Ordering::Acquire))
    }

    /// Access to the fields.
    ///
    /// # Safety
    ///
    /// The node is valid, and the caller holds the lock of its queue, or owns a node that is not
    /// linked. `f` must not ask for the fields of the same node.
    unsafe fn fields<R>(node: NonNull<Self>, f: impl FnOnce(&mut NodeFields<D>) -> R) -> R {
        // SAFETY: the node is valid; the reference is shared, as all others to nodes are.
        let node = unsafe { node.as_ref() };
        // SAFETY: the caller has exclusive access to the fields.
        node.cell.with_mut(|fields| f(unsafe { &mut *fields }))
    }
}

/// The links of the queue; what the lock protects.
pub(crate) struct WaitList<D> {
    head: Option<NonNull<Node<D>>>,
    tail: Option<NonNull<Node<D>>>,
    /// The first node that no broadcast covers.
    open: Option<NonNull<Node<D>>>,
    /// How many broadcasts have started.
    epoch: u64,
}

// SAFETY: the list is used under its lock, and reaches fields that may go to any thread.
unsafe impl<D: Send> Send for WaitList<D> {}

impl<D> WaitList<D> {
    const fn new() -> Self {
        Self {
            head: None,
            tail: None,
            open: None,
            epoch: 0,
        }
    }

    /// Links a node at the end.
    ///
    /// # Safety
    ///
    /// (1) The node is valid and stays so until it is unlinked, (2) is not linked, and (3) belongs
    /// to a waiter of this queue.
    unsafe fn push_back(&mut self, node: NonNull<Node<D>>, waker: Option<Waker>) {
        let (prev, epoch) = (self.tail, self.epoch);
        // SAFETY: valid (1) and not linked, so the caller's (2).
        let none = unsafe {
            Node::fields(node, |fields| {
                debug_assert!(fields.prev.is_none() && fields.next.is_none());
                (fields.prev, fields.next, fields.epoch) = (prev, None, epoch);
                std::mem::replace(&mut fields.waker, waker)
            })
        };
        debug_assert!(none.is_none(), "a node that is not linked has no waker");
        match prev {
            // SAFETY: linked nodes are valid (I1), and `&mut self` proves the lock.
            Some(prev) => unsafe { Node::fields(prev, |fields| fields.next = Some(node)) },
            None => self.head = Some(node),
        }
        self.tail = Some(node);
        self.open.get_or_insert(node);
    }

    /// Takes a node out of the links.
    ///
    /// # Safety
    ///
    /// The node is linked in this list.
    unsafe fn unlink(&mut self, node: NonNull<Node<D>>) {
        // SAFETY: linked nodes are valid (I1), and `&mut self` proves the lock; also below.
        let (prev, next) =
            unsafe { Node::fields(node, |fields| (fields.prev.take(), fields.next.take())) };
        match prev {
            // SAFETY: as above.
            Some(prev) => unsafe { Node::fields(prev, |fields| fields.next = next) },
            None => self.head = next,
        }
        match next {
            // SAFETY: as above.
            Some(next) => unsafe { Node::fields(next, |fields| fields.prev = prev) },
            None => self.tail = prev,
        }
        if self.open == Some(node) {
            self.open = next;
        }
    }

    /// Unlinks a node for its owner to see; gives its waker, which may be absent.
    ///
    /// # Safety
    ///
    /// The node is linked in this list.
    unsafe fn release(&mut self, node: NonNull<Node<D>>, departure: Departure) -> Option<Waker> {
        // SAFETY: linked in this list.
        unsafe { self.unlink(node) };
        // SAFETY: still valid: its owner needs the lock, or the departure, to let it end.
        let waker = unsafe { Node::fields(node, |fields| fields.waker.take()) };
        // SAFETY: as above.
        let departs = unsafe { &node.as_ref().departure };
        // Ordering: Release; pairs with the Acquire in `Node::departure`. The last access (I3).
        departs.store(departure as u8, Ordering::Release);
        waker
    }

    /// Releases covered nodes of broadcasts up to `epoch` until the batch is full; true if it
    /// stopped for that.
    fn release_covered(&mut self, epoch: u64, batch: &mut WakeBatch) -> bool {
        while let Some(first) = self.head {
            // SAFETY: linked nodes are valid (I1), and `&mut self` proves the lock.
            let joined = unsafe { Node::fields(first, |fields| fields.epoch) };
            if joined >= epoch {
                break;
            }
            if batch.is_full() {
                return true;
            }
            // SAFETY: the head is linked.
            if let Some(waker) = unsafe { self.release(first, Departure::Broadcast) } {
                batch.push(waker);
            }
        }
        false
    }
}

/// The waiters of one primitive; `D` is what each of them waits for.
pub(crate) struct WaitQueue<D> {
    list: Mutex<WaitList<D>>,
}

impl<D> WaitQueue<D> {
    crate::primitive::const_fn! {
        /// A queue without waiters.
        pub(crate) const fn new() -> Self {
            Self {
                list: Mutex::new(WaitList::new()),
            }
        }
    }

    /// Takes the lock, for a notifier.
    pub(crate) fn lock(&self) -> LockedQueue<'_, D> {
        LockedQueue {
            queue: self,
            list: self.list.lock(),
        }
    }
}

impl<D> fmt::Debug for WaitQueue<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitQueue").finish_non_exhaustive()
    }
}

/// A locked queue. Wake and drop wakers after it.
#[must_use]
pub(crate) struct LockedQueue<'q, D> {
    queue: &'q WaitQueue<D>,
    list: MutexGuard<'q, WaitList<D>>,
}

impl<D> LockedQueue<'_, D> {
    /// True when somebody waits whom no broadcast covers.
    pub(crate) fn has_open(&self) -> bool {
        self.list.open.is_some()
    }

    /// Runs `f` on what the first open waiter waits for.
    pub(crate) fn with_front<R>(&mut self, f: impl FnOnce(&mut D) -> R) -> Option<R> {
        let front = self.list.open?;
        // SAFETY: linked nodes are valid (I1), and we hold the lock.
        Some(unsafe { Node::fields(front, |fields| f(&mut fields.data)) })
    }

    /// Lets the first or last open waiter go.
    ///
    /// Its waker is to be woken after the lock is released; a waiter that was never polled has
    /// none.
    pub(crate) fn depart(&mut self, departure: Departure) -> Option<Waker> {
        let chosen = match departure {
            Departure::Front => self.list.open,
            Departure::Back => self.list.open.and(self.list.tail),
            Departure::Broadcast => None,
        };
        debug_assert!(chosen.is_some(), "ask `has_open` first");
        // SAFETY: `open` and `tail` are linked.
        chosen.and_then(|node| unsafe { self.list.release(node, departure) })
    }

    /// Lets everybody go, and wakes them with the lock free.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after everybody was woken.
    pub(crate) fn broadcast(mut self) {
        let queue = self.queue;
        let mut panic = FirstPanic::default();
        let mut batch = WakeBatch::new();
        // From here on everybody queued is covered (I4).
        self.list.epoch += 1;
        self.list.open = None;
        let epoch = self.list.epoch;
        let mut locked = self;
        loop {
            let more = locked.list.release_covered(epoch, &mut batch);
            drop(locked);
            batch.wake_all_into(&mut panic);
            if !more {
                break;
            }
            locked = queue.lock();
        }
        panic.resume();
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
