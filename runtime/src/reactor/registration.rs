//! A socket and its slot: registered once, from birth to death.
//!
//! An operation follows one pattern, [`poll_attempts`]: wait until the socket is said to be ready,
//! try, and if that says `WouldBlock`, clear the readiness *as of that wait* and start again.
//!
//! # Invariants
//!
//! G1. The socket is known to the selector exactly while a [`Registration`] owns it. A registration
//!     that fails gives its slot back and leaves nothing behind.
//! G2. The socket leaves the selector before its slot is given back, and before it is closed. If it
//!     cannot leave (somebody closed the descriptor, or a duplicate keeps it alive), its events
//!     name a former owner and are dropped.
//! G3. `WouldBlock` clears a closed side only of what can open again ([`Registration::reopening`]).
//!     Otherwise an operation that says `WouldBlock` although its side is closed yields instead of
//!     spinning.
//!
//! # Cancel safety
//!
//! Nothing is taken from the kernel before the poll that returns it.

use std::io;
use std::panic::Location;
use std::task::{Context, Poll, ready};

use mio::event::Source as MioSource;
use selvedge_sync::context::{self, WaitKind};
use selvedge_sync::primitive::Arc;

use super::readiness::ReadyEvent;
use super::readiness_wait::ReadinessWait;
use super::source::Source;
use super::source_table::SourceKey;
use super::waiters::{Direction, Place};
use super::{Reactor, gone};
use crate::io::{Interest, Ready};

#[cfg(any(target_os = "linux", target_os = "android"))]
const PRIORITY: Option<mio::Interest> = Some(mio::Interest::PRIORITY);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PRIORITY: Option<mio::Interest> = None;

/// A socket that the reactor watches.
#[derive(Debug)]
pub(crate) struct Registration<S: MioSource> {
    /// `None` only inside `into_inner` and `drop`.
    io: Option<S>,
    slot: Slot,
}

/// The right to one slot, as long as it lives.
#[derive(Debug)]
pub(super) struct Slot {
    reactor: Arc<Reactor>,
    key: SourceKey,
    /// A closed side is not final (G3).
    can_reopen: bool,
}

/// What a successful operation says about the readiness it used.
#[derive(Debug)]
pub(crate) enum Done<R> {
    /// The socket may be ready for more.
    Kept(R),
    /// The socket is empty (or full): the next operation has to wait for an event.
    Drained(R),
}

impl Slot {
    pub(super) fn source(&self) -> &Source {
        self.reactor.sources.get(self.key)
    }

    /// Runs `op` if `event` is something to rely on.
    fn attempt<R>(&self, event: ReadyEvent, op: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        let result = match event.ready.is_empty() {
            true => Err(io::ErrorKind::WouldBlock.into()),
            false => op(),
        };
        if is_kind(&result, io::ErrorKind::WouldBlock) {
            open_event(event)?;
            self.refute(event);
        }
        result
    }

    /// An operation that relied on `seen` said `WouldBlock`. Returns false if it is to yield (G3).
    fn refute(&self, seen: ReadyEvent) -> bool {
        match self.can_reopen {
            true => self.source().forget(seen),
            false => self.source().clear(seen),
        }
        self.can_reopen || !(seen.ready - Ready::CLOSED).is_empty()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.reactor.sources.release(self.key);
    }
}

impl<S: MioSource> Registration<S> {
    /// Has `reactor` watch `io` for `interest`; until the first event it counts as `assumed`.
    ///
    /// # Errors
    ///
    /// The selector refuses the socket, the reactor has shut down, or it has no free slot. The socket is
    /// closed then.
    pub(crate) fn new(
        reactor: Arc<Reactor>,
        io: S,
        interest: Interest,
        assumed: Ready,
    ) -> io::Result<Self> {
        Self::try_new(reactor, io, interest, assumed).map_err(|(_, error)| error)
    }

    /// As [`new`](Self::new), but an error brings the socket back.
    pub(crate) fn try_new(
        reactor: Arc<Reactor>,
        mut io: S,
        interest: Interest,
        assumed: Ready,
    ) -> Result<Self, (S, io::Error)> {
        let key = match reactor.sources.acquire(assumed) {
            Ok(key) => key,
            Err(error) => return Err((io, error)),
        };
        let slot = Slot {
            reactor,
            key,
            can_reopen: false,
        };
        let registry = &slot.reactor.registry;
        match registry.register(&mut io, key.to_token(), mio_interest(interest)) {
            Ok(()) => Ok(Self { io: Some(io), slot }),
            // This drops the slot, which gives it back (G1).
            Err(error) => Err((io, error)),
        }
    }

    /// Lets `WouldBlock` take back that a side is closed, for what can open again.
    pub(crate) fn reopening(mut self) -> Self {
        self.slot.can_reopen = true;
        self
    }

    /// The socket.
    pub(crate) fn io(&self) -> &S {
        self.io
            .as_ref()
            .expect("a registration in use has its socket")
    }

    /// The socket, to change.
    pub(crate) fn io_mut(&mut self) -> &mut S {
        self.io
            .as_mut()
            .expect("a registration in use has its socket")
    }

    /// Ends the registration and returns the socket.
    ///
    /// # Errors
    ///
    /// The selector does not let go of the socket; it is closed then.
    pub(crate) fn into_inner(self) -> io::Result<S> {
        let (io, result) = self.release();
        result.map(|()| io)
    }

