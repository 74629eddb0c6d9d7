//! `split`: one stream as two halves, for two tasks.
//!
//! # Protocol
//!
//! Polling needs the stream exclusively, and the halves may be polled at the same time. A poll
//! *takes the stream out* of the turnstile, polls it while no lock is held, and puts it back. A
//! half that comes meanwhile leaves its waker at the turnstile.
//!
//! * I1. The lock is held for moves of pointers only: neither the stream nor a waker runs under it.
//!   Thus a stream whose poll wakes the other half, which is polled at once on the same thread,
//!   finds the turnstile free to leave its waker.
//! * I2. A waker is left only while the stream is out, under the lock; putting the stream back
//!   takes the waker under the same lock. So whoever left one is woken.
//! * I3. At most one half waits, since the other one has the stream: one slot for a waker suffices.
//!
//! # Pinning
//!
//! The stream lives in a `Pin<Box<T>>` from `split` to the end. Getting it back unpinned is left
//! to the compiler, which demands `T: Unpin` for it.
//!
//! # Rejected
//!
//! Polling the stream under a mutex blocks a worker for as long as the other half's system call
//! takes, and deadlocks in the case of I1.

use std::fmt;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use selvedge_sync::context::{self, WaitKind};
use selvedge_sync::primitive::{Arc, Mutex};

use super::{AsyncRead, AsyncWrite, ReadBuf};

/// Splits a stream into a half that reads and a half that writes.
///
/// Both may be used at the same time, by different tasks. Streams that can be split without cost,
/// as sockets can, have a method of their own for it; prefer that.
///
/// Dropping a half does nothing to the stream, which is dropped with the second one: who is done
/// with writing calls [`shutdown`](super::AsyncWriteExt::shutdown).
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncReadExt, AsyncWriteExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let (client, mut server) = io::duplex(64);
/// let (mut reader, mut writer) = io::split(client);
/// writer.write_all(b"ping").await?;
/// server.write_all(b"pong").await?;
/// let mut word = [0; 4];
/// reader.read_exact(&mut word).await?;
/// assert_eq!(&word, b"pong");
/// let client = reader.unsplit(writer);
/// # drop(client);
/// # Ok(())
/// # }
/// ```
pub fn split<T>(stream: T) -> (ReadHalf<T>, WriteHalf<T>)
where
    T: AsyncRead + AsyncWrite,
{
    let is_write_vectored = stream.is_write_vectored();
    let turnstile = Arc::new(Turnstile(Mutex::new(Passage {
        stream: Some(Box::pin(stream)),
        waiting: None,
    })));
    let read = ReadHalf {
        turnstile: turnstile.clone(),
    };
    let write = WriteHalf {
        turnstile,
        is_write_vectored,
    };
    (read, write)
}

/// The half of a stream that reads; made by [`split`].
pub struct ReadHalf<T> {
    turnstile: Arc<Turnstile<T>>,
}

/// The half of a stream that writes; made by [`split`].
pub struct WriteHalf<T> {
    turnstile: Arc<Turnstile<T>>,
    is_write_vectored: bool,
}

impl<T> ReadHalf<T> {
    /// True if both halves are of the same stream.
    pub fn is_pair_of(&self, other: &WriteHalf<T>) -> bool {
        Arc::ptr_eq(&self.turnstile, &other.turnstile)
    }

    /// The stream, whole again.
    ///
    /// # Panics
    ///
    /// If the halves are not of the same stream; [`is_pair_of`](Self::is_pair_of) tells.
    #[track_caller]
    pub fn unsplit(self, wr: WriteHalf<T>) -> T
    where
        T: Unpin,
    {
        assert!(
            self.is_pair_of(&wr),
            "these halves are of different streams; ask `is_pair_of` before"
        );
        drop(wr);
        let turnstile = Arc::try_unwrap(self.turnstile)
            .unwrap_or_else(|_| unreachable!("only the two halves refer to the turnstile"));
        let stream = turnstile.0.into_inner().stream;
        *Pin::into_inner(stream.expect("no half is being polled, for both are owned here"))
    }
}

impl<T> WriteHalf<T> {
    /// True if both halves are of the same stream.
    pub fn is_pair_of(&self, other: &ReadHalf<T>) -> bool {
        other.is_pair_of(self)
    }
}

/// What both halves refer to.
struct Turnstile<T>(Mutex<Passage<T>>);

struct Passage<T> {
    /// Out while a half polls it.
    stream: Option<Pin<Box<T>>>,
    /// The half that came while the stream was out.
    waiting: Option<Waker>,
}

impl<T> Turnstile<T> {
    /// Runs `poll` on the stream, once it is here.
    ///
    /// It is woken: by `StreamOut::drop` if the stream was out (I2), else by the stream.
    #[track_caller]
    fn poll_with<R>(
        &self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut T>, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        let mut waker = None;
        loop {
            let mut passage = self.0.lock();
            if let Some(stream) = passage.stream.take() {
                drop(passage);
                let mut out = StreamOut {
                    turnstile: self,
                    stream: Some(stream),
                };
                return poll(out.pinned(), cx);
            }
            if let Some(waker) = waker.take() {
                let replaced = passage.waiting.replace(waker);
                drop(passage);
                drop(replaced);
                context::note_wait(WaitKind::Io, Location::caller());
                return Poll::Pending;
            }
            // Cloning a waker is foreign code, so it happens between two looks (I1).
            drop(passage);
            waker = Some(cx.waker().clone());
        }
    }
}

/// The right to poll the stream; puts it back at the end, also when the poll panics.
struct StreamOut<'a, T> {
    turnstile: &'a Turnstile<T>,
    stream: Option<Pin<Box<T>>>,
}

impl<T> StreamOut<'_, T> {
    fn pinned(&mut self) -> Pin<&mut T> {
        let stream = self.stream.as_mut().expect("put back only by `drop`");
        stream.as_mut()
    }
}

impl<T> Drop for StreamOut<'_, T> {
    fn drop(&mut self) {
        let mut passage = self.turnstile.0.lock();
        passage.stream = self.stream.take();
        let waiting = passage.waiting.take();
        drop(passage);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}

impl<T: AsyncRead> AsyncRead for ReadHalf<T> {
    #[track_caller]
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.turnstile
            .poll_with(cx, |stream, cx| stream.poll_read(cx, buf))
    }
}

impl<T: AsyncWrite> AsyncWrite for WriteHalf<T> {
    #[track_caller]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.turnstile
            .poll_with(cx, |stream, cx| stream.poll_write(cx, buf))
    }

    #[track_caller]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.turnstile
            .poll_with(cx, |stream, cx| stream.poll_flush(cx))
    }

    #[track_caller]
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.turnstile
            .poll_with(cx, |stream, cx| stream.poll_shutdown(cx))
    }

    #[track_caller]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.turnstile
            .poll_with(cx, |stream, cx| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.is_write_vectored
    }
}

impl<T> fmt::Debug for ReadHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadHalf").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WriteHalf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteHalf").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

#[cfg(all(test, selvedge_loom))]
mod loom;
