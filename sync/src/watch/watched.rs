//! What the ends of a watch channel share: the value, its version, and who waits for another one.

use std::fmt;
use std::ops::Deref;
use std::pin::Pin;
use std::task::Waker;

use super::state::{OnChange, OnWait, STEP, Snapshot, Version};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{RwLock, RwLockReadGuard};
use crate::wait_list::{HostRef, WaitList, WaitQueue, Waiter, has_wait_queue};

/// The list of those who wait for another version.
const CHANGED: usize = 0;
/// The list of those who wait for the last receiver to go.
const CLOSED: u8 = 1;

/// A value that is watched.
pub(super) struct Watched<T> {
    value: RwLock<T>,
    word: AtomicUsize,
    queue: WaitQueue<(), (), [WaitList<()>; 2]>,
    receivers: AtomicUsize,
    senders: AtomicUsize,
}

has_wait_queue!([T] Watched<T>, queue: ((), (), 2));

impl<T> Watched<T> {
    /// A value with one sender and one receiver.
    pub(super) fn new(value: T, version: Version) -> Self {
        Self {
            value: RwLock::new(value),
            word: AtomicUsize::new(Snapshot::new(version).0),
            queue: WaitQueue::new(),
            receivers: AtomicUsize::new(1),
            senders: AtomicUsize::new(1),
        }
    }

    #[inline]
    pub(super) fn state(&self) -> Snapshot {
        // Ordering: Acquire; pairs with the Release in `modify` and `close`: who sees a version sees
        // what its sender did before.
        Snapshot(self.word.load(Ordering::Acquire))
    }

    /// The value, kept as it is while this is held.
    #[inline]
    pub(super) fn borrow(&self) -> RwLockReadGuard<'_, T> {
        self.value.read()
    }

    /// The value with its version, kept as they are while this is held.
    #[inline]
    pub(super) fn borrow_versioned(&self) -> (RwLockReadGuard<'_, T>, Version) {
        let value = self.value.read();
        // It cannot change: it is counted up under the lock.
        let version = self.state().version();
        (value, version)
    }

    /// Runs `f` on the value, and wakes all that wait if it says that it has changed it.
    #[inline]
    pub(super) fn modify(&self, f: impl FnOnce(&mut T) -> bool) -> bool {
        let mut value = self.value.write();
        // If this panics the lock is released, with the value as it is then.
        if !f(&mut value) {
            return false;
        }
        // The same change as `Snapshot::change`, as one instruction.
        // Ordering: AcqRel; Release pairs with the Acquire in `state`. The order of this change and
        // that of a waiter in `wait_for_change` decides who of the two acts.
        let before = Snapshot(self.word.fetch_add(STEP, Ordering::AcqRel));
        drop(value);
        if before.change().1 == OnChange::WakeAll {
            self.wake_all();
        }
        true
    }

    /// The last sender is gone.
    fn close(&self) {
        // Ordering: AcqRel, as in `modify`.
        let before = self
            .word
            .fetch_or(Snapshot(0).close().0.0, Ordering::AcqRel);
        if Snapshot(before).close().1 == OnChange::WakeAll {
            self.wake_all();
        }
    }

    /// Wakes all that wait for another version.
    fn wake_all(&self) {
        let queue = self.queue.lock();
        // Ordering: AcqRel, so that the Releases of others pass on through this change.
        self.word
            .fetch_and(Snapshot(usize::MAX).forget_waiters().0, Ordering::AcqRel);
        queue.broadcast_in(CHANGED);
    }

    /// Enters a receiver.
    pub(super) fn enter_receiver(&self) {
        // Ordering: Relaxed; a count. Who acts on it coming to zero has the lock of the queue.
        self.receivers.fetch_add(1, Ordering::Relaxed);
    }

    /// Lets a receiver go.
    pub(super) fn leave_receiver(&self) {
        // Ordering: AcqRel; Release pairs with the Acquire in `receiver_count`, Acquire lets the
        // Releases of the receivers before pass on through this change.
        if self.receivers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.queue.lock().broadcast_in(usize::from(CLOSED));
        }
    }

    /// How many receivers there are.
    #[inline]
    pub(super) fn receiver_count(&self) -> usize {
        // Ordering: Acquire; pairs with the Release of a receiver that is dropped.
        self.receivers.load(Ordering::Acquire)
    }

    /// Enters a sender; there is another one.
    pub(super) fn enter_sender(&self) {
        // Ordering: Relaxed; a count, and the other sender keeps it above zero.
        self.senders.fetch_add(1, Ordering::Relaxed);
    }

    /// Lets a sender go.
    pub(super) fn leave_sender(&self) {
        // Ordering: AcqRel; the last one acquires what the others have sent, so that its `close`
        // publishes that as well.
        if self.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
        }
    }

    /// How many senders there are.
    pub(super) fn sender_count(&self) -> usize {
        // Ordering: Relaxed; for information.
        self.senders.load(Ordering::Relaxed)
    }

    /// Shows one of the ends; not the value, which would need its lock for foreign code.
    pub(super) fn fmt_end(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("state", &self.state())
            .field("senders", &self.sender_count())
            .field("receivers", &self.receiver_count())
            .finish_non_exhaustive()
    }
}

