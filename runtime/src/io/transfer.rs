//! `Transfer`: bytes on their way from a reader to a writer, with nothing left behind.
//!
//! # Protocol
//!
//! A round reads into the room of a buffer, then writes what the buffer holds. It waits:
//!
//! 1. for the reader alone, if the buffer is empty. Then the writer is flushed first: the answer
//!    that the reader waits for may depend on bytes which are still in the writer's own buffer;
//! 2. for the writer, if there are bytes and it takes none. If there is room as well, the reader
//!    was polled before: bytes that come meanwhile make the next write larger.
//!
//! It is woken: in case 1 the reader said `Pending` in this very poll, and so did the flush if it
//! is what waits; in case 2 the writer did.
//!
//! # Fairness
//!
//! A reader and a writer that are always ready would never give the thread back. A round in which
//! neither of them charged the task's budget is charged one unit here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::context;

use super::checked::{self, poll_charge, uninterrupted};
use super::window::Window;
use super::{AsyncRead, AsyncWrite};

/// A buffer between a reader and a writer, and how far the transfer has come.
#[derive(Debug)]
pub(super) struct Transfer {
    window: Window,
    /// The reader has come to its end.
    ended: bool,
    /// The writer may hold bytes that it was given since it was flushed, or before we began.
    unflushed: bool,
    transferred: u64,
}

impl Transfer {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            window: Window::new(capacity),
            ended: false,
            unflushed: true,
            transferred: 0,
        }
    }

    /// Transfers up to the end of the reader, flushes, and returns the number of bytes.
    pub(super) fn poll_transfer<R, W>(
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
            let budget = context::budget();
            let read = self.poll_read(cx, reader.as_mut())?;
            if self.window.is_empty() {
                ready!(self.poll_flush(cx, writer.as_mut()))?;
                if self.ended {
                    return Poll::Ready(Ok(self.transferred));
                }
                ready!(read);
            }
            ready!(self.poll_write(cx, writer.as_mut()))?;
            if context::budget() == budget {
                ready!(poll_charge(cx));
            }
        }
    }

    /// Reads if there is room and something to come.
    fn poll_read<R: AsyncRead + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
    ) -> Poll<io::Result<()>> {
        if !self.ended && self.window.has_room() {
            let n = ready!(uninterrupted(|| self.window.poll_fill(reader.as_mut(), cx)))?;
            self.ended = n == 0;
        }
        Poll::Ready(Ok(()))
    }

    /// Writes all that the buffer holds.
    fn poll_write<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<()>> {
        while !self.window.is_empty() {
            let bytes = self.window.bytes();
            let n = ready!(checked::poll_write_some(writer.as_mut(), cx, bytes))?;
            self.window.consume(n);
            self.unflushed = true;
            self.transferred += n as u64;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_flush<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<()>> {
        if self.unflushed {
            ready!(uninterrupted(|| writer.as_mut().poll_flush(cx)))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
