//! The waiter's side of a wait queue: a node, and the queue it may be linked in.
//!
//! The invariants are those of the [queue](super). What makes this side safe to use is that a
//! waiter holds its queue ([`HostRef`]), so that a node never meets the lock of another one.
#![allow(
    unsafe_code,
    reason = "links nodes of pinned waiters, and reads them once they are released"
)]

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::ptr::NonNull;
// Users own their primitives through this one, in models too.
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::{Departure, Lists, LockedQueue, Node, STAYS, WaitQueue};
use crate::owner::Owner;
use crate::primitive::atomic::Ordering;

/// A primitive with a wait queue. Implemented with [`has_wait_queue!`](has_wait_queue).
///
/// # Safety
///
/// The queue is always the same one, and lives as long and in the same place as the host.
pub(crate) unsafe trait HasWaitQueue {
    /// What each waiter waits for.
    type Data;

    /// What else the lock of the queue protects.
    type State;

    /// The lists of the queue.
    type Lists: Lists<Self::Data>;

    /// The queue.
    fn wait_queue(&self) -> &HostQueue<Self>;
}

/// The queue of a primitive.
pub(crate) type HostQueue<H> =
    WaitQueue<<H as HasWaitQueue>::Data, <H as HasWaitQueue>::State, <H as HasWaitQueue>::Lists>;

/// The locked queue of a primitive.
pub(crate) type LockedHost<'q, H> = LockedQueue<
    'q,
    <H as HasWaitQueue>::Data,
    <H as HasWaitQueue>::State,
    <H as HasWaitQueue>::Lists,
>;

/// Declares that a primitive keeps its waiters, with so much data each, in one of its fields.
///
/// ```text
/// has_wait_queue!(Semaphore, waiters: usize);
/// has_wait_queue!([T: ?Sized] Mutex<T>, waiters: Phase);
/// has_wait_queue!([T] Channel<T>, queue: (Phase, Messages<T>, 2));     data, state, lists
/// has_wait_queue!(Token, event as Event);                              those of a primitive in it
/// ```
macro_rules! has_wait_queue {
    ([$($generics:tt)*] $host:ty, $field:ident: ($data:ty, $state:ty, $lists:expr)) => {
        #[allow(unsafe_code, reason = "the expansion is sound for every field")]
        // SAFETY: a field is always the same one, and lives where and while its struct does.
        unsafe impl<$($generics)*> $crate::wait_list::HasWaitQueue for $host {
            type Data = $data;
            type State = $state;
            type Lists = [$crate::wait_list::WaitList<$data>; $lists];

            #[inline]
            fn wait_queue(&self) -> &$crate::wait_list::HostQueue<Self> {
                &self.$field
            }
        }
    };
    ([$($generics:tt)*] $host:ty, $field:ident: $data:ty) => {
        $crate::wait_list::has_wait_queue!([$($generics)*] $host, $field: ($data, (), 1));
    };
    ($host:ty, $field:ident: $data:ty) => {
        $crate::wait_list::has_wait_queue!([] $host, $field: ($data, (), 1));
    };
    ($host:ty, $field:ident as $inner:ty) => {
        #[allow(unsafe_code, reason = "the expansion is sound for every field")]
        // SAFETY: as above: the queue of a field lives where and while that field does.
        unsafe impl $crate::wait_list::HasWaitQueue for $host {
            type Data = <$inner as $crate::wait_list::HasWaitQueue>::Data;
            type State = <$inner as $crate::wait_list::HasWaitQueue>::State;
            type Lists = <$inner as $crate::wait_list::HasWaitQueue>::Lists;

            #[inline]
            fn wait_queue(&self) -> &$crate::wait_list::HostQueue<Self> {
                $crate::wait_list::HasWaitQueue::wait_queue(&self.$field)
            }
        }
    };
}
pub(crate) use has_wait_queue;

/// A pointer to a primitive that keeps it alive and in place.
///
/// # Safety
///
/// Always the same host, which neither ends nor moves while the pointer, or one it was moved to,
/// exists.
pub(crate) unsafe trait HostRef {
    /// The primitive.
    type Host: HasWaitQueue;

    /// The primitive.
    fn host(&self) -> &Self::Host;
}

// SAFETY: a reference borrows its target, which therefore stays.
unsafe impl<H: HasWaitQueue> HostRef for &H {
    type Host = H;

    #[inline]
    fn host(&self) -> &H {
        self
    }
}

// SAFETY: the target is on the heap and ends with the last `Arc`.
unsafe impl<H: HasWaitQueue> HostRef for Arc<H> {
    type Host = H;

    #[inline]
    fn host(&self) -> &H {
        self
    }
}

type Data<R> = <<R as HostRef>::Host as HasWaitQueue>::Data;

