//! Waiting for Ctrl-C.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::unix::{Signal, SignalKind};

/// Waits until somebody presses Ctrl-C, or the process gets an interrupt (`SIGINT`) otherwise.
///
/// The first poll installs a handler, which stays until the process ends: pressing Ctrl-C does nothing by
/// itself any more, not even when the future is gone. So wait for it again, or let a second press end the
/// process at once.
///
/// A future hears what comes after its first poll. Calling this again and again, as in a loop around
/// `select!`, may miss a signal between two calls; [`unix::signal`](super::unix::signal) does not.
///
/// # Errors
///
/// The handler cannot be installed, or the runtime has shut down.
///
/// # Panics
///
/// When polled outside a runtime.
///
/// # Cancel safety
///
/// Dropping the future takes the signal from nobody else.
///
/// # Examples
///
/// ```no_run
/// #[selvedge::main]
/// async fn main() -> std::io::Result<()> {
///     println!("waiting for Ctrl-C");
///     selvedge::signal::ctrl_c().await?;
///     println!("goodbye");
///     Ok(())
/// }
/// ```
#[track_caller]
pub fn ctrl_c() -> CtrlC {
    CtrlC {
        interrupts: None,
        place: Location::caller(),
    }
}

/// The future of [`ctrl_c`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CtrlC {
    /// Listens since the first poll.
    interrupts: Option<Signal>,
    place: &'static Location<'static>,
}

impl Future for CtrlC {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let place = self.place;
        let interrupts = match &mut self.interrupts {
            Some(interrupts) => interrupts,
            none => none.insert(Signal::new(SignalKind::interrupt())?),
        };
        // It is woken: as `Signal::recv`.
        Poll::Ready(match ready!(interrupts.poll_recv_at(cx, place)) {
            Some(()) => Ok(()),
            None => Err(io::Error::other("the runtime that waits has shut down")),
        })
    }
}
