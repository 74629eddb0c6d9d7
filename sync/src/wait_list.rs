//! The queue of waiters behind every primitive: intrusive, in order of arrival, under one lock.
//!
//! A primitive may have several lists and a state of its own under that lock: a channel has one list of
//! senders, one of receivers, and its messages.
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
//! I6. The links of a node are initialised from its first `push_back` on, and hold a waker only while it
//! is linked. So a wait that need not queue writes little, and has nothing to drop.
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

mod call_up;
mod waiter;

use std::fmt;
use std::marker::{PhantomData, PhantomPinned};
use std::mem::MaybeUninit;
use std::panic::Location;
use std::ptr::NonNull;
use std::task::Waker;

pub(crate) use self::waiter::{
    HasWaitQueue, HostQueue, HostRef, LockedHost, Waiter, has_wait_queue,
};
use crate::owner::Owner;
use crate::primitive::atomic::{AtomicU8, Ordering};
use crate::primitive::{ShortLock, ShortLockGuard, UnsafeCell};
use crate::waiting::Waiting;
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
    /// Where its owner began to wait.
    place: &'static Location<'static>,
    /// Others point here: `&mut Node` must not promise to be the only way to the node.
    _pinned: PhantomPinned,
}

struct NodeFields<D> {
    data: D,
    /// Which list it is linked in, or was last.
    list: u8,
    /// See I6.
    links: MaybeUninit<Links<D>>,
}

struct Links<D> {
    prev: Option<NonNull<Node<D>>>,
    next: Option<NonNull<Node<D>>>,
    /// The epoch of the list when the node was linked.
    epoch: u64,
    waker: Option<Waker>,
    /// Who polled last.
    owner: Option<Owner>,
}

// SAFETY: the fields may be used by any thread that holds the lock, or by the owner once the node
// is not linked (I2, I3); wakers may go anywhere, and `D: Send` is required of the data.
unsafe impl<D: Send> Send for Node<D> {}
// SAFETY: as above; a shared reference alone gives access to nothing but the atomic.
unsafe impl<D: Send> Sync for Node<D> {}

