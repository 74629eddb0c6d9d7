//! The arrangement with one seat: whoever is in `block_on` is the worker.
//!
//! The worker waits on a shelf. A thread in `block_on` takes it and runs the loop until its own
//! future is ready. Further threads in `block_on` poll their futures without running tasks, and take
//! the worker when it comes back to the shelf.
//!
//! # Why no wake-up is lost
//!
//! A wake of the main future sets `woken`, then unparks both places its thread may sleep: the seat
//! (if it is the worker) and its own parker (if it waits for the shelf). The thread looks at `woken`
//! after each sleep. A thread that puts the worker back unparks one that waits for it, under the
//! shelf's lock, in which the other enlisted.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use selvedge_sync::context;
use selvedge_sync::primitive::Mutex;
use selvedge_sync::primitive::atomic::{AtomicBool, Ordering};

use super::Scheduler;
use super::worker::{Goal, Progress, UntilExit, Worker};
use crate::driver::parker::Parker;

/// Where the worker waits for a thread.
#[derive(Debug)]
pub(crate) struct Shelf(Mutex<ShelfSlot>);

#[derive(Debug)]
struct ShelfSlot {
    worker: Option<Box<Worker>>,
    waiting: Vec<Arc<MainWaker>>,
}

// The worker's cells are touched only by the thread that took it from the shelf.
impl Shelf {
    pub(crate) fn new(scheduler: &Arc<Scheduler>) -> Self {
        let worker = Box::new(Worker::new(Arc::clone(scheduler), 0));
        Self(Mutex::new(ShelfSlot {
            worker: Some(worker),
            waiting: Vec::new(),
        }))
    }

    /// Takes the worker; enlists `waiter` if it is out.
    fn take(&self, waiter: &Arc<MainWaker>) -> Option<Taken<'_>> {
        let mut slot = self.0.lock();
        slot.waiting.retain(|waiting| !Arc::ptr_eq(waiting, waiter));
        let worker = slot.worker.take();
        if worker.is_none() {
            slot.waiting.push(Arc::clone(waiter));
        }
        worker.map(|worker| Taken {
            worker: Some(worker),
            shelf: self,
        })
    }

    fn leave(&self, waiter: &Arc<MainWaker>) {
        let mut slot = self.0.lock();
        slot.waiting.retain(|waiting| !Arc::ptr_eq(waiting, waiter));
        // The wake-up meant for this thread may have been the only one.
        if slot.worker.is_some() {
            if let Some(next) = slot.waiting.first() {
                next.parker.unpark(|| {});
            }
        }
    }

    /// Runs tasks and `future` on this thread until the future is ready.
    pub(crate) fn block_on<F: Future>(&self, scheduler: &Arc<Scheduler>, future: F) -> F::Output {
        let mut future = pin!(future);
        let main_waker = Arc::new(MainWaker {
            woken: AtomicBool::new(true),
            scheduler: Arc::clone(scheduler),
            parker: Parker::new(),
        });
        let waker = Waker::from(Arc::clone(&main_waker));
        let mut main = MainFuture {
            future: future.as_mut(),
            main_waker: &main_waker,
            waker,
            wait: 0,
        };
        loop {
            if let Some(taken) = self.take(&main_waker) {
                return taken.worker().run(&mut main);
            }
            let listed = Listed {
                shelf: self,
                waiter: &main_waker,
            };
            if let Poll::Ready(output) = main.poll_if_woken() {
                return output;
            }
            listed.keep();
            main_waker.parker.park(None);
        }
    }

    /// Runs what is left until the scheduler exits; for a runtime that shuts down.
    pub(crate) fn drain(&self) {
        let worker = self.0.lock().worker.take();
        if let Some(worker) = worker {
            worker.run(&mut UntilExit);
        }
    }
}

/// A thread in the list of those that wait for the worker; leaves it when its future is ready, and
/// also when that panics: a worker offered to a thread that is gone would run nothing more.
struct Listed<'a> {
    shelf: &'a Shelf,
    waiter: &'a Arc<MainWaker>,
}

impl Listed<'_> {
    /// Stays in the list.
    fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.shelf.leave(self.waiter);
    }
}

/// The worker while it is off the shelf; goes back also when the main future panics.
struct Taken<'a> {
    worker: Option<Box<Worker>>,
    shelf: &'a Shelf,
}

impl Taken<'_> {
    fn worker(&self) -> &Worker {
        self.worker.as_ref().expect("put back only by drop")
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut slot = self.shelf.0.lock();
        slot.worker = self.worker.take();
        if let Some(next) = slot.waiting.first() {
            next.parker.unpark(|| {});
        }
    }
}

#[derive(Debug)]
struct MainWaker {
    woken: AtomicBool,
    scheduler: Arc<Scheduler>,
    parker: Parker,
}

impl Wake for MainWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Ordering: Release; pairs with the Acquire in `poll_if_woken`. If it was set already, its
        // thread was unparked by whoever set it and has not looked yet.
        if !self.woken.swap(true, Ordering::AcqRel) {
            self.scheduler.unpark(0);
            self.parker.unpark(|| {});
        }
    }
}

/// The future in `block_on`, and the goal of its thread.
struct MainFuture<'a, F> {
    future: Pin<&'a mut F>,
    main_waker: &'a Arc<MainWaker>,
    waker: Waker,
    /// Turns for tasks before the future may be polled again.
    wait: u32,
}

impl<F: Future> MainFuture<'_, F> {
    fn poll_if_woken(&mut self) -> Poll<F::Output> {
        let woken = &self.main_waker.woken;
        // Ordering: Acquire; pairs with the swap in `wake_by_ref`. The first load spares the loop a
        // read-modify-write per turn.
        if !woken.load(Ordering::Acquire) || !woken.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let mut cx = Context::from_waker(&self.waker);
        context::enter_main(|| self.future.as_mut().poll(&mut cx))
    }
}

impl<F: Future> Goal for MainFuture<'_, F> {
    type Output = F::Output;

    /// Tasks that are ready go first, up to `event_interval` of them, so that a main future that
    /// yields lets them run.
    fn poll(&mut self, worker: &Worker, idle: bool) -> Progress<F::Output> {
        if !idle && self.wait > 0 {
            self.wait -= 1;
            return Progress::Waiting;
        }
        // Ordering: Relaxed; only whether to poll, `poll_if_woken` acquires.
        if !self.main_waker.woken.load(Ordering::Relaxed) {
            return Progress::Waiting;
        }
        self.wait = worker.scheduler.config.event_interval;
        match self.poll_if_woken() {
            Poll::Ready(output) => Progress::Reached(output),
            Poll::Pending => Progress::Ran,
        }
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
