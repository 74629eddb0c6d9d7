//! The run loop: what a worker does next, for every arrangement of threads.
//!
//! One loop serves the workers of a multi-thread runtime, the spares that stand in for stuck ones,
//! and the thread inside `block_on` of a current-thread runtime. What differs is the [`Goal`] that
//! ends it, and whether there are peers to share work with.
//!
//! # Order of work
//!
//! 1. Every `global_queue_interval` turns: one task from the injector; as many as turns if it was never empty for
//!    long, so that who waits there is not far behind those who wake each other here.
//! 2. The LIFO slot, at most [`policy::LIFO_POLLS_MAX`] times in a row while the queue has tasks.
//! 3. The local queue, oldest first.
//! 4. The injector: a share of it.
//! 5. Theft: half the queue of a random other worker, or what a stuck one left.
//! 6. Sleep, in the driver if it is free.
//!
//! Every `event_interval` turns the worker looks at its timers and, if nobody is in it, into the
//! reactor, so that a runtime that never idles still serves I/O. So it does when all that is left to run
//! are tasks that yield.
//!
//! # Being stuck
//!
//! A worker never moves: it keeps its seat and its queue. When a poll takes too long, another thread
//! (see `stand_in`) steals what the seat holds, as from any other worker, and the LIFO slot too.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use selvedge_sync::primitive::hint;

use super::Scheduler;
use super::config::call_hook;
use super::current;
use super::local_queue::CAPACITY;
use super::policy::{self, TaskSource};
use super::seat::Seat;
use crate::rng::Rng;
use crate::task::Runnable;

/// How many turns a poll of the main future counts for, in deciding when to look into the driver: it may
/// have polled a whole set of local tasks.
const TURNS_PER_MAIN_POLL: u32 = 16;

/// Visits to a crowded injector after which a worker takes from it as many tasks as it ran of its own. A tree of
/// tasks is better worked off branch by branch: with 0, `fork_join` takes 1.6 times as long as without, with this
/// number 1.4 times. With 128, a server's last connections wait until the first are through 64 rounds.
const CROWDED_VISITS_MAX: u32 = 32;

/// A worker that slept for less than this would have done better to stay awake: falling asleep and
/// being woken costs two threads about as much.
const SLEEP_WORTH_IT: Duration = Duration::from_micros(50);
/// How long it then stays awake the next time: some ten microseconds in all, with a look at the other
/// queues after each round.
const SPIN_ROUNDS: u32 = 20;
const SPINS_PER_ROUND: u32 = 16;

/// What a run of the loop is for.
pub(crate) trait Goal {
    type Output;

    /// Asked before every turn, and once more, with `idle`, before the worker sleeps.
    fn poll(&mut self, worker: &Worker, idle: bool) -> Progress<Self::Output>;
}

/// How far a [`Goal`] is.
pub(crate) enum Progress<T> {
    /// The loop ends with this.
    Reached(T),
    /// Not there yet, but something ran: there may be new work.
    Ran,
    /// Nothing happened.
    Waiting,
}

/// The goal of a worker that works until the runtime is over.
pub(super) struct UntilExit;

impl Goal for UntilExit {
    type Output = ();

    fn poll(&mut self, worker: &Worker, _idle: bool) -> Progress<()> {
        if worker.scheduler.is_exiting() {
            Progress::Reached(())
        } else {
            Progress::Waiting
        }
    }
}

/// One seat's state that only its thread touches.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) scheduler: Arc<Scheduler>,
    pub(super) index: usize,
    turn: Cell<u32>,
    turns_since_look: Cell<u32>,
    /// Visits to the injector in a row that found it not empty.
    crowded_visits: Cell<u32>,
    lifo_polls: Cell<u32>,
    /// Polls in a row whose task was ready again at once.
    yields: Cell<usize>,
    searching: Cell<bool>,
    /// Inside `block_in_place`: what is woken now must not wait for this thread.
    pub(super) handed_off: Cell<bool>,
    pub(crate) rng: Rng,
    /// The queue of a worker without peers: unbounded and unshared, so strictly first in, first out.
    private_queue: RefCell<VecDeque<Runnable>>,
    busy_since: Cell<Instant>,
    last_sleep: Cell<Duration>,
}

impl Worker {
    pub(crate) fn new(scheduler: Arc<Scheduler>, index: usize) -> Self {
        let rng = scheduler.seeds.next_rng();
        Self {
            scheduler,
            index,
            turn: Cell::new(0),
            turns_since_look: Cell::new(0),
            crowded_visits: Cell::new(0),
            lifo_polls: Cell::new(0),
            yields: Cell::new(0),
            searching: Cell::new(false),
            handed_off: Cell::new(false),
            rng,
            private_queue: RefCell::new(VecDeque::new()),
            busy_since: Cell::new(Instant::now()),
            last_sleep: Cell::new(Duration::MAX),
        }
    }

    pub(super) fn seat(&self) -> &Seat {
        &self.scheduler.seats[self.index]
    }

    #[inline]
    pub(crate) fn serves(&self, scheduler: &Arc<Scheduler>) -> bool {
        Arc::ptr_eq(&self.scheduler, scheduler)
    }

