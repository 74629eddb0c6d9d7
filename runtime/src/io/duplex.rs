//! `duplex` and `DuplexStream`: two pipes in memory that make a connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use selvedge_sync::primitive::Arc;

use super::pipe::Pipe;
use super::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection in memory: two ends, each of which reads what the other writes.
///
/// Each direction holds at most `max_buf_size` bytes; writing more waits until some are read.
///
/// # Panics
///
/// If `max_buf_size` is zero.
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let (mut client, mut server) = io::duplex(64);
/// client.write_all(b"ping").await?;
/// let mut word = [0; 4];
/// server.read_exact(&mut word).await?;
/// assert_eq!(&word, b"ping");
///
/// drop(client);
/// assert_eq!(server.read(&mut word).await?, 0);
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn duplex(max_buf_size: usize) -> (DuplexStream, DuplexStream) {
    let there = Arc::new(Pipe::new(max_buf_size));
    let back = Arc::new(Pipe::new(max_buf_size));
    let one = DuplexStream {
        read: back.clone(),
        write: there.clone(),
    };
    let other = DuplexStream {
        read: there,
        write: back,
    };
    (one, other)
}

/// One end of a connection in memory; made by [`duplex`].
///
/// When it is dropped, the other end reads what is left and then the end, and fails to write with
/// `BrokenPipe`. Shutting it down does the former only.
#[derive(Debug)]
pub struct DuplexStream {
    read: Arc<Pipe>,
    write: Arc<Pipe>,
}

impl Drop for DuplexStream {
    fn drop(&mut self) {
        // Both are closed before anybody is woken.
        drop([self.write.close(), self.read.close()]);
    }
}

impl AsyncRead for DuplexStream {
    #[track_caller]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.read.poll_read(cx, buf)
    }
}

impl AsyncWrite for DuplexStream {
    #[track_caller]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write.poll_write(cx, &[IoSlice::new(buf)])
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        drop(self.write.close());
        Poll::Ready(Ok(()))
    }

    #[track_caller]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write.poll_write(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
