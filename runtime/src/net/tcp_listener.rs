//! A socket that accepts TCP connections.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use selvedge_sync::primitive::Arc;

use super::addr::{self, ToSocketAddrs};
use super::nonblocking;
use super::tcp_socket::TcpSocket;
use super::tcp_stream::TcpStream;
use crate::context;
use crate::io::{Interest, Ready};
use crate::reactor::{Direction, Done, Reactor, ReadinessWait, Registration};

/// Connections that may wait to be accepted; the system may have a lower limit.
const BACKLOG: u32 = 1024;

/// A TCP socket that listens for connections.
///
/// Any number of tasks may [`accept`](Self::accept) at the same time. Dropping it closes the
/// socket.
///
/// # Examples
///
/// ```no_run
/// use selvedge::net::TcpListener;
///
/// # async fn example() -> std::io::Result<()> {
/// let listener = TcpListener::bind("127.0.0.1:8080").await?;
/// loop {
///     let (stream, peer) = listener.accept().await?;
///     println!("{peer} is here");
///     drop(stream);
/// }
/// # }
/// ```
pub struct TcpListener {
    io: Registration<mio::net::TcpListener>,
}

impl TcpListener {
    /// Listens on an address, trying several in turn until one works. Port 0 asks for any free
    /// port; [`local_addr`](Self::local_addr) tells which.
    ///
    /// The socket may reuse an address whose last connections are still dying (`SO_REUSEADDR`), and
    /// up to 1024 connections may wait to be accepted. [`TcpSocket`] allows other options.
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
    /// Only a look-up waits; dropping the future forgets it.
    pub async fn bind<A: ToSocketAddrs>(addr: A) -> io::Result<Self> {
        addr::try_each(addr, |addr| async move {
            let socket = TcpSocket::new_for(addr)?;
            socket.reuse_dying_address()?;
            socket.bind(addr)?;
            socket.listen(BACKLOG)
        })
        .await
    }

    pub(super) fn register(
        reactor: Arc<Reactor>,
        listener: mio::net::TcpListener,
    ) -> io::Result<Self> {
        let io = Registration::new(reactor, listener, Interest::READABLE, Ready::EMPTY)?;
        Ok(Self { io })
    }

    /// Accepts a connection, once there is one.
    ///
    /// # Errors
    ///
    /// Those of the operating system. Some belong to one connection that died in the queue, and
    /// some to the process, such as too many open files: then the connection stays in the queue,
    /// and the next call tries again at once. A server should wait a little before it does.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no connection.
    #[track_caller]
    pub fn accept(&self) -> Accept<'_> {
        Accept {
            listener: self,
            wait: self.io.wait(Interest::READABLE, Location::caller()),
        }
    }

    /// Polls for a connection. Only the last task that polled is woken.
    ///
    /// # Errors
    ///
    /// Those of [`accept`](Self::accept).
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let place = Location::caller();
        let accepted = self
            .io
            .poll_io(cx, Direction::Read, place, |io| io.accept().map(Done::Kept));
        Poll::Ready(adopt(ready!(accepted)?))
    }

    /// Takes over a listening socket of the standard library.
    ///
    /// # Errors
    ///
    /// The socket is in blocking mode (`InvalidInput`): call
    /// [`set_nonblocking(true)`](std::net::TcpListener::set_nonblocking) first. Or the reactor
    /// cannot register it.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn from_std(listener: std::net::TcpListener) -> io::Result<Self> {
        let reactor = context::reactor();
        nonblocking::require(&listener)?;
        Self::register(reactor, mio::net::TcpListener::from_std(listener))
    }

    /// Takes the socket out of the runtime. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// The reactor does not let go of it; the socket is closed then.
    pub fn into_std(self) -> io::Result<std::net::TcpListener> {
        self.io.into_inner().map(std::net::TcpListener::from)
    }

    /// The address the socket listens on.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.io().local_addr()
    }

    /// How many routers a packet may pass (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn ttl(&self) -> io::Result<u32> {
        self.io.io().ttl()
    }

    /// Sets how many routers a packet may pass (`IP_TTL`); accepted connections inherit it.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.io.io().set_ttl(ttl)
    }
}

/// Registers an accepted connection. If that fails the connection is closed: the peer notices.
fn adopt((stream, peer): (mio::net::TcpStream, SocketAddr)) -> io::Result<(TcpStream, SocketAddr)> {
    Ok((TcpStream::accepted(stream)?, peer))
}

pin_project! {
    /// The future of [`TcpListener::accept`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Accept<'a> {
        listener: &'a TcpListener,
        #[pin]
        wait: ReadinessWait<'a>,
    }
}

impl Future for Accept<'_> {
    type Output = io::Result<(TcpStream, SocketAddr)>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let io = this.listener.io.io();
        let accepted = ready!(this.wait.poll_io(cx, || io.accept()))?;
        Poll::Ready(adopt(accepted))
    }
}

impl TryFrom<std::net::TcpListener> for TcpListener {
    type Error = io::Error;

    /// As [`from_std`](Self::from_std).
    #[track_caller]
    fn try_from(listener: std::net::TcpListener) -> io::Result<Self> {
        Self::from_std(listener)
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.io.io().fmt(f)
    }
}

#[cfg(unix)]
impl AsRawFd for TcpListener {
    fn as_raw_fd(&self) -> RawFd {
        self.io.io().as_raw_fd()
    }
}

#[cfg(unix)]
impl AsFd for TcpListener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.io().as_fd()
    }
}