/// Somebody who waits, or may come to wait, at a primitive; a part of its future.
pub(crate) struct Waiter<R: HostRef> {
    host: R,
    /// False only if the node is not linked. True also after a departure not yet looked at.
    queued: bool,
    node: Node<Data<R>>,
}

impl<R: HostRef> Waiter<R> {
    /// A waiter that is not queued yet.
    ///
    /// `place` is where its user began to wait.
    #[inline]
    pub(crate) fn new(host: R, data: Data<R>, place: &'static Location<'static>) -> Self {
        Self {
            host,
            queued: false,
            node: Node::new(data, place),
        }
    }

    /// The primitive.
    #[inline]
    pub(crate) fn host(&self) -> &R::Host {
        self.host.host()
    }

    /// What keeps the primitive.
    #[inline]
    pub(crate) fn host_ref(&self) -> &R {
        &self.host
    }

    /// True from [`enqueue`](WaiterGuard::enqueue) until the departure was seen.
    #[inline]
    pub(crate) fn is_queued(&self) -> bool {
        self.queued
    }

    /// Takes the lock of the queue, for this waiter.
    pub(crate) fn lock(self: Pin<&mut Self>) -> WaiterGuard<'_, R::Host> {
        // SAFETY: the node is given out behind a shared reference, and nothing moves it.
        let this = unsafe { self.get_unchecked_mut() };
        let host = this.host.host();
        WaiterGuard {
            queue: host.wait_queue().lock(),
            host,
            queued: &mut this.queued,
            node: &this.node,
            stale: None,
        }
    }

    /// Looks whether a queued waiter was released; if not, leaves `waker` in the node.
    ///
    /// It is woken: by who releases it, with the waker left here.
    pub(crate) fn poll_departure(self: Pin<&mut Self>, waker: Option<&Waker>) -> Poll<Departure> {
        let mut this = self;
        match this.as_mut().take_departure() {
            Some(departure) => Poll::Ready(departure),
            None => this.poll_locked(waker),
        }
    }

    /// Looks whether a queued waiter was released, without the lock: a broadcast may cover it unseen.
    pub(crate) fn take_departure(self: Pin<&mut Self>) -> Option<Departure> {
        debug_assert!(self.queued, "only a queued waiter can depart");
        let departure = self.node.departure()?;
        // SAFETY: nothing is moved.
        unsafe { self.get_unchecked_mut() }.queued = false;
        Some(departure)
    }

    /// True if somebody released the waiter, which has yet to [learn](Self::take_departure) it.
    pub(crate) fn has_departed(&self) -> bool {
        self.node.departure().is_some()
    }

    /// The part of [`poll_departure`](Self::poll_departure) that needs the lock.
    fn poll_locked(mut self: Pin<&mut Self>, waker: Option<&Waker>) -> Poll<Departure> {
        let mut guard = self.as_mut().lock();
        if guard.is_released() {
            drop(guard);
            return self.learned();
        }
        let Some(waker) = waker else {
            return Poll::Pending;
        };
        if guard.would_wake(waker) {
            return Poll::Pending;
        }
        drop(guard);
        // Cloning is foreign code; whatever happened during it is looked at again (I5).
        let fresh = waker.clone();
        let mut guard = self.as_mut().lock();
        if guard.is_released() {
            drop(guard);
            drop(fresh);
            return self.learned();
        }
        guard.set_waker(fresh);
        Poll::Pending
    }

    /// Ends the wait of a waiter that was released. After all wakers are dropped: that may panic, and then
    /// the next one to look learns the same.
    fn learned(self: Pin<&mut Self>) -> Poll<Departure> {
        let departure = self.take_departure();
        Poll::Ready(departure.expect("it was released"))
    }
}

impl<R: HostRef> Drop for Waiter<R> {
    #[inline]
    fn drop(&mut self) {
        if self.queued {
            self.leave();
        }
    }
}

impl<R: HostRef> Waiter<R> {
    #[cold]
    fn leave(&mut self) {
        // SAFETY: a queued waiter was pinned, and is not moved until it ends.
        let this = unsafe { Pin::new_unchecked(self) };
        // After this nothing points at the node (I1).
        let _departure = this.lock().withdraw();
    }
}

impl<R: HostRef> fmt::Debug for Waiter<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("queued", &self.queued)
            .field("departure", &self.node.departure())
            .finish_non_exhaustive()
    }
}

/// A waiter that holds the lock of its queue.
///
/// The lock is released before a waker taken from the node is dropped (I5).
#[must_use]
pub(crate) struct WaiterGuard<'w, H: HasWaitQueue> {
    // The order matters: fields are dropped from the top.
    queue: LockedHost<'w, H>,
    stale: Option<Waker>,
    host: &'w H,
    queued: &'w mut bool,
    node: &'w Node<H::Data>,
}

