//! One TCP connection.
//!
//! | File | Idea |
//! |---|---|
//! | `bytes.rs` | reading, writing, peeking: the operations that wait |
//! | `options.rs` | socket options |
//! | `half_methods.rs` | what both kinds of halves can do |
//! | `split.rs`, `split_owned.rs` | borrowed and owned halves |

mod bytes;
mod half_methods;
mod options;
pub(super) mod split;
pub(super) mod split_owned;

use std::fmt;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr};
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::pin::pin;
use std::task::{Context, Poll};

use selvedge_sync::primitive::Arc;

use super::addr::{self, ToSocketAddrs};
use super::nonblocking;
use super::ready_wait::{DirectionWait, ReadyWait};
use crate::context;
use crate::io::{Interest, Ready};
use crate::reactor::{Direction, Reactor, Registration};

pub use bytes::Peek;

/// What the reactor watches a stream for. Urgent data is among it because a read stops short at the
/// urgent mark, which must not be taken for an empty socket.
const WATCHED: Interest = Interest::READABLE
    .add(Interest::WRITABLE)
    .add(Interest::PRIORITY);

/// A TCP connection between this socket and a peer.
///
/// It reads and writes with [`AsyncRead`](crate::io::AsyncRead) and
/// [`AsyncWrite`](crate::io::AsyncWrite). One task may read while another writes: [`split`] gives
/// halves that borrow the stream, [`into_split`] halves that own it together. Two tasks that read
/// through `poll` functions at the same time have one place to wait in, and only the last to poll
/// is woken; any number may wait with [`readable`] and use [`try_read`].
///
/// Dropping it closes the connection.
///
/// [`split`]: Self::split
/// [`into_split`]: Self::into_split
/// [`readable`]: Self::readable
/// [`try_read`]: Self::try_read
///
/// # Examples
///
/// ```no_run
/// use selvedge::io::AsyncWriteExt;
/// use selvedge::net::TcpStream;
///
/// # async fn example() -> std::io::Result<()> {
/// let mut stream = TcpStream::connect("127.0.0.1:8080").await?;
/// stream.write_all(b"hello world!").await?;
/// # Ok(())
/// # }
/// ```
pub struct TcpStream {
    io: Registration<mio::net::TcpStream>,
}

impl TcpStream {
    /// Connects to a peer, trying its addresses in turn until one works.
    ///
    /// # Errors
    ///
    /// That of the last address tried, or that of looking the name up.
    ///
    /// # Panics
    ///
    /// When polled outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the connection up.
    #[track_caller]
    pub fn connect<A: ToSocketAddrs>(addr: A) -> impl Future<Output = io::Result<Self>> {
        let place = Location::caller();
        addr::try_each(addr, move |addr| async move {
            Self::finish_connect(mio::net::TcpStream::connect(addr)?, place).await
        })
    }

    /// Waits until a connection under way is there, or has failed.
    pub(super) async fn finish_connect(
        stream: mio::net::TcpStream,
        place: &'static Location<'static>,
    ) -> io::Result<Self> {
        let stream = Self::register(context::reactor(), stream, Ready::EMPTY)?;
        {
            // It is woken: a connection becomes writable when it is there, and when it has failed.
            let mut wait = pin!(stream.io.wait(Interest::WRITABLE, place));
            poll_fn(|cx| wait.as_mut().poll_ready(cx)).await?;
        }
        match stream.take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }

    /// A connection that was just accepted. It can take data, and often has some already; assuming
    /// so saves the first wait, and costs one `WouldBlock` if it was wrong.
    pub(super) fn accepted(stream: mio::net::TcpStream) -> io::Result<Self> {
        let assumed = Ready::READABLE | Ready::WRITABLE;
        Self::register(context::reactor(), stream, assumed)
    }

    fn register(
        reactor: Arc<Reactor>,
        stream: mio::net::TcpStream,
        assumed: Ready,
    ) -> io::Result<Self> {
        let io = Registration::new(reactor, stream, WATCHED, assumed)?;
        Ok(Self { io })
    }

