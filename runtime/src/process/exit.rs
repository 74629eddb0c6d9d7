//! How the end of a child is noticed without asking again and again.
//!
//! ```text
//!   pidfd    kernel ──► readable ──► reactor ──► task ──► ask          once per child
//!   SIGCHLD  kernel ──► signal ──► board ──► all tasks ──► each asks   once per child and waiter
//! ```
//!
//! A pidfd is a descriptor that becomes readable when its process ends. Where there is none (before Linux
//! 5.3, other systems, a sandbox that forbids it, no descriptor to spare) every `SIGCHLD` makes each waiter
//! ask.
//!
//! # Why a wait is woken
//!
//! *Pidfd.* Waiting is that of any source: see the reactor's `source.rs`. The registration is made while
//! the process still exists, if only as a zombie, as nobody has asked yet; a descriptor that is
//! readable already is reported at once. A report that turns out to be early is cleared, and the real
//! end is another.
//!
//! *`SIGCHLD`.* The listener is made before the first question. If the answer is "still running", the
//! process ends later, the signal comes later, and the listener hears it: it began to listen before, and
//! each poll leaves its waker before it asks.

use std::io;
use std::os::fd::OwnedFd;
use std::panic::Location;
use std::process::{Child as Process, ExitStatus};
use std::task::{Context, Poll, ready};

use selvedge_sync::primitive::Arc;

use super::pidfd;
use crate::context;
use crate::io::{Interest, Ready};
use crate::net::unix::Descriptor;
use crate::reactor::{Direction, Done, Reactor, Registration, is_rt_shutdown_err};
use crate::signal::unix::{Signal, SignalKind};

/// How a pidfd is opened: a seam for tests.
pub(super) type OpenPidfd = fn(&Process) -> io::Result<OwnedFd>;

/// What tells of the end of one child.
#[derive(Debug)]
pub(super) enum ExitNotice {
    Pidfd(Registration<Descriptor<OwnedFd>>),
    Signal(Signal),
}

impl ExitNotice {
    /// Begins to watch `process`, which must not have been asked for its end yet.
    ///
    /// # Errors
    ///
    /// Neither way works, as when no descriptors are left; the runtime has shut down.
    #[track_caller]
    pub(super) fn new(
        process: &Process,
        reactor: Arc<Reactor>,
        open: OpenPidfd,
    ) -> io::Result<Self> {
        match Self::by_pidfd(process, reactor, open) {
            Err(error) if !is_rt_shutdown_err(&error) => {
                Signal::new(SignalKind::child()).map(Self::Signal)
            }
            result => result,
        }
    }

    fn by_pidfd(process: &Process, reactor: Arc<Reactor>, open: OpenPidfd) -> io::Result<Self> {
        let pidfd = Descriptor(open(process)?);
        Registration::new(reactor, pidfd, Interest::READABLE, Ready::EMPTY).map(Self::Pidfd)
    }

    /// Waits for the end of `process`.
    ///
    /// It is woken: see the file's header.
    ///
    /// # Errors
    ///
    /// Those of asking for the end; the runtime has shut down.
    pub(super) fn poll_exit(
        &mut self,
        process: &mut Process,
        cx: &mut Context<'_>,
        place: &'static Location<'static>,
    ) -> Poll<io::Result<ExitStatus>> {
        match self {
            Self::Pidfd(registration) => {
                let exit = ready!(registration.poll_io(cx, Direction::Read, place, |_| {
                    match process.try_wait()? {
                        Some(status) => Ok(Done::Kept(status)),
                        // The event was early: whatever is readable, the process has not ended.
                        None => Err(io::ErrorKind::WouldBlock.into()),
                    }
                }));
                match exit {
                    Err(error) if is_rt_shutdown_err(&error) => {
                        self.move_here(process, error)?;
                        self.poll_exit(process, cx, place)
                    }
                    result => Poll::Ready(result),
                }
            }
            Self::Signal(signal) => loop {
                let heard = signal.poll_recv_at(cx, place);
                if let Some(status) = process.try_wait()? {
                    return Poll::Ready(Ok(status));
                }
                if ready!(heard).is_none() {
                    return Poll::Ready(Err(io::Error::other(
                        "the runtime that waits for the child has shut down",
                    )));
                }
            },
        }
    }

    /// The runtime of the registration has shut down, with `error`: registers with the one here.
    ///
    /// # Errors
    ///
    /// There is none here, or it has shut down, too.
    fn move_here(&mut self, process: &Process, error: io::Error) -> io::Result<()> {
        let reactor = context::try_reactor().ok_or(error)?;
        *self = Self::by_pidfd(process, reactor, pidfd::open)?;
        Ok(())
    }
}
