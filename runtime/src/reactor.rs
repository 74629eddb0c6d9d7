//! The reactor: tells tasks when their sockets are ready, with one mio selector per runtime.
//!
//! ```text
//!   task ── Registration ──► slot of its source ◄── dispatch ── turn() ── mio::Poll ── kernel
//!                                  │                               ▲
//!                                  └── waker ──► scheduler         └── unpark() from anywhere
//! ```
//!
//! It has two parts. [`Reactor`] is shared: sockets register with it, and anybody may [`unpark`]
//! it. [`ReactorPoll`] is exclusive: whoever holds it drives, by calling [`turn`].
//!
//! | File | Idea |
//! |---|---|
//! | `readiness.rs` | the word: what is ready, who wants to know (pure) |
//! | `waiters.rs` | the wakers of one source |
//! | `source.rs` | word and waiters together: the wake-up protocol |
//! | `source_table.rs` | all slots; keys that survive the kernel |
//! | `readiness_wait.rs` | the future that waits for one source |
//! | `registration.rs` | a socket and its slot, from one `epoll_ctl` add to its end |
//! | `resident.rs` | the one source that the reactor serves itself |
//! | `gone.rs` | the error after the end |
//!
//! # Invariants
//!
//! R1. Registration is edge-triggered and done once in a socket's life. Readiness is forgotten only
//!     when an operation finds the source empty (or full), by `clear`.
//! R2. An event that names a slot given back since is dropped: the generation in the key differs.
//! R3. Wakers run without any lock held. One that panics does not keep the others from running.
//! R4. After [`shutdown`] every wait ends with an error: those there are, and those to come.
//!
//! [`unpark`]: Reactor::unpark
//! [`turn`]: ReactorPoll::turn
//! [`shutdown`]: Reactor::shutdown

mod gone;
mod readiness;
mod readiness_wait;
mod registration;
mod resident;
mod source;
mod source_table;
mod waiters;

use std::io;
use std::task::Waker;
use std::time::Duration;

use selvedge_sync::primitive::Arc;

pub(crate) use self::gone::gone;
use self::resident::Residence;
use self::source_table::{SourceKey, SourceTable};
use crate::contain::contain;
use crate::io::Ready;

pub use self::gone::is_rt_shutdown_err;
pub(crate) use self::readiness::ReadyEvent;
pub(crate) use self::readiness_wait::ReadinessWait;
pub(crate) use self::registration::{Done, Registration};
pub(crate) use self::resident::Resident;
pub(crate) use self::waiters::Direction;

/// The token of the reactor's own waker. No slot has it: see `source_table.rs`.
const UNPARK: mio::Token = mio::Token(usize::MAX);
/// The token of what the reactor serves itself. No slot has it either.
const RESIDENT: mio::Token = mio::Token(usize::MAX - 1);
/// Room for wakers that is kept from turn to turn.
const WAKES_KEPT_MAX: usize = 1024;

/// The shared part: where sockets register, and how a thread in [`ReactorPoll::turn`] is woken.
#[derive(Debug)]
pub(crate) struct Reactor {
    registry: mio::Registry,
    unpark: mio::Waker,
    sources: SourceTable,
    resident: Residence,
    /// The process that made it: a child made by `fork` shares the selector with this one.
    process: u32,
}

/// The exclusive part: waits for events and hands them out.
#[derive(Debug)]
pub(crate) struct ReactorPoll {
    poll: mio::Poll,
    events: mio::Events,
    /// Room for the events of a turn that only looks, if it is another.
    events_of_look: Option<mio::Events>,
    /// Wakers of the turn under way; empty between turns.
    wakes: Vec<Waker>,
}

impl Reactor {
    /// A reactor that takes up to `capacity` events per turn, and up to `capacity_of_look` in one that
    /// only looks.
    ///
    /// # Errors
    ///
    /// The operating system refuses a selector or a waker, as when file descriptors run out.
    pub(crate) fn new(
        capacity: usize,
        capacity_of_look: usize,
    ) -> io::Result<(Arc<Self>, ReactorPoll)> {
        let poll = mio::Poll::new()?;
        let reactor = Self {
            registry: poll.registry().try_clone()?,
            unpark: mio::Waker::new(poll.registry(), UNPARK)?,
            sources: SourceTable::new(),
            resident: Residence::new(),
            process: std::process::id(),
        };
        let events = mio::Events::with_capacity(capacity);
        let events_of_look =
            (capacity_of_look != capacity).then(|| mio::Events::with_capacity(capacity_of_look));
        let wakes = Vec::new();
        Ok((
            Arc::new(reactor),
            ReactorPoll {
                poll,
                events,
                events_of_look,
                wakes,
            },
        ))
    }

    /// Makes the turn under way return, or the next one if there is none.
    pub(crate) fn unpark(&self) {
        while let Err(error) = self.unpark.wake() {
            // Interrupted: once more. Any other error means that the selector is gone, and with it
            // every thread that could wait in it.
            if error.kind() != io::ErrorKind::Interrupted {
                debug_assert!(false, "cannot wake the reactor: {error}");
                return;
            }
        }
    }

    /// Makes sure that this process may register something here.
    ///
    /// # Errors
    ///
    /// The process is a copy, by `fork`, of the one that made the reactor: what it registered would turn
    /// up in the other.
    pub(crate) fn check_process(&self) -> io::Result<()> {
        match self.process == std::process::id() {
            true => Ok(()),
            false => Err(io::Error::other(
                "this runtime was made before this process was forked: make one after the fork",
            )),
        }
    }

