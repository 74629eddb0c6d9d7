//! Which thread runs which task. `scheduler/README.md` tells how workers sleep and wake.
//!
//! | File | Idea |
//! |---|---|
//! | `worker` | the run loop |
//! | `policy` | which task next (pure) |
//! | `seat` | what others see of a worker |
//! | `local_queue`, `lifo_slot`, `injector` | where runnables wait |
//! | `idle`, `counters` | who sleeps, who is woken |
//! | `stand_in`, `roster` | threads that take over for stuck workers, and the monitor that notices |
//! | `multi_thread`, `current_thread`, `threads` | the two arrangements, and starting threads |
//! | `current` | which worker this thread is |
//! | `metrics` | figures for people |
#![allow(
    unsafe_code,
    reason = "a scheduler is reached from its tasks by pointer"
)]

pub(crate) mod block_in_place;
pub(crate) mod config;
mod counters;
pub(crate) mod current;
pub(crate) mod current_thread;
mod idle;
mod injector;
mod lifo_slot;
mod local_queue;
mod metrics;
#[cfg(feature = "multi-thread")]
pub(crate) mod multi_thread;
mod policy;
mod roster;
mod seat;
mod stand_in;
mod threads;
pub(crate) mod worker;

#[cfg(all(test, selvedge_loom))]
mod ledger;
#[cfg(test)]
mod numbered;

use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::ptr;
use std::sync::Arc;

use selvedge_sync::primitive::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::blocking::BlockingPool;
use crate::driver::Driver;
use crate::rng::Seeds;
use crate::task::{
    self, BlockingJob, Header, Id, JoinHandle, Origin, Registry, Runnable, Schedule,
};
use config::Config;
pub use current::worker_index;
use idle::Idle;
use injector::Injector;
pub(crate) use metrics::WorkerCounts;
use seat::Seat;
use selvedge_sync::thread_number;
use stand_in::StandIns;
use threads::Threads;

/// What all threads of a runtime share.
#[derive(Debug)]
pub(crate) struct Scheduler {
    /// The workers' seats, then those of stand-ins.
    seats: Box<[Seat]>,
    seats_in_use: AtomicUsize,
    workers: usize,
    injector: Injector,
    idle: Idle,
    registry: Registry,
    stand_ins: StandIns,
    pub(crate) threads: Threads,
    /// Set when the registry refuses tasks.
    closing: AtomicBool,
    /// Set when the last task is gone after that: threads leave.
    exit: AtomicBool,
    seeds: Seeds,
    pub(crate) driver: Driver,
    pub(crate) blocking: BlockingPool<BlockingJob>,
    pub(crate) config: Config,
}

// User code that panics is caught around each task, each hook and each waker, so what a panic outside
// can have left behind is whole: handles and runtimes may be used after it.
impl UnwindSafe for Scheduler {}
impl RefUnwindSafe for Scheduler {}

impl Scheduler {
    pub(crate) fn new(config: Config, driver: Driver, blocking: BlockingPool<BlockingJob>) -> Self {
        let workers = config.workers;
        let seats = workers + config.stand_ins_max;
        Self {
            seats: (0..seats).map(|_| Seat::new()).collect(),
            seats_in_use: AtomicUsize::new(workers),
            workers,
            injector: Injector::new(),
            idle: Idle::new(workers),
            // One table per worker, as many again for threads outside.
            registry: Registry::new(2 * workers),
            stand_ins: StandIns::new(workers, config.stand_ins_max),
            threads: Threads::default(),
            closing: AtomicBool::new(false),
            exit: AtomicBool::new(false),
            seeds: Seeds::random(),
            driver,
            blocking,
            config,
        }
    }

    pub(crate) fn workers(&self) -> usize {
        self.workers
    }

    /// Is this thread one of the workers, in a poll?
    pub(crate) fn is_served_by_this_thread(self: &Arc<Self>) -> bool {
        current::with(|worker| worker.is_some_and(|worker| worker.serves(self)))
    }

    /// False on a current-thread runtime: one seat, nobody to share with.
    pub(crate) fn has_peers(&self) -> bool {
        self.config.multi_thread
    }

    pub(crate) fn live_tasks(&self) -> usize {
        self.registry.len()
    }

    pub(crate) fn injected_tasks(&self) -> usize {
        self.injector.len()
    }

    /// The counts of worker `index`, and its polls and queued tasks.
    ///
    /// # Panics
    /// If there is no such worker.
    #[track_caller]
    pub(crate) fn worker_figures(&self, index: usize) -> (&WorkerCounts, u64, usize) {
        assert!(
            index < self.workers,
            "there are {} workers, no worker {index}",
            self.workers
        );
        let seat = &self.seats[index];
        (
            &seat.counts,
            seat.polls(),
            seat.queue.len() + usize::from(!seat.lifo.0.is_empty()),
        )
    }

