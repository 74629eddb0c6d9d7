//! The intrusive lists of the wheel: many FIFO lists over nodes that live elsewhere.
//!
//! A [`Node`] is part of a sleeping future, so that filing a timer allocates nothing. Each list is a
//! ring reached through one pointer to its first node: 8 bytes per empty list, and all operations
//! are O(1).
//!
//! ```text
//!  heads[place] ──► first ⇄ second ⇄ third
//!                     ▲▼                ▲▼
//!                     └─────────────────┘
//! ```
//!
//! # Invariants
//!
//! I1. A node whose `place` is `Some(p)` is on the ring of `heads[p]`, and both its neighbours are
//! on the same ring. A node whose `place` is `None` is on no ring.
//!
//! I2. A node is only reached through a [`NodeRef`], and whoever made the `NodeRef` keeps the
//! promise stated at [`NodeRef::new`]. That is what makes the functions of this file safe to call.
#![allow(
    unsafe_code,
    reason = "an intrusive list; the wheel above it is safe code"
)]

use std::fmt;
use std::ptr::NonNull;

use selvedge_sync::primitive::UnsafeCell;

use super::level::Place;
use super::tick::Tick;

/// What the wheel keeps in each timer.
pub(super) struct Node {
    previous: Option<NodeRef>,
    next: Option<NodeRef>,
    tick: Tick,
    place: Option<Place>,
}

/// A [`Node`] inside something that is pinned.
pub(super) struct NodeCell(UnsafeCell<Node>);

impl NodeCell {
    /// A node on no list.
    pub(super) fn new() -> Self {
        Self(UnsafeCell::new(Node {
            previous: None,
            next: None,
            tick: Tick::ZERO,
            place: None,
        }))
    }
}

/// The right to link, unlink and look at one node, see [`NodeRef::new`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct NodeRef(NonNull<NodeCell>);

// SAFETY: a `NodeRef` is an address. Using it needs exclusive access to the lists, by the promise at
// `NodeRef::new`; the lock that gives it also orders the threads that take turns.
unsafe impl Send for NodeRef {}

impl NodeRef {
    /// Refers to `node`.
    ///
    /// # Safety
    ///
    /// As long as this value or a copy of it is used or is in a list:
    ///
    /// 1. the node is alive and does not move;
    /// 2. it is used with one [`Lists`] only, and all who use it have exclusive access to that
    ///    [`Lists`], for instance because they hold the lock around it.
    pub(super) unsafe fn new(node: NonNull<NodeCell>) -> Self {
        Self(node)
    }

    /// The address the reference was made from.
    pub(super) fn address(self) -> NonNull<NodeCell> {
        self.0
    }

    /// The deadline the node was filed under.
    pub(super) fn tick(self) -> Tick {
        self.read(|node| node.tick)
    }

    /// True if the node is on a list.
    pub(super) fn is_linked(self) -> bool {
        self.read(|node| node.place.is_some())
    }

    fn read<R>(self, f: impl FnOnce(&Node) -> R) -> R {
        // SAFETY: alive and ours alone (promises 1 and 2 of `new`); `f` gets no other reference.
        unsafe { self.0.as_ref().0.with(|node| f(&*node)) }
    }

    fn write<R>(self, f: impl FnOnce(&mut Node) -> R) -> R {
        // SAFETY: as in `read`; the closures of this file do not reach a second node.
        unsafe { self.0.as_ref().0.with_mut(|node| f(&mut *node)) }
    }
}

impl fmt::Debug for NodeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeRef({:p})", self.0)
    }
}

/// One FIFO list per [`Place`].
pub(super) struct Lists {
    heads: Box<[Option<NodeRef>]>,
}

impl Lists {
    /// Empty lists. They are built on the heap: some stacks are smaller than a wheel.
    pub(super) fn new() -> Self {
        Self {
            heads: vec![None; Place::COUNT].into_boxed_slice(),
        }
    }

    /// True if the list at `place` has no node.
    pub(super) fn is_empty(&self, place: Place) -> bool {
        self.heads[place.index()].is_none()
    }

    /// Adds `node` at the end of the list at `place`.
    pub(super) fn push_back(&mut self, place: Place, node: NodeRef, tick: Tick) {
        assert!(!node.is_linked(), "I1: a node is on one list at most");
        let head = &mut self.heads[place.index()];
        let (previous, next) = match *head {
            None => {
                *head = Some(node);
                (node, node)
            }
            Some(first) => {
                let last = first.read(|first| first.previous).expect("I1: rings close");
                last.write(|last| last.next = Some(node));
                first.write(|first| first.previous = Some(node));
                (last, first)
            }
        };
        node.write(|node| {
            *node = Node {
                previous: Some(previous),
                next: Some(next),
                tick,
                place: Some(place),
            };
        });
    }

    /// Takes `node` off its list and says which one that was.
    pub(super) fn remove(&mut self, node: NodeRef) -> Place {
        let (previous, next, place) = node.write(|node| {
            (
                node.previous
                    .take()
                    .expect("I1: linked nodes have neighbours"),
                node.next.take().expect("I1: linked nodes have neighbours"),
                node.place.take().expect("I1: linked nodes have a place"),
            )
        });
        let head = &mut self.heads[place.index()];
        if next == node {
            *head = None;
        } else {
            previous.write(|previous| previous.next = Some(next));
            next.write(|next| next.previous = Some(previous));
            if *head == Some(node) {
                *head = Some(next);
            }
        }
        place
    }

    /// The first node of the list at `place`.
    pub(super) fn first(&self, place: Place) -> Option<NodeRef> {
        self.heads[place.index()]
    }

    /// The nodes of the list at `place`, first to last.
    pub(super) fn iter(&self, place: Place) -> impl Iterator<Item = NodeRef> + '_ {
        let first = self.first(place);
        let mut next = first;
        std::iter::from_fn(move || {
            let node = next?;
            next = node
                .read(|node| node.next)
                .filter(|&node| Some(node) != first);
            Some(node)
        })
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