    fn has_peers(&self) -> bool {
        self.scheduler.has_peers()
    }

    /// Runs tasks until the goal is reached.
    pub(crate) fn run<G: Goal>(&self, goal: &mut G) -> G::Output {
        self.busy_since.set(Instant::now());
        let output = current::enter(self, || self.run_loop(goal));
        if self.searching.take() {
            // A wake-up meant for work must not be lost with this searcher.
            self.scheduler.idle.stop_search();
            self.scheduler.announce();
        }
        self.seat().counts.add_busy(self.busy_since.get().elapsed());
        output
    }

    fn run_loop<G: Goal>(&self, goal: &mut G) -> G::Output {
        loop {
            if let Progress::Reached(output) = goal.poll(self, false) {
                return output;
            }
            let turn = self.turn.get().wrapping_add(1);
            self.turn.set(turn);
            let scheduler = &*self.scheduler;
            let since_look = self.turns_since_look.get() + 1;
            self.turns_since_look.set(since_look);
            if since_look >= scheduler.config.event_interval || self.seat().take_look_due() {
                self.turns_since_look.set(0);
                scheduler.driver.look();
            }
            if let Some(task) = self.next_task(turn).or_else(|| self.search()) {
                self.found_work();
                self.run_task(task);
                continue;
            }
            match goal.poll(self, true) {
                Progress::Reached(output) => return output,
                Progress::Ran => self.turns_since_look.set(since_look + TURNS_PER_MAIN_POLL),
                Progress::Waiting => self.park(),
            }
        }
    }

    fn next_task(&self, turn: u32) -> Option<Runnable> {
        let scheduler = &*self.scheduler;
        if turn % scheduler.config.global_queue_interval == 0 {
            let task = match self.has_peers() {
                true => self.take_share(self.ration()),
                false => self.take_all(),
            };
            if task.is_some() {
                return task;
            }
        }
        if !self.has_peers() {
            return self.pop_private().or_else(|| self.take_all());
        }
        let seat = self.seat();
        for source in policy::order(self.lifo_polls.get()) {
            let (task, lifo_polls) = match source {
                TaskSource::Lifo => (seat.lifo.0.take(), self.lifo_polls.get().saturating_add(1)),
                TaskSource::Queue => (seat.queue.pop(), 0),
                TaskSource::Injector => (self.take_share(CAPACITY / 2), 0),
            };
            if task.is_some() {
                self.lifo_polls.set(lifo_polls);
                return task;
            }
        }
        None
    }

    /// How many tasks to take from the injector at the regular visit.
    fn ration(&self) -> usize {
        let visits = match self.scheduler.injector.is_empty() {
            true => 0,
            false => self.crowded_visits.get().saturating_add(1),
        };
        self.crowded_visits.set(visits);
        match visits <= CROWDED_VISITS_MAX {
            true => 1,
            false => self.scheduler.config.global_queue_interval as usize,
        }
    }

    /// This worker's share of the tasks from outside, the first of them to run now.
    fn take_share(&self, max: usize) -> Option<Runnable> {
        let scheduler = &*self.scheduler;
        let queue = &self.seat().queue;
        scheduler
            .injector
            .pop_share(queue, scheduler.workers(), max)
    }

    /// All tasks from outside, the first of them to run now, for a worker without peers.
    fn take_all(&self) -> Option<Runnable> {
        let mut tasks = self.scheduler.injector.take_all();
        let first = tasks.pop_front();
        self.private_queue.borrow_mut().extend(tasks);
        first
    }

    fn pop_private(&self) -> Option<Runnable> {
        self.private_queue.borrow_mut().pop_front()
    }

    fn run_task(&self, task: Runnable) {
        let seat = self.seat();
        seat.tick_poll();
        let again = task.run();
        seat.tick_poll();
        if seat.is_stuck() {
            self.scheduler.stand_ins.came_back(&self.scheduler, seat);
        }
        let Some(task) = again else {
            self.yields.set(0);
            return;
        };
        self.push_back(task);
        let yields = self.yields.get() + 1;
        self.yields.set(yields);
        if policy::only_yields(yields, self.queued()) {
            self.yields.set(0);
            self.scheduler.driver.look();
        }
    }

    /// Tasks in this worker's queue.
    fn queued(&self) -> usize {
        match self.has_peers() {
            true => self.seat().queue.len(),
            false => self.private_queue.borrow().len(),
        }
    }

    /// Takes a task that was woken, or spawned, on this thread.
    pub(super) fn schedule(&self, task: Runnable) {
        if !self.has_peers() {
            self.private_queue.borrow_mut().push_back(task);
        } else if self.handed_off.get() {
            self.push_back(task);
            self.scheduler.announce();
        } else if let Some(former) = self.seat().lifo.0.replace(task) {
            self.push_back(former);
            self.scheduler.announce();
        } else if self.seat().is_stuck() {
            // Late in a long poll: whoever was called when it got stuck may be asleep again. If the
            // mark is set just now, the monitor finds the task in its next sample.
            self.scheduler.announce();
        }
    }

