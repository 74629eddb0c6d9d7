//! Who is in a scope: its children, how to abort them, and whom to wake when the last is gone.
//!
//! # Invariants
//!
//! I1. A child is listed until the last of its holds is dropped. The spawning call has one, and the
//!     child's future has one, which is dropped after all else in that future.
//! I2. Once `is_ending` is set, nobody enters, and each child was aborted or is aborted by its spawning
//!     call, which finds `is_doomed`.
//! I3. Who begins the end, and who takes the last child from the list when the body has ended, takes the
//!     parent's waker and wakes it. So the parent, which leaves its waker before it looks, sees both.
//! I4. No foreign code runs under the lock: wakers and handles are taken out and used after it.
//!
//! # Scopes in scopes
//!
//! A scope that is first polled inside a child, or in the body, of another one keeps a hold of that
//! child until its own list is empty. So a scope that is dropped, and cannot wait, leaves the waiting to
//! the next one around it.

use std::cell::Cell;
use std::mem;
use std::task::Waker;

use selvedge_sync::primitive::{Arc, Mutex};
use slab::Slab;

use crate::contain::contain;
use crate::task::{AbortHandle, JoinHandle};

thread_local! {
    /// The child, or body, of a scope that this thread polls.
    static CURRENT: Cell<Option<Hold>> = const { Cell::new(None) };
}

pub(super) struct Children(Mutex<List>);

struct List {
    entries: Slab<Entry>,
    is_ending: bool,
    has_body_ended: bool,
    parent: Option<Waker>,
    /// What the scope around this one waits for.
    outer: Option<Hold>,
}

struct Entry {
    holds: usize,
    abort: Option<AbortHandle>,
    /// To be aborted as soon as there is a handle.
    is_doomed: bool,
}

impl Children {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(List {
            entries: Slab::new(),
            is_ending: false,
            has_body_ended: false,
            parent: None,
            outer: None,
        })))
    }

    /// Lists one more child, with one hold; `None` if the scope is ending.
    pub(super) fn enter(this: &Arc<Self>) -> Option<Hold> {
        let mut list = this.0.lock();
        if list.is_ending {
            return None;
        }
        let child = list.entries.insert(Entry {
            holds: 1,
            abort: None,
            is_doomed: false,
        });
        Some(Hold {
            children: Arc::clone(this),
            child,
        })
    }

    pub(super) fn is_ending(&self) -> bool {
        self.0.lock().is_ending
    }

    /// Aborts those who are listed.
    pub(super) fn abort_all(&self) {
        let handles = self.0.lock().doom();
        handles.iter().for_each(AbortHandle::abort);
    }

    /// Lets nobody in any more, and aborts those who are listed.
    pub(super) fn end(&self) {
        let mut list = self.0.lock();
        list.is_ending = true;
        let handles = list.doom();
        let parent = list.parent.take();
        let outer = list.outer_if_over();
        drop(list);
        drop(outer);
        handles.iter().for_each(AbortHandle::abort);
        contain(|| parent.map(Waker::wake));
    }

    /// Leaves the waker of the parent; true if the scope is ending.
    pub(super) fn register(&self, waker: &Waker) -> bool {
        let list = self.0.lock();
        if list.parent.as_ref().is_some_and(|it| it.will_wake(waker)) {
            return list.is_ending;
        }
        drop(list);
        let waker = waker.clone();
        let mut list = self.0.lock();
        let former = list.parent.replace(waker);
        let is_ending = list.is_ending;
        drop(list);
        drop(former);
        is_ending
    }

    /// After the body: true if nobody is listed, and then nobody will be. Otherwise who leaves last
    /// wakes the parent.
    pub(super) fn is_over(&self) -> bool {
        let mut list = self.0.lock();
        list.has_body_ended = true;
        let is_over = list.entries.is_empty();
        list.is_ending |= is_over;
        let outer = list.outer_if_over();
        drop(list);
        drop(outer);
        is_over
    }

    /// Makes the child or body that this thread polls wait for this scope.
    pub(super) fn join_outer(&self) {
        let current = CURRENT.take();
        let outer = current.clone();
        CURRENT.set(current);
        // The drop of one that is not needed, or of a former one, takes a lock: after this one.
        let mut list = self.0.lock();
        let former = mem::replace(&mut list.outer, outer);
        let unneeded = list.outer_if_over();
        drop(list);
        drop((former, unneeded));
    }
}

impl List {
    fn doom(&mut self) -> Vec<AbortHandle> {
        let each = self.entries.iter_mut().filter_map(|(_, entry)| {
            entry.is_doomed = true;
            entry.abort.take()
        });
        each.collect()
    }

    fn outer_if_over(&mut self) -> Option<Hold> {
        let is_over = self.is_ending && self.entries.is_empty();
        self.outer.take_if(|_| is_over)
    }
}

/// A part of a child that the scope waits for.
pub(super) struct Hold {
    children: Arc<Children>,
    child: usize,
}

impl Hold {
    /// The child was spawned.
    pub(super) fn started<T>(&self, handle: &JoinHandle<T>) {
        let abort = handle.abort_handle();
        let mut list = self.children.0.lock();
        let child = &mut list.entries[self.child];
        if child.is_doomed {
            drop(list);
            abort.abort();
        } else {
            child.abort = Some(abort);
        }
    }
}

impl Clone for Hold {
    fn clone(&self) -> Self {
        self.children.0.lock().entries[self.child].holds += 1;
        Self {
            children: Arc::clone(&self.children),
            child: self.child,
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut list = self.children.0.lock();
        let child = &mut list.entries[self.child];
        child.holds -= 1;
        if child.holds > 0 {
            return;
        }
        let child = list.entries.remove(self.child);
        let wakes = list.has_body_ended && list.entries.is_empty();
        let parent = list.parent.take_if(|_| wakes);
        let outer = list.outer_if_over();
        drop(list);
        drop(child);
        drop(outer);
        contain(|| parent.map(Waker::wake));
    }
}

/// Runs `poll` as a part of the child, or body, that `hold` stands for.
pub(super) fn within<R>(hold: &mut Option<Hold>, poll: impl FnOnce() -> R) -> R {
    struct Leave<'a> {
        hold: &'a mut Option<Hold>,
        former: Option<Hold>,
    }
    impl Drop for Leave<'_> {
        fn drop(&mut self) {
            *self.hold = CURRENT.replace(self.former.take());
        }
    }
    let former = CURRENT.replace(hold.take());
    let _leave = Leave { hold, former };
    poll()
}
