//! One connection of Unix: what it has beyond other streams.

use std::future::Future;
use std::io;
use std::os::unix::net;
use std::panic::Location;
use std::path::Path;

use socket2::SockAddr;

use super::address::{self, SocketAddr};
use super::credentials::UCred;
use super::family::Unix;
use super::socket::UnixSocket;
use super::system;
use crate::io::Ready;
use crate::net::socket::Socket;
use crate::net::stream::Stream;

/// A connection between two sockets of Unix.
///
/// It is used like a [`TcpStream`](crate::net::TcpStream).
///
/// # Examples
///
/// ```
/// use selvedge::io::{AsyncReadExt, AsyncWriteExt};
/// use selvedge::net::UnixStream;
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let (mut one, mut other) = UnixStream::pair()?;
/// one.write_all(b"hello").await?;
/// drop(one);
///
/// let mut text = String::new();
/// other.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # Ok(())
/// # }
/// ```
pub type UnixStream = Socket<Stream, Unix>;

impl UnixStream {
    /// Connects to the socket at a path, or to one with an abstract name.
    ///
    /// # Errors
    ///
    /// That of the operating system. `WouldBlock` means that the other side has too many connections
    /// waiting to be accepted: try again later.
    ///
    /// # Panics
    ///
    /// When polled outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the connection up.
    #[track_caller]
    pub fn connect<P: AsRef<Path>>(path: P) -> impl Future<Output = io::Result<Self>> {
        let place = Location::caller();
        async move {
            let socket = UnixSocket::new_stream()?;
            socket.connect_to(&SockAddr::unix(path)?, place).await
        }
    }

    /// As [`connect`](Self::connect), with an address.
    ///
    /// # Errors
    ///
    /// Those of [`connect`](Self::connect).
    ///
    /// # Panics
    ///
    /// When polled outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the connection up.
    #[track_caller]
    pub fn connect_addr(socket_addr: &SocketAddr) -> impl Future<Output = io::Result<Self>> {
        let place = Location::caller();
        async move {
            let socket = UnixSocket::new_stream()?;
            let addr = address::to_sock_addr(socket_addr)?;
            socket.connect_to(&addr, place).await
        }
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
        let (one, other) = mio::net::UnixStream::pair()?;
        // Nothing was sent yet.
        Ok((
            Self::register(one, Ready::WRITABLE)?,
            Self::register(other, Ready::WRITABLE)?,
        ))
    }

    /// Who is at the other end: user, group and process. Linux and Android tell.
    ///
    /// # Errors
    ///
    /// `Unsupported` where there is no way to know; that of the operating system.
    pub fn peer_cred(&self) -> io::Result<UCred> {
        system::credentials_of_peer(self)
    }
}

impl TryFrom<net::UnixStream> for UnixStream {
    type Error = io::Error;

    /// As [`from_std`](Self::from_std).
    #[track_caller]
    fn try_from(stream: net::UnixStream) -> io::Result<Self> {
        Self::from_std(stream)
    }
}
