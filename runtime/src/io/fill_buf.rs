//! `FillBuf`: a look at the buffered bytes.
#![allow(
    unsafe_code,
    reason = "lends what the borrow checker cannot see is free"
)]

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::slice;
use std::task::{Context, Poll};

use super::AsyncBufRead;
use super::checked::noted;

/// Future of [`AsyncBufReadExt::fill_buf`](super::AsyncBufReadExt::fill_buf).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct FillBuf<'a, R: ?Sized> {
    /// Taken when the future is ready, because from then on the bytes are borrowed from it.
    reader: Option<&'a mut R>,
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized> FillBuf<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R) -> Self {
        Self {
            reader: Some(reader),
            place: Location::caller(),
        }
    }
}

impl<'a, R: AsyncBufRead + Unpin + ?Sized> Future for FillBuf<'a, R> {
    type Output = io::Result<&'a [u8]>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let reader = this.reader.take().expect("polled after it was ready");
        let result = match Pin::new(&mut *reader).poll_fill_buf(cx) {
            Poll::Ready(Ok(bytes)) => {
                // SAFETY: the bytes are borrowed from `*reader`, which was borrowed exclusively for
                // `'a`; that borrow was taken out of `self` and is not used again on this path.
                Poll::Ready(Ok(unsafe {
                    slice::from_raw_parts(bytes.as_ptr(), bytes.len())
                }))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                this.reader = Some(reader);
                Poll::Pending
            }
        };
        noted(this.place, result)
    }
}