    /// Ends the registration and returns the socket, whatever the selector says to that.
    pub(crate) fn release(mut self) -> (S, io::Result<()>) {
        let mut io = self
            .io
            .take()
            .expect("a registration in use has its socket");
        let result = self.slot.reactor.registry.deregister(&mut io);
        (io, result)
    }

    /// A wait for `interest`, noted under `place`.
    pub(crate) fn wait(
        &self,
        interest: Interest,
        place: &'static Location<'static>,
    ) -> ReadinessWait<'_> {
        ReadinessWait::new(&self.slot, Ready::of_interest(interest), place)
    }

    /// Waits in the slot of `direction` until it is ready.
    pub(crate) fn poll_ready(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        place: &'static Location<'static>,
    ) -> Poll<io::Result<ReadyEvent>> {
        let coop = ready!(context::poll_proceed(cx));
        let event = ready!(self.poll_event(cx, direction, place));
        coop.made_progress();
        Poll::Ready(event)
    }

    /// True if the reading side is known to have ended.
    pub(crate) fn is_read_closed(&self) -> bool {
        let event = self.slot.source().look(Ready::READ_CLOSED);
        event.ready.is_read_closed()
    }

    /// An operation that relied on `seen` found the socket not ready after all.
    pub(crate) fn clear(&self, seen: ReadyEvent) {
        self.slot.source().clear(seen);
    }

    /// Runs `op` in the slot of `direction` until it says something other than `WouldBlock`.
    pub(crate) fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        place: &'static Location<'static>,
        mut op: impl FnMut(&S) -> io::Result<Done<R>>,
    ) -> Poll<io::Result<R>> {
        let io = self.io();
        poll_attempts(
            cx,
            &self.slot,
            |cx| self.poll_event(cx, direction, place),
            || op(io),
        )
    }

    /// Runs `op` if the socket is said to be ready for `interest`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not ready; that of `op`. If the reactor has shut down, which is no reason to
    /// leave what the socket holds unread, the error says so instead of `WouldBlock`.
    pub(crate) fn try_io<R>(
        &self,
        interest: Interest,
        op: impl FnOnce(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        let event = self.slot.source().look(Ready::of_interest(interest));
        self.slot.attempt(event, || op(self.io()))
    }

    /// As [`try_io`](Self::try_io), with the socket to change.
    pub(crate) fn try_io_mut<R>(
        &mut self,
        interest: Interest,
        op: impl FnOnce(&mut S) -> io::Result<R>,
    ) -> io::Result<R> {
        let event = self.slot.source().look(Ready::of_interest(interest));
        let io = self.io.as_mut();
        let io = io.expect("a registration in use has its socket");
        self.slot.attempt(event, || op(io))
    }

    /// It is woken: see `source.rs`.
    fn poll_event(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        place: &'static Location<'static>,
    ) -> Poll<io::Result<ReadyEvent>> {
        let source = self.slot.source();
        match source.poll_wait(cx, direction.mask(), Place::Slot(direction)) {
            Poll::Ready(event) => Poll::Ready(open_event(event)),
            Poll::Pending => {
                context::note_wait(WaitKind::Io, place);
                Poll::Pending
            }
        }
    }
}

impl<S: MioSource> Drop for Registration<S> {
    fn drop(&mut self) {
        if let Some(io) = &mut self.io {
            // A failure means that the selector has lost the socket already, or that its events
            // will be stale (G2): there is nothing left to do in either case.
            let _ = self.slot.reactor.registry.deregister(io);
        }
    }
}

/// The loop behind every operation that waits: `wait`, then `op`, until it does not say
/// `WouldBlock`. Charges one unit of the budget per finished operation.
pub(super) fn poll_attempts<R>(
    cx: &mut Context<'_>,
    slot: &Slot,
    mut wait: impl FnMut(&mut Context<'_>) -> Poll<io::Result<ReadyEvent>>,
    mut op: impl FnMut() -> io::Result<Done<R>>,
) -> Poll<io::Result<R>> {
    let coop = ready!(context::poll_proceed(cx));
    loop {
        let event = ready!(wait(cx))?;
        let result = match op() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !slot.refute(event) {
                    // The side is closed, and `op` will not see it (G3).
                    // It is woken: here, so that it tries again after others had their turn.
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
            Ok(Done::Kept(value)) => Ok(value),
            Ok(Done::Drained(value)) => {
                // With urgent data a read stops short at the mark, which proves nothing.
                if !event.has_urgent {
                    slot.source().clear(event);
                }
                Ok(value)
            }
        };
        coop.made_progress();
        return Poll::Ready(result);
    }
}

/// The event, unless it is the reactor's end.
pub(super) fn open_event(event: ReadyEvent) -> io::Result<ReadyEvent> {
    match event.is_shutdown {
        true => Err(gone()),
        false => Ok(event),
    }
}

fn is_kind<R>(result: &io::Result<R>, kind: io::ErrorKind) -> bool {
    matches!(result, Err(error) if error.kind() == kind)
}

/// The selector's words for an interest.
fn mio_interest(interest: Interest) -> mio::Interest {
    [
        (interest.is_readable(), Some(mio::Interest::READABLE)),
        (interest.is_writable(), Some(mio::Interest::WRITABLE)),
        (interest.is_priority(), PRIORITY),
    ]
    .into_iter()
    .filter_map(|(is_wanted, part)| part.filter(|_| is_wanted))
    .reduce(|all, part| all | part)
    // Errors are reported whatever was asked for, but something has to be asked for.
    .unwrap_or(mio::Interest::READABLE)
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
