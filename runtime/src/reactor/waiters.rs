//! Who waits for one source: two waker slots for `poll_*`, and a list of waiting futures.
#![allow(
    unsafe_code,
    reason = "the list is intrusive: its nodes live inside the waiting futures"
)]
//!
//! ```text
//!   Waiters ── reader: Waker?   one task that polls for reading
//!           ── writer: Waker?   one task that polls for writing
//!           ── list ──► node ⇄ node ⇄ node     futures, oldest first
//! ```
//!
//! The `poll_*` functions have no future to keep a node in, so each direction has one slot and the
//! last task that polled has it. Futures bring their node along and allocate nothing.
//!
//! # Invariants
//!
//! W1. A node is linked in at most one list, and only while its [`Links::is_queued`] is true.
//! W2. A node's links and waker are touched only under the lock of the source it waits for.
//! W3. A linked node stays where it is in memory until it is unlinked: nodes are pinned, and the
//!     future that owns one unlinks it before it is dropped.
//! W4. No foreign code runs in here: wakers move in and out, the caller clones, wakes and drops
//!     them without the lock.

use std::fmt;
use std::marker::PhantomPinned;
use std::mem;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::Waker;

use selvedge_sync::primitive::UnsafeCell;

use crate::io::Ready;

/// Which of the two `poll_*` slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Read,
    Write,
}

impl Direction {
    /// The readiness that ends a wait in this direction.
    pub(crate) fn mask(self) -> Ready {
        match self {
            Self::Read => Ready::READABLE | Ready::READ_CLOSED,
            Self::Write => Ready::WRITABLE | Ready::WRITE_CLOSED,
        }
    }
}

/// The waiters of one source; lives under the source's lock.
#[derive(Default)]
pub(super) struct Waiters {
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// The oldest node.
    head: Option<NonNull<WaitNode>>,
    /// The newest node; `None` exactly if `head` is.
    tail: Option<NonNull<WaitNode>>,
}

// SAFETY: the pointers lead to nodes of other threads' futures, but those are touched under the
// source's lock only (W2), stay valid while linked (W3), and hold only wakers, which are `Send`.
unsafe impl Send for Waiters {}

/// A future's place in the list of a source.
pub(super) struct WaitNode {
    links: UnsafeCell<Links>,
    _pinned: PhantomPinned,
}

// SAFETY: a node gives no access to its cell without the lock (W2), and a waker is `Send + Sync`.
unsafe impl Send for WaitNode {}
// SAFETY: as above.
unsafe impl Sync for WaitNode {}

struct Links {
    prev: Option<NonNull<WaitNode>>,
    next: Option<NonNull<WaitNode>>,
    waker: Option<Waker>,
    mask: Ready,
    is_queued: bool,
}

impl WaitNode {
    /// A node outside any list, for a wait that ends with one of `mask`.
    pub(super) fn new(mask: Ready) -> Self {
        Self {
            links: UnsafeCell::new(Links {
                prev: None,
                next: None,
                waker: None,
                mask,
                is_queued: false,
            }),
            _pinned: PhantomPinned,
        }
    }
}

impl fmt::Debug for WaitNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitNode").finish_non_exhaustive()
    }
}

/// Where a waiter keeps its waker.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The slot of a direction.
    Slot(Direction),
    /// A future's node, which must wait for this source and no other.
    Node(Pin<&'a WaitNode>),
}

/// What became of a waker that was offered.
pub(super) enum Offer {
    /// The place holds an equal waker already.
    Kept,
    /// The place has no equal waker: offer one.
    Needed,
    /// The place holds the offered waker now; this one was there before.
    Stored(Option<Waker>),
}

/// Runs `f` on the links of a node.
///
/// # Safety
///
/// 1. The node is alive. 2. The caller holds the lock of the source it waits for. 3. `f` touches no
///    other node's links that are the same.
unsafe fn with_links<R>(node: NonNull<WaitNode>, f: impl FnOnce(&mut Links) -> R) -> R {
    // SAFETY: (1) the node is alive, and shared references to it are all there ever are.
    let node = unsafe { node.as_ref() };
    node.links.with_mut(|links| {
        // SAFETY: (2) the lock makes this the only access, and (3) no reference is formed twice.
        f(unsafe { &mut *links })
    })
}

