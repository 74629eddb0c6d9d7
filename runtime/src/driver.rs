//! What a runtime's workers wait for besides each other: sockets and timers.
//!
//! There is one driver per runtime and any worker may drive it: whoever runs out of work and finds
//! the reactor free sleeps in it; busy workers look into it now and then.
//!
//! # Why no event and no timer is slept through
//!
//! If every worker sleeps, one of them sleeps in the reactor: a worker finds the reactor taken only
//! by one that is awake, which will park later, or by one asleep in it. Events end that sleep. Timers
//! bound it: `Timers::prepare_park` reads the deadlines of all workers, and a worker that goes to sleep
//! elsewhere hands its own over (`Timers::hand_over`).

pub(crate) mod parker;

use std::fmt;
use std::io;
use std::time::Duration;

use selvedge_sync::primitive::atomic::{AtomicU64, Ordering};
use selvedge_sync::primitive::{Arc, Mutex};

use crate::contain::contain;
use crate::reactor::{Reactor, ReactorPoll};
use crate::time::{Clock, ParkFor, Timers};
use parker::Parker;

pub(crate) struct Driver {
    pub(crate) reactor: Arc<Reactor>,
    pub(crate) timers: Arc<Timers>,
    pub(crate) clock: Arc<Clock>,
    /// Held by the thread that is in the reactor.
    poll: Mutex<ReactorPoll>,
    /// Looks and parks so far, for `is_unattended`.
    visits: AtomicU64,
    visits_seen: AtomicU64,
}

impl Driver {
    /// A driver for `shards` timer shards, which takes up to `events_max` events when it waits for them
    /// and up to `events_max_busy` when it only looks.
    ///
    /// # Errors
    ///
    /// The operating system refuses a selector.
    pub(crate) fn new(
        events_max: usize,
        events_max_busy: usize,
        shards: usize,
        clock: Clock,
    ) -> io::Result<Self> {
        let (reactor, poll) = Reactor::new(events_max, events_max_busy)?;
        let clock = Arc::new(clock);
        let unparked = Arc::clone(&reactor);
        let unpark = Box::new(move || unparked.unpark());
        Ok(Self {
            timers: Arc::new(Timers::new(shards, Arc::clone(&clock), unpark)),
            reactor,
            clock,
            poll: Mutex::new(poll),
            visits: AtomicU64::new(0),
            visits_seen: AtomicU64::new(0),
        })
    }

    /// Handles what is due, without waiting.
    pub(crate) fn look(&self) {
        self.fire_timers();
        if let Some(mut poll) = self.poll.try_lock() {
            self.turn(&mut poll, Some(Duration::ZERO));
        }
    }

    /// Sleeps until an event, a timer or an unpark. Timers of `shard` are the caller's.
    pub(crate) fn park(&self, parker: &Parker, shard: usize) {
        let Some(mut poll) = self.poll.try_lock() else {
            self.timers.hand_over(shard);
            parker.park(None);
            return;
        };
        parker.park_in_driver(|| {
            match self.timers.prepare_park() {
                ParkFor::Event => drop(self.turn(&mut poll, None)),
                ParkFor::Timeout(timeout) => drop(self.turn(&mut poll, Some(timeout))),
                ParkFor::Jump(deadline) => {
                    let events = self.turn(&mut poll, Some(Duration::ZERO));
                    if events == 0 && !parker.is_notified() {
                        self.clock.auto_advance(deadline);
                    }
                }
            }
            self.timers.finish_park();
        });
        drop(poll);
        self.fire_timers();
    }

    /// True if nobody is in the reactor, or was since the last call. For the monitor.
    pub(crate) fn is_unattended(&self) -> bool {
        // Ordering: Relaxed; a late answer costs one period.
        let visits = self.visits.load(Ordering::Relaxed);
        // Ordering: Relaxed, as above.
        let unchanged = self.visits_seen.swap(visits, Ordering::Relaxed) == visits;
        unchanged && self.poll.try_lock().is_some()
    }

    /// Ends every wait for a socket or a timer.
    pub(crate) fn shutdown(&self) {
        self.reactor.shutdown();
        contain(|| self.timers.shutdown());
    }

    fn fire_timers(&self) {
        // Without timers there is no need to know the time.
        if self.timers.has_any() {
            // A waker that panics must not end the worker that happened to fire somebody's timer.
            contain(|| {
                self.timers.fire_due(self.clock.now());
            });
        }
    }

    fn turn(&self, poll: &mut ReactorPoll, timeout: Option<Duration>) -> usize {
        // Ordering: Relaxed; see `is_unattended`.
        self.visits.fetch_add(1, Ordering::Relaxed);
        poll.turn(&self.reactor, timeout).unwrap_or_else(|error| {
            // The selector's own failures (a bad descriptor, no memory) do not mend themselves, and
            // going on without events would hang in silence.
            panic!("the reactor cannot wait for events: {error}")
        })
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("reactor", &self.reactor)
            .finish_non_exhaustive()
    }
}
