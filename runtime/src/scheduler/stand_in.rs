//! Threads that stand in for workers stuck in a long poll, and the monitor that notices.
//!
//! A poll that computes or blocks for long keeps its thread. Everything else the worker held must go
//! on: its queue, the task in its LIFO slot, its timers, its turn at the reactor. All of these can be
//! taken from outside, so standing in needs no transfer of ownership: one more thread joins the run
//! loop with a seat of its own and steals. When the long poll returns there is one thread too many,
//! and a stand-in leaves.
//!
//! # The monitor
//!
//! One thread per multi-thread runtime samples each seat's poll number every [`PERIOD`]. The same poll
//! in two samples is a stuck one. Workers pay two plain stores a poll for this and read no clock. While
//! every worker sleeps, so does the monitor.
//!
//! # Who steps in
//!
//! | Situation | Action |
//! |---|---|
//! | some worker sleeps | it is woken; it searches, and sleeps in the driver if there is nothing |
//! | nobody sleeps | a resting stand-in is called, or a thread is started |
//! | the limit is reached, or the system refuses a thread | nothing; tried again next period |
//!
//! `block_in_place` is the same hand-off, asked for by the task itself, without delay.
//!
//! # Why the monitor does not sleep through work
//!
//! It announces that it sleeps, fences, and looks once more whether all workers are asleep. A worker
//! that wakes first leaves the count of sleepers, fences, and looks for the announcement. One of the
//! two sees the other.
//!
//! # Rejected
//!
//! Moving a worker's core to the new thread, as tokio's `block_in_place` and Go do. The stuck thread
//! then has to find out that it lost its core, in every place that uses it. Here it keeps what it has.

use std::sync::Arc;
use std::time::Duration;

use selvedge_sync::primitive::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
use selvedge_sync::primitive::{Condvar, Mutex, MutexGuard};

use super::Scheduler;
use super::roster::{OnStuck, Roster};
use super::seat::Seat;
use super::worker::{Goal, Progress, Worker};

/// How often the monitor looks. A poll counts as stuck after one to two periods.
const PERIOD: Duration = Duration::from_millis(4);

#[derive(Debug)]
pub(super) struct StandIns {
    roster: Mutex<Roster>,
    /// A copy of the roster's figure for the fast path, written under its lock.
    surplus: AtomicUsize,
    monitor_asleep: AtomicBool,
    monitor: Mutex<Monitor>,
    monitor_wake: Condvar,
}

#[derive(Debug, PartialEq, Eq)]
enum Monitor {
    Watching,
    Exit,
}

impl StandIns {
    pub(super) fn new(workers: usize, limit: usize) -> Self {
        Self {
            roster: Mutex::new(Roster::new(workers, limit)),
            surplus: AtomicUsize::new(0),
            monitor_asleep: AtomicBool::new(false),
            monitor: Mutex::new(Monitor::Watching),
            monitor_wake: Condvar::new(),
        }
    }

    fn publish(&self, roster: &MutexGuard<'_, Roster>) {
        // Ordering: Relaxed; a hint, decided under the lock by `leave_if_surplus`.
        self.surplus.store(roster.surplus(), Ordering::Relaxed);
    }

    /// A seat was just marked as stuck: somebody else has to do its work.
    pub(super) fn hand_off(&self, scheduler: &Arc<Scheduler>, stuck: usize) {
        let duty = {
            let mut roster = self.roster.lock();
            roster.stuck += 1;
            let sleeper = scheduler.idle.claim_any_sleeper();
            let duty = if sleeper.is_some() {
                OnStuck::Nothing
            } else {
                roster.call()
            };
            self.publish(&roster);
            drop(roster);
            if let Some(seat) = sleeper {
                scheduler.unpark(seat);
            }
            duty
        };
        self.act(scheduler, duty);
        // Whoever was woken need not be the one in the driver, which sleeps until the timers that it
        // knew of when it lay down.
        scheduler
            .driver
            .timers
            .hand_over(scheduler.timer_shard_of(stuck));
    }

    fn act(&self, scheduler: &Arc<Scheduler>, duty: OnStuck) {
        match duty {
            OnStuck::Nothing => {}
            OnStuck::Call(seat) => scheduler.unpark(seat),
            OnStuck::Hire(seat) => {
                scheduler.use_seat(seat);
                if hire(scheduler, seat).is_err() {
                    let mut roster = self.roster.lock();
                    roster.hire_failed(seat);
                    self.publish(&roster);
                }
            }
        }
    }

    /// A worker whose seat was marked as stuck is back.
    pub(super) fn came_back(&self, scheduler: &Scheduler, seat: &Seat) {
        if !seat.clear_stuck() {
            return;
        }
        seat.counts.stuck_polls.add(1);
        let surplus = {
            let mut roster = self.roster.lock();
            roster.stuck -= 1;
            self.publish(&roster);
            roster.surplus()
        };
        if surplus > 0 {
            // A stand-in that sleeps should find out now. Waking all of the few is simplest.
            for seat in scheduler.workers..scheduler.seats_in_use().len() {
                scheduler.unpark(seat);
            }
        }
    }

    /// A worker woke up: is the monitor watching?
    pub(super) fn wake_monitor(&self) {
        // Ordering: pairs with the fence in `sleep_while_idle`.
        fence(Ordering::SeqCst);
        // Ordering: Relaxed; ordered by the fence.
        if self.monitor_asleep.load(Ordering::Relaxed) {
            drop(self.monitor.lock());
            self.monitor_wake.notify_one();
        }
    }

