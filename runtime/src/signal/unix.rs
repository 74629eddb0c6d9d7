//! Signals of Unix.

mod kind;

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::context::{self as task_context, WaitKind};

use super::hub::Listener;
use crate::context;
use crate::reactor::is_rt_shutdown_err;

pub use kind::SignalKind;

/// Listens to a signal from now on.
///
/// The first listener of a kind installs a handler, which stays until the process ends: the signal does
/// nothing by itself any more, even when all listeners are gone.
///
/// # Errors
///
/// The signal cannot be handled, as `SIGKILL`, or must not be, as `SIGSEGV`; there is no such signal; the
/// system has no descriptor left; or the runtime has shut down.
///
/// # Panics
///
/// Outside a runtime.
///
/// # Examples
///
/// ```no_run
/// use selvedge::signal::unix::{SignalKind, signal};
///
/// # async fn reload_configuration() {}
/// # async fn example() -> std::io::Result<()> {
/// let mut hangups = signal(SignalKind::hangup())?;
/// while hangups.recv().await.is_some() {
///     reload_configuration().await;
/// }
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    Signal::new(kind)
}

/// A listener of one kind of signal. See [`signal`].
///
/// It hears what comes while it exists, and sometimes what came shortly before. Signals that come faster than they are received are received as
/// one; the last of them is never lost.
///
/// It is not bound to a runtime: it may be moved to another, and hears what comes as long as any runtime
/// that has had a listener is running.
#[derive(Debug)]
#[must_use = "dropping it ends listening, and does not bring the signal's default back"]
pub struct Signal {
    listener: Listener,
}

impl Signal {
    #[track_caller]
    pub(crate) fn new(kind: SignalKind) -> io::Result<Self> {
        let reactor = context::reactor();
        let listener = Listener::new(kind.as_raw_value(), &reactor)?;
        Ok(Self { listener })
    }

    /// Waits for the next signal.
    ///
    /// `None` says that none will come: the runtime that polls has shut down, or the process is a copy
    /// made by `fork` of the one that listened.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no signal.
    #[track_caller]
    pub fn recv(&mut self) -> Recv<'_> {
        Recv {
            signal: self,
            place: Location::caller(),
        }
    }

    /// Polls for the next signal. See [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.poll_recv_at(cx, Location::caller())
    }

    /// It is woken: by the reader of the signal pipe, see `board.rs`; before it waits it makes sure that
    /// the runtime here is one.
    pub(crate) fn poll_recv_at(
        &mut self,
        cx: &mut Context<'_>,
        place: &'static Location<'static>,
    ) -> Poll<Option<()>> {
        let coop = ready!(task_context::poll_proceed(cx));
        if self.listener.poll_hear(cx).is_ready() {
            coop.made_progress();
            return Poll::Ready(Some(()));
        }
        if self.is_over() {
            coop.made_progress();
            return Poll::Ready(None);
        }
        task_context::note_wait(WaitKind::Io, place);
        Poll::Pending
    }

    /// Will nothing ever come to who waits here? If not, this makes sure that it does.
    fn is_over(&self) -> bool {
        if !self.listener.is_of_this_process() {
            return true;
        }
        // Outside a runtime others deliver: those that have, or had, a listener.
        let Some(reactor) = context::try_reactor() else {
            return false;
        };
        match self.listener.rouse(&reactor) {
            Ok(()) => false,
            // A runtime without a descriptor to spare relies on the others, too.
            Err(error) => is_rt_shutdown_err(&error) || reactor.check_process().is_err(),
        }
    }
}

/// The future of [`Signal::recv`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Recv<'a> {
    signal: &'a mut Signal,
    place: &'static Location<'static>,
}

impl Future for Recv<'_> {
    type Output = Option<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        let place = self.place;
        self.signal.poll_recv_at(cx, place)
    }
}
