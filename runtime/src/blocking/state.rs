//! The counts of the blocking pool, and every decision that follows from them.
//!
//! A [`Tally`] is a plain value: it knows no lock, no thread and no job. Each transition returns
//! the duty of the caller, who holds the pool's lock and applies it to the real queue and the real
//! threads. That is why the rules can be tested exhaustively.
//!
//! # Picture
//!
//! The life of a thread. Its state is known by the counts that include it:
//!
//! ```text
//!                 state      threads  idle  summoned  starting  leaving
//!     1 ┌───────► starting      x              x         x
//!       │ 2       started       x              x
//!       │ 3       busy          x
//!       │ 4       resting       x      x
//!       │ 5       called        x              x                          then 3 again
//!       │ 6       leaving                                          x
//!   (nothing) ◄── 7
//! ```
//! 1 [`Summon::Start`] or [`OnSubmit::Found`] · 2 [`on_started`](Tally::on_started), or back to
//! nothing by [`on_refused`](Tally::on_refused) · 3 [`on_arrive`](Tally::on_arrive) ·
//! 4 [`on_turn`](Tally::on_turn) with [`OnTurn::Rest`] · 5 [`Summon::Wake`] · 6 `on_turn` or
//! [`on_expire`](Tally::on_expire) with [`OnTurn::Leave`] · 7 [`on_gone`](Tally::on_gone)
//!
//! `on_turn` with [`OnTurn::Run`] keeps a busy thread busy; `on_expire` with it makes a resting
//! thread busy. [`close`](Tally::close) makes every resting thread busy: its turn is to take one of the
//! jobs that are kept, or to leave.
//!
//! # Invariants
//!
//! A thread is *certain* when the operating system has made it: all of `threads`, except the one
//! that is starting.
//!
//! - I1. A queued job has a certain thread: `queued > 0` implies `threads > starting`.
//! - I2. A queued job has somebody who will look: `queued > 0` implies a busy thread or one on its
//!   way.
//! - I3. Nobody rests beside work unless somebody is on the way: `queued > 0 && idle > 0` implies
//!   `summoned`.
//! - I4. At most one thread is on its way, and a starting thread is on its way.
//! - I5. `threads <= threads_max`, and resting and summoned threads are distinct ones of them.
//! - I6. A closed pool takes no job, starts no thread and lets nobody rest; the jobs it kept are taken.

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

/// How many jobs wait and what the threads of a pool are doing. See the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tally {
    /// Limit for `threads`, at least 1.
    threads_max: usize,
    /// Threads that serve, or will when they arrive. Threads on their way out are not counted, so
    /// the operating system may for a moment know more than `threads_max`.
    threads: usize,
    /// Threads that rest, waiting for a summons.
    idle: usize,
    /// Jobs in the queue.
    queued: usize,
    /// Threads that have decided to leave and still have to run their stop hook.
    leaving: usize,
    /// A thread has been woken or started and has not looked at the queue since.
    summoned: bool,
    /// The thread on its way is one that the operating system may still refuse.
    starting: bool,
    /// Shut down: nothing is accepted, everybody leaves.
    closed: bool,
}

/// Whom the caller has to bring to the queue, after releasing the lock.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Summon {
    /// Nobody: there is nothing to do, or somebody is already on the way, or all are busy.
    Nobody,
    /// The thread that went to rest last.
    Wake,
    /// A new thread. The caller starts it and reports [`Tally::on_started`] or
    /// [`Tally::on_refused`].
    Start,
}

/// What the submitter of a job has to do.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnSubmit {
    /// Queue the job, then summon.
    Enqueue(Summon),
    /// Keep the job, start the first thread, report the outcome, and submit again if it succeeded.
    Found,
    /// Keep the job until the start that is under way has been reported, then submit again.
    AwaitStart,
    /// Give the job back.
    Refuse,
}

/// What a thread that has nothing in hand has to do.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnTurn {
    /// Take the oldest job, then summon, and only then run the job.
    Run(Summon),
    /// Rest until summoned, dismissed or out of patience.
    Rest,
    /// Run the stop hook and report [`Tally::on_gone`].
    Leave,
}

/// Whether this call is the one that closed the pool. Either way the queued jobs that are not kept are to
/// be cancelled.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnClose {
    /// It is: dismiss the resting threads.
    First,
    /// The pool was closed already, and nobody rests.
    Already,
}

impl Tally {
    /// An open pool without threads.
    pub(super) fn new(threads_max: usize) -> Self {
        assert!(
            threads_max > 0,
            "a blocking pool needs room for at least one thread"
        );
        Self {
            threads_max,
            threads: 0,
            idle: 0,
            queued: 0,
            leaving: 0,
            summoned: false,
            starting: false,
            closed: false,
        }
    }