    /// The runtime is over: the monitor and resting stand-ins end.
    pub(super) fn exit(&self) {
        *self.monitor.lock() = Monitor::Exit;
        self.monitor_wake.notify_one();
    }

    /// Waits for the next sample; false at the end.
    fn wait(&self, scheduler: &Scheduler) -> bool {
        let guard = self.monitor.lock();
        if *guard == Monitor::Exit {
            return false;
        }
        let (guard, _) = self.monitor_wake.wait_timeout(guard, PERIOD);
        self.sleep_while_idle(scheduler, guard)
    }

    fn sleep_while_idle(&self, scheduler: &Scheduler, mut guard: MutexGuard<'_, Monitor>) -> bool {
        // Ordering: Relaxed; ordered by the fence.
        self.monitor_asleep.store(true, Ordering::Relaxed);
        // Ordering: pairs with the fence in `wake_monitor`.
        fence(Ordering::SeqCst);
        while *guard != Monitor::Exit && self.all_asleep(scheduler) {
            guard = self.monitor_wake.wait(guard);
        }
        // Ordering: Relaxed; a needless wake-up is harmless.
        self.monitor_asleep.store(false, Ordering::Relaxed);
        *guard != Monitor::Exit
    }

    fn all_asleep(&self, scheduler: &Scheduler) -> bool {
        let active = self.roster.lock().active();
        scheduler.idle.asleep() >= scheduler.workers + active
    }

    /// Samples all seats once.
    fn sample(&self, scheduler: &Arc<Scheduler>, seen: &mut [Option<u64>]) {
        for (index, (seat, seen)) in scheduler.seats_in_use().iter().zip(seen).enumerate() {
            let poll = seat.poll_under_way();
            if poll.is_some() {
                seat.set_look_due();
            }
            if poll.is_some() && poll == *seen && seat.set_stuck() {
                self.hand_off(scheduler, index);
                if seat.poll_under_way() != poll {
                    // It ended in this moment, perhaps before it could see the mark.
                    self.came_back(scheduler, seat);
                }
            }
            *seen = poll;
            if seat.is_stuck() {
                // What the worker put into its own places in the moment of the mark, it may have
                // announced to nobody.
                if !seat.lifo.0.is_empty() {
                    scheduler.announce();
                }
                scheduler
                    .driver
                    .timers
                    .hand_over(scheduler.timer_shard_of(index));
            }
        }
        // Refused threads and reached limits are tried again.
        let duty = {
            let mut roster = self.roster.lock();
            let nobody_asleep = scheduler.idle.asleep() == 0;
            let duty = if nobody_asleep {
                roster.call()
            } else {
                OnStuck::Nothing
            };
            self.publish(&roster);
            duty
        };
        self.act(scheduler, duty);
        if scheduler.driver.is_unattended() {
            // Whoever sleeps on a condition variable could sleep in the reactor instead.
            if let Some(seat) = scheduler.idle.claim_any_sleeper() {
                scheduler.unpark(seat);
            }
        }
    }
}

/// The monitor's thread.
pub(super) fn watch(scheduler: &Arc<Scheduler>) {
    let mut seen = vec![None; scheduler.seats.len()];
    while scheduler.stand_ins.wait(scheduler) {
        scheduler.stand_ins.sample(scheduler, &mut seen);
    }
}

fn hire(scheduler: &Arc<Scheduler>, seat: usize) -> std::io::Result<()> {
    let worker_of = Arc::clone(scheduler);
    scheduler
        .threads
        .start(scheduler, move || stand_in(&worker_of, seat))
}

/// A stand-in's thread: works while it is needed, then rests, then ends.
fn stand_in(scheduler: &Arc<Scheduler>, seat: usize) {
    let stand_ins = &scheduler.stand_ins;
    loop {
        let worker = Worker::new(Arc::clone(scheduler), seat);
        worker.run(&mut UntilSurplus);
        worker.give_away();
        if scheduler.is_exiting() {
            return;
        }
        loop {
            scheduler.seats[seat]
                .parker
                .park(Some(scheduler.config.thread_keep_alive));
            let mut roster = stand_ins.roster.lock();
            if roster.was_called(seat) {
                break;
            }
            // The time is up, or something woke it for nothing, which is as good a reason.
            if roster.resign(seat) {
                return;
            }
        }
    }
}

/// A stand-in works until it is one too many.
struct UntilSurplus;

impl Goal for UntilSurplus {
    type Output = ();

    fn poll(&mut self, worker: &Worker, _idle: bool) -> Progress<()> {
        let scheduler = &worker.scheduler;
        let stand_ins = &scheduler.stand_ins;
        // Ordering: Relaxed; a hint, decided under the lock.
        let maybe_surplus = stand_ins.surplus.load(Ordering::Relaxed) > 0;
        let leaves = maybe_surplus && {
            let mut roster = stand_ins.roster.lock();
            let leaves = roster.leave_if_surplus(worker.index);
            stand_ins.publish(&roster);
            leaves
        };
        if leaves || scheduler.is_exiting() {
            Progress::Reached(())
        } else {
            Progress::Waiting
        }
    }
}
