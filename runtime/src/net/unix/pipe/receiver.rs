//! Reading from a pipe.

use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;
use rustix::io::retry_on_intr;

use super::Receiver;
use crate::io::{AsyncRead, Interest, ReadBuf};
use crate::net::ready_wait::DirectionWait;
use crate::net::uninit;
use crate::reactor::{Direction, Done};

impl Receiver {
    /// Waits until there is something to read, or the end.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn readable(&self) -> DirectionWait<'_> {
        DirectionWait::new(self.io.wait(Interest::READABLE, Location::caller()))
    }

    /// Polls for readability. Only the last task that polled is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ready = self.io.poll_ready(cx, Direction::Read, Location::caller());
        ready.map_ok(drop)
    }

    /// Reads what is there, without waiting. Zero bytes mean the end, or an empty `buf`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing: wait for [`readable`](Self::readable).
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        let read = |fd: &_| uninit::fill(buf, |buf| read(fd, buf));
        self.io.try_io(Interest::READABLE, read)
    }

    /// As [`try_read`](Self::try_read), into several buffers one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |fd| {
            Ok(retry_on_intr(|| rustix::io::readv(fd, bufs))?)
        })
    }

    /// As [`try_read`](Self::try_read), appending to `buf` without making it grow.
    ///
    /// # Errors
    ///
    /// Those of [`try_read`](Self::try_read).
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        let read = |fd: &_| uninit::append_to(buf, |buf| read(fd, buf));
        self.io.try_io(Interest::READABLE, read)
    }
}

fn read(fd: impl AsFd, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    Ok(retry_on_intr(|| {
        let (read, _) = rustix::io::read(&fd, &mut *buf)?;
        Ok(read.len())
    })?)
}

impl AsyncRead for Receiver {
    #[track_caller]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let place = Location::caller();
        self.io.poll_io(cx, Direction::Read, place, |fd| {
            uninit::append(buf, |buf| read(fd, buf)).map(|_| Done::Kept(()))
        })
    }
}
