//! The ends of a child's pipes, in non-blocking mode and registered.

use std::fmt;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use mio::event::Source as MioSource;
use mio::unix::pipe;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::context;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::reactor::{Direction, Done, Registration};

/// One end of a pipe.
pub(super) struct End<P: MioSource> {
    io: Registration<P>,
}

/// The end that is written to.
pub(super) type Sender = End<pipe::Sender>;
/// The end that is read from.
pub(super) type Receiver = End<pipe::Receiver>;

impl<P: MioSource + From<OwnedFd> + Into<OwnedFd>> End<P> {
    #[track_caller]
    fn register(fd: OwnedFd, interest: Interest, assumed: Ready) -> io::Result<Self> {
        let reactor = context::reactor();
        set_nonblocking(&fd, true)?;
        let io = Registration::new(reactor, P::from(fd), interest, assumed)?;
        Ok(Self { io })
    }

    /// Takes the descriptor out of the runtime, in blocking mode.
    pub(super) fn into_blocking_fd(self) -> io::Result<OwnedFd> {
        let fd = self.io.into_inner()?.into();
        set_nonblocking(&fd, false)?;
        Ok(fd)
    }
}

impl Sender {
    #[track_caller]
    pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
        // A new pipe has room; where that is wrong it costs one `WouldBlock`.
        Self::register(fd, Interest::WRITABLE, Ready::WRITABLE)
    }
}

impl Receiver {
    #[track_caller]
    pub(super) fn new(fd: OwnedFd) -> io::Result<Self> {
        Self::register(fd, Interest::READABLE, Ready::EMPTY)
    }
}

fn set_nonblocking(fd: &OwnedFd, is_nonblocking: bool) -> io::Result<()> {
    let flags = fcntl_getfl(fd)?;
    let mut wanted = flags;
    wanted.set(OFlags::NONBLOCK, is_nonblocking);
    if wanted != flags {
        fcntl_setfl(fd, wanted)?;
    }
    Ok(())
}

impl AsyncRead for Receiver {
    #[track_caller]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let place = Location::caller();
        self.io.poll_io(cx, Direction::Read, place, |mut io| {
            let count = io.read(buf.initialize_unfilled())?;
            buf.advance(count);
            Ok(Done::Kept(()))
        })
    }
}

impl AsyncWrite for Sender {
    #[track_caller]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let place = Location::caller();
        self.io.poll_io(cx, Direction::Write, place, |mut io| {
            io.write(buf).map(Done::Kept)
        })
    }

    #[track_caller]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let place = Location::caller();
        self.io.poll_io(cx, Direction::Write, place, |mut io| {
            io.write_vectored(bufs).map(Done::Kept)
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl<P: MioSource + AsRawFd> AsRawFd for End<P> {
    fn as_raw_fd(&self) -> RawFd {
        self.io.io().as_raw_fd()
    }
}

impl<P: MioSource + AsFd> AsFd for End<P> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.io().as_fd()
    }
}

impl<P: MioSource + AsRawFd> fmt::Debug for End<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("End").field(&self.as_raw_fd()).finish()
    }
}
