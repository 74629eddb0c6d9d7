//! The futures that write bytes: `Write`, `WriteVectored`, `WriteAll`, `Flush`, `Shutdown`.

use std::future::Future;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::AsyncWrite;
use super::checked::{self, noted, uninterrupted};

/// Future of [`AsyncWriteExt::write`](super::AsyncWriteExt::write).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Write<'a, W: ?Sized> {
    writer: &'a mut W,
    bytes: &'a [u8],
    place: &'static Location<'static>,
}

impl<'a, W: ?Sized> Write<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bytes: &'a [u8]) -> Self {
        Self {
            writer,
            bytes,
            place: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Write<'_, W> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let writer = Pin::new(&mut *this.writer);
        noted(this.place, writer.poll_write(cx, this.bytes))
    }
}

/// Future of [`AsyncWriteExt::write_vectored`](super::AsyncWriteExt::write_vectored).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteVectored<'a, 'b, W: ?Sized> {
    writer: &'a mut W,
    bufs: &'a [IoSlice<'b>],
    place: &'static Location<'static>,
}

impl<'a, 'b, W: ?Sized> WriteVectored<'a, 'b, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bufs: &'a [IoSlice<'b>]) -> Self {
        Self {
            writer,
            bufs,
            place: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteVectored<'_, '_, W> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let writer = Pin::new(&mut *this.writer);
        noted(this.place, writer.poll_write_vectored(cx, this.bufs))
    }
}

/// Future of [`AsyncWriteExt::write_all`](super::AsyncWriteExt::write_all).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteAll<'a, W: ?Sized> {
    writer: &'a mut W,
    bytes: &'a [u8],
    written: usize,
    place: &'static Location<'static>,
}

impl<'a, W: ?Sized> WriteAll<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bytes: &'a [u8]) -> Self {
        Self {
            writer,
            bytes,
            written: 0,
            place: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for WriteAll<'_, W> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let writer = Pin::new(&mut *this.writer);
        let result = poll_write_all(writer, cx, this.bytes, &mut this.written);
        noted(this.place, result)
    }
}

/// Writes until all of `bytes` is written; `written` keeps the progress between polls.
///
/// It is woken: it waits only for the writer, which said `Pending` last.
pub(super) fn poll_write_all<W: AsyncWrite + ?Sized>(
    mut writer: Pin<&mut W>,
    cx: &mut Context<'_>,
    bytes: &[u8],
    written: &mut usize,
) -> Poll<io::Result<()>> {
    while *written < bytes.len() {
        let rest = &bytes[*written..];
        *written += ready!(checked::poll_write_some(writer.as_mut(), cx, rest))?;
    }
    Poll::Ready(Ok(()))
}

/// Future of [`AsyncWriteExt::flush`](super::AsyncWriteExt::flush).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Flush<'a, W: ?Sized> {
    writer: &'a mut W,
    place: &'static Location<'static>,
}

impl<'a, W: ?Sized> Flush<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W) -> Self {
        Self {
            writer,
            place: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Flush<'_, W> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let result = uninterrupted(|| Pin::new(&mut *this.writer).poll_flush(cx));
        noted(this.place, result)
    }
}

/// Future of [`AsyncWriteExt::shutdown`](super::AsyncWriteExt::shutdown).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Shutdown<'a, W: ?Sized> {
    writer: &'a mut W,
    place: &'static Location<'static>,
}

impl<'a, W: ?Sized> Shutdown<'a, W> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W) -> Self {
        Self {
            writer,
            place: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized> Future for Shutdown<'_, W> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let result = uninterrupted(|| Pin::new(&mut *this.writer).poll_shutdown(cx));
        noted(this.place, result)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
