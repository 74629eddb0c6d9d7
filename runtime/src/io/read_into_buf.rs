//! `ReadIntoBuf`: once into the room of a `bytes::BufMut`.
#![allow(
    unsafe_code,
    reason = "reads into memory of a buffer that is not initialized yet"
)]

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BufMut;

use super::checked::{self, noted};
use super::{AsyncRead, ReadBuf};

/// Future of [`AsyncReadExt::read_buf`](super::AsyncReadExt::read_buf).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadIntoBuf<'a, R: ?Sized, B: ?Sized> {
    reader: &'a mut R,
    buf: &'a mut B,
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized, B: ?Sized> ReadIntoBuf<'a, R, B> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, buf: &'a mut B) -> Self {
        let place = Location::caller();
        Self { reader, buf, place }
    }
}

impl<R, B> Future for ReadIntoBuf<'_, R, B>
where
    R: AsyncRead + Unpin + ?Sized,
    B: BufMut + ?Sized,
{
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if !this.buf.has_remaining_mut() {
            return Poll::Ready(Ok(0));
        }
        // SAFETY: a `ReadBuf` writes initialized bytes only, unless unsafe code breaks its rules.
        let room = unsafe { this.buf.chunk_mut().as_uninit_slice_mut() };
        let mut room = ReadBuf::uninit(room);
        let result = checked::poll_read(Pin::new(&mut *this.reader), cx, &mut room);
        let n = ready!(noted(this.place, result))?;
        // SAFETY: the first `n` bytes of the chunk are initialized: `room` was over them all the time,
        // as `poll_read` has checked, and counts them as filled.
        unsafe { this.buf.advance_mut(n) };
        Poll::Ready(Ok(n))
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
