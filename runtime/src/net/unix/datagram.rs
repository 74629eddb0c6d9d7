//! A socket of Unix for datagrams: what it has beyond other such sockets.

use std::io;
use std::net::Shutdown;
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;
use std::task::{Context, Poll};

use socket2::{SockAddr, SockRef};

use super::family::Unix;
use super::socket::UnixSocket;
use crate::io::{Interest, Ready};
use crate::net::attempts::Attempts;
use crate::net::datagram::Datagram;
use crate::net::socket::Socket;
use crate::reactor::Direction;

/// A socket of Unix that sends and receives datagrams.
///
/// Datagrams stay in order and none is lost: sending waits until the receiver has room.
///
/// # Examples
///
/// ```
/// use selvedge::net::UnixDatagram;
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let (one, other) = UnixDatagram::pair()?;
/// one.send(b"hello").await?;
///
/// let mut buf = [0; 16];
/// let length = other.recv(&mut buf).await?;
/// assert_eq!(&buf[..length], b"hello");
/// # Ok(())
/// # }
/// ```
pub type UnixDatagram = Socket<Datagram, Unix>;

impl UnixDatagram {
    /// A socket at a path, where it makes a file; or under an abstract name.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as a file that is there already.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn bind<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        let socket = UnixSocket::new_datagram()?;
        socket.bind(path)?;
        socket.datagram()
    }

    /// A socket without address: it can send, and receives nothing unless it is connected.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as too many open files.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn unbound() -> io::Result<Self> {
        UnixSocket::new_datagram()?.datagram()
    }

    /// Two sockets that are connected with each other.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as too many open files.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = mio::net::UnixDatagram::pair()?;
        // There is room in new sockets.
        Ok((
            Self::register(one, Ready::WRITABLE)?,
            Self::register(other, Ready::WRITABLE)?,
        ))
    }

    /// Connects the socket to the one at `path`: [`send`](Self::send) sends to it, and nothing is
    /// received from others.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        self.sock().connect(&SockAddr::unix(path)?)
    }

    /// Sends a datagram to the socket at `target`.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as a socket that is gone, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it was ready, nothing was sent.
    #[track_caller]
    pub fn send_to<'a, P: AsRef<Path>>(
        &'a self,
        buf: &'a [u8],
        target: P,
    ) -> Attempts<'a, impl FnMut() -> io::Result<usize>> {
        let place = Location::caller();
        self.attempts(Interest::WRITABLE, place, move |sock| {
            send_to(sock, buf, target.as_ref())
        })
    }

    /// As [`send_to`](Self::send_to). Only the last task that polled for sending is woken.
    ///
    /// # Errors
    ///
    /// Those of [`send_to`](Self::send_to).
    #[track_caller]
    pub fn poll_send_to<P: AsRef<Path>>(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: P,
    ) -> Poll<io::Result<usize>> {
        let place = Location::caller();
        self.poll_attempts(cx, Direction::Write, place, |sock| {
            send_to(sock, buf, target.as_ref())
        })
    }

    /// As [`send_to`](Self::send_to), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room: wait for [`writable`](Self::writable). Those of
    /// [`send_to`](Self::send_to).
    pub fn try_send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        self.attempt(Interest::WRITABLE, |sock| {
            send_to(sock, buf, target.as_ref())
        })
    }

    /// Ends one or both directions. Who waits to receive on it is told that there is nothing: zero bytes.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.sock().shutdown(how)
    }
}

fn send_to(sock: &SockRef<'_>, buf: &[u8], target: &Path) -> io::Result<usize> {
    sock.send_to(buf, &SockAddr::unix(target)?)
}

impl TryFrom<net::UnixDatagram> for UnixDatagram {
    type Error = io::Error;

    /// As [`from_std`](Self::from_std).
    #[track_caller]
    fn try_from(socket: net::UnixDatagram) -> io::Result<Self> {
        Self::from_std(socket)
    }
}
