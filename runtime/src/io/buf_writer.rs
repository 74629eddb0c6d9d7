//! `BufWriter`: takes small pieces, writes large ones.

use std::io::{self, IoSlice, SeekFrom};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::checked;
use super::traits::{buf_read_methods, read_methods};
use super::window::CAPACITY_DEFAULT;
use super::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

pin_project! {
    /// Adds a buffer to a writer, so that many small writes cost few large ones.
    ///
    /// A piece that is as large as the buffer goes straight to the writer. Reads go straight
    /// through as well.
    ///
    /// Call [`flush`](super::AsyncWriteExt::flush) or [`shutdown`](super::AsyncWriteExt::shutdown)
    /// at the end: dropping a `BufWriter` drops what it has buffered, because a destructor cannot
    /// wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::io::{self, AsyncWriteExt, BufWriter};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut writer = BufWriter::new(Vec::new());
    /// writer.write_all(b"hello").await?;
    /// assert!(writer.get_ref().is_empty());
    /// writer.flush().await?;
    /// assert_eq!(writer.get_ref(), b"hello");
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Debug)]
    pub struct BufWriter<W> {
        #[pin]
        writer: W,
        // Never grows beyond the capacity it was made with.
        buf: Vec<u8>,
        // That many bytes at the start of `buf` have been written; the buffer moves up only when
        // it is empty or writing failed.
        written: usize,
        seek: Seeking,
    }
}

/// How far a seek has come.
#[derive(Debug, Clone, Copy)]
enum Seeking {
    /// None is under way.
    Idle,
    /// Asked for by the user; the buffer has to be written first.
    Requested(SeekFrom),
    /// The writer moves.
    Moving,
}

impl<W> BufWriter<W> {
    /// A writer with a buffer of 8 KiB.
    pub fn new(writer: W) -> Self {
        Self::with_capacity(CAPACITY_DEFAULT, writer)
    }

    /// A writer with a buffer of at least `capacity` bytes.
    pub fn with_capacity(capacity: usize, writer: W) -> Self {
        Self {
            writer,
            buf: Vec::with_capacity(capacity),
            written: 0,
            seek: Seeking::Idle,
        }
    }

    /// The writer.
    pub fn get_ref(&self) -> &W {
        &self.writer
    }

    /// The writer. What is written to it directly overtakes what is in the buffer.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.writer
    }

    /// The writer, pinned. What is written to it directly overtakes what is in the buffer.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().writer
    }

    /// The writer. What is in the buffer is lost.
    pub fn into_inner(self) -> W {
        self.writer
    }

    /// What was taken and not written yet.
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.written..]
    }

    /// The writer, and the buffer as it is.
    pub(super) fn into_parts(self) -> (W, BufWriter<()>) {
        let buffer = BufWriter {
            writer: (),
            buf: self.buf,
            written: self.written,
            seek: self.seek,
        };
        (self.writer, buffer)
    }
}

impl BufWriter<()> {
    /// The buffer as it is, of another writer.
    pub(super) fn around<W>(self, writer: W) -> BufWriter<W> {
        BufWriter {
            writer,
            buf: self.buf,
            written: self.written,
            seek: self.seek,
        }
    }
}

impl<W: AsyncWrite> BufWriter<W> {
    /// Writes all that is in the buffer, without flushing the writer.
    ///
    /// It is woken: it waits only for the writer, which said `Pending` last.
    fn poll_write_buffer(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut this = self.project();
        let mut result = Ok(());
        while *this.written < this.buf.len() {
            let rest = &this.buf[*this.written..];
            match ready!(checked::poll_write_some(this.writer.as_mut(), cx, rest)) {
                Ok(n) => *this.written += n,
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        this.buf.drain(..*this.written);
        *this.written = 0;
        Poll::Ready(result)
    }

    /// Makes room for `n` bytes, as far as the capacity goes.
    fn poll_make_room(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        n: usize,
    ) -> Poll<io::Result<()>> {
        if n <= self.buf.capacity() - self.buf.len() {
            return Poll::Ready(Ok(()));
        }
        self.poll_write_buffer(cx)
    }
}

impl<W: AsyncWrite> AsyncWrite for BufWriter<W> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let total = bufs
            .iter()
            .fold(0_usize, |sum, buf| sum.saturating_add(buf.len()));
        ready!(self.as_mut().poll_make_room(cx, total))?;
        let this = self.project();
        // If it is as large as the buffer, then the buffer is empty: it was, or was written above.
        if total >= this.buf.capacity() && this.writer.is_write_vectored() {
            return this.writer.poll_write_vectored(cx, bufs);
        }
        let before = this.buf.len();
        for buf in bufs.iter().filter(|buf| !buf.is_empty()) {
            let room = this.buf.capacity() - this.buf.len();
            if buf.len() > room || buf.len() >= this.buf.capacity() {
                if this.buf.is_empty() {
                    return this.writer.poll_write(cx, buf);
                }
                break;
            }
            this.buf.extend_from_slice(buf);
        }
        Poll::Ready(Ok(this.buf.len() - before))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_write_buffer(cx))?;
        self.project().writer.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_write_buffer(cx))?;
        self.project().writer.poll_shutdown(cx)
    }
}

impl<W: AsyncWrite + AsyncSeek> AsyncSeek for BufWriter<W> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        *self.project().seek = Seeking::Requested(position);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if matches!(self.seek, Seeking::Requested(_)) {
            let result = ready!(self.as_mut().poll_write_buffer(cx));
            result.inspect_err(|_| *self.as_mut().project().seek = Seeking::Idle)?;
        }
        let behind = self.buffer().len() as u64;
        let mut this = self.project();
        // An error ends the seek: what is put back below is what goes on.
        match mem::replace(this.seek, Seeking::Idle) {
            Seeking::Idle => {
                let position = ready!(this.writer.poll_complete(cx))?;
                return Poll::Ready(Ok(position.saturating_add(behind)));
            }
            Seeking::Requested(position) => this.writer.as_mut().start_seek(position)?,
            Seeking::Moving => {}
        }
        let result = this.writer.poll_complete(cx)?;
        if result.is_pending() {
            *this.seek = Seeking::Moving;
        }
        result.map(Ok)
    }
}

impl<W: AsyncWrite + AsyncRead> AsyncRead for BufWriter<W> {
    read_methods!(|this| this.project().writer);
}

impl<W: AsyncWrite + AsyncBufRead> AsyncBufRead for BufWriter<W> {
    buf_read_methods!(|this| this.project().writer);
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
