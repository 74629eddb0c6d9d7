//! `ReadUntil`: up to and including a byte.

use std::future::Future;
use std::io::{self, BufRead};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::AsyncBufRead;
use super::checked::noted;

/// Future of [`AsyncBufReadExt::read_until`](super::AsyncBufReadExt::read_until).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadUntil<'a, R: ?Sized> {
    reader: &'a mut R,
    delimiter: u8,
    output: &'a mut Vec<u8>,
    /// The length of `output` at the start.
    len_before: usize,
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadUntil<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, delimiter: u8, output: &'a mut Vec<u8>) -> Self {
        Self {
            reader,
            delimiter,
            len_before: output.len(),
            output,
            place: Location::caller(),
        }
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadUntil<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let reader = Pin::new(&mut *this.reader);
        let result = poll_read_until(reader, cx, this.delimiter, this.output);
        noted(
            this.place,
            result.map_ok(|()| this.output.len() - this.len_before),
        )
    }
}

/// Appends to `output` up to and including `delimiter`, or up to the end.
///
/// What was read is in `output` at every return, and nowhere else.
///
/// It is woken: it waits only for the reader, which said `Pending` last.
pub(super) fn poll_read_until<R: AsyncBufRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    delimiter: u8,
    output: &mut Vec<u8>,
) -> Poll<io::Result<()>> {
    loop {
        let available = match reader.as_mut().poll_fill_buf(cx) {
            Poll::Ready(Ok(available)) => available,
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => return Poll::Pending,
        };
        let ended = available.is_empty();
        // A slice is a reader that never fails, and searches with all the width of the machine.
        let n = BufRead::read_until(&mut &*available, delimiter, output)?;
        let found = n > 0 && available[n - 1] == delimiter;
        reader.as_mut().consume(n);
        if found || ended {
            return Poll::Ready(Ok(()));
        }
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
