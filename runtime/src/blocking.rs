//! The threads that run blocking work, and the queue they share.
//!
//! # Picture
//!
//! ```text
//!   submit ──► queue ──► a thread takes the oldest job ──► calls the next thread ──► runs the job
//!                              ▲                                  │
//!                              │            ┌─────────────────────┘ only if jobs are left and
//!                              │            ▼                       nobody is on the way
//!                        one thread on its way ◄── stack of resting threads, else a new thread
//! ```
//!
//! One lock guards the ledger: the queue, the stack of resting threads, the roster of handles and
//! the [`Tally`] that decides. It is held for a few instructions at a time. Each
//! resting thread waits on a condition variable of its own, with that lock; the stack is
//! last-in-first-out, so the thread with the warmest cache is called and the others may expire.
//!
//! # The chain of calls
//!
//! At most **one** thread is on its way to the queue at any time. A submit calls one only if nobody
//! is on the way. A thread that takes a job and leaves others in the queue calls the next one
//! *before* it runs its job. Hence
//!
//! - a burst of short jobs costs few wake-ups: whoever is awake works the queue off while the next
//!   thread is still on its way, and often nothing is left when it arrives;
//! - a job never waits for another job to finish while a thread could run it: it waits at most for
//!   one arrival per job ahead of it.
//!
//! # Invariants
//!
//! Those of the counts are I1 to I6 in [`state`], tested over every reachable count. In addition:
//!
//! - I7. The tally's `queued` and `idle` are the lengths of the queue and of the stack.
//! - I8. No foreign code runs under the lock: no job is run, cancelled or dropped, no hook is called
//!   and no thread is started (R-10).
//! - I9. A thread is in the roster from before its arrival until it signs off; after the pool was
//!   closed, until it is joined.
//!
//! # Protocol
//!
//! Submitter, under the lock:
//! 1. Pool closed: give the job back.
//! 2. No thread is certain to exist: keep the job, start the first thread with the lock released,
//!    or wait for the submitter that is doing so; then begin again. If the operating system
//!    refuses, give the job back (R-61).
//! 3. Push the job. If nobody is on the way, mark one so: the top of the stack, or a new thread if
//!    nobody rests and the limit allows.
//! 4. Release the lock, then ring or start.
//!
//! Thread, under the lock:
//! 1. Arrive: nobody is on the way any more.
//! 2. Pool closed: leave. A job is queued: take it. If others are left, call the next thread
//!    as the submitter does in 3 and 4. Run the job, repeat from 2.
//! 3. Rest. Called: repeat from 1. Out of patience: take a job if there is one, else leave.
//!
//! Starter of a thread, under the lock again: report the outcome and notify `settled`. A new thread
//! does not arrive before that report, so it cannot have left before its handle is in the roster,
//! nor before the submitter that started it as the first one has queued its job.
//!
//! # Why no job is stranded
//!
//! A job in the queue always has a busy thread or one on its way (I2), and each looks at the queue
//! before it rests or leaves. What remains are the moments in which such a thread is lost:
//!
//! - *Keep-alive expires during a submit.* Both hold the lock in turn. Submit first: either it took
//!   the seat off the stack, then the seat is marked called and the expiry is not acted on; or it
//!   called somebody else, then the expired thread finds the job and takes it. Expiry first: the
//!   submit sees one thread fewer, and starts one if that was the last.
//! - *The limit is reached.* Somebody is on the way, or nobody rests (I3): then all threads are busy,
//!   and each takes another job when it is done.
//! - *The operating system refuses a thread.* A thread is started for a queued job only while
//!   another is certain to exist, and certain threads leave only when the queue is empty. So at the
//!   refusal a queued job has a busy thread, or all that are left rest and the starter wakes one in
//!   place of the missing thread. Jobs submitted with no certain thread are not in the queue yet.
//!   A refusal is not remembered: the next submit or the next taken job tries again.
//! - *A job panics.* [`Job::run`] should not let it out. If it does, the panic ends there and the
//!   thread goes on. The same holds for hooks and for the callback that names threads.
//! - *Shutdown.* The call that closes the pool takes the queue and cancels it, and later submits get
//!   their job back. The jobs to keep stay in the queue: a busy thread or one on its way looks at it
//!   before it leaves (I2), and so do those that are dismissed from their rest. A later call may take
//!   and cancel those as well.
//! - *A job is taken out of the queue*, by a thread that would have to wait for it. Who was on the way for
//!   it finds one job less.
//!
//! # Rejected
//!
//! - *One condition variable for all.* It wakes the thread that rests longest, and a thread that
//!   was notified but not scheduled yet cannot be told apart from one that rests.
//! - *`thread::park`.* A job may unpark any thread whose handle it has, which costs a flag and a
//!   loop; waiting with the pool's lock needs neither, and the woken thread needs that lock anyway.
//! - *A wake-up per submit.* For short jobs most of them find an empty queue.
//! - *Spinning before a rest.* In a burst a thread goes to rest less than once in ten jobs already,
//!   and between single jobs the spin takes a core from whoever submits the next one.
//! - *Taking several jobs at once.* The second would wait for the first, which may block.
//! - *Starting threads under the lock.* It would make the first start simpler, but would run the
//!   name callback under the lock and stall every submitter for each later start.
//! - *Letting jobs be queued before the first thread is certain.* Their submitters would have been
//!   told that all is well when the refusal comes.

