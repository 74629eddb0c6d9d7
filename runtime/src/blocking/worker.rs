//! The life of one thread of the blocking pool: take, call the next, run, rest, leave.

use std::time::{Duration, Instant};

use selvedge_sync::primitive::atomic::{AtomicBool, Ordering};
use selvedge_sync::primitive::{Arc, Condvar, MutexGuard, thread};

use super::state::OnTurn;
use super::{BlockingPool, Job, Ledger, PoolCore};
use crate::contain::contain;

/// Where one thread rests.
#[derive(Debug)]
pub(super) struct Seat {
    /// Waited on with the pool's lock, by the owner of the seat only.
    bell: Condvar,
    /// The seat was taken off the stack of resting threads by a summons. Touched under the pool's
    /// lock only; atomic because the seat is reached through a shared reference.
    called: AtomicBool,
}

impl Seat {
    fn new() -> Self {
        Self {
            bell: Condvar::new(),
            called: AtomicBool::new(false),
        }
    }

    /// Marks the seat as called. The caller holds the pool's lock and rings after releasing it.
    pub(super) fn call(&self) {
        // Ordering: Relaxed; the pool's lock orders it before the load in `take_call`.
        self.called.store(true, Ordering::Relaxed);
    }

    /// Wakes the thread in the seat, if it waits.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Whether the seat was called; the caller holds the pool's lock.
    fn take_call(&self) -> bool {
        // Ordering: Relaxed; the pool's lock orders it after the store in `call`.
        let called = self.called.load(Ordering::Relaxed);
        // Ordering: Relaxed; the next `call` follows under the same lock.
        self.called.store(false, Ordering::Relaxed);
        called
    }

    /// Releases the lock until the bell rings or the deadline passes; true if it passed.
    fn wait<'a, J: Job>(
        &self,
        core: &'a PoolCore<J>,
        ledger: MutexGuard<'a, Ledger<J>>,
        patience: &Patience,
    ) -> (MutexGuard<'a, Ledger<J>>, bool) {
        match patience.left() {
            None => (self.bell.wait(ledger), false),
            // A wait of no length still lets others have the lock, as any wait does.
            Some(Duration::ZERO) => {
                drop(ledger);
                (core.lock(), true)
            }
            Some(left) => self.bell.wait_timeout(ledger, left),
        }
    }
}

/// How long a thread is willing to rest.
struct Patience(Option<Instant>);

impl Patience {
    /// Patience for `keep_alive` from now on; without end if no clock reaches that far.
    fn new(keep_alive: Duration) -> Self {
        Self(Instant::now().checked_add(keep_alive))
    }

    /// What is left of it; none if it never ends.
    fn left(&self) -> Option<Duration> {
        self.0
            .map(|end| end.saturating_duration_since(Instant::now()))
    }
}

impl<J: Job> BlockingPool<J> {
    /// Serves until the pool is closed or a rest has lasted too long.
    pub(super) fn serve(&self) {
        let seat = Arc::new(Seat::new());
        let core = &self.core;
        let mut ledger = core.lock();
        // It is woken: whoever started this thread reports so under the lock and then notifies.
        // Only then is the thread in the roster, and certain in the tally.
        while ledger.tally.is_starting() {
            ledger = core.settled.wait(ledger);
        }
        ledger.tally.on_arrive();
        let mut turn = ledger.tally.on_turn();
        loop {
            match turn {
                OnTurn::Run(summon) => {
                    let job = ledger.queue.pop_front();
                    let job = job.expect("the tally counts the jobs in the queue");
                    self.fulfil(ledger, summon);
                    contain(|| job.run());
                    ledger = core.lock();
                    turn = ledger.tally.on_turn();
                }
                OnTurn::Rest => (ledger, turn) = core.rest(&seat, ledger),
                OnTurn::Leave => return,
            }
        }
    }
}

impl<J: Job> PoolCore<J> {
    /// Rests until there is a reason to take a turn.
    ///
    /// It is woken: a summons takes the seat off the stack and marks it called under the lock,
    /// then rings; closing the pool takes all seats off the stack and rings each. The bell is
    /// waited on with that same lock, so neither can fall between the check and the wait.
    fn rest<'a>(
        &'a self,
        seat: &Arc<Seat>,
        mut ledger: MutexGuard<'a, Ledger<J>>,
    ) -> (MutexGuard<'a, Ledger<J>>, OnTurn) {
        ledger.idle.push(Arc::clone(seat));
        let patience = Patience::new(self.keep_alive);
        loop {
            let timed_out;
            (ledger, timed_out) = seat.wait(self, ledger, &patience);
            if seat.take_call() {
                ledger.tally.on_arrive();
                let turn = ledger.tally.on_turn();
                return (ledger, turn);
            }
            if ledger.tally.is_closed() {
                let turn = ledger.tally.on_turn();
                return (ledger, turn);
            }
            if timed_out {
                // The longest rest is at the bottom of the stack, so this finds it at once.
                let place = ledger
                    .idle
                    .iter()
                    .position(|other| Arc::ptr_eq(other, seat));
                ledger.idle.remove(place.expect("nobody took the seat"));
                let turn = ledger.tally.on_expire();
                return (ledger, turn);
            }
        }
    }

    /// The last thing a thread does with the pool.
    pub(super) fn sign_off(&self) {
        let mut ledger = self.lock();
        ledger.tally.on_gone();
        if ledger.tally.is_closed() {
            // The handle stays in the roster for the shutdown to join.
            drop(ledger);
            self.emptied.notify_all();
            return;
        }
        let me = thread::current().id();
        let place = ledger
            .roster
            .iter()
            .position(|member| member.thread().id() == me);
        let handle = place.map(|place| ledger.roster.swap_remove(place));
        drop(ledger);
        drop(handle);
    }
}