    /// A job has come. On [`OnSubmit::Enqueue`] it is counted as queued.
    pub(super) fn on_submit(&mut self) -> OnSubmit {
        if self.closed {
            return OnSubmit::Refuse;
        }
        if self.certain() > 0 {
            self.queued += 1;
            return OnSubmit::Enqueue(self.summon());
        }
        // Nobody is certain to exist, so a queued job might never be taken (I1): the submitter
        // holds on to it until the operating system has answered.
        if self.starting {
            return OnSubmit::AwaitStart;
        }
        self.begin_start();
        OnSubmit::Found
    }

    /// The operating system has made the thread that was starting.
    pub(super) fn on_started(&mut self) {
        debug_assert!(self.starting && self.summoned, "I4: {self:?}");
        self.starting = false;
    }

    /// The operating system has refused the thread that was starting. Never [`Summon::Start`].
    pub(super) fn on_refused(&mut self) -> Summon {
        debug_assert!(self.starting && self.summoned, "I4: {self:?}");
        self.starting = false;
        self.summoned = false;
        self.threads -= 1;
        // While the start was under way threads may have gone to rest and jobs may have come that
        // relied on it.
        self.summon_resting()
    }

    /// The thread that was on its way has come to the queue. Its turn follows.
    pub(super) fn on_arrive(&mut self) {
        debug_assert!(self.summoned && !self.starting, "I4: {self:?}");
        self.summoned = false;
    }

    /// A thread has nothing in hand: it has just arrived, been dismissed or finished a job.
    pub(super) fn on_turn(&mut self) -> OnTurn {
        if let Some(turn) = self.take_job() {
            return turn;
        }
        if self.closed {
            return self.leave();
        }
        self.idle += 1;
        OnTurn::Rest
    }

    /// A resting thread has run out of patience without being summoned or dismissed.
    pub(super) fn on_expire(&mut self) -> OnTurn {
        debug_assert!(self.idle > 0 && !self.closed, "I6: {self:?}");
        self.idle -= 1;
        // A job that waits for somebody else on the way may as well have this thread.
        self.take_job().unwrap_or_else(|| self.leave())
    }

    /// A thread that was told to leave has nothing more to do with the pool.
    pub(super) fn on_gone(&mut self) {
        debug_assert!(self.leaving > 0, "a thread left twice: {self:?}");
        self.leaving -= 1;
    }

    /// A job was taken out of the queue by somebody who runs it elsewhere, or cancels it.
    pub(super) fn on_take(&mut self) {
        debug_assert!(self.queued > 0, "I7: {self:?}");
        self.queued -= 1;
    }

    /// Closes the pool, and keeps that many of the queued jobs. The others and the resting threads
    /// are the caller's from here on.
    pub(super) fn close(&mut self, kept: usize) -> OnClose {
        debug_assert!(
            kept <= self.queued,
            "kept more jobs than there are: {self:?}"
        );
        self.queued = kept;
        if self.closed {
            return OnClose::Already;
        }
        self.closed = true;
        self.idle = 0;
        OnClose::First
    }

    /// The pool has been shut down.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// A start is under way whose outcome has not been reported.
    pub(super) fn is_starting(&self) -> bool {
        self.starting
    }

    /// Threads that serve or are on their way.
    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// Threads that may still touch the pool or run a hook.
    pub(super) fn remaining(&self) -> usize {
        self.threads + self.leaving
    }

    /// Threads that rest.
    pub(super) fn idle(&self) -> usize {
        self.idle
    }

    /// Jobs in the queue.
    pub(super) fn queued(&self) -> usize {
        self.queued
    }

    /// Threads that certainly exist.
    fn certain(&self) -> usize {
        self.threads - usize::from(self.starting)
    }

    /// Takes a job, if there is one, and lets the taker call the next thread (I3).
    fn take_job(&mut self) -> Option<OnTurn> {
        self.queued = self.queued.checked_sub(1)?;
        Some(OnTurn::Run(self.summon()))
    }

    /// Brings one thread to a queue that has jobs, unless one is on its way.
    fn summon(&mut self) -> Summon {
        let resting = self.summon_resting();
        let wanted = self.queued > 0 && !self.summoned && !self.closed;
        if resting == Summon::Nobody && wanted && self.threads < self.threads_max {
            self.begin_start();
            return Summon::Start;
        }
        resting
    }

    /// Like [`summon`](Self::summon), without starting a thread.
    fn summon_resting(&mut self) -> Summon {
        if self.queued == 0 || self.summoned || self.idle == 0 {
            return Summon::Nobody;
        }
        self.idle -= 1;
        self.summoned = true;
        Summon::Wake
    }

    fn begin_start(&mut self) {
        debug_assert!(!self.summoned && !self.closed, "I4: {self:?}");
        self.threads += 1;
        self.summoned = true;
        self.starting = true;
    }

    fn leave(&mut self) -> OnTurn {
        self.threads -= 1;
        self.leaving += 1;
        OnTurn::Leave
    }
}
