//! `Hiccup`: a stream that does everything in the smallest pieces and waits before each.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::context;

use crate::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Reads what it was given and writes to a vector, one to three bytes at a time. Every other poll
/// waits, and some are interrupted if so wished.
#[derive(Debug, Default)]
pub(crate) struct Hiccup {
    to_read: Vec<u8>,
    pub(crate) written: Vec<u8>,
    pub(crate) shut_down: bool,
    interrupts: bool,
    polls: usize,
}

impl Hiccup {
    pub(crate) fn new(to_read: impl Into<Vec<u8>>) -> Self {
        Self {
            to_read: to_read.into(),
            ..Self::default()
        }
    }

    pub(crate) fn interrupting(to_read: impl Into<Vec<u8>>) -> Self {
        Self {
            interrupts: true,
            ..Self::new(to_read)
        }
    }

    /// The size of the next piece.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let unit = ready!(context::poll_proceed(cx));
        self.polls += 1;
        if self.polls % 2 == 1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        unit.made_progress();
        if self.interrupts && self.polls % 6 == 0 {
            return Poll::Ready(Err(io::ErrorKind::Interrupted.into()));
        }
        Poll::Ready(Ok(self.polls % 3 + 1))
    }
}

impl AsyncRead for Hiccup {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let n = ready!(this.poll_piece(cx))?;
        let n = n.min(this.to_read.len()).min(buf.remaining());
        buf.put_slice(&this.to_read[..n]);
        this.to_read.drain(..n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Hiccup {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        assert!(!this.shut_down, "written to after shutdown");
        let n = ready!(this.poll_piece(cx))?.min(buf.len());
        this.written.extend_from_slice(&buf[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.get_mut().poll_piece(cx))?;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_piece(cx))?;
        this.shut_down = true;
        Poll::Ready(Ok(()))
    }
}
