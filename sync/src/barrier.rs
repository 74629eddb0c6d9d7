//! `Barrier`: tasks and threads wait for each other, always as many as the barrier was made for.
//!
//! # Picture
//!
//! ```text
//!   arrived:   0 ──► 1 ──► 2 ──► … ──► n - 1 ──► 0     the last one releases the others
//!                ◄──   ◄──   ◄──   ◄──           ▲
//!              a waiter is dropped               └── the next round begins
//! ```
//!
//! # Invariants
//!
//! I1. The number under the lock is that of the open waiters, and less than the size of the barrier.
//!
//! I2. A round ends with the arrival of its last one, under the lock: who waits then is covered by
//! the broadcast and has taken part, whether it is polled again or not. Who is not covered can take
//! its arrival back.
//!
//! # Why no waiter is forgotten
//!
//! Arrivals are counted under the lock of the queue, and who is not the last is queued under the same
//! lock. So the last one finds all the others in the queue, and a broadcast releases all it finds.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use crate::context::{self, WaitKind};
use crate::thread_block::block_thread_on;
use crate::wait_list::{WaitQueue, Waiter, has_wait_queue};

/// A point where a number of tasks or threads wait for each other.
///
/// It can be used again and again: each time as many as its size have arrived they all go on, and the
/// next round begins.
///
/// Unlike at tokio's barrier, a wait can be cancelled: its arrival is taken back, and another one
/// completes the round.
///
/// # Fairness
///
/// A round consists of those who arrive first. All of it are released together, and woken in the
/// order in which they came; who is released can arrive for the next round at once, and counts there.
///
/// # Examples
///
/// ```
/// use selvedge::sync::Barrier;
/// use std::sync::Arc;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let barrier = Arc::new(Barrier::new(3));
/// let tasks: Vec<_> = (0..3)
///     .map(|_| {
///         let barrier = barrier.clone();
///         selvedge::spawn(async move {
///             // All reach this point before one goes on.
///             barrier.wait().await.is_leader()
///         })
///     })
///     .collect();
/// let mut leaders = 0;
/// for task in tasks {
///     leaders += usize::from(task.await.unwrap());
/// }
/// assert_eq!(leaders, 1);
/// # }
/// ```
pub struct Barrier {
    size: usize,
    /// The lock protects how many have arrived.
    waiters: WaitQueue<(), usize>,
}

has_wait_queue!([] Barrier, waiters: ((), usize, 1));

impl Barrier {
    crate::primitive::const_fn! {
        /// A barrier for `n`. One for 0 behaves as one for 1: nobody waits at it.
        #[must_use]
        pub const fn new(n: usize) -> Self {
            Self {
                size: if n == 0 { 1 } else { n },
                waiters: WaitQueue::with_state(0),
            }
        }
    }

    /// Waits until as many have arrived as the barrier is for.
    ///
    /// The first poll is the arrival. One of each round, the last to arrive, is told to be the
    /// [leader](BarrierWaitResult::is_leader).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before the round is complete takes the arrival back. Once the round is
    /// complete it has counted: the others go on. If it was that of the leader, which the budget of its
    /// task had kept from returning, the round has no leader. A future that is forgotten instead of
    /// dropped has arrived.
    #[track_caller]
    pub fn wait(&self) -> BarrierWait<'_> {
        let place = Location::caller();
        BarrierWait {
            waiter: Waiter::new(self, (), place),
            phase: Phase::Created,
            place,
        }
    }

    /// Blocks the thread until as many have arrived as the barrier is for; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait(&self) -> BarrierWaitResult {
        block_thread_on(self.wait(), "blocking_wait", "await `wait`")
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrived = *self.waiters.lock().state();
        f.debug_struct("Barrier")
            .field("arrived", &arrived)
            .field("size", &self.size)
            .finish()
    }
}

/// What a round of a [`Barrier`] tells those who took part.
#[derive(Debug, Clone)]
pub struct BarrierWaitResult(bool);

impl BarrierWaitResult {
    /// True for one of the round: the last one to arrive.
    #[must_use]
    pub fn is_leader(&self) -> bool {
        self.0
    }
}

/// How far a wait has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Has not arrived yet.
    Created,
    /// Has arrived, and waits for the others or was released.
    Queued,
    /// The round is complete; not returned yet.
    Released { leader: bool },
    /// Has returned.
    Done,
}

pin_project! {
    /// The future of [`Barrier::wait`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct BarrierWait<'a> {
        #[pin]
        waiter: Waiter<&'a Barrier>,
        phase: Phase,
        place: &'static Location<'static>,
    }

    impl PinnedDrop for BarrierWait<'_> {
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

impl BarrierWait<'_> {
    /// The first poll. The last one to arrive releases the others; they may panic, so it is marked
    /// before.
    fn arrive(self: Pin<&mut Self>, waker: &Waker) -> Poll<()> {
        let this = self.project();
        let waiter = this.waiter;
        // Cloned before the lock: it is foreign code.
        let waker = waker.clone();
        let mut guard = waiter.lock();
        let size = guard.host().size;
        let arrived = guard.queue().state();
        if *arrived + 1 < size {
            *arrived += 1;
            guard.enqueue(Some(waker));
            *this.phase = Phase::Queued;
            return Poll::Pending;
        }
        *arrived = 0;
        *this.phase = Phase::Released { leader: true };
        guard.broadcast();
        Poll::Ready(())
    }

    /// Takes the arrival back, unless the round is complete (I2).
    fn cancel(self: Pin<&mut Self>) {
        let this = self.project();
        if !this.waiter.is_queued() {
            return;
        }
        let mut guard = this.waiter.lock();
        if guard.withdraw().is_none() {
            *guard.queue().state() -= 1;
        }
    }
}

impl Future for BarrierWait<'_> {
    type Output = BarrierWaitResult;

    /// It is woken: by the last one to arrive, see the argument in the head of the file.
    ///
    /// # Panics
    ///
    /// If it has returned before.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = match self.phase {
            Phase::Released { .. } => Poll::Ready(()),
            Phase::Done => panic!("a wait at a barrier was polled after it had returned"),
            Phase::Created => self.as_mut().arrive(cx.waker()),
            Phase::Queued => {
                let this = self.as_mut().project();
                let polled = this.waiter.poll_departure(Some(cx.waker()));
                if polled.is_ready() {
                    *this.phase = Phase::Released { leader: false };
                }
                polled.map(drop)
            }
        };
        let this = self.project();
        if polled.is_pending() {
            context::note_wait(WaitKind::Notify, this.place);
            return Poll::Pending;
        }
        ready!(context::poll_proceed(cx)).made_progress();
        let leader = *this.phase == Phase::Released { leader: true };
        *this.phase = Phase::Done;
        Poll::Ready(BarrierWaitResult(leader))
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
