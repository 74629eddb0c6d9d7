//! `repeat`: a reader of one byte, without end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::checked::poll_charge;
use super::{AsyncRead, ReadBuf};

/// A reader of `byte`, over and over.
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncReadExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut three = [0; 3];
/// io::repeat(7).read_exact(&mut three).await?;
/// assert_eq!(three, [7, 7, 7]);
/// # Ok(())
/// # }
/// ```
pub fn repeat(byte: u8) -> Repeat {
    Repeat { byte }
}

/// A reader of one byte, over and over; made by [`repeat`].
#[derive(Debug)]
pub struct Repeat {
    byte: u8,
}

impl AsyncRead for Repeat {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(poll_charge(cx));
        buf.initialize_unfilled().fill(self.byte);
        buf.advance(buf.remaining());
        Poll::Ready(Ok(()))
    }
}
