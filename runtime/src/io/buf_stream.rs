//! `BufStream`: a stream with a buffer in each direction.

use std::pin::Pin;

use pin_project_lite::pin_project;

use super::traits::{buf_read_methods, read_methods, seek_methods, write_methods};
use super::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, BufReader, BufWriter};

pin_project! {
    /// Adds a buffer to each direction of a stream: a [`BufReader`] around a [`BufWriter`].
    ///
    /// As with those, [flush](super::AsyncWriteExt::flush) it at the end: dropping it drops what is in
    /// the buffers.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::io::{self, AsyncBufReadExt, AsyncWriteExt, BufStream};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let (one, other) = io::duplex(64);
    /// let (mut one, mut other) = (BufStream::new(one), BufStream::new(other));
    /// one.write_all(b"first\nsecond\n").await?;
    /// one.flush().await?;
    ///
    /// let mut line = String::new();
    /// other.read_line(&mut line).await?;
    /// assert_eq!(line, "first\n");
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Debug)]
    pub struct BufStream<S> {
        #[pin]
        stream: BufReader<BufWriter<S>>,
    }
}

impl<S: AsyncRead + AsyncWrite> BufStream<S> {
    /// A stream with buffers of 8 KiB.
    pub fn new(stream: S) -> Self {
        Self {
            stream: BufReader::new(BufWriter::new(stream)),
        }
    }

    /// A stream with buffers of these sizes, in bytes.
    ///
    /// # Panics
    ///
    /// If `reader_capacity` is zero.
    #[track_caller]
    pub fn with_capacity(reader_capacity: usize, writer_capacity: usize, stream: S) -> Self {
        let writer = BufWriter::with_capacity(writer_capacity, stream);
        Self {
            stream: BufReader::with_capacity(reader_capacity, writer),
        }
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        self.stream.get_ref().get_ref()
    }

    /// The stream. What is read from it or written to it directly passes by the buffers.
    pub fn get_mut(&mut self) -> &mut S {
        self.stream.get_mut().get_mut()
    }

    /// The stream, pinned. What is read from it or written to it directly passes by the buffers.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut S> {
        self.project().stream.get_pin_mut().get_pin_mut()
    }

    /// The stream. What is in the buffers is lost.
    pub fn into_inner(self) -> S {
        self.stream.into_inner().into_inner()
    }
}

impl<S> From<BufReader<BufWriter<S>>> for BufStream<S> {
    fn from(stream: BufReader<BufWriter<S>>) -> Self {
        Self { stream }
    }
}

/// Turns the two around, with what is in their buffers.
impl<S> From<BufWriter<BufReader<S>>> for BufStream<S> {
    fn from(stream: BufWriter<BufReader<S>>) -> Self {
        let (reader, write_buffer) = stream.into_parts();
        let (inner, read_buffer) = reader.into_parts();
        Self {
            stream: read_buffer.around(write_buffer.around(inner)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite> AsyncRead for BufStream<S> {
    read_methods!(|this| this.project().stream);
}

impl<S: AsyncRead + AsyncWrite> AsyncBufRead for BufStream<S> {
    buf_read_methods!(|this| this.project().stream);
}

impl<S: AsyncRead + AsyncWrite> AsyncWrite for BufStream<S> {
    write_methods!(|this| this.project().stream, |this| this.stream);
}

/// Seeking writes what is in the writer's buffer and forgets what is in the reader's.
impl<S: AsyncRead + AsyncWrite + AsyncSeek> AsyncSeek for BufStream<S> {
    seek_methods!(|this| this.project().stream);
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
