//! Waiters that are told something without being woken: moved to another list, or covered.
//!
//! The invariants are those of the [queue](super). A node that changes lists stays linked in the same
//! queue, under the same lock, so its owner notices nothing: it reads under the lock where it is.
#![allow(
    unsafe_code,
    reason = "links between nodes that live in the futures of the waiters"
)]

use std::task::Waker;

use super::{Lists, LockedQueue, Node};

impl<D, S, L: Lists<D>> LockedQueue<'_, D, S, L> {
    /// True when nobody at all is queued.
    pub(crate) fn is_empty(&mut self) -> bool {
        self.list(0).head.is_none()
    }

    /// Moves the open waiters of list `from` that `f` chooses to the end of list `to`, in order, with
    /// their wakers; true if there were any.
    pub(crate) fn call_up(&mut self, from: u8, to: u8, mut f: impl FnMut(&D) -> bool) -> bool {
        let mut moved = false;
        let mut next = self.list(usize::from(from)).open;
        while let Some(node) = next {
            // SAFETY: linked nodes are valid (I1), and we hold the lock; also below.
            let chosen = unsafe {
                Node::fields(node, |fields| {
                    // SAFETY: linked, so it has links (I6).
                    next = fields.links.assume_init_ref().next;
                    let chosen = f(&fields.data);
                    if chosen {
                        fields.list = to;
                    }
                    chosen
                })
            };
            if chosen {
                // SAFETY: it is linked in this list.
                unsafe { self.list(usize::from(from)).unlink(node) };
                // SAFETY: (1) It was linked, and its owner finds it by the list noted above; (2) it was
                // unlinked above; (3) the queue is the same.
                unsafe { self.list(usize::from(to)).link_back(node) };
                moved = true;
            }
        }
        moved
    }

    /// Covers everybody in the first list, as a broadcast does, and lets them find out for themselves
    /// when they look; gives the waker of the first of them.
    pub(crate) fn cover(&mut self) -> Option<Waker> {
        let waker = self.wake_front();
        let list = self.list(0);
        list.epoch += 1;
        list.open = None;
        waker
    }
}
