//! How a workload learns that its tasks are done: the last to arrive wakes the one who waits.
//!
//! It belongs to no runtime, so that all competitors pay the same for it: one decrement per task
//! and one wake-up per batch.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures_util::task::AtomicWaker;

/// Counts arrivals down to zero. One waiter only.
#[derive(Debug)]
pub struct Countdown {
    left: AtomicUsize,
    waiter: AtomicWaker,
}

impl Countdown {
    /// Waits for `arrivals` arrivals.
    pub fn new(arrivals: usize) -> Arc<Countdown> {
        Arc::new(Countdown {
            left: AtomicUsize::new(arrivals),
            waiter: AtomicWaker::new(),
        })
    }

    /// Waits for `arrivals` more. Only after all have arrived, and before one may arrive again.
    pub fn restart(&self, arrivals: usize) {
        // Ordering: Relaxed; who arrives next has been told so by the caller, after this.
        self.left.store(arrivals, Ordering::Relaxed);
    }

    /// One has arrived.
    pub fn arrive(&self) {
        // Ordering: AcqRel; pairs with the Acquire in `wait` and with the other arrivals; hands
        // everything done before any arrival to the waiter.
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.waiter.wake();
        }
    }

    /// Waits until all have arrived.
    ///
    /// It is woken: it registers before it looks, and the last arrival wakes after it counted.
    pub async fn wait(&self) {
        poll_fn(|cx| {
            self.waiter.register(cx.waker());
            // Ordering: Acquire; pairs with the AcqRel in `arrive`.
            match self.left.load(Ordering::Acquire) {
                0 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
    }

    /// Waits on a thread that belongs to no runtime, by parking it.
    pub fn wait_blocking(&self) {
        smol::future::block_on(self.wait());
    }
}
