//! The four traits of asynchronous bytes: read, write, buffered read, seek.
//!
//! They are `std::io`'s traits as poll functions. A poll function that returns `Pending` has
//! arranged that the task is woken when calling it again makes sense; it has neither consumed nor
//! produced anything. Who uses them rather than implements them wants the extension traits.

use std::io::{self, IoSlice, SeekFrom};
use std::ops::DerefMut;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

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

/// Implements a trait for the pointers that lead to an implementor: `&mut T`, `Box<T>`, `Pin<P>`.
macro_rules! forward_through_pointers {
    ($trait:ident, $methods:ident) => {
        impl<T: ?Sized + $trait + Unpin> $trait for &mut T {
            $methods!(|this| Pin::new(&mut **this.get_mut()));
        }

        impl<T: ?Sized + $trait + Unpin> $trait for Box<T> {
            $methods!(|this| Pin::new(&mut **this.get_mut()));
        }

        impl<P> $trait for Pin<P>
        where
            P: DerefMut<Target: $trait>,
        {
            $methods!(|this| Pin::as_deref_mut(this));
        }
    };
}

macro_rules! read_methods {
    (|$this:ident| $target:expr) => {
        fn poll_read(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let $this = self;
            $target.poll_read(cx, buf)
        }
    };
}

macro_rules! write_methods {
    (|$this:ident| $target:expr) => {
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            let $this = self;
            $target.poll_write(cx, buf)
        }

        fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            let $this = self;
            $target.poll_flush(cx)
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            let $this = self;
            $target.poll_shutdown(cx)
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let $this = self;
            $target.poll_write_vectored(cx, bufs)
        }

        fn is_write_vectored(&self) -> bool {
            (**self).is_write_vectored()
        }
    };
}

macro_rules! buf_read_methods {
    (|$this:ident| $target:expr) => {
        fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
            let $this = self;
            $target.poll_fill_buf(cx)
        }

        fn consume(self: Pin<&mut Self>, amt: usize) {
            let $this = self;
            $target.consume(amt);
        }
    };
}

macro_rules! seek_methods {
    (|$this:ident| $target:expr) => {
        fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
            let $this = self;
            $target.start_seek(position)
        }

        fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
            let $this = self;
            $target.poll_complete(cx)
        }
    };
}

forward_through_pointers!(AsyncRead, read_methods);
forward_through_pointers!(AsyncWrite, write_methods);
forward_through_pointers!(AsyncBufRead, buf_read_methods);
forward_through_pointers!(AsyncSeek, seek_methods);

/// Polls `reader` once and returns how many bytes it appended to `buf`.
///
/// A reader is safe code that can be wrong. `ReadBuf` itself keeps it from counting uninitialized
/// bytes; here it is kept from putting another buffer in place of ours, and from taking back what
/// was filled. Whoever draws conclusions about memory from the count calls this.
///
/// # Panics
///
/// If the reader did one of the two.
pub(crate) fn poll_read_checked<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<usize>> {
    let place = (buf.initialized().as_ptr(), buf.capacity());
    let before = buf.filled().len();
    let result = ready!(reader.poll_read(cx, buf));
    assert_eq!(
        place,
        (buf.initialized().as_ptr(), buf.capacity()),
        "the reader replaced the buffer it was given; fix its `poll_read`"
    );
    let appended = buf.filled().len().checked_sub(before);
    let appended = appended.expect("the reader took back filled bytes; fix its `poll_read`");
    Poll::Ready(result.map(|()| appended))
}
