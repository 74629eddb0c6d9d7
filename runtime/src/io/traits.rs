//! The four traits of asynchronous bytes: read, write, buffered read, seek.
//!
//! They are `std::io`'s traits as poll functions. A poll function that returns `Pending` has
//! arranged that the task is woken when calling it again makes sense; it has neither consumed nor
//! produced anything. Who uses them rather than implements them wants the extension traits.

use std::io::{self, IoSlice, SeekFrom};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::ReadBuf;

/// Reads bytes without blocking the thread.
///
/// The methods for everyday use are in [`AsyncReadExt`](super::AsyncReadExt).
pub trait AsyncRead {
    /// Appends bytes to `buf`.
    ///
    /// * `Ready(Ok(()))`: the bytes, if any, are in [`buf.filled()`](ReadBuf::filled). If there was
    ///   room and none were added, the end has been reached.
    /// * `Pending`: nothing was read; the task is woken when more may be readable.
    /// * `Ready(Err(_))`: nothing was read.
    ///
    /// An implementation must leave the buffer and its filled bytes in place: it may only append.
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>>;
}

/// Writes bytes without blocking the thread.
///
/// The methods for everyday use are in [`AsyncWriteExt`](super::AsyncWriteExt).
pub trait AsyncWrite {
    /// Writes a first part of `buf` and returns its length.
    ///
    /// `Ready(Ok(0))` for a `buf` that is not empty says that nothing can be written any more.
    /// `Pending` and `Ready(Err(_))` say that nothing of `buf` was written.
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>>;

    /// Hands everything written so far on to where it is going.
    ///
    /// While this is `Pending` the writer works on it each time the task polls it again.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Says goodbye: flushes, then ends the stream as the protocol demands.
    ///
    /// Nothing may be written after it was called, `Pending` or not. Dropping a writer without
    /// this is allowed, but may lose what was not flushed.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// As [`poll_write`](Self::poll_write), from several buffers one after the other.
    ///
    /// Unless overridden, writes from the first buffer that is not empty.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = bufs.iter().find(|buf| !buf.is_empty());
        self.poll_write(cx, first.map_or(&[], |buf| &**buf))
    }

    /// True if [`poll_write_vectored`](Self::poll_write_vectored) does better than writing one
    /// buffer at a time, so that gathering the data first is not worth it.
    fn is_write_vectored(&self) -> bool {
        false
    }
}

/// Reads bytes out of the reader's own buffer.
///
/// The methods for everyday use are in [`AsyncBufReadExt`](super::AsyncBufReadExt).
pub trait AsyncBufRead: AsyncRead {
    /// The buffered bytes, after reading some if there were none. Empty means the end.
    ///
    /// Calling it again returns the same bytes: [`consume`](Self::consume) moves on.
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>>;

    /// Drops the first `amt` buffered bytes; they have been used.
    ///
    /// `amt` must not exceed what [`poll_fill_buf`](Self::poll_fill_buf) returned.
    fn consume(self: Pin<&mut Self>, amt: usize);
}

/// Moves the position in a stream.
///
/// The methods for everyday use are in [`AsyncSeekExt`](super::AsyncSeekExt).
pub trait AsyncSeek {
    /// Begins to seek.
    ///
    /// # Errors
    ///
    /// May fail if another seek is under way: call [`poll_complete`](Self::poll_complete) first.
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()>;

    /// Finishes the seek that was begun, if any, and returns the position from the start.
    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>>;
}

// The bodies of implementations that only forward: `|this|` leads from the pinned outer value to
// the pinned inner one. Adapters use them as well.

macro_rules! read_methods {
    (|$this:ident| $target:expr) => {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buf: &mut crate::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            let $this = self;
            $target.poll_read(cx, buf)
        }
    };
}

macro_rules! write_methods {
    (|$this:ident| $target:expr, |$shared:ident| $writer:expr) => {
        fn poll_write(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            buf: &[u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            let $this = self;
            $target.poll_write(cx, buf)
        }

        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            let $this = self;
            $target.poll_flush(cx)
        }

        fn poll_shutdown(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            let $this = self;
            $target.poll_shutdown(cx)
        }

        fn poll_write_vectored(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
            bufs: &[std::io::IoSlice<'_>],
        ) -> std::task::Poll<std::io::Result<usize>> {
            let $this = self;
            $target.poll_write_vectored(cx, bufs)
        }

        fn is_write_vectored(&self) -> bool {
            let $shared = self;
            $writer.is_write_vectored()
        }
    };
}

macro_rules! buf_read_methods {
    (|$this:ident| $target:expr) => {
        fn poll_fill_buf(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<&[u8]>> {
            let $this = self;
            $target.poll_fill_buf(cx)
        }

        fn consume(self: std::pin::Pin<&mut Self>, amt: usize) {
            let $this = self;
            $target.consume(amt);
        }
    };
}

macro_rules! seek_methods {
    (|$this:ident| $target:expr) => {
        fn start_seek(
            self: std::pin::Pin<&mut Self>,
            position: std::io::SeekFrom,
        ) -> std::io::Result<()> {
            let $this = self;
            $target.start_seek(position)
        }

        fn poll_complete(
            self: std::pin::Pin<&mut Self>,
            cx: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<u64>> {
            let $this = self;
            $target.poll_complete(cx)
        }
    };
}

pub(crate) use {buf_read_methods, read_methods, seek_methods, write_methods};

impl<T: ?Sized + AsyncRead + Unpin> AsyncRead for &mut T {
    read_methods!(|this| Pin::new(&mut **this.get_mut()));
}

impl<T: ?Sized + AsyncRead + Unpin> AsyncRead for Box<T> {
    read_methods!(|this| Pin::new(&mut **this.get_mut()));
}

impl<P: DerefMut<Target: AsyncRead>> AsyncRead for Pin<P> {
    read_methods!(|this| this.as_deref_mut());
}

impl<T: ?Sized + AsyncWrite + Unpin> AsyncWrite for &mut T {
    write_methods!(|this| Pin::new(&mut **this.get_mut()), |this| **this);
}

impl<T: ?Sized + AsyncWrite + Unpin> AsyncWrite for Box<T> {
    write_methods!(|this| Pin::new(&mut **this.get_mut()), |this| **this);
}

impl<P: DerefMut<Target: AsyncWrite>> AsyncWrite for Pin<P> {
    write_methods!(|this| this.as_deref_mut(), |this| **this);
}

impl<T: ?Sized + AsyncBufRead + Unpin> AsyncBufRead for &mut T {
    buf_read_methods!(|this| Pin::new(&mut **this.get_mut()));
}

impl<T: ?Sized + AsyncBufRead + Unpin> AsyncBufRead for Box<T> {
    buf_read_methods!(|this| Pin::new(&mut **this.get_mut()));
}

impl<P: DerefMut<Target: AsyncBufRead>> AsyncBufRead for Pin<P> {
    buf_read_methods!(|this| this.as_deref_mut());
}

impl<T: ?Sized + AsyncSeek + Unpin> AsyncSeek for &mut T {
    seek_methods!(|this| Pin::new(&mut **this.get_mut()));
}

impl<T: ?Sized + AsyncSeek + Unpin> AsyncSeek for Box<T> {
    seek_methods!(|this| Pin::new(&mut **this.get_mut()));
}

impl<P: DerefMut<Target: AsyncSeek>> AsyncSeek for Pin<P> {
    seek_methods!(|this| this.as_deref_mut());
}
