//! `ReadLine`: up to and including a line feed, as text.

use std::future::Future;
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::AsyncBufRead;
use super::checked::noted;
use super::read_until::poll_read_until;
use super::text::{Keep, put_back};

/// Future of [`AsyncBufReadExt::read_line`](super::AsyncBufReadExt::read_line).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadLine<'a, R: ?Sized> {
    reader: &'a mut R,
    target: &'a mut String,
    /// The content of `target` between the first poll and the last, and its length at the start.
    bytes: Option<(Vec<u8>, usize)>,
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadLine<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, target: &'a mut String) -> Self {
        Self {
            reader,
            target,
            bytes: None,
            place: Location::caller(),
        }
    }

    /// Returns how many bytes were read.
    fn put_back(&mut self, keep: Keep) -> io::Result<usize> {
        let Some((bytes, before)) = self.bytes.take() else {
            return Ok(0);
        };
        let read = bytes.len() - before;
        put_back(self.target, bytes, before, keep)
            .map(|()| read)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

impl<R: AsyncBufRead + Unpin + ?Sized> Future for ReadLine<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let target = &mut *this.target;
        let (bytes, _) = this.bytes.get_or_insert_with(|| {
            let bytes = mem::take(target).into_bytes();
            let before = bytes.len();
            (bytes, before)
        });
        let result = poll_read_until(Pin::new(&mut *this.reader), cx, b'\n', bytes);
        match ready!(noted(this.place, result)) {
            Ok(()) => Poll::Ready(this.put_back(Keep::AllOrNone)),
            Err(error) => {
                // The error of the reader counts for more than a character it cut off.
                let _ = this.put_back(Keep::WholeChars);
                Poll::Ready(Err(error))
            }
        }
    }
}

impl<R: ?Sized> Drop for ReadLine<'_, R> {
    fn drop(&mut self) {
        // A future dropped early has nobody to tell about bytes that are not text.
        let _ = self.put_back(Keep::WholeChars);
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
