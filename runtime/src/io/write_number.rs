//! `WriteNumber`: an integer or float of fixed size, encoded in either byte order.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::AsyncWrite;
use super::checked::noted;
use super::write::poll_write_all;

/// Future of [`AsyncWriteExt::write_u32`](super::AsyncWriteExt::write_u32) and its siblings.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteNumber<'a, W: ?Sized, const N: usize> {
    writer: &'a mut W,
    bytes: [u8; N],
    written: usize,
    place: &'static Location<'static>,
}

impl<'a, W: ?Sized, const N: usize> WriteNumber<'a, W, N> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, bytes: [u8; N]) -> Self {
        Self {
            writer,
            bytes,
            written: 0,
            place: Location::caller(),
        }
    }
}

impl<W: AsyncWrite + Unpin + ?Sized, const N: usize> Future for WriteNumber<'_, W, N> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let writer = Pin::new(&mut *this.writer);
        let result = poll_write_all(writer, cx, &this.bytes, &mut this.written);
        noted(this.place, result)
    }
}
