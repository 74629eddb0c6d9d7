//! `Read` and `ReadExact`: once into a buffer, and until the buffer is full.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::checked::{self, noted, uninterrupted};
use super::{AsyncRead, ReadBuf};

/// Future of [`AsyncReadExt::read`](super::AsyncReadExt::read).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Read<'a, R: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut [u8],
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized> Read<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, buf: &'a mut [u8]) -> Self {
        let place = Location::caller();
        Self { reader, buf, place }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for Read<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut buf = ReadBuf::new(this.buf);
        let result = checked::poll_read(Pin::new(&mut *this.reader), cx, &mut buf);
        noted(this.place, result)
    }
}

/// Future of [`AsyncReadExt::read_exact`](super::AsyncReadExt::read_exact).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadExact<'a, R: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut [u8],
    filled: usize,
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadExact<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, buf: &'a mut [u8]) -> Self {
        Self {
            reader,
            buf,
            filled: 0,
            place: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadExact<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let result = poll_read_exact(Pin::new(&mut *this.reader), cx, this.buf, &mut this.filled);
        noted(this.place, result)
    }
}

/// Reads until `buf` is full; `filled` keeps the progress between polls.
///
/// It is woken: it waits only for the reader, which said `Pending` last.
pub(super) fn poll_read_exact<R: AsyncRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
    filled: &mut usize,
) -> Poll<io::Result<usize>> {
    while *filled < buf.len() {
        let mut rest = ReadBuf::new(&mut buf[*filled..]);
        let n = ready!(uninterrupted(|| checked::poll_read(
            reader.as_mut(),
            cx,
            &mut rest
        )))?;
        if n == 0 {
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the stream ended before the buffer was full",
            )));
        }
        *filled += n;
    }
    Poll::Ready(Ok(buf.len()))
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
