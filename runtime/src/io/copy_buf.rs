//! `copy_buf`: everything from a reader with a buffer to a writer, without another buffer.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::context;

use super::checked::{self, noted, poll_charge, uninterrupted};
use super::{AsyncBufRead, AsyncWrite};

/// Copies as [`copy`](super::copy()), out of the reader's own buffer.
///
/// # Errors
///
/// As the reader or the writer. Nothing is lost: what was not written is in the reader.
///
/// # Cancel safety
///
/// Cancel safe: if the future is dropped early, what was not written is in the reader, and another
/// call goes on from there. It counts only what it copies itself.
///
/// # Examples
///
/// ```
/// use selvedge::io;
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut reader = io::BufReader::with_capacity(64 * 1024, io::repeat(7));
/// let mut first = io::AsyncReadExt::take(&mut reader, 1_000_000);
/// assert_eq!(io::copy_buf(&mut first, &mut io::sink()).await?, 1_000_000);
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn copy_buf<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> CopyBuf<'a, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    CopyBuf {
        reader,
        writer,
        unflushed: true,
        copied: 0,
        place: Location::caller(),
    }
}

/// Future of [`copy_buf`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct CopyBuf<'a, R: ?Sized, W: ?Sized> {
    reader: &'a mut R,
    writer: &'a mut W,
    /// The writer may hold bytes that it was given since it was flushed, or before we began.
    unflushed: bool,
    copied: u64,
    place: &'static Location<'static>,
}

impl<R, W> CopyBuf<'_, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    /// Copies what is buffered, or what comes; zero at the end.
    ///
    /// It is woken: it waits for the writer, which said `Pending` last, or for the reader, which
    /// said `Pending` in this very poll, and meanwhile for the flush.
    fn poll_round(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut reader = Pin::new(&mut *self.reader);
        let mut writer = Pin::new(&mut *self.writer);
        let read = loop {
            match reader.as_mut().poll_fill_buf(cx) {
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        match read {
            Poll::Ready(bytes) if !bytes.is_empty() => {
                let n = ready!(checked::poll_write_some(writer, cx, bytes))?;
                reader.consume(n);
                self.unflushed = true;
                self.copied += n as u64;
                Poll::Ready(Ok(n))
            }
            ended_or_waits => {
                let read = ended_or_waits.map(|_| Ok(0));
                if self.unflushed {
                    ready!(uninterrupted(|| writer.as_mut().poll_flush(cx)))?;
                    self.unflushed = false;
                }
                read
            }
        }
    }
}

impl<R, W> Future for CopyBuf<'_, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    type Output = io::Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            let budget = context::budget();
            let round = this.poll_round(cx);
            if ready!(noted(this.place, round))? == 0 {
                return Poll::Ready(Ok(this.copied));
            }
            // As in a `Transfer`: two that are always ready have to give the thread back, too.
            if context::budget() == budget {
                ready!(poll_charge(cx));
            }
        }
    }
}
