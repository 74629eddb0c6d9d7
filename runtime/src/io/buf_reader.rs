//! `BufReader`: reads in large pieces, hands out small ones.

use std::io::{self, SeekFrom};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::traits::write_methods;
use super::window::{CAPACITY_DEFAULT, Window};
use super::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

pin_project! {
    /// Adds a buffer to a reader, so that many small reads cost few large ones.
    ///
    /// A read that is as large as the buffer, while the buffer is empty, goes straight to the
    /// reader. Writes go straight through as well. Dropping a `BufReader` drops what it has
    /// buffered.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::io::{self, AsyncBufReadExt, BufReader};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut reader = BufReader::new(&b"first\nsecond\n"[..]);
    /// let mut line = String::new();
    /// reader.read_line(&mut line).await?;
    /// assert_eq!(line, "first\n");
    /// assert_eq!(reader.buffer(), b"second\n");
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Debug)]
    pub struct BufReader<R> {
        #[pin]
        reader: R,
        window: Window,
        seek: Seeking,
    }
}

/// How far a seek has come.
#[derive(Debug, Clone, Copy)]
enum Seeking {
    /// None is under way.
    Idle,
    /// Asked for by the user; the reader does not know yet.
    Requested(SeekFrom),
    /// The reader moves back to where the user is, because the sum of both distances would
    /// overflow; then it is to move by this distance.
    Returning(i64),
    /// The reader moves to where the user wants to be.
    Moving,
}

impl<R> BufReader<R> {
    /// A reader with a buffer of 8 KiB.
    pub fn new(reader: R) -> Self {
        Self::with_capacity(CAPACITY_DEFAULT, reader)
    }

    /// A reader with a buffer of `capacity` bytes.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    #[track_caller]
    pub fn with_capacity(capacity: usize, reader: R) -> Self {
        assert!(
            capacity > 0,
            "capacity must be greater than zero: nothing could be read through an empty buffer"
        );
        Self {
            reader,
            window: Window::new(capacity),
            seek: Seeking::Idle,
        }
    }

    /// The reader.
    pub fn get_ref(&self) -> &R {
        &self.reader
    }

    /// The reader. What is read from it directly is missing from the buffer.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The reader, pinned. What is read from it directly is missing from the buffer.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().reader
    }

    /// The reader. What is in the buffer is lost.
    pub fn into_inner(self) -> R {
        self.reader
    }

    /// What was read ahead.
    pub fn buffer(&self) -> &[u8] {
        self.window.bytes()
    }

    /// The reader, and the buffer as it is.
    pub(super) fn into_parts(self) -> (R, BufReader<()>) {
        let buffer = BufReader {
            reader: (),
            window: self.window,
            seek: self.seek,
        };
        (self.reader, buffer)
    }
}

impl BufReader<()> {
    /// The buffer as it is, of another reader.
    pub(super) fn around<R>(self, reader: R) -> BufReader<R> {
        BufReader {
            reader,
            window: self.window,
            seek: self.seek,
        }
    }
}

impl<R: AsyncRead> AsyncRead for BufReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.window.is_empty() && buf.remaining() >= self.window.capacity() {
            return self.project().reader.poll_read(cx, buf);
        }
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let n = bytes.len().min(buf.remaining());
        buf.put_slice(&bytes[..n]);
        self.consume(n);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead> AsyncBufRead for BufReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.project();
        if this.window.is_empty() {
            ready!(this.window.poll_fill(this.reader, cx))?;
        }
        Poll::Ready(Ok(this.window.bytes()))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.project().window.consume(amt);
    }
}

impl<R: AsyncRead + AsyncSeek> AsyncSeek for BufReader<R> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        *self.project().seek = Seeking::Requested(position);
        Ok(())
    }

    /// Where the reader *is* differs from where the user is by what was read ahead.
    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let mut this = self.project();
        loop {
            // A buffer holds at most `isize::MAX` bytes.
            let ahead = this.window.bytes().len() as i64;
            // An error ends the seek: what is put back below is what goes on.
            match mem::replace(this.seek, Seeking::Idle) {
                Seeking::Idle => {
                    let position = ready!(this.reader.poll_complete(cx))?;
                    return Poll::Ready(Ok(position.saturating_sub(ahead as u64)));
                }
                Seeking::Requested(SeekFrom::Current(distance)) => {
                    if let Some(sum) = distance.checked_sub(ahead) {
                        this.reader.as_mut().start_seek(SeekFrom::Current(sum))?;
                        *this.seek = Seeking::Moving;
                    } else {
                        this.reader.as_mut().start_seek(SeekFrom::Current(-ahead))?;
                        *this.seek = Seeking::Returning(distance);
                    }
                }
                Seeking::Requested(position) => {
                    this.reader.as_mut().start_seek(position)?;
                    *this.seek = Seeking::Moving;
                }
                Seeking::Returning(distance) => match this.reader.as_mut().poll_complete(cx)? {
                    Poll::Ready(_) => {
                        this.window.clear();
                        *this.seek = Seeking::Requested(SeekFrom::Current(distance));
                    }
                    Poll::Pending => {
                        *this.seek = Seeking::Returning(distance);
                        return Poll::Pending;
                    }
                },
                Seeking::Moving => match this.reader.as_mut().poll_complete(cx)? {
                    Poll::Ready(position) => {
                        this.window.clear();
                        return Poll::Ready(Ok(position));
                    }
                    Poll::Pending => {
                        *this.seek = Seeking::Moving;
                        return Poll::Pending;
                    }
                },
            }
        }
    }
}

impl<R: AsyncRead + AsyncWrite> AsyncWrite for BufReader<R> {
    write_methods!(|this| this.project().reader, |this| this.reader);
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
