//! `Take`: the first bytes of a reader.
#![allow(
    unsafe_code,
    reason = "counts as initialized what the inner reader initialized"
)]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::checked;
use super::{AsyncBufRead, AsyncRead, ReadBuf};

pin_project! {
    /// A reader that ends after a number of bytes; made by
    /// [`AsyncReadExt::take`](super::AsyncReadExt::take).
    #[derive(Debug)]
    #[must_use = "readers do nothing unless read from"]
    pub struct Take<R> {
        #[pin]
        reader: R,
        // How many bytes may still be read.
        limit: u64,
    }
}

impl<R> Take<R> {
    pub(super) fn new(reader: R, limit: u64) -> Self {
        Self { reader, limit }
    }

    /// How many bytes can still be read before this ends, unless the reader ends earlier.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Lets `limit` more bytes be read from now on, whatever was read before.
    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// The reader.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The reader. What is read from it directly does not count.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The reader, pinned. What is read from it directly does not count.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().reader
    }

    /// The reader.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

/// `n`, or `limit` if that is less.
fn within(n: usize, limit: u64) -> usize {
    usize::try_from(limit).map_or(n, |limit| n.min(limit))
}

impl<R: AsyncRead> AsyncRead for Take<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.project();
        if *this.limit == 0 {
            return Poll::Ready(Ok(()));
        }
        let mut part = buf.take(within(buf.remaining(), *this.limit));
        let result = checked::poll_read(this.reader, cx, &mut part);
        let initialized = part.initialized().len();
        // SAFETY: `part` is still over the memory behind the filled part of `buf` (checked in
        // `poll_read`), and knows that so much of it is initialized.
        unsafe { buf.assume_init(initialized) };
        let n = ready!(result)?;
        buf.advance(n);
        *this.limit -= n as u64;
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncBufRead> AsyncBufRead for Take<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.project();
        if *this.limit == 0 {
            return Poll::Ready(Ok(&[]));
        }
        let bytes = ready!(this.reader.poll_fill_buf(cx))?;
        Poll::Ready(Ok(&bytes[..within(bytes.len(), *this.limit)]))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        let this = self.project();
        let amt = within(amt, *this.limit);
        *this.limit -= amt as u64;
        this.reader.consume(amt);
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
