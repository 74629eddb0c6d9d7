//! Writing to a pipe.

use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustix::io::retry_on_intr;

use super::Sender;
use crate::io::{AsyncWrite, Interest};
use crate::net::ready_wait::DirectionWait;
use crate::reactor::{Direction, Done};

impl Sender {
    /// Waits until there is room to write, or nobody to read.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn writable(&self) -> DirectionWait<'_> {
        DirectionWait::new(self.io.wait(Interest::WRITABLE, Location::caller()))
    }

    /// Polls for writability. Only the last task that polled is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ready = self.io.poll_ready(cx, Direction::Write, Location::caller());
        ready.map_ok(drop)
    }

    /// Writes a first part of `buf`, as much as there is room for, without waiting. Up to
    /// `PIPE_BUF` bytes are written all at once or not at all.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room: wait for [`writable`](Self::writable).
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |fd| {
            Ok(retry_on_intr(|| rustix::io::write(fd, buf))?)
        })
    }

    /// As [`try_write`](Self::try_write), from several buffers one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |fd| {
            Ok(retry_on_intr(|| rustix::io::writev(fd, bufs))?)
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
        self.io.poll_io(cx, Direction::Write, place, |fd| {
            let written = retry_on_intr(|| rustix::io::write(fd, buf))?;
            Ok(Done::Kept(written))
        })
    }

    #[track_caller]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let place = Location::caller();
        self.io.poll_io(cx, Direction::Write, place, |fd| {
            let written = retry_on_intr(|| rustix::io::writev(fd, bufs))?;
            Ok(Done::Kept(written))
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// There is nothing to flush: what was written is with the kernel.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Does nothing: the reader reads the end when the sender is dropped.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
