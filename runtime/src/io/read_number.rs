//! `ReadNumber`: an integer or float of fixed size, in either byte order.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::AsyncRead;
use super::checked::noted;
use super::read::poll_read_exact;

/// Future of [`AsyncReadExt::read_u32`](super::AsyncReadExt::read_u32) and its siblings.
#[must_use = "futures do nothing unless awaited"]
pub struct ReadNumber<'a, R: ?Sized, T, const N: usize> {
    reader: &'a mut R,
    bytes: [u8; N],
    filled: usize,
    decode: fn([u8; N]) -> T,
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized, T, const N: usize> ReadNumber<'a, R, T, N> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, decode: fn([u8; N]) -> T) -> Self {
        Self {
            reader,
            bytes: [0; N],
            filled: 0,
            decode,
            place: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized, T, const N: usize> Future for ReadNumber<'_, R, T, N> {
    type Output = io::Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let reader = Pin::new(&mut *this.reader);
        let result = poll_read_exact(reader, cx, &mut this.bytes, &mut this.filled);
        ready!(noted(this.place, result))?;
        Poll::Ready(Ok((this.decode)(this.bytes)))
    }
}

impl<R: ?Sized, T, const N: usize> fmt::Debug for ReadNumber<'_, R, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadNumber")
            .field("read", &&self.bytes[..self.filled])
            .field("size", &N)
            .finish_non_exhaustive()
    }
}
