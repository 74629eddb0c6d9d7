//! `WriteBuf` and `WriteAllBuf`: bytes out of a `bytes::Buf`, once and until it is empty.

use std::future::Future;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;

use super::AsyncWrite;
use super::checked::{noted, uninterrupted};

/// How many pieces of a buffer one write takes.
const PIECES_MAX: usize = 64;

/// Future of [`AsyncWriteExt::write_buf`](super::AsyncWriteExt::write_buf).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteBuf<'a, W: ?Sized, B: ?Sized> {
    writer: &'a mut W,
    buf: &'a mut B,
    place: &'static Location<'static>,
}

impl<'a, W: ?Sized, B: ?Sized> WriteBuf<'a, W, B> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, buf: &'a mut B) -> Self {
        let place = Location::caller();
        Self { writer, buf, place }
    }
}

impl<W, B> Future for WriteBuf<'_, W, B>
where
    W: AsyncWrite + Unpin + ?Sized,
    B: Buf + ?Sized,
{
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if !this.buf.has_remaining() {
            return Poll::Ready(Ok(0));
        }
        let result = poll_write_buf(Pin::new(&mut *this.writer), cx, this.buf);
        noted(this.place, result)
    }
}

/// Future of [`AsyncWriteExt::write_all_buf`](super::AsyncWriteExt::write_all_buf).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct WriteAllBuf<'a, W: ?Sized, B: ?Sized> {
    writer: &'a mut W,
    buf: &'a mut B,
    place: &'static Location<'static>,
}

impl<'a, W: ?Sized, B: ?Sized> WriteAllBuf<'a, W, B> {
    #[track_caller]
    pub(super) fn new(writer: &'a mut W, buf: &'a mut B) -> Self {
        let place = Location::caller();
        Self { writer, buf, place }
    }
}

impl<W, B> Future for WriteAllBuf<'_, W, B>
where
    W: AsyncWrite + Unpin + ?Sized,
    B: Buf + ?Sized,
{
    type Output = io::Result<()>;

    /// It is woken: it waits only for the writer, which said `Pending` last.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut writer = Pin::new(&mut *this.writer);
        while this.buf.has_remaining() {
            let result = uninterrupted(|| poll_write_buf(writer.as_mut(), cx, this.buf));
            if ready!(noted(this.place, result))? == 0 {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::WriteZero,
                    "the writer takes no more bytes",
                )));
            }
        }
        Poll::Ready(Ok(()))
    }
}

/// Writes once from `buf`, several pieces if the writer likes that, and moves on by as much.
///
/// # Panics
///
/// If the writer claims to have taken more than it was given.
fn poll_write_buf<W, B>(
    writer: Pin<&mut W>,
    cx: &mut Context<'_>,
    buf: &mut B,
) -> Poll<io::Result<usize>>
where
    W: AsyncWrite + ?Sized,
    B: Buf + ?Sized,
{
    let mut pieces = [IoSlice::new(&[]); PIECES_MAX];
    let (result, given) = if writer.is_write_vectored() {
        let count = buf.chunks_vectored(&mut pieces);
        let pieces = &pieces[..count];
        let given = pieces.iter().map(|piece| piece.len()).sum();
        (writer.poll_write_vectored(cx, pieces), given)
    } else {
        (writer.poll_write(cx, buf.chunk()), buf.chunk().len())
    };
    let taken = ready!(result)?;
    assert!(
        taken <= given,
        "the writer took {taken} bytes out of {given}; fix its `poll_write`"
    );
    buf.advance(taken);
    Poll::Ready(Ok(taken))
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