impl<'w, H: HasWaitQueue> WaiterGuard<'w, H> {
    /// The primitive.
    pub(crate) fn host(&self) -> &'w H {
        self.host
    }

    /// The queue, to release others.
    pub(crate) fn queue(&mut self) -> &mut LockedHost<'w, H> {
        &mut self.queue
    }

    /// As [`LockedQueue::broadcast`], from a waiter that is not queued.
    pub(crate) fn broadcast(self) {
        self.queue.broadcast();
    }

    fn node(&self) -> NonNull<Node<H::Data>> {
        NonNull::from(self.node)
    }

    /// Which list the waiter is queued in, or was last.
    pub(crate) fn list(&self) -> usize {
        // SAFETY: the lock is held, and a node that is not linked is ours.
        unsafe { Node::fields(self.node(), |fields| usize::from(fields.list)) }
    }

    /// Puts the waiter at the end of the queue.
    #[inline]
    pub(crate) fn enqueue(&mut self, waker: Option<Waker>) {
        self.enqueue_in(0, waker);
    }

    /// As [`enqueue`](Self::enqueue), in another list.
    pub(crate) fn enqueue_in(&mut self, list: u8, waker: Option<Waker>) {
        assert!(!*self.queued, "a waiter has one place in the queue");
        // Ordering: Relaxed; the node is not linked, so it is ours, and the lock publishes it.
        self.node.departure.store(STAYS, Ordering::Relaxed);
        let node = self.node();
        // SAFETY: (1) The guard comes from a pinned waiter, whose drop unlinks; (2) it is not
        // queued; (3) it holds the lock of the queue of its own host.
        unsafe {
            self.queue
                .list(usize::from(list))
                .push_back(node, list, waker)
        };
        *self.queued = true;
    }

    /// Leaves the queue, or learns that somebody released the waiter before.
    pub(crate) fn withdraw(&mut self) -> Option<Departure> {
        assert!(*self.queued, "a waiter leaves the queue once");
        let (node, index) = (self.node(), self.list());
        *self.queued = false;
        if let Some(departure) = self.node.departure() {
            return Some(departure);
        }
        let list = self.queue.list(index);
        // SAFETY: queued and not released, so linked; and the lock is held.
        let (waker, joined) =
            unsafe { Node::links(node, |links| (links.waker.take(), links.epoch)) };
        // SAFETY: as above.
        unsafe { list.unlink(node) };
        self.stale = waker;
        // A broadcast that has not come to this node yet covers it all the same (I4).
        (joined < list.epoch).then_some(Departure::Broadcast)
    }

    /// [Withdraws](Self::withdraw) if somebody released the waiter, or a broadcast covers it.
    pub(crate) fn withdraw_if_released(&mut self) -> Option<Departure> {
        if self.is_released() {
            self.withdraw()
        } else {
            None
        }
    }

    /// Was the waiter released? Releases it if a broadcast covers it.
    fn is_released(&mut self) -> bool {
        if self.node.departure().is_some() {
            return true;
        }
        let (node, index) = (self.node(), self.list());
        // SAFETY: queued and not released, so linked; and the lock is held.
        let joined = unsafe { Node::links(node, |links| links.epoch) };
        let list = self.queue.list(index);
        if joined >= list.epoch {
            return false;
        }
        // SAFETY: as above.
        self.stale = unsafe { list.release(node, Departure::Broadcast) };
        true
    }

    /// True until the waiter is released or leaves.
    fn is_linked(&self) -> bool {
        *self.queued && self.node.departure().is_none()
    }

    /// True if the node holds a waker of the same task.
    pub(crate) fn would_wake(&self, waker: &Waker) -> bool {
        assert!(self.is_linked(), "only who waits in the queue has a waker");
        // SAFETY: linked, and the lock is held.
        unsafe {
            Node::links(self.node(), |links| {
                let held = links.waker.as_ref();
                held.is_some_and(|held| held.will_wake(waker))
            })
        }
    }

    /// Leaves a waker in the node.
    pub(crate) fn set_waker(&mut self, waker: Waker) {
        assert!(self.is_linked(), "only who waits in the queue is woken");
        // SAFETY: linked, and the lock is held.
        self.stale = unsafe {
            Node::links(self.node(), |links| {
                links.owner = Some(Owner::current());
                links.waker.replace(waker)
            })
        };
    }

    /// Runs `f` on what this waiter waits for.
    pub(crate) fn with_data<R>(&mut self, f: impl FnOnce(&mut H::Data) -> R) -> R {
        // SAFETY: the lock is held, and a node that is not linked is ours.
        unsafe { Node::fields(self.node(), |fields| f(&mut fields.data)) }
    }
}
