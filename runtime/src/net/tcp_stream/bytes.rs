//! Reading, writing and peeking on a stream: the operations that wait.
#![allow(unsafe_code, reason = "reads into memory that is not initialised yet")]
//!
//! A read or write that moved fewer bytes than it was asked for has emptied, or filled, the socket.
//! That is as good as `WouldBlock`, so the readiness is cleared at once and one system call saved.
//! It holds only where it is proved:
//!
//! * with an edge-triggered selector, which reports what comes later as a new event;
//! * if at least one byte moved: none is the end of the stream, which stays;
//! * without urgent data, at whose mark a read stops short: see the reactor's `poll_attempts`;
//! * if the size asked for is one the system call could have moved: it has limits of its own;
//! * for reads and writes, not for peeking, which leaves everything where it is.

use std::future::Future;
use std::io::{self, IoSlice, Write};
use std::net::Shutdown;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use socket2::SockRef;

use super::TcpStream;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use crate::reactor::{Direction, Done, ReadinessWait};

/// Selectors that report readiness once, when it begins: epoll and kqueue.
const IS_EDGE_TRIGGERED: bool = cfg!(any(
    target_os = "android",
    target_os = "illumos",
    target_os = "linux",
    target_os = "redox",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "ios",
    target_os = "macos",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "tvos",
    target_os = "visionos",
    target_os = "watchos",
));

/// No system stops short of this many bytes by itself.
const BYTES_PER_CALL: usize = 1 << 30;
/// No system stops short of this many buffers by itself, and std passes on no more.
const BUFFERS_PER_CALL: usize = 16;

/// What it says about the socket that `moved` of `asked` bytes were moved.
fn done<R>(value: R, moved: usize, asked: usize) -> Done<R> {
    match IS_EDGE_TRIGGERED && 0 < moved && moved < asked.min(BYTES_PER_CALL) {
        true => Done::Drained(value),
        false => Done::Kept(value),
    }
}

impl TcpStream {
    pub(super) fn poll_read_at(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        place: &'static Location<'static>,
    ) -> Poll<io::Result<()>> {
        self.io.poll_io(cx, Direction::Read, place, |io| {
            // SAFETY: the kernel writes bytes, which keeps initialised memory initialised.
            let unfilled = unsafe { buf.unfilled_mut() };
            let asked = unfilled.len();
            let moved = io.try_io(|| SockRef::from(io).recv(unfilled))?;
            // SAFETY: the kernel has just written that many bytes.
            unsafe { buf.assume_init(moved) };
            buf.advance(moved);
            Ok(done((), moved, asked))
        })
    }

    pub(super) fn poll_write_at(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        place: &'static Location<'static>,
    ) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, place, |mut io| {
            let moved = io.write(buf)?;
            Ok(done(moved, moved, buf.len()))
        })
    }

    pub(super) fn poll_write_vectored_at(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
        place: &'static Location<'static>,
    ) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, place, |mut io| {
            let moved = io.write_vectored(bufs)?;
            // What lies behind the buffers that surely counted does not matter.
            let counted = bufs.iter().take(BUFFERS_PER_CALL);
            let asked = counted.fold(0, |sum: usize, buf| sum.saturating_add(buf.len()));
            Ok(done(moved, moved, asked))
        })
    }

    pub(super) fn poll_shutdown_write(&self) -> Poll<io::Result<()>> {
        Poll::Ready(self.shutdown_side(Shutdown::Write))
    }

    /// Reads what is there and leaves it there; waits until there is something.
    ///
    /// Returns how many bytes were appended to `buf`. Only the last task that polled for reading is
    /// woken.
    ///
    /// # Errors
    ///
    /// That of the operating system, or the runtime has shut down.
    #[track_caller]
    pub fn poll_peek(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        let place = Location::caller();
        self.io.poll_io(cx, Direction::Read, place, |io| {
            // SAFETY: the kernel writes bytes, which keeps initialised memory initialised.
            let unfilled = unsafe { buf.unfilled_mut() };
            let seen = io.try_io(|| SockRef::from(io).peek(unfilled))?;
            // SAFETY: the kernel has just written that many bytes.
            unsafe { buf.assume_init(seen) };
            buf.advance(seen);
            Ok(Done::Kept(seen))
        })
    }

    /// Reads what is there and leaves it there; waits until there is something.
    ///
    /// # Errors
    ///
    /// That of the operating system, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn peek<'a>(&'a self, buf: &'a mut [u8]) -> Peek<'a> {
        Peek {
            stream: self,
            buf,
            wait: self.io.wait(Interest::READABLE, Location::caller()),
        }
    }
}

pin_project! {
    /// The future of [`TcpStream::peek`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Peek<'a> {
        stream: &'a TcpStream,
        buf: &'a mut [u8],
        #[pin]
        wait: ReadinessWait<'a>,
    }
}

impl Future for Peek<'_> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let this = self.project();
        let io = this.stream.io.io();
        this.wait.poll_io(cx, || io.peek(this.buf))
    }
}

impl AsyncRead for TcpStream {
    #[track_caller]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_read_at(cx, buf, Location::caller())
    }
}

impl AsyncWrite for TcpStream {
    #[track_caller]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_at(cx, buf, Location::caller())
    }

    #[track_caller]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored_at(cx, bufs, Location::caller())
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// There is nothing to flush: what was written is with the kernel.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends the writing side; the peer reads the end. Never waits.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_shutdown_write()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    fn is_drained(moved: usize, asked: usize) -> bool {
        matches!(done((), moved, asked), Done::Drained(()))
    }

    #[test]
    fn r149_only_a_short_transfer_proves_the_socket_drained() {
        assert_eq!(is_drained(1, 2), IS_EDGE_TRIGGERED);
        assert!(!is_drained(2, 2));
        assert!(!is_drained(0, 2), "that is the end of the stream");
        assert!(
            !is_drained(BYTES_PER_CALL, usize::MAX),
            "that is the call's own limit"
        );
    }
}