    /// Has the reactor serve what `make` makes, if it serves nothing yet.
    ///
    /// # Errors
    ///
    /// Those of `make`, of [`check_process`](Self::check_process) and of the selector, or the reactor
    /// has shut down.
    pub(crate) fn house(
        &self,
        make: impl FnOnce() -> io::Result<Box<dyn Resident>>,
    ) -> io::Result<()> {
        self.check_process()?;
        self.resident.settle(|| {
            let resident = make()?;
            resident.register(&self.registry, RESIDENT)?;
            Ok(resident)
        })
    }

    /// Ends every wait with an error: those there are, and those to come. Wakes what waits.
    pub(crate) fn shutdown(&self) {
        let mut wakes = Vec::new();
        self.sources.close(&mut wakes);
        self.resident.close(&mut wakes);
        wake_all(&mut wakes);
        self.unpark();
    }

    /// Hands one event to its slot. Returns whether it had an owner who can use it.
    fn dispatch(&self, event: &mio::event::Event, wakes: &mut Vec<Waker>) -> bool {
        match event.token() {
            UNPARK => return false,
            RESIDENT => return self.resident.serve(wakes),
            _ => {}
        }
        let key = SourceKey::from_token(event.token());
        let ready = Report::from(event).ready();
        let source = self.sources.find(key);
        source.is_some_and(|source| source.dispatch(key.generation(), ready, wakes))
    }
}

impl ReactorPoll {
    /// Waits for events, at most for `timeout` (`None`: for ever, zero: only looks), and hands them
    /// out. Returns how many sources got readiness.
    ///
    /// Returns early, with 0, after [`Reactor::unpark`] or a signal. The timeout is rounded up to
    /// whole milliseconds, so it never ends early by itself.
    ///
    /// # Errors
    ///
    /// Those of the selector, apart from interruption; no event is lost by one.
    pub(crate) fn turn(
        &mut self,
        reactor: &Reactor,
        timeout: Option<Duration>,
    ) -> io::Result<usize> {
        debug_assert!(self.wakes.is_empty(), "the last turn woke everybody");
        let events = match (timeout, &mut self.events_of_look) {
            (Some(Duration::ZERO), Some(events_of_look)) => events_of_look,
            _ => &mut self.events,
        };
        match self.poll.poll(events, timeout.map(round_up)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(0),
            Err(error) => return Err(error),
        }
        let mut ready_count = 0;
        for event in &*events {
            ready_count += usize::from(reactor.dispatch(event, &mut self.wakes));
        }
        // The whole batch is handed out before the first task may run: it sees all of it.
        wake_all(&mut self.wakes);
        self.wakes.shrink_to(WAKES_KEPT_MAX);
        Ok(ready_count)
    }
}

/// The next whole millisecond, which is what selectors count in.
fn round_up(timeout: Duration) -> Duration {
    match timeout.subsec_nanos() % 1_000_000 {
        0 => timeout,
        part => timeout.saturating_add(Duration::from_nanos(u64::from(1_000_000 - part))),
    }
}

/// What the selector reports of a source.
#[derive(Debug, Clone, Copy, Default)]
struct Report {
    is_readable: bool,
    is_writable: bool,
    is_read_closed: bool,
    is_write_closed: bool,
    is_priority: bool,
    is_error: bool,
}

impl From<&mio::event::Event> for Report {
    fn from(event: &mio::event::Event) -> Self {
        Self {
            is_readable: event.is_readable(),
            is_writable: event.is_writable(),
            is_read_closed: event.is_read_closed(),
            is_write_closed: event.is_write_closed(),
            is_priority: event.is_priority(),
            is_error: event.is_error(),
        }
    }
}

impl Report {
    /// What the source is ready for.
    ///
    /// An error makes both sides ready and closes neither: the operation that follows finds out,
    /// and if it was only a message in the error queue, it says `WouldBlock` and that readiness is
    /// cleared. A hang-up closes both sides. The writing side alone never counts as closed: what
    /// mio reports so is an error, and taking it for final would make a writer of a full socket
    /// try for ever.
    fn ready(self) -> Ready {
        let is_failed = self.is_error || self.is_write_closed;
        let is_hung_up = self.is_read_closed && self.is_write_closed;
        [
            (self.is_readable, Ready::READABLE),
            (self.is_writable, Ready::WRITABLE),
            (self.is_priority, Ready::PRIORITY),
            (self.is_error, Ready::ERROR),
            (is_failed, Ready::READABLE | Ready::WRITABLE),
            (self.is_read_closed, Ready::READ_CLOSED),
            (is_hung_up, Ready::WRITE_CLOSED),
        ]
        .into_iter()
        .filter(|(is_reported, _)| *is_reported)
        .fold(Ready::EMPTY, |all, (_, part)| all | part)
    }
}

/// Wakes everybody, oldest first, whatever a single waker does.
fn wake_all(wakes: &mut Vec<Waker>) {
    for waker in wakes.drain(..) {
        // Wakers are foreign code. One that panics has told so through the panic hook; the others
        // must still be woken, so the panic ends here, and so does one in its payload's drop.
        contain(|| waker.wake());
    }
}

#[cfg(all(test, not(selvedge_loom)))]
pub(crate) mod driven;
#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
