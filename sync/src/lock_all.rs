//! `lock_all`: several locks at once, always in the same order, so that nobody waits in a circle.
//!
//! The order is that of the addresses. It is the same for everybody who has two locks in common: a lock
//! that is borrowed does not move.

mod set;

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

pub use self::set::LockSet;
use self::set::SetOfLocks;
use crate::mutex::{LockWait, RawMutex};
use crate::thread_block::block_thread_on;
use crate::try_lock_error::TryLockError;
use crate::wait_list::HostRef;
use crate::wake_batch::FirstPanic;

/// Waits for several locks; gives their guards in the order in which the locks are given.
///
/// Whoever takes locks in this way only cannot wait in a circle with others who do the same, whatever
/// order each of them names the locks in. Who already holds another lock while waiting here can.
///
/// Takes an array, a `Vec` or a slice of `&Mutex<T>`, or a tuple of up to six with different values.
///
/// # Fairness
///
/// That of each lock. The locks are taken one by one, and those that were taken are held while waiting
/// for the rest.
///
/// # Panics
///
/// If a lock is named twice: its second guard would be waited for in vain.
///
/// # Cancel safety
///
/// Dropping the future gives up the places in the queues and the locks that it has taken.
///
/// # Examples
///
/// ```
/// use selvedge::sync::{Mutex, lock_all};
///
/// async fn transfer(from: &Mutex<u64>, to: &Mutex<u64>, amount: u64) {
///     let [mut from, mut to] = lock_all([from, to]).await;
///     *from -= amount;
///     *to += amount;
/// }
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let (ours, yours) = (Mutex::new(10), Mutex::new(0));
/// transfer(&ours, &yours, 7).await;
/// transfer(&yours, &ours, 2).await;
/// let (ours, yours) = lock_all((&ours, &yours)).await;
/// assert_eq!((*ours, *yours), (5, 5));
/// # }
/// ```
#[track_caller]
#[allow(private_bounds, reason = "nobody else can implement it")]
pub fn lock_all<S: SetOfLocks>(locks: S) -> LockAll<S> {
    LockAll {
        in_order: in_order(&locks),
        locks: Some(locks),
        taken: 0,
        current: None,
        place: Location::caller(),
    }
}

/// As [`lock_all`], for plain threads: blocks the thread until it has the locks.
///
/// # Panics
///
/// If a lock is named twice; and in a task, whose thread it would block.
#[track_caller]
#[allow(private_bounds, reason = "nobody else can implement it")]
pub fn blocking_lock_all<S: SetOfLocks>(locks: S) -> S::Guards {
    block_thread_on(lock_all(locks), "blocking_lock_all", "await `lock_all`")
}

/// Takes several locks if all of them are free; never waits.
///
/// # Errors
///
/// If one of them is taken; then none is taken.
///
/// # Panics
///
/// If a lock is named twice.
///
/// # Examples
///
/// ```
/// use selvedge::sync::{Mutex, try_lock_all};
///
/// let all = [Mutex::new(1), Mutex::new(2)];
/// let sum: i32 = try_lock_all([&all[0], &all[1]]).unwrap().iter().map(|guard| **guard).sum();
/// assert_eq!(sum, 3);
/// ```
#[track_caller]
#[allow(private_bounds, reason = "nobody else can implement it")]
pub fn try_lock_all<S: SetOfLocks>(locks: S) -> Result<S::Guards, TryLockError> {
    let in_order = in_order(&locks);
    let in_order = in_order.as_ref();
    for (taken, lock) in in_order.iter().enumerate() {
        if !lock.host().try_lock() {
            unlock(&in_order[..taken]);
            return Err(TryLockError(()));
        }
    }
    Ok(locks.locked())
}

/// The locks in the order of their addresses.
#[track_caller]
fn in_order<S: SetOfLocks>(locks: &S) -> S::InOrder {
    let mut all = locks.locks();
    all.as_mut().sort_unstable_by_key(address);
    let twice = all
        .as_ref()
        .windows(2)
        .any(|pair| address(&pair[0]) == address(&pair[1]));
    assert!(
        !twice,
        "a lock is named twice: name each one once, its guard gives all there is"
    );
    all
}

fn address<R: HostRef>(lock: &R) -> usize {
    std::ptr::from_ref(lock.host()).addr()
}

/// Gives locks back, all of them, even if a waker panics.
fn unlock<R: HostRef<Host = RawMutex>>(taken: &[R]) {
    let mut panic = FirstPanic::default();
    for lock in taken.iter().rev() {
        panic.catch(|| lock.host().unlock());
    }
    panic.resume();
}

pin_project! {
    /// The future of [`lock_all`].
    #[must_use = "futures do nothing unless polled"]
    #[allow(private_bounds, reason = "nobody else can implement it")]
    pub struct LockAll<S>
    where
        S: SetOfLocks,
    {
        locks: Option<S>,
        in_order: S::InOrder,
        // So many of those in order are held.
        taken: usize,
        #[pin]
        current: Option<LockWait<S::Raw>>,
        place: &'static Location<'static>,
    }

    impl<S> PinnedDrop for LockAll<S>
    where
        S: SetOfLocks,
    {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.locks.is_some() {
                unlock(&this.in_order.as_ref()[..*this.taken]);
            }
        }
    }
}

impl<S: SetOfLocks> Future for LockAll<S> {
    type Output = <S as LockSet>::Guards;

    /// It is woken: as each of the waits, one at a time.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        while let Some(lock) = this.in_order.as_ref().get(*this.taken) {
            if this.current.is_none() {
                this.current.set(Some(LockWait::new(*lock, this.place)));
            }
            if let Some(current) = this.current.as_mut().as_pin_mut() {
                let _taken = ready!(current.poll_lock(cx));
            }
            *this.taken += 1;
            this.current.set(None);
        }
        match this.locks.take() {
            Some(locks) => Poll::Ready(locks.locked()),
            None => panic!("a `lock_all` future was polled after it had returned"),
        }
    }
}

impl<S: SetOfLocks> fmt::Debug for LockAll<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockAll")
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
