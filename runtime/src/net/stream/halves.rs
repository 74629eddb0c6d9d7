//! What one half of a stream can do, however it holds its stream.

use std::io::{self, IoSlice, IoSliceMut};
use std::ops::Deref;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BufMut;

use super::Stream;
use super::split::WriteLink;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use crate::net::ready_wait::{DirectionWait, ReadyWait};
use crate::net::socket::{Family, Socket};

/// The reading half of a stream, which it holds by way of `L`.
#[derive(Debug)]
pub struct ReadSide<L>(pub(super) L);

/// The writing half of a stream, which it holds by way of `L`.
#[derive(Debug)]
pub struct WriteSide<L>(pub(super) L);

impl<F: Family, L: Deref<Target = Socket<Stream, F>>> ReadSide<L> {
    /// Waits until the stream is ready for some of `interest`.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> ReadyWait<'_> {
        self.0.ready(interest)
    }

    /// Waits until the stream is readable.
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
        self.0.readable()
    }

    /// Reads what is there, without waiting. Zero bytes mean the end, or an empty `buf`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing.
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buf)
    }

    /// As [`try_read`](Self::try_read), into several buffers one after the other.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing.
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.try_read_vectored(bufs)
    }

    /// As [`try_read`](Self::try_read), appending to `buf` without making it grow.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing.
    pub fn try_read_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.0.try_read_buf(buf)
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is gone.
    pub fn peer_addr(&self) -> io::Result<F::Addr> {
        self.0.peer_addr()
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn local_addr(&self) -> io::Result<F::Addr> {
        self.0.local_addr()
    }
}

impl<F: Family, L: Deref<Target = Socket<Stream, F>>> WriteSide<L> {
    /// Waits until the stream is ready for some of `interest`.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> ReadyWait<'_> {
        self.0.ready(interest)
    }

    /// Waits until the stream is writable.
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
        self.0.writable()
    }

    /// Writes a first part of `buf`, as much as there is room for, without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room.
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.0.try_write(buf)
    }

    /// As [`try_write`](Self::try_write), from several buffers one after the other.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room.
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(bufs)
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is gone.
    pub fn peer_addr(&self) -> io::Result<F::Addr> {
        self.0.peer_addr()
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn local_addr(&self) -> io::Result<F::Addr> {
        self.0.local_addr()
    }
}

impl<F: Family, L: Deref<Target = Socket<Stream, F>> + Unpin> AsyncRead for ReadSide<L> {
    #[track_caller]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.poll_read_at(cx, buf, Location::caller())
    }
}

impl<F: Family, L: WriteLink<Target = Socket<Stream, F>> + Unpin> AsyncWrite for WriteSide<L> {
    #[track_caller]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write_at(cx, buf, Location::caller())
    }

    #[track_caller]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write_vectored_at(cx, bufs, Location::caller())
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
        let link = &mut self.get_mut().0;
        Poll::Ready(link.end_writing().inspect(|()| link.has_ended()))
    }
}

impl<F: Family, L: Deref<Target = Socket<Stream, F>>> AsRef<Socket<Stream, F>> for ReadSide<L> {
    fn as_ref(&self) -> &Socket<Stream, F> {
        &self.0
    }
}

impl<F: Family, L: Deref<Target = Socket<Stream, F>>> AsRef<Socket<Stream, F>> for WriteSide<L> {
    fn as_ref(&self) -> &Socket<Stream, F> {
        &self.0
    }
}