mod launch;
mod state;
mod worker;

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::mem;
use std::time::{Duration, Instant};

use selvedge_sync::primitive::thread::{self, JoinHandle};
use selvedge_sync::primitive::{Arc, Condvar, Mutex, MutexGuard};

use crate::contain::contain;
use launch::{Launcher, StartThread, start_os_thread};
use state::{OnSubmit, Summon, Tally};
use worker::Seat;

pub(crate) use launch::BlockingConfig;
pub(crate) use state::OnClose;

/// A piece of blocking work. Exactly one of `run` and `cancel` is called, exactly once, on a thread
/// that holds no lock of the pool; neither should panic.
pub(crate) trait Job: Send + 'static {
    /// Does the work, on a thread of the pool.
    fn run(self);

    /// Gives up the work before it began: the pool has been shut down.
    fn cancel(self);

    /// True if a pool that has taken the job runs it even if it is shut down before. Called under the
    /// pool's lock.
    fn is_mandatory(&self) -> bool {
        false
    }

    /// Calls `serve`, which is what a thread of `pool` does all its life.
    fn serve_in(_pool: &BlockingPool<Self>, serve: impl FnOnce())
    where
        Self: Sized,
    {
        serve();
    }
}

/// A job that the pool did not take, and why. It has been neither run nor cancelled.
#[derive(Debug)]
pub(crate) struct Rejected<J> {
    /// The job, the caller's again.
    pub(crate) job: J,
    /// Why it came back.
    pub(crate) cause: Rejection,
}

/// Why a pool did not take a job.
#[derive(Debug)]
pub(crate) enum Rejection {
    /// The pool has been shut down.
    ShutDown,
    /// The pool has no thread, and the operating system refused to make one.
    NoThread(io::Error),
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ShutDown => f.write_str("the pool for blocking work has been shut down"),
            Self::NoThread(refusal) => {
                write!(f, "no thread could be started for blocking work: {refusal}")
            }
        }
    }
}

/// A glance at a pool; out of date as soon as it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockingMetrics {
    /// Threads that serve or are about to, the resting ones included.
    pub(crate) threads: usize,
    /// Threads that rest.
    pub(crate) idle: usize,
    /// Jobs nobody has taken yet.
    pub(crate) queued: usize,
}

/// A pool of threads for blocking work. Clones are the same pool.
///
/// A pool that is dropped without [`shutdown`](Self::shutdown) still runs what is queued, and its
/// threads leave one by one.
pub(crate) struct BlockingPool<J: Job> {
    core: Arc<PoolCore<J>>,
}

/// What the submitters and the threads of a pool share.
struct PoolCore<J: Job> {
    keep_alive: Duration,
    ledger: Mutex<Ledger<J>>,
    /// The outcome of a start has been reported.
    settled: Condvar,
    /// A thread of the closed pool has signed off, or was refused.
    emptied: Condvar,
}

/// What the lock guards.
struct Ledger<J> {
    tally: Tally,
    queue: VecDeque<J>,
    /// Seats of resting threads, the most recent last.
    idle: Vec<Arc<Seat>>,
    /// Every thread that has not signed off. After the pool was closed, those as well.
    roster: Vec<JoinHandle<()>>,
    /// Gone once the pool is closed, so that a hook may own the pool's owner.
    launcher: Option<std::sync::Arc<Launcher>>,
}

impl<J: Job> BlockingPool<J> {
    /// A pool without threads; they are started as jobs come.
    ///
    /// # Panics
    ///
    /// Panics if `threads_max` is zero.
    pub(crate) fn new(config: BlockingConfig) -> Self {
        Self::with_start(config, Box::new(start_os_thread))
    }

