//! `copy_bidirectional`: two streams joined to each other, as a proxy does.
//!
//! # Fairness
//!
//! Both directions share the budget of one task, so one that always has something to do could use
//! it up at each poll before the other is polled. They take turns in going first.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::checked::{noted, uninterrupted};
use super::transfer::Transfer;
use super::window::CAPACITY_DEFAULT;
use super::{AsyncRead, AsyncWrite};

/// Copies from `a` to `b` and from `b` to `a` until both have come to their ends, and returns how
/// many bytes went each way.
///
/// When one of them ends, the other is shut down; the other direction goes on. Each writer is
/// flushed whenever its reader has nothing to read.
///
/// # Errors
///
/// As one of the streams, at once; both directions stop.
///
/// # Cancel safety
///
/// Not cancel safe: if the future is dropped early, bytes that were read and not written yet (at
/// most 8 KiB each way) are lost.
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let (mut client, mut client_side) = io::duplex(64);
/// let (mut server_side, mut server) = io::duplex(64);
/// client.write_all(b"ping").await?;
/// client.shutdown().await?;
/// server.write_all(b"pong!").await?;
/// server.shutdown().await?;
///
/// let copied = io::copy_bidirectional(&mut client_side, &mut server_side).await?;
/// assert_eq!(copied, (4, 5));
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn copy_bidirectional<'a, A, B>(a: &'a mut A, b: &'a mut B) -> CopyBidirectional<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    copy_bidirectional_with_sizes(a, b, CAPACITY_DEFAULT, CAPACITY_DEFAULT)
}

/// [`copy_bidirectional`] with buffers of other sizes, in bytes.
///
/// # Errors
///
/// As there.
///
/// # Panics
///
/// If a size is zero.
///
/// # Cancel safety
///
/// As there; what may be lost is at most what the buffers hold.
#[track_caller]
pub fn copy_bidirectional_with_sizes<'a, A, B>(
    a: &'a mut A,
    b: &'a mut B,
    a_to_b_buf_size: usize,
    b_to_a_buf_size: usize,
) -> CopyBidirectional<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    assert!(
        a_to_b_buf_size > 0,
        "`a_to_b_buf_size` must be greater than 0"
    );
    assert!(
        b_to_a_buf_size > 0,
        "`b_to_a_buf_size` must be greater than 0"
    );
    CopyBidirectional {
        a,
        b,
        a_to_b: Direction::Copying(Transfer::new(a_to_b_buf_size)),
        b_to_a: Direction::Copying(Transfer::new(b_to_a_buf_size)),
        b_first: false,
        place: Location::caller(),
    }
}

/// Future of [`copy_bidirectional`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct CopyBidirectional<'a, A: ?Sized, B: ?Sized> {
    a: &'a mut A,
    b: &'a mut B,
    a_to_b: Direction,
    b_to_a: Direction,
    /// Whose direction goes first in the next poll.
    b_first: bool,
    place: &'static Location<'static>,
}

impl<A, B> Future for CopyBidirectional<'_, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    type Output = io::Result<(u64, u64)>;

    /// It is woken: each direction that is not done said `Pending` in this very poll.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut a = Pin::new(&mut *this.a);
        let mut b = Pin::new(&mut *this.b);
        let (a_to_b, b_to_a);
        if this.b_first {
            b_to_a = this.b_to_a.poll_copy(cx, b.as_mut(), a.as_mut())?;
            a_to_b = this.a_to_b.poll_copy(cx, a, b)?;
        } else {
            a_to_b = this.a_to_b.poll_copy(cx, a.as_mut(), b.as_mut())?;
            b_to_a = this.b_to_a.poll_copy(cx, b, a)?;
        }
        this.b_first = !this.b_first;
        let a_to_b = ready!(noted(this.place, a_to_b));
        let b_to_a = ready!(noted(this.place, b_to_a));
        Poll::Ready(Ok((a_to_b, b_to_a)))
    }
}

/// One of the two directions.
#[derive(Debug)]
enum Direction {
    Copying(Transfer),
    /// The reader has ended after so many bytes; the writer is being shut down.
    ShuttingDown(u64),
    Done(u64),
}

impl Direction {
    fn poll_copy<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        loop {
            *self = match self {
                Self::Copying(transfer) => Self::ShuttingDown(ready!(transfer.poll_transfer(
                    cx,
                    reader.as_mut(),
                    writer.as_mut()
                ))?),
                Self::ShuttingDown(n) => {
                    ready!(uninterrupted(|| writer.as_mut().poll_shutdown(cx)))?;
                    Self::Done(*n)
                }
                Self::Done(n) => return Poll::Ready(Ok(*n)),
            };
        }
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