    /// Queues a task behind all others, without waking anybody.
    ///
    /// While tasks wait in the injector, half of the queue is left to them. Otherwise those who fill it
    /// would go round in it many times before anybody else has a turn.
    fn push_back(&self, task: Runnable) {
        if !self.has_peers() {
            self.private_queue.borrow_mut().push_back(task);
            return;
        }
        let (queue, injector) = (&self.seat().queue, &self.scheduler.injector);
        if queue.len() >= CAPACITY / 2 && !injector.is_empty() {
            injector.push(task);
        } else if let Err(task) = queue.push(task) {
            injector.push(task);
        }
    }

    /// Looks for work elsewhere: once, if enough others search.
    ///
    /// Not at all would not do: who counts as searching may be a sleeper that was called and has no CPU yet. Its
    /// work would keep this worker from falling asleep, again and again.
    fn search(&self) -> Option<Runnable> {
        if !self.has_peers() {
            return None;
        }
        if !self.searching.get() {
            if !self.scheduler.idle.start_search() {
                return self.search_once();
            }
            self.searching.set(true);
        }
        for _ in 0..SPIN_ROUNDS {
            let found = self.search_once();
            if found.is_some() || !self.is_worth_spinning() {
                return found;
            }
            for _ in 0..SPINS_PER_ROUND {
                hint::spin_loop();
            }
        }
        self.search_once()
    }

    fn search_once(&self) -> Option<Runnable> {
        let stolen = self.steal();
        if stolen.is_some() {
            self.seat().counts.steals.add(1);
            return stolen;
        }
        self.take_share(CAPACITY / 2)
    }

    /// Is new work likely to come before a sleep would pay? Only if the last sleep was over almost
    /// at once, and some task runs that may make work.
    fn is_worth_spinning(&self) -> bool {
        let mut others = self.scheduler.seats_in_use().iter();
        self.last_sleep.get() < SLEEP_WORTH_IT && others.any(|seat| seat.poll_under_way().is_some())
    }

    fn steal(&self) -> Option<Runnable> {
        let seats = self.scheduler.seats_in_use();
        let start = self.rng.below(seats.len() as u32) as usize;
        for offset in 0..seats.len() {
            let victim = (start + offset) % seats.len();
            if victim == self.index {
                continue;
            }
            let victim = &seats[victim];
            if let Some(task) = victim.queue.steal_half(&self.seat().queue) {
                return Some(task);
            }
            if victim.is_stuck() {
                if let Some(task) = victim.lifo.0.take() {
                    return Some(task);
                }
            }
        }
        None
    }

    /// The end of a search that succeeded: the last searcher sees to a successor.
    fn found_work(&self) {
        if self.searching.take() && self.scheduler.idle.stop_search() {
            self.scheduler.announce();
        }
    }

    /// Where timers that are armed on this thread now belong: with this worker, unless it has handed
    /// its work over and will look after nothing. Those of a worker in a long poll stay with it: the
    /// monitor tells the driver about them once a period.
    #[inline]
    pub(crate) fn shard_for_new_timers(&self) -> usize {
        if self.handed_off.get() {
            0
        } else {
            self.scheduler.timer_shard_of(self.index)
        }
    }

    /// Sleeps until there may be work. See `idle.rs` for why none is missed.
    fn park(&self) {
        let scheduler = &*self.scheduler;
        let seat = self.seat();
        // Nobody else looks into the slot of a worker that sleeps.
        debug_assert!(seat.lifo.0.is_empty() && self.private_queue.borrow().is_empty());
        scheduler
            .idle
            .fall_asleep(self.index, self.searching.take());
        if scheduler.has_visible_work() {
            self.get_up();
            return;
        }
        if let Some(hook) = &scheduler.config.on_thread_park {
            call_hook(Some(hook));
            // The hook may have woken tasks of this worker.
            if !self.private_queue.borrow().is_empty() || !seat.lifo.0.is_empty() {
                self.get_up();
                return;
            }
        }
        let asleep_since = Instant::now();
        seat.counts
            .add_busy(asleep_since.saturating_duration_since(self.busy_since.get()));
        seat.counts.parks.add(1);
        scheduler
            .driver
            .park(&seat.parker, scheduler.timer_shard_of(self.index));
        seat.counts.unparks.add(1);
        let awake_since = Instant::now();
        self.busy_since.set(awake_since);
        self.last_sleep
            .set(awake_since.saturating_duration_since(asleep_since));
        self.get_up();
        scheduler.stand_ins.wake_monitor();
        call_hook(scheduler.config.on_thread_unpark.as_ref());
    }

    fn get_up(&self) {
        let by_itself = self.scheduler.idle.get_up(self.index);
        self.searching.set(!by_itself);
    }

    /// Makes everything this worker holds available to others. For a thread that leaves its seat,
    /// or is about to block.
    pub(super) fn give_away(&self) {
        let seat = self.seat();
        let tasks = std::iter::from_fn(|| seat.lifo.0.take().or_else(|| seat.queue.pop()));
        self.scheduler.injector.extend(tasks);
        self.scheduler.announce();
    }
}