    /// Takes over a connected stream of the standard library.
    ///
    /// # Errors
    ///
    /// The stream is in blocking mode (`InvalidInput`): call
    /// [`set_nonblocking(true)`](std::net::TcpStream::set_nonblocking) first. Or the reactor cannot
    /// register it.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn from_std(stream: std::net::TcpStream) -> io::Result<Self> {
        let reactor = context::reactor();
        nonblocking::require(&stream)?;
        Self::register(reactor, mio::net::TcpStream::from_std(stream), Ready::EMPTY)
    }

    /// Takes the stream out of the runtime. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// The reactor does not let go of it; the connection is closed then.
    pub fn into_std(self) -> io::Result<std::net::TcpStream> {
        self.io.into_inner().map(std::net::TcpStream::from)
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.io().local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is gone.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.io().peer_addr()
    }

    /// Waits until the stream is ready for some of `interest`.
    ///
    /// The readiness may be out of date by the time it is used: try the operation, and wait again
    /// if it says `WouldBlock`.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> ReadyWait<'_> {
        ReadyWait::new(self.io.wait(interest, Location::caller()))
    }

    /// Waits until the stream is readable: [`ready`](Self::ready) with [`Interest::READABLE`].
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn readable(&self) -> DirectionWait<'_> {
        DirectionWait::new(self.io.wait(Interest::READABLE, Location::caller()))
    }

    /// Waits until the stream is writable: [`ready`](Self::ready) with [`Interest::WRITABLE`].
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn writable(&self) -> DirectionWait<'_> {
        DirectionWait::new(self.io.wait(Interest::WRITABLE, Location::caller()))
    }

    /// Polls for readability. Only the last task that polled for reading is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Read, Location::caller())
    }

    /// Polls for writability. Only the last task that polled for writing is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_ready(cx, Direction::Write, Location::caller())
    }

    /// Reads what is there, without waiting. Zero bytes mean the end, or an empty `buf`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing: wait for [`readable`](Self::readable).
    pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.try_io(Interest::READABLE, |mut io| io.read(buf))
    }

    /// As [`try_read`](Self::try_read), into several buffers one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`try_read`](Self::try_read).
    pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.io
            .try_io(Interest::READABLE, |mut io| io.read_vectored(bufs))
    }

    /// Writes a first part of `buf`, as much as there is room for, without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room: wait for [`writable`](Self::writable).
    pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |mut io| io.write(buf))
    }

    /// As [`try_write`](Self::try_write), from several buffers one after the other.
    ///
    /// # Errors
    ///
    /// Those of [`try_write`](Self::try_write).
    pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.io
            .try_io(Interest::WRITABLE, |mut io| io.write_vectored(bufs))
    }

    /// Runs `f`, an operation on this stream, if the stream is said to be ready for `interest`.
    ///
    /// `f` must say `WouldBlock` only if the stream itself did: that is what ends the readiness.
    /// It should not call other methods of this type, nor wait.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if the stream is not ready, or that of `f`.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io(interest, |io| io.try_io(f))
    }

    /// Runs `f`, an operation on this stream, as often as it takes until it does not say
    /// `WouldBlock`, each time after waiting for `interest`.
    ///
    /// The rules for `f` are those of [`try_io`](Self::try_io).
    ///
    /// # Errors
    ///
    /// That of `f`, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// `f` is not run again once the future is dropped; what it did before stays done.
    #[track_caller]
    pub fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        let wait = self.io.wait(interest, Location::caller());
        async move {
            let mut wait = pin!(wait);
            poll_fn(|cx| wait.as_mut().poll_io(cx, || self.io.io().try_io(&mut f))).await
        }
    }

    /// Ends one or both directions. One that has ended already is fine: the connection may be gone
    /// by the time its owner says goodbye.
    fn shutdown_side(&self, how: Shutdown) -> io::Result<()> {
        match self.io.io().shutdown(how) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

impl TryFrom<std::net::TcpStream> for TcpStream {
    type Error = io::Error;

    /// As [`from_std`](Self::from_std).
    #[track_caller]
    fn try_from(stream: std::net::TcpStream) -> io::Result<Self> {
        Self::from_std(stream)
    }
}

impl AsRef<Self> for TcpStream {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.io().fmt(f)
    }
}

#[cfg(unix)]
impl AsRawFd for TcpStream {
    fn as_raw_fd(&self) -> RawFd {
        self.io.io().as_raw_fd()
    }
}

#[cfg(unix)]
impl AsFd for TcpStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.io().as_fd()
    }
}