/// Looks whether there is another version than `seen`; if not, queues the waiter.
///
/// It is woken: by who sends or closes, see the argument in the [module](super).
pub(super) fn wait_for_change<T, R>(
    waiter: Pin<&mut Waiter<R>>,
    seen: Version,
    waker: &Waker,
) -> OnWait
where
    R: HostRef<Host = Watched<T>>,
{
    let found = waiter.host().state().look(seen);
    if found != OnWait::Enqueue {
        return found;
    }
    // Cloned before the lock: it is foreign code.
    let waker = waker.clone();
    let mut guard = waiter.lock();
    let watched = guard.host();
    let mut state = watched.state();
    if !state.has_waiters() {
        // The same change as `Snapshot::announce_waiter`, as one instruction.
        // Ordering: AcqRel; Acquire as in `state`, Release lets those before us pass on through
        // this change.
        state = Snapshot(
            watched
                .word
                .fetch_or(Snapshot(0).announce_waiter().0, Ordering::AcqRel),
        );
    }
    // If the bit was set it stays so as long as we hold the lock, and who changes the word after we
    // have read it finds it.
    let found = state.look(seen);
    if found == OnWait::Enqueue {
        guard.enqueue(Some(waker));
    }
    found
}

/// Looks whether there are receivers; if so, queues the waiter and gives false.
///
/// It is woken: by the last receiver to go, which counts itself out before it takes the lock. If
/// we do not see that under the lock, it will come for us.
pub(super) fn wait_until_closed<T, R>(waiter: Pin<&mut Waiter<R>>, waker: &Waker) -> bool
where
    R: HostRef<Host = Watched<T>>,
{
    if waiter.host().receiver_count() == 0 {
        return true;
    }
    // Cloned before the lock: it is foreign code.
    let waker = waker.clone();
    let mut guard = waiter.lock();
    let closed = guard.host().receiver_count() == 0;
    if !closed {
        guard.enqueue_in(CLOSED, Some(waker));
    }
    closed
}

/// A look at the value; nobody can send while it is held.
///
/// Hold it shortly, and not across an `.await`: a sender blocks its thread until all looks are over.
/// A second look on the same thread may wait for ever, for a sender that waits for the first.
///
/// It is not `Send`, so a task that holds it across an `.await` cannot be spawned on several threads.
pub struct Ref<'a, T> {
    value: RwLockReadGuard<'a, T>,
    has_changed: bool,
}

impl<'a, T> Ref<'a, T> {
    pub(super) fn new(value: RwLockReadGuard<'a, T>, has_changed: bool) -> Self {
        Self { value, has_changed }
    }

    /// True if the receiver had not seen this value before. For a sender this is false.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::sync::watch;
    ///
    /// let (tx, mut rx) = watch::channel("first");
    /// assert!(!rx.borrow_and_update().has_changed());
    /// tx.send("second").unwrap();
    /// assert!(rx.borrow_and_update().has_changed());
    /// assert!(!rx.borrow_and_update().has_changed());
    /// ```
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref")
            .field("value", &**self)
            .field("has_changed", &self.has_changed)
            .finish()
    }
}
