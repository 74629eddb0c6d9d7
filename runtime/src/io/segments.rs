//! `Split`: the parts of a reader between delimiters, one by one.

use std::future::Future;
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::AsyncBufRead;
use super::checked::noted;
use super::read_until::poll_read_until;

pin_project! {
    /// The parts of a reader between delimiters; made by
    /// [`AsyncBufReadExt::split`](super::AsyncBufReadExt::split).
    #[derive(Debug)]
    #[must_use = "segments are read only when asked for"]
    pub struct Split<R> {
        #[pin]
        reader: R,
        delimiter: u8,
        // The segment read so far: it stays here when a future is dropped, so nothing is lost.
        segment: Vec<u8>,
    }
}

impl<R> Split<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Self {
        Self {
            reader,
            delimiter,
            segment: Vec::new(),
        }
    }
}

impl<R: AsyncBufRead> Split<R> {
    /// Waits for the next segment and returns it without its delimiter; `None` at the end.
    ///
    /// # Errors
    ///
    /// As the reader.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the part of a segment that was read is kept for the next call.
    #[track_caller]
    pub fn next_segment(&mut self) -> NextSegment<'_, R>
    where
        R: Unpin,
    {
        NextSegment {
            split: self,
            place: Location::caller(),
        }
    }

    /// Polls for the next segment; see [`next_segment`](Self::next_segment).
    ///
    /// It is woken: it waits only for the reader, which said `Pending` last.
    pub fn poll_next_segment(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<Vec<u8>>>> {
        let this = self.project();
        let delimiter = *this.delimiter;
        ready!(poll_read_until(this.reader, cx, delimiter, this.segment))?;
        if this.segment.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut segment = mem::take(this.segment);
        if segment.last() == Some(&delimiter) {
            segment.pop();
        }
        Poll::Ready(Ok(Some(segment)))
    }
}

/// Future of [`Split::next_segment`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct NextSegment<'a, R> {
    split: &'a mut Split<R>,
    place: &'static Location<'static>,
}

impl<R: AsyncBufRead + Unpin> Future for NextSegment<'_, R> {
    type Output = io::Result<Option<Vec<u8>>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        noted(this.place, Pin::new(&mut *this.split).poll_next_segment(cx))
    }
}
