//! `copy`: everything from a reader to a writer.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::checked::noted;
use super::transfer::Transfer;
use super::window::CAPACITY_DEFAULT;
use super::{AsyncRead, AsyncWrite};

/// Copies everything up to the end of `reader` to `writer`, and returns how many bytes that was.
///
/// The writer is flushed at the end, and whenever the reader has nothing to read: bytes do not
/// get stuck in a writer's buffer while the other side waits for them. It is not shut down.
///
/// # Errors
///
/// As the reader or the writer, at once: bytes that were read and not written yet are lost.
///
/// # Cancel safety
///
/// Not cancel safe: if the future is dropped early, bytes that were read and not written yet (at
/// most 8 KiB) are lost.
///
/// # Examples
///
/// ```
/// use selvedge::io;
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut reader = &b"hello"[..];
/// let mut writer = Vec::new();
/// assert_eq!(io::copy(&mut reader, &mut writer).await?, 5);
/// assert_eq!(writer, b"hello");
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn copy<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> CopyBytes<'a, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    CopyBytes {
        reader,
        writer,
        transfer: Transfer::new(CAPACITY_DEFAULT),
        place: Location::caller(),
    }
}

/// Future of [`copy`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct CopyBytes<'a, R: ?Sized, W: ?Sized> {
    reader: &'a mut R,
    writer: &'a mut W,
    transfer: Transfer,
    place: &'static Location<'static>,
}

impl<R, W> Future for CopyBytes<'_, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    type Output = io::Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let reader = Pin::new(&mut *this.reader);
        let writer = Pin::new(&mut *this.writer);
        noted(this.place, this.transfer.poll_transfer(cx, reader, writer))
    }
}