    /// As [`new`](Self::new), with something else than the operating system to ask for threads.
    fn with_start(config: BlockingConfig, start: Box<StartThread>) -> Self {
        let core = PoolCore {
            keep_alive: config.keep_alive,
            ledger: Mutex::new(Ledger {
                tally: Tally::new(config.threads_max),
                queue: VecDeque::new(),
                idle: Vec::new(),
                roster: Vec::new(),
                launcher: Some(std::sync::Arc::new(Launcher::new(config, start))),
            }),
            settled: Condvar::new(),
            emptied: Condvar::new(),
        };
        Self {
            core: Arc::new(core),
        }
    }

    /// Hands a job to the pool, which runs it as soon as a thread can, or cancels it at shutdown.
    ///
    /// # Errors
    ///
    /// Gives the job back if the pool has been shut down, or if it has no thread and cannot get
    /// one. A refused thread is no error while others live: they will take the job.
    pub(crate) fn submit(&self, job: J) -> Result<(), Rejected<J>> {
        let core = &self.core;
        let mut ledger = core.lock();
        loop {
            match ledger.tally.on_submit() {
                OnSubmit::Enqueue(summon) => {
                    ledger.queue.push_back(job);
                    self.fulfil(ledger, summon);
                    return Ok(());
                }
                // The lock is kept from the report on, so that the new thread finds the job.
                OnSubmit::Found => match self.start_thread(ledger) {
                    Ok(reported) => ledger = reported,
                    Err(refusal) => {
                        let cause = Rejection::NoThread(refusal);
                        return Err(Rejected { job, cause });
                    }
                },
                // It is woken: the submitter that starts the thread reports the outcome, whatever
                // it is, and then notifies.
                OnSubmit::AwaitStart => ledger = core.settled.wait(ledger),
                OnSubmit::Refuse => {
                    let cause = Rejection::ShutDown;
                    return Err(Rejected { job, cause });
                }
            }
        }
    }

    /// Takes a job out of the queue that no thread has taken, the latest if there are several. The caller
    /// runs it or cancels it.
    ///
    /// `wanted` is called under the lock.
    pub(crate) fn take(&self, wanted: impl Fn(&J) -> bool) -> Option<J> {
        let mut ledger = self.core.lock();
        let place = ledger.queue.iter().rposition(wanted)?;
        ledger.tally.on_take();
        ledger.queue.remove(place)
    }

