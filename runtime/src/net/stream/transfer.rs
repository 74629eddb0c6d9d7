//! Reading and writing on a stream: the operations that wait.
//!
//! A read or write that moved fewer bytes than it was asked for has emptied, or filled, the socket.
//! That is as good as `WouldBlock`, so the readiness is cleared at once and one system call saved.
//! It holds only where it is proved:
//!
//! * with an edge-triggered selector, which reports what comes later as a new event;
//! * if at least one byte moved: none is the end of the stream, which stays;
//! * without urgent data, at whose mark a read stops short: see the reactor's `poll_attempts`;
//! * if the size asked for is one the system call could have moved: it has limits of its own;
//! * if the family says so: a stream of Unix also stops short at a message with file descriptors;
//! * for reads and writes, not for peeking, which leaves everything where it is.

use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Stream;
use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::net::socket::{ByteInner, Family, Socket};
use crate::reactor::{Direction, Done};

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

/// What it says about the socket that `moved` of `asked` bytes were moved, if less is all there is.
fn done<R>(value: R, moved: usize, asked: usize, less_is_all: bool) -> Done<R> {
    let is_less = 0 < moved && moved < asked.min(BYTES_PER_CALL);
    match IS_EDGE_TRIGGERED && less_is_all && is_less {
        true => Done::Drained(value),
        false => Done::Kept(value),
    }
}

impl<F: Family> Socket<Stream, F> {
    pub(super) fn poll_read_at(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        place: &'static Location<'static>,
    ) -> Poll<io::Result<()>> {
        self.io.poll_io(cx, Direction::Read, place, |io| {
            let asked = buf.remaining();
            let (moved, less_is_all) = F::read(io, buf)?;
            Ok(done((), moved, asked, less_is_all))
        })
    }

    pub(super) fn poll_write_at(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        place: &'static Location<'static>,
    ) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, place, |io| {
            let moved = io.write(buf)?;
            Ok(done(moved, moved, buf.len(), F::SHORT_WRITE_IS_ALL))
        })
    }

    pub(super) fn poll_write_vectored_at(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
        place: &'static Location<'static>,
    ) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, place, |io| {
            let moved = io.write_vectored(bufs)?;
            // What lies behind the buffers that surely counted does not matter.
            let counted = bufs.iter().take(BUFFERS_PER_CALL);
            let asked = counted.fold(0, |sum: usize, buf| sum.saturating_add(buf.len()));
            Ok(done(moved, moved, asked, F::SHORT_WRITE_IS_ALL))
        })
    }
}

impl<F: Family> AsyncRead for Socket<Stream, F> {
    #[track_caller]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_read_at(cx, buf, Location::caller())
    }
}

impl<F: Family> AsyncWrite for Socket<Stream, F> {
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
        Poll::Ready(self.end_writing())
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    fn is_drained(moved: usize, asked: usize) -> bool {
        matches!(done((), moved, asked, true), Done::Drained(()))
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
        assert!(
            matches!(done((), 1, 2, false), Done::Kept(())),
            "there may be more behind a message with descriptors"
        );
    }
}