impl Waiters {
    /// Makes sure that `place` waits with a waker equal to `current`.
    ///
    /// `spare` is a clone of it, if the caller already made one: cloning is foreign code (W4).
    pub(super) fn offer(
        &mut self,
        place: Place<'_>,
        current: &Waker,
        spare: &mut Option<Waker>,
    ) -> Offer {
        let mut put = |held: &mut Option<Waker>| match held {
            Some(held) if held.will_wake(current) => Offer::Kept,
            _ => match spare.take() {
                Some(waker) => Offer::Stored(held.replace(waker)),
                None => Offer::Needed,
            },
        };
        match place {
            Place::Slot(direction) => put(self.slot(direction)),
            Place::Node(node) => {
                let node = NonNull::from(node.get_ref());
                // SAFETY: (1) borrowed by the caller; (2) `&mut self` is the lock; (3) one node.
                let (offer, is_queued) =
                    unsafe { with_links(node, |links| (put(&mut links.waker), links.is_queued)) };
                if !is_queued && !matches!(offer, Offer::Needed) {
                    self.push_back(node);
                }
                offer
            }
        }
    }

    /// Takes the waiter at `place` out, with its waker.
    pub(super) fn withdraw(&mut self, place: Place<'_>) -> Option<Waker> {
        match place {
            Place::Slot(direction) => self.slot(direction).take(),
            Place::Node(node) => self.unlink(NonNull::from(node.get_ref())),
        }
    }

    /// Takes out every waiter whose wait one of `ready` ends, oldest first.
    pub(super) fn take_matching(&mut self, ready: Ready, wakes: &mut Vec<Waker>) {
        for direction in [Direction::Read, Direction::Write] {
            if ready.intersects(direction.mask()) {
                wakes.extend(self.slot(direction).take());
            }
        }
        let mut cursor = self.head;
        while let Some(node) = cursor {
            // SAFETY: (1) linked nodes are alive (W3); (2) `&mut self` is the lock; (3) one node.
            let (next, is_due) =
                unsafe { with_links(node, |links| (links.next, links.mask.intersects(ready))) };
            if is_due {
                wakes.extend(self.unlink(node));
            }
            cursor = next;
        }
    }

    fn slot(&mut self, direction: Direction) -> &mut Option<Waker> {
        match direction {
            Direction::Read => &mut self.reader,
            Direction::Write => &mut self.writer,
        }
    }

    /// Appends a node that is in no list.
    fn push_back(&mut self, node: NonNull<WaitNode>) {
        let prev = self.tail.replace(node);
        // SAFETY: (1) the caller borrows the node; (2) `&mut self` is the lock; (3) one node.
        unsafe {
            with_links(node, |links| {
                debug_assert!(!links.is_queued, "a node cannot wait twice");
                links.is_queued = true;
                links.prev = prev;
                links.next = None;
            });
        }
        self.link_forward(prev, Some(node));
    }

    /// Takes a node out if it is in the list, and its waker.
    fn unlink(&mut self, node: NonNull<WaitNode>) -> Option<Waker> {
        // SAFETY: (1) the caller borrows the node or found it linked (W3); (2) `&mut self` is the
        // lock; (3) one node.
        let (was_queued, prev, next, waker) = unsafe {
            with_links(node, |links| {
                (
                    mem::take(&mut links.is_queued),
                    links.prev.take(),
                    links.next.take(),
                    links.waker.take(),
                )
            })
        };
        if was_queued {
            self.link_forward(prev, next);
            self.link_backward(prev, next);
        }
        waker
    }

    /// Makes `next` the successor of `prev`, or of the list's beginning.
    fn link_forward(&mut self, prev: Option<NonNull<WaitNode>>, next: Option<NonNull<WaitNode>>) {
        match prev {
            // SAFETY: (1) `prev` is linked (W3); (2) `&mut self` is the lock; (3) one node.
            Some(prev) => unsafe { with_links(prev, |links| links.next = next) },
            None => self.head = next,
        }
    }

    /// Makes `prev` the predecessor of `next`, or of the list's end.
    fn link_backward(&mut self, prev: Option<NonNull<WaitNode>>, next: Option<NonNull<WaitNode>>) {
        match next {
            // SAFETY: (1) `next` is linked (W3); (2) `&mut self` is the lock; (3) one node.
            Some(next) => unsafe { with_links(next, |links| links.prev = prev) },
            None => self.tail = prev,
        }
    }
}

impl fmt::Debug for Waiters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiters")
            .field("reader", &self.reader.is_some())
            .field("writer", &self.writer.is_some())
            .field("has_list", &self.head.is_some())
            .finish()
    }
}