    /// True if the other is a clone of this one.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.core, &other.core)
    }

    /// Closes the pool, cancels the queued jobs and waits for the running and the mandatory ones: for
    /// at most `timeout`, or for as long as it takes. Returns true if every thread has finished.
    ///
    /// Only the first call closes and waits. Later calls tell at once how things are, so a drop
    /// after a shutdown with a timeout does not wait again. A call from one of the pool's own
    /// threads counts that thread as finished. Without a timeout the threads are also joined, so
    /// that their thread-local values are gone.
    pub(crate) fn shutdown(&self, timeout: Option<Duration>) -> bool {
        let deadline = deadline(timeout);
        match self.close(Job::is_mandatory) {
            OnClose::First => self.await_threads(deadline, timeout.is_none()),
            OnClose::Already => {
                let ledger = self.core.lock();
                ledger.tally.remaining() <= ledger.own_threads()
            }
        }
    }

    /// Waits until every thread of a closed pool but the calling one has finished, and joins them.
    pub(crate) fn join(&self) {
        self.await_threads(None, true);
    }

    /// Closes the pool if it is open, and cancels the queued jobs except those that `keep` tells, which is
    /// called under the lock.
    pub(crate) fn close(&self, keep: impl Fn(&J) -> bool) -> OnClose {
        let mut ledger = self.core.lock();
        let queue = mem::take(&mut ledger.queue).into_iter();
        let (kept, queue): (VecDeque<J>, VecDeque<J>) = queue.partition(keep);
        let closed = ledger.tally.close(kept.len());
        ledger.queue = kept;
        let idle = mem::take(&mut ledger.idle);
        let launcher = ledger.launcher.take();
        drop(ledger);

        // The threads leave while the jobs are cancelled.
        for seat in idle {
            seat.ring();
        }
        for job in queue {
            contain(|| job.cancel());
        }
        contain(|| drop(launcher));
        closed
    }

    /// Waits until every thread of a closed pool but the calling one has finished; false if the deadline
    /// came first.
    fn await_threads(&self, deadline: Option<Instant>, join: bool) -> bool {
        let core = &self.core;
        let mut ledger = core.lock();
        let own = ledger.own_threads();
        while ledger.tally.remaining() > own {
            // It is woken: of a closed pool every thread that signs off and every refused start
            // notifies after having changed the count under the lock.
            ledger = match time_left(deadline) {
                None => core.emptied.wait(ledger),
                Some(Duration::ZERO) => return false,
                Some(left) => core.emptied.wait_timeout(ledger, left).0,
            };
        }
        let roster = mem::take(&mut ledger.roster);
        drop(ledger);
        if join {
            join_others(roster);
        }
        true
    }

    /// Counts threads and jobs.
    pub(crate) fn metrics(&self) -> BlockingMetrics {
        let tally = self.core.lock().tally;
        BlockingMetrics {
            threads: tally.threads(),
            idle: tally.idle(),
            queued: tally.queued(),
        }
    }

    /// Releases the lock and brings to the queue whom the tally asks for.
    fn fulfil(&self, mut ledger: MutexGuard<'_, Ledger<J>>, summon: Summon) {
        match summon {
            Summon::Nobody => {}
            Summon::Wake => {
                let seat = ledger.call_latest();
                drop(ledger);
                seat.ring();
            }
            // A refusal is no error here: there is a thread that will take the job.
            Summon::Start => drop(self.start_thread(ledger)),
        }
    }

    /// Releases the lock, starts the thread that the tally counts as starting, and reports the
    /// outcome. Returns with the lock held if there is a thread now.
    fn start_thread<'a>(
        &'a self,
        ledger: MutexGuard<'a, Ledger<J>>,
    ) -> io::Result<MutexGuard<'a, Ledger<J>>> {
        let launcher = ledger.launcher.clone();
        drop(ledger);
        let launcher = launcher.expect("only an open pool starts threads");
        let (server, leaver) = (self.clone(), Arc::clone(&self.core));
        let serve = move || J::serve_in(&server, || server.serve());
        let started = launcher.launch(serve, move || leaver.sign_off());
        // The pool may have been closed meanwhile, which makes this the last owner of the hooks.
        contain(|| drop(launcher));

        let mut ledger = self.core.lock();
        let outcome = match started {
            Ok(handle) => {
                ledger.tally.on_started();
                ledger.roster.push(handle);
                Ok(ledger)
            }
            Err(refusal) => {
                let summon = ledger.tally.on_refused();
                self.fulfil(ledger, summon);
                self.core.emptied.notify_all();
                Err(refusal)
            }
        };
        self.core.settled.notify_all();
        outcome
    }
}

impl<J: Job> Clone for BlockingPool<J> {
    fn clone(&self) -> Self {
        Self {
            core: Arc::clone(&self.core),
        }
    }
}

impl<J: Job> fmt::Debug for BlockingPool<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tally = self.core.lock().tally;
        f.debug_tuple("BlockingPool").field(&tally).finish()
    }
}

impl<J: Job> PoolCore<J> {
    /// Takes the lock, at a moment when I7 must hold.
    fn lock(&self) -> MutexGuard<'_, Ledger<J>> {
        let ledger = self.ledger.lock();
        debug_assert_eq!(ledger.tally.queued(), ledger.queue.len(), "I7");
        debug_assert_eq!(ledger.tally.idle(), ledger.idle.len(), "I7");
        ledger
    }
}

impl<J> Ledger<J> {
    /// Takes the thread that went to rest last off the stack. The caller rings its bell.
    fn call_latest(&mut self) -> Arc<Seat> {
        let seat = self.idle.pop().expect("the tally counts the seats");
        seat.call();
        seat
    }

    /// 1 on a thread of this pool, else 0.
    fn own_threads(&self) -> usize {
        let me = thread::current().id();
        usize::from(self.roster.iter().any(|member| member.thread().id() == me))
    }
}

/// The end of a wait that begins now; none if the clock does not reach that far (R-73).
fn deadline(timeout: Option<Duration>) -> Option<Instant> {
    timeout.and_then(|timeout| Instant::now().checked_add(timeout))
}

/// What is left until `deadline`; none if there is none.
fn time_left(deadline: Option<Instant>) -> Option<Duration> {
    deadline.map(|end| end.saturating_duration_since(Instant::now()))
}

/// Joins all threads but the calling one, which have signed off: they end without waiting for
/// anything of the pool.
fn join_others(roster: Vec<JoinHandle<()>>) {
    let me = thread::current().id();
    for member in roster {
        if member.thread().id() != me {
            // The result is of no interest: the body contains every panic of foreign code.
            let _ = member.join();
        }
    }
}
