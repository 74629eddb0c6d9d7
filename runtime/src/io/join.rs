//! `join`: a reader and a writer as one stream.

use std::pin::Pin;

use pin_project_lite::pin_project;

use super::traits::{buf_read_methods, read_methods, write_methods};
use super::{AsyncBufRead, AsyncRead, AsyncWrite};

/// A stream that reads from `reader` and writes to `writer`.
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut stream = io::join(&b"question"[..], Vec::new());
/// let mut question = String::new();
/// stream.read_to_string(&mut question).await?;
/// stream.write_all(b"answer").await?;
/// assert_eq!(stream.writer(), b"answer");
/// # Ok(())
/// # }
/// ```
pub fn join<R, W>(reader: R, writer: W) -> Join<R, W>
where
    R: AsyncRead,
    W: AsyncWrite,
{
    Join { reader, writer }
}

pin_project! {
    /// A reader and a writer as one stream; made by [`join`].
    #[derive(Debug)]
    pub struct Join<R, W> {
        #[pin]
        reader: R,
        #[pin]
        writer: W,
    }
}

impl<R, W> Join<R, W> {
    /// The reader and the writer.
    pub fn into_inner(self) -> (R, W) {
        (self.reader, self.writer)
    }

    /// The reader.
    pub fn reader(&self) -> &R {
        &self.reader
    }

    /// The writer.
    pub fn writer(&self) -> &W {
        &self.writer
    }

    /// The reader.
    pub fn reader_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The writer.
    pub fn writer_mut(&mut self) -> &mut W {
        &mut self.writer
    }

    /// The reader, pinned.
    pub fn reader_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().reader
    }

    /// The writer, pinned.
    pub fn writer_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().writer
    }
}

impl<R: AsyncRead, W> AsyncRead for Join<R, W> {
    read_methods!(|this| this.project().reader);
}

impl<R: AsyncBufRead, W> AsyncBufRead for Join<R, W> {
    buf_read_methods!(|this| this.project().reader);
}

impl<R, W: AsyncWrite> AsyncWrite for Join<R, W> {
    write_methods!(|this| this.project().writer, |this| this.writer);
}
