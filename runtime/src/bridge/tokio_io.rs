//! The bridge to the traits of `tokio::io`.
//!
//! # Examples
//!
//! A codec of `tokio-util` on a socket: `Framed::new(stream, LinesCodec::new())`, with `stream` a
//! [`TcpStream`](crate::net::TcpStream). What is no socket is wrapped:
//!
//! ```
//! use selvedge::bridge::tokio_io::{FromTokio, ToTokio};
//! use selvedge::io::AsyncReadExt;
//!
//! # #[selvedge::main]
//! # async fn main() -> std::io::Result<()> {
//! fn is_tokios<T: tokio::io::AsyncRead>(_: &T) {}
//!
//! let there = ToTokio::new(&b"hello"[..]);
//! is_tokios(&there);
//! let mut and_back = FromTokio::new(there);
//! let mut word = String::new();
//! and_back.read_to_string(&mut word).await?;
//! assert_eq!(word, "hello");
//! # Ok(())
//! # }
//! ```
#![allow(
    unsafe_code,
    reason = "translates between two buffers of memory that may be uninitialized"
)]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use ::tokio::io as theirs;

use theirs::{AsyncBufRead as _, AsyncRead as _, AsyncSeek as _, AsyncWrite as _};

use super::streams::own_streams;
use super::wrapper::{only_ours, wrapper};
use crate::io::checked;
use crate::io::traits::{buf_read_methods, seek_methods, write_methods};
use crate::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

wrapper! {
    /// A stream of ours, with the traits of `tokio::io`.
    ToTokio
}

wrapper! {
    /// A stream with the traits of `tokio::io`, as one of ours.
    FromTokio
}

/// Reads from one of ours into a buffer of theirs.
fn read_to_theirs<T: AsyncRead + ?Sized>(
    stream: Pin<&mut T>,
    cx: &mut Context<'_>,
    buf: &mut theirs::ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let initialized = buf.initialized().len() - buf.filled().len();
    // SAFETY: a `ReadBuf` writes initialized bytes only, unless unsafe code breaks its rules.
    let mut room = ReadBuf::uninit(unsafe { buf.unfilled_mut() });
    // SAFETY: their buffer counts these bytes, the first of its unfilled part, as initialized.
    unsafe { room.assume_init(initialized) };
    let result = checked::poll_read(stream, cx, &mut room);
    let initialized = room.initialized().len();
    // SAFETY: `room` was over their unfilled memory all the time, as `poll_read` has checked, and knows
    // that many bytes at its start to be initialized.
    unsafe { buf.assume_init(initialized) };
    result.map_ok(|n| buf.advance(n))
}

/// Reads from one of theirs into a buffer of ours.
///
/// # Panics
///
/// If the reader puts another buffer in place of the one it is given.
fn read_to_ours<T: theirs::AsyncRead + ?Sized>(
    stream: Pin<&mut T>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<()>> {
    let initialized = buf.initialized().len() - buf.filled().len();
    // SAFETY: as above, with the parts exchanged.
    let mut room = theirs::ReadBuf::uninit(unsafe { buf.unfilled_mut() });
    // SAFETY: as above: our buffer counts these bytes as initialized.
    unsafe { room.assume_init(initialized) };
    let memory = (room.initialized().as_ptr(), room.capacity());
    let result = stream.poll_read(cx, &mut room);
    assert!(
        memory == (room.initialized().as_ptr(), room.capacity()),
        "the reader put another buffer in place of the one it was given; fix its `poll_read`"
    );
    let (initialized, filled) = (room.initialized().len(), room.filled().len());
    // SAFETY: `room` was over our unfilled memory all the time, as was just checked, and knows that many
    // bytes at its start to be initialized.
    unsafe { buf.assume_init(initialized) };
    result.map_ok(|()| buf.advance(filled))
}

impl<T: AsyncRead> theirs::AsyncRead for ToTokio<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut theirs::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        read_to_theirs(self.project().stream, cx, buf)
    }
}

impl<T: AsyncBufRead> theirs::AsyncBufRead for ToTokio<T> {
    buf_read_methods!(|this| this.project().stream);
}

impl<T: AsyncWrite> theirs::AsyncWrite for ToTokio<T> {
    write_methods!(|this| this.project().stream, |this| this.stream);
}

impl<T: AsyncSeek> theirs::AsyncSeek for ToTokio<T> {
    seek_methods!(|this| this.project().stream);
}

impl<T: theirs::AsyncRead> AsyncRead for FromTokio<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        read_to_ours(self.project().stream, cx, buf)
    }
}

impl<T: theirs::AsyncBufRead> AsyncBufRead for FromTokio<T> {
    buf_read_methods!(|this| this.project().stream);
}

impl<T: theirs::AsyncWrite> AsyncWrite for FromTokio<T> {
    write_methods!(|this| this.project().stream, |this| this.stream);
}

impl<T: theirs::AsyncSeek> AsyncSeek for FromTokio<T> {
    seek_methods!(|this| this.project().stream);
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
                buf: &mut theirs::ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                read_to_theirs(self, cx, buf)
            }
        }
    };
    (write [$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> theirs::AsyncWrite for $type
        where
            $type: AsyncWrite,
        {
            write_methods!(|this| only_ours::pinned(this), |this| only_ours::shared(this));
        }
    };
}

own_streams!(implement);

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
