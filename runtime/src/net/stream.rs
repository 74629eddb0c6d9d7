//! Streams of bytes: what connections of TCP and of Unix have in common.
//!
//! | File | Idea |
//! |---|---|
//! | `connect.rs` | getting connected |
//! | `transfer.rs` | reading and writing that wait |
//! | `halves.rs` | what one half of a stream can do |
//! | `split.rs` | how halves hold their stream: borrowed or shared |

mod connect;
mod halves;
mod split;
mod transfer;

use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::panic::Location;
use std::task::{Context, Poll};

use bytes::BufMut;

use super::socket::{ByteInner, Family, Inner, PeerRole, Role, Socket};
use super::uninit;
use crate::io::Interest;
use crate::reactor::Direction;

pub use self::halves::{ReadSide, WriteSide};
pub use self::split::{
    EndsOnDrop, OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf, WriteLink,
};

/// The role of a socket that is one connection, a stream of bytes each way.
#[derive(Debug, Clone, Copy)]
pub struct Stream(());

impl Role for Stream {
    type Inner<F: Family> = F::Stream;
    /// Urgent data is among it because a read stops short at the urgent mark, which must not be taken
    /// for an empty socket.
    const WATCHED: Interest = Interest::READABLE
        .add(Interest::WRITABLE)
        .add(Interest::PRIORITY);
}

impl PeerRole for Stream {}

impl<F: Family> Socket<Stream, F> {
    /// Polls for readability. Only the last task that polled for reading is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ready = self.io.poll_ready(cx, Direction::Read, Location::caller());
        ready.map_ok(drop)
    }

    /// Polls for writability. Only the last task that polled for writing is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ready = self.io.poll_ready(cx, Direction::Write, Location::caller());
        ready.map_ok(drop)
    }

    /// Reads what is there, without waiting. Zero bytes mean the end, or an empty `buf`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing: wait for [`readable`](Self::readable).
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |io| {
            uninit::fill(buf, |buf| io.run(|| io.sock().recv(buf)))
        })
    }

    /// As [`try_read`](Self::try_read), into several buffers one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let read = |io: &F::Stream| io.read_vectored(bufs);
        self.io.try_io(Interest::READABLE, read)
    }

    /// As [`try_read`](Self::try_read), appending to `buf` without making it grow.
    ///
    /// # Errors
    ///
    /// Those of [`try_read`](Self::try_read).
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |io| {
            uninit::append_to(buf, |buf| io.run(|| io.sock().recv(buf)))
        })
    }

    /// Writes a first part of `buf`, as much as there is room for, without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room: wait for [`writable`](Self::writable).
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |io| io.write(buf))
    }

    /// As [`try_write`](Self::try_write), from several buffers one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let write = |io: &F::Stream| io.write_vectored(bufs);
        self.io.try_io(Interest::WRITABLE, write)
    }

    /// Ends the writing side. If it has ended already that is fine: the connection may be gone by the
    /// time its owner says goodbye.
    fn end_writing(&self) -> io::Result<()> {
        match self.sock().shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

impl<F: Family> AsRef<Self> for Socket<Stream, F> {
    fn as_ref(&self) -> &Self {
        self
    }
}
