//! The bridge to the traits of `futures-io`, which `futures::io` and `smol` use.
//!
//! # Examples
//!
//! ```
//! use selvedge::bridge::futures_io::{FromFutures, ToFutures};
//! use selvedge::io::AsyncReadExt;
//!
//! # #[selvedge::main]
//! # async fn main() -> std::io::Result<()> {
//! fn is_theirs<T: futures_io::AsyncRead>(_: &T) {}
//!
//! let there = ToFutures::new(&b"hello"[..]);
//! is_theirs(&there);
//! let mut and_back = FromFutures::new(there);
//! let mut word = String::new();
//! and_back.read_to_string(&mut word).await?;
//! assert_eq!(word, "hello");
//! # Ok(())
//! # }
//! ```

use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::futures_io as theirs;
use theirs::AsyncBufRead as _;

use super::streams::own_streams;
use super::wrapper::wrapper;
use crate::io::checked;
use crate::io::traits::buf_read_methods;
use crate::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

wrapper! {
    /// A stream of ours, with the traits of `futures-io`.
    ToFutures,
    // The seek under way.
    seek: Option<SeekFrom>
}

wrapper! {
    /// A stream with the traits of `futures-io`, as one of ours.
    FromFutures,
    // The seek that was asked for and is not over.
    seek: Option<SeekFrom>
}

/// Reads from one of ours into a slice, as they do.
fn read_to_slice<T: AsyncRead + ?Sized>(
    stream: Pin<&mut T>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
) -> Poll<io::Result<usize>> {
    checked::poll_read(stream, cx, &mut ReadBuf::new(buf))
}

impl<T: AsyncRead> theirs::AsyncRead for ToFutures<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        read_to_slice(self.project().stream, cx, buf)
    }
}

impl<T: AsyncBufRead> theirs::AsyncBufRead for ToFutures<T> {
    buf_read_methods!(|this| this.project().stream);
}

/// The methods of their writers, in terms of one of ours.
macro_rules! their_write_methods {
    (|$this:ident| $target:expr) => {
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            let $this = self;
            AsyncWrite::poll_write($target, cx, buf)
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bufs: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let $this = self;
            AsyncWrite::poll_write_vectored($target, cx, bufs)
        }

        fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            let $this = self;
            AsyncWrite::poll_flush($target, cx)
        }

        fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            let $this = self;
            AsyncWrite::poll_shutdown($target, cx)
        }
    };
}

impl<T: AsyncWrite> theirs::AsyncWrite for ToFutures<T> {
    their_write_methods!(|this| this.project().stream);
}

impl<T: AsyncSeek> theirs::AsyncSeek for ToFutures<T> {
    /// They ask for the position at each poll, and mean the same seek until it is over.
    fn poll_seek(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pos: SeekFrom,
    ) -> Poll<io::Result<u64>> {
        let mut this = self.project();
        if *this.seek != Some(pos) {
            // A seek that was given up has to end first.
            ready!(this.stream.as_mut().poll_complete(cx))?;
            this.stream.as_mut().start_seek(pos)?;
            *this.seek = Some(pos);
        }
        let result = ready!(this.stream.poll_complete(cx));
        *this.seek = None;
        Poll::Ready(result)
    }
}

impl<T: theirs::AsyncRead> AsyncRead for FromFutures<T> {
    /// # Panics
    ///
    /// If the reader claims to have read more than there is room for.
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buf.initialize_unfilled();
        let size = room.len();
        let n = ready!(self.project().stream.poll_read(cx, room))?;
        assert!(
            n <= size,
            "the reader read {n} bytes into room for {size}; fix its `poll_read`"
        );
        buf.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl<T: theirs::AsyncBufRead> AsyncBufRead for FromFutures<T> {
    buf_read_methods!(|this| this.project().stream);
}

/// Their writers do not say whether they write several buffers at once; so nobody is told to rely on it.
impl<T: theirs::AsyncWrite> AsyncWrite for FromFutures<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().stream.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().stream.poll_close(cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().stream.poll_write_vectored(cx, bufs)
    }
}

impl<T: theirs::AsyncSeek> AsyncSeek for FromFutures<T> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        *self.project().seek = Some(position);
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let this = self.project();
        let wanted = this.seek.unwrap_or(SeekFrom::Current(0));
        let result = ready!(this.stream.poll_seek(cx, wanted));
        *this.seek = None;
        Poll::Ready(result)
    }
}

macro_rules! implement {
    (read [$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> theirs::AsyncRead for $type
        where
            $type: AsyncRead,
        {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                read_to_slice(self, cx, buf)
            }
        }
    };
    (write [$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> theirs::AsyncWrite for $type
        where
            $type: AsyncWrite,
        {
            their_write_methods!(|this| this);
        }
    };
}

own_streams!(implement);

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
