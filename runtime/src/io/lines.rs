//! `Lines`: the lines of a reader, one by one, without their ends.

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
    /// The lines of a reader; made by [`AsyncBufReadExt::lines`](super::AsyncBufReadExt::lines).
    #[derive(Debug)]
    #[must_use = "lines are read only when asked for"]
    pub struct Lines<R> {
        #[pin]
        reader: R,
        // The line read so far: it stays here when a future is dropped, so nothing is lost.
        line: Vec<u8>,
    }
}

impl<R> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            line: Vec::new(),
        }
    }

    /// The reader.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The reader. Reading from it directly may tear a line apart.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The reader. A line of which only a part was read is lost.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<R: AsyncBufRead> Lines<R> {
    /// Waits for the next line and returns it without `\n` or `\r\n`; `None` at the end.
    ///
    /// # Errors
    ///
    /// `InvalidData` if the line is not valid UTF-8, with a [`FromUtf8Error`] inside that has the bytes
    /// of the line; the next call returns the line behind it. Otherwise as the reader.
    ///
    /// [`FromUtf8Error`]: std::string::FromUtf8Error
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the part of a line that was read is kept for the next call.
    #[track_caller]
    pub fn next_line(&mut self) -> NextLine<'_, R>
    where
        R: Unpin,
    {
        NextLine {
            lines: self,
            place: Location::caller(),
        }
    }

    /// Polls for the next line; see [`next_line`](Self::next_line).
    ///
    /// It is woken: it waits only for the reader, which said `Pending` last.
    pub fn poll_next_line(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Option<String>>> {
        let this = self.project();
        ready!(poll_read_until(this.reader, cx, b'\n', this.line))?;
        if this.line.is_empty() {
            return Poll::Ready(Ok(None));
        }
        let mut line = mem::take(this.line);
        if strip(&mut line, b'\n') {
            strip(&mut line, b'\r');
        }
        let line = String::from_utf8(line)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Poll::Ready(Ok(Some(line)))
    }
}

/// Removes the last byte if it is `byte`.
fn strip(line: &mut Vec<u8>, byte: u8) -> bool {
    let found = line.last() == Some(&byte);
    line.truncate(line.len() - usize::from(found));
    found
}

/// Future of [`Lines::next_line`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct NextLine<'a, R> {
    lines: &'a mut Lines<R>,
    place: &'static Location<'static>,
}

impl<R: AsyncBufRead + Unpin> Future for NextLine<'_, R> {
    type Output = io::Result<Option<String>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        noted(this.place, Pin::new(&mut *this.lines).poll_next_line(cx))
    }
}