    fn seats_in_use(&self) -> &[Seat] {
        // Ordering: Acquire; pairs with the Release in `use_seat`. Seats exist from the start; one
        // that comes into use later is at worst robbed a little later.
        &self.seats[..self.seats_in_use.load(Ordering::Acquire)]
    }

    fn use_seat(&self, index: usize) {
        // Ordering: Release; pairs with the Acquire in `seats_in_use`.
        self.seats_in_use.fetch_max(index + 1, Ordering::Release);
    }

    /// Shard 0 is for threads outside and for stand-ins, which may leave before their timers do.
    #[inline]
    fn timer_shard_of(&self, seat: usize) -> usize {
        if seat < self.workers { seat + 1 } else { 0 }
    }

    /// Makes a task of `future` and lets it run. A runtime that shuts down refuses it: the caller
    /// drops the runnable, which cancels the task, where user code may run.
    ///
    /// # Safety
    /// The future is `Send`, or this is a current-thread scheduler whose tasks are all polled on
    /// this thread.
    pub(crate) unsafe fn spawn<F>(
        self: &Arc<Self>,
        future: F,
        name: Option<&str>,
        place: &'static Location<'static>,
    ) -> (JoinHandle<F::Output>, Option<Runnable>)
    where
        F: Future + 'static,
    {
        let origin = name.map_or_else(|| Origin::at(place), |name| Origin::named(name, place));
        let (task, handle) = task::allocate(future, Arc::as_ptr(self), Id::next(), origin);
        let refused = current::with(|worker| {
            let worker = worker.filter(|worker| worker.serves(self));
            let table = worker.map_or_else(|| self.outside_table(), |worker| worker.index);
            if !self.registry.insert(table, &task) {
                return Some(task);
            }
            match worker {
                Some(worker) => worker.schedule(task),
                None => {
                    self.injector.push(task);
                    self.announce();
                }
            }
            None
        });
        (handle, refused)
    }

    /// The table for tasks that this thread, which is no worker, spawns.
    fn outside_table(&self) -> usize {
        self.workers + thread_number::get() % self.workers
    }

    /// New work is visible to all: somebody should be awake to find it.
    fn announce(&self) {
        if let Some(seat) = self.idle.claim_sleeper() {
            self.unpark(seat);
        }
    }

    pub(crate) fn unpark(&self, seat: usize) {
        self.seats[seat]
            .parker
            .unpark(|| self.driver.reactor.unpark());
    }

    /// Is there a task that any worker could take?
    fn has_visible_work(&self) -> bool {
        !self.injector.is_empty()
            || self
                .seats_in_use()
                .iter()
                .any(|seat| !seat.queue.is_empty() || (seat.is_stuck() && !seat.lifo.0.is_empty()))
            || self.is_exiting()
    }

    fn is_exiting(&self) -> bool {
        // Ordering: Acquire; pairs with the Release in `exit_if_empty`.
        self.exit.load(Ordering::Acquire)
    }

    /// Refuses new tasks and cancels those there are. The workers run until the last is gone.
    pub(crate) fn close(&self) {
        let cancelled = self.registry.close();
        self.injector.extend(cancelled);
        // Ordering: Release; pairs with the Acquire in `unregister`. The locks of the tables decide
        // who checks last: see there.
        self.closing.store(true, Ordering::Release);
        self.announce();
        self.exit_if_empty();
    }

    fn exit_if_empty(&self) {
        if !self.registry.is_empty() {
            return;
        }
        // Ordering: Release; pairs with the Acquire in `is_exiting`.
        self.exit.store(true, Ordering::Release);
        for seat in 0..self.seats_in_use().len() {
            self.unpark(seat);
        }
        self.stand_ins.exit();
    }
}

impl Schedule for Scheduler {
    unsafe fn schedule(this: *const Self, task: Runnable) {
        current::with(|worker| match worker {
            Some(worker) if ptr::eq(&*worker.scheduler, this) => worker.schedule(task),
            _ => {
                // SAFETY: the task is live, so whoever shuts the scheduler down still waits for it,
                // and holds a count.
                unsafe { Arc::increment_strong_count(this) };
                // SAFETY: this is the count just made. It keeps the scheduler while its last task
                // may already be running elsewhere.
                let scheduler = unsafe { Arc::from_raw(this) };
                scheduler.injector.push(task);
                scheduler.announce();
            }
        });
    }

    unsafe fn unregister(this: *const Self, task: &Header) {
        // SAFETY: valid, as the trait promises; the thread that runs the task holds a count.
        let scheduler = unsafe { &*this };
        // Whoever removes the last task after `close` set the flag sees it, because `close` took this
        // table's lock before. If the flag came later, `close` itself finds the registry empty.
        // Ordering: Acquire; pairs with the Release in `close`.
        if scheduler.registry.remove(task) && scheduler.closing.load(Ordering::Acquire) {
            scheduler.exit_if_empty();
        }
    }
}