impl<D> Node<D> {
    #[inline]
    fn new(data: D, place: &'static Location<'static>) -> Self {
        Self {
            cell: UnsafeCell::new(NodeFields {
                data,
                list: 0,
                links: MaybeUninit::uninit(),
            }),
            departure: AtomicU8::new(STAYS),
            place,
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

    /// Access to the links.
    ///
    /// # Safety
    ///
    /// As for [`fields`](Self::fields), and the node is or was linked.
    unsafe fn links<R>(node: NonNull<Self>, f: impl FnOnce(&mut Links<D>) -> R) -> R {
        // SAFETY: the caller's promise; who was linked has links (I6).
        unsafe { Self::fields(node, |fields| f(fields.links.assume_init_mut())) }
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

    /// Links a node at the end, with the waker of who waits; `list` is the index of this list.
    ///
    /// # Safety
    ///
    /// As for [`link_back`](Self::link_back), but for the links, which are written here.
    unsafe fn push_back(&mut self, node: NonNull<Node<D>>, list: u8, waker: Option<Waker>) {
        let links = Links {
            prev: None,
            next: None,
            epoch: self.epoch,
            waker,
            owner: Some(Owner::current()),
        };
        // SAFETY: valid and not linked, so the caller's. Former links hold no waker (I6).
        unsafe {
            Node::fields(node, |fields| {
                fields.list = list;
                fields.links = MaybeUninit::new(links);
            });
        }
        // SAFETY: the caller's duties, and the node has links now.
        unsafe { self.link_back(node) };
    }

    /// Links a node at the end that was linked before, here or in another list of the queue.
    ///
    /// # Safety
    ///
    /// (1) The node is valid and stays so until it is unlinked, (2) has links and is not linked, and
    /// (3) belongs to a waiter of this queue.
    unsafe fn link_back(&mut self, node: NonNull<Node<D>>) {
        let (prev, epoch) = (self.tail, self.epoch);
        // SAFETY: valid (1), with links and not linked (2), so the caller's.
        unsafe {
            Node::links(node, |links| {
                debug_assert!(links.prev.is_none() && links.next.is_none());
                (links.prev, links.next, links.epoch) = (prev, None, epoch);
            });
        }
        match prev {
            // SAFETY: linked nodes are valid (I1), and `&mut self` proves the lock.
            Some(prev) => unsafe { Node::links(prev, |links| links.next = Some(node)) },
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
            unsafe { Node::links(node, |links| (links.prev.take(), links.next.take())) };
        match prev {
            // SAFETY: as above.
            Some(prev) => unsafe { Node::links(prev, |links| links.next = next) },
            None => self.head = next,
        }
        match next {
            // SAFETY: as above.
            Some(next) => unsafe { Node::links(next, |links| links.prev = prev) },
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
        let waker = unsafe { Node::links(node, |links| links.waker.take()) };
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
            let joined = unsafe { Node::links(first, |links| links.epoch) };
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

/// Some lists under one lock: an array, whatever its length.
pub(crate) trait Lists<D> {
    /// The list with this index.
    fn list(&mut self, index: usize) -> &mut WaitList<D>;
}

impl<D, const N: usize> Lists<D> for [WaitList<D>; N] {
    #[inline]
    fn list(&mut self, index: usize) -> &mut WaitList<D> {
        &mut self[index]
    }
}

/// What the lock of a primitive protects.
pub(crate) struct Locked<S, L> {
    lists: L,
    state: S,
}

/// The waiters of one primitive; `D` is what each of them waits for, `S` what else the lock protects.
pub(crate) struct WaitQueue<D, S = (), L = [WaitList<D>; 1]> {
    locked: ShortLock<Locked<S, L>>,
    _data: PhantomData<fn(D) -> D>,
}

impl<D, const N: usize> WaitQueue<D, (), [WaitList<D>; N]> {
    crate::primitive::const_fn! {
        /// A queue without waiters.
        pub(crate) const fn new() -> Self {
            Self::with_state(())
        }
    }
}

impl<D, S, const N: usize> WaitQueue<D, S, [WaitList<D>; N]> {
    crate::primitive::const_fn! {
        /// A queue without waiters, whose lock protects `state` as well.
        pub(crate) const fn with_state(state: S) -> Self {
            Self {
                locked: ShortLock::new(Locked {
                    lists: [const { WaitList::new() }; N],
                    state,
                }),
                _data: PhantomData,
            }
        }
    }
}

impl<D, S, L: Lists<D>> WaitQueue<D, S, L> {
    /// Takes the lock, for a notifier.
    #[inline]
    pub(crate) fn lock(&self) -> LockedQueue<'_, D, S, L> {
        LockedQueue {
            queue: self,
            locked: self.locked.lock(),
        }
    }
}

impl<D, S, L> fmt::Debug for WaitQueue<D, S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitQueue").finish_non_exhaustive()
    }
}

/// A locked queue. Wake and drop wakers after it.
///
/// The methods without an index are for the first list, which is the only one of most primitives.
#[must_use]
pub(crate) struct LockedQueue<'q, D, S = (), L = [WaitList<D>; 1]> {
    queue: &'q WaitQueue<D, S, L>,
    locked: ShortLockGuard<'q, Locked<S, L>>,
}

impl<D, S, L: Lists<D>> LockedQueue<'_, D, S, L> {
    /// What else the lock protects.
    #[inline]
    pub(crate) fn state(&mut self) -> &mut S {
        &mut self.locked.state
    }

    #[inline]
    fn list(&mut self, index: usize) -> &mut WaitList<D> {
        self.locked.lists.list(index)
    }

    /// True when somebody waits whom no broadcast covers.
    #[inline]
    pub(crate) fn has_open(&mut self) -> bool {
        self.has_open_in(0)
    }

    /// As [`has_open`](Self::has_open), in another list.
    #[inline]
    pub(crate) fn has_open_in(&mut self, index: usize) -> bool {
        self.list(index).open.is_some()
    }

    /// Runs `f` on what the first open waiter waits for.
    #[inline]
    pub(crate) fn with_front<R>(&mut self, f: impl FnOnce(&mut D) -> R) -> Option<R> {
        self.with_front_in(0, f)
    }

    /// As [`with_front`](Self::with_front), in another list.
    pub(crate) fn with_front_in<R>(
        &mut self,
        index: usize,
        f: impl FnOnce(&mut D) -> R,
    ) -> Option<R> {
        let front = self.list(index).open?;
        // SAFETY: linked nodes are valid (I1), and we hold the lock.
        Some(unsafe { Node::fields(front, |fields| f(&mut fields.data)) })
    }

    /// Lets the first or last open waiter go.
    ///
    /// Its waker is to be woken after the lock is released; a waiter that was never polled has
    /// none.
    #[inline]
    pub(crate) fn depart(&mut self, departure: Departure) -> Option<Waker> {
        self.depart_in(0, departure)
    }

    /// As [`depart`](Self::depart), in another list.
    pub(crate) fn depart_in(&mut self, index: usize, departure: Departure) -> Option<Waker> {
        let list = self.list(index);
        let chosen = match departure {
            Departure::Front => list.open,
            Departure::Back => list.open.and(list.tail),
            Departure::Broadcast => None,
        };
        debug_assert!(chosen.is_some(), "ask `has_open` first");
        // SAFETY: `open` and `tail` are linked.
        chosen.and_then(|node| unsafe { list.release(node, departure) })
    }

    /// Takes the waker of the first open waiter, which stays where it is: it is to look again, and
    /// leaves a new waker when it does and goes on waiting.
    #[inline]
    pub(crate) fn wake_front(&mut self) -> Option<Waker> {
        self.wake_front_in(0)
    }

    /// As [`wake_front`](Self::wake_front), in another list.
    pub(crate) fn wake_front_in(&mut self, index: usize) -> Option<Waker> {
        let front = self.list(index).open?;
        // SAFETY: linked nodes are valid (I1), and we hold the lock.
        unsafe { Node::links(front, |links| links.waker.take()) }
    }

    /// Who polled the first open waiter last.
    pub(crate) fn front_owner(&mut self) -> Option<Owner> {
        self.front_owner_in(0)
    }

    /// As [`front_owner`](Self::front_owner), in another list.
    pub(crate) fn front_owner_in(&mut self, index: usize) -> Option<Owner> {
        let front = self.list(index).open?;
        // SAFETY: linked nodes are valid (I1), and we hold the lock.
        unsafe { Node::links(front, |links| links.owner) }
    }

    /// Who waits in a list, in order: those whom no broadcast covers.
    pub(crate) fn waiting_in(&mut self, index: usize) -> Vec<Waiting> {
        let mut found = Vec::new();
        let mut next = self.list(index).open;
        while let Some(node) = next {
            // SAFETY: linked nodes are valid (I1), and we hold the lock.
            next = unsafe {
                Node::links(node, |links| {
                    found.push(Waiting::new(links.owner, node.as_ref().place));
                    links.next
                })
            };
        }
        found
    }

    /// Lets everybody go, and wakes them with the lock free.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after everybody was woken, unless the thread
    /// unwinds already.
    pub(crate) fn broadcast(self) {
        self.broadcast_in(0);
    }

    /// As [`broadcast`](Self::broadcast), in another list.
    pub(crate) fn broadcast_in(mut self, index: usize) {
        let queue = self.queue;
        let mut panic = FirstPanic::default();
        let mut batch = WakeBatch::new();
        let list = self.list(index);
        // From here on everybody queued is covered (I4).
        list.epoch += 1;
        list.open = None;
        let epoch = list.epoch;
        let mut locked = self;
        loop {
            let more = locked.list(index).release_covered(epoch, &mut batch);
            drop(locked);
            batch.wake_all_into(&mut panic);
            if !more {
                break;
            }
            locked = queue.lock();
        }
        panic.resume_in_drop();
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
