//! A socket of Unix before it becomes a stream, a listener or one for datagrams.
#![allow(unsafe_code, reason = "taking over a descriptor is unsafe")]

use std::future::Future;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, RawFd};
use std::panic::Location;
use std::path::Path;

use socket2::{Domain, SockAddr, Socket, Type};

use super::datagram::UnixDatagram;
use super::listener::UnixListener;
use super::stream::UnixStream;
use crate::io::Ready;
use crate::net::new_socket::new_socket;
use crate::net::socket::Inner;

/// A socket of Unix that is nothing in particular yet.
///
/// It is for those who need a local address for a connection, or another number of connections that may
/// wait to be accepted.
///
/// # Examples
///
/// ```no_run
/// use selvedge::net::UnixSocket;
///
/// # async fn example() -> std::io::Result<()> {
/// let socket = UnixSocket::new_stream()?;
/// socket.bind("path/to/socket")?;
/// let listener = socket.listen(1024)?;
/// # drop(listener);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UnixSocket {
    socket: Socket,
}

impl UnixSocket {
    /// A socket that can become a [`UnixDatagram`].
    ///
    /// # Errors
    ///
    /// That of the operating system, such as too many open files.
    pub fn new_datagram() -> io::Result<Self> {
        Self::new(Type::DGRAM)
    }

    /// A socket that can become a [`UnixListener`] or a [`UnixStream`].
    ///
    /// # Errors
    ///
    /// That of the operating system, such as too many open files.
    pub fn new_stream() -> io::Result<Self> {
        Self::new(Type::STREAM)
    }

    fn new(kind: Type) -> io::Result<Self> {
        let socket = new_socket(Domain::UNIX, kind, None)?;
        Ok(Self { socket })
    }

    /// Binds the socket to a path, where it makes a file, or to an abstract name.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as a file that is there already.
    pub fn bind(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.bind_to(&SockAddr::unix(path)?)
    }

    pub(super) fn bind_to(&self, addr: &SockAddr) -> io::Result<()> {
        self.socket.bind(addr)
    }

    /// Listens for connections, of which up to `backlog` may wait to be accepted.
    ///
    /// # Errors
    ///
    /// The socket is for datagrams; that of the operating system.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<UnixListener> {
        self.require(Type::STREAM, "listen on")?;
        self.socket
            .listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        UnixListener::register(Inner::from_socket(self.socket), Ready::EMPTY)
    }

    /// Connects to the socket at a path, or to one with an abstract name.
    ///
    /// # Errors
    ///
    /// The socket is for datagrams; that of the operating system. `WouldBlock` means that the other side
    /// has too many connections waiting to be accepted: try again later.
    ///
    /// # Panics
    ///
    /// When polled outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the connection up.
    #[track_caller]
    pub fn connect(self, path: impl AsRef<Path>) -> impl Future<Output = io::Result<UnixStream>> {
        let place = Location::caller();
        async move {
            self.require(Type::STREAM, "connect")?;
            self.connect_to(&SockAddr::unix(path)?, place).await
        }
    }

    pub(super) async fn connect_to(
        self,
        addr: &SockAddr,
        place: &'static Location<'static>,
    ) -> io::Result<UnixStream> {
        UnixStream::connect_socket(self.socket, addr, place).await
    }

    /// Makes a socket for datagrams of it.
    ///
    /// # Errors
    ///
    /// The socket is for streams; the reactor cannot register it.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn datagram(self) -> io::Result<UnixDatagram> {
        self.require(Type::DGRAM, "send datagrams with")?;
        // There is room in a new socket.
        UnixDatagram::register(Inner::from_socket(self.socket), Ready::WRITABLE)
    }

    fn require(&self, kind: Type, purpose: &str) -> io::Result<()> {
        match self.socket.r#type()? == kind {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "one cannot {purpose} this kind of socket: use the other constructor"
            ))),
        }
    }
}

impl AsFd for UnixSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for UnixSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl FromRawFd for UnixSocket {
    /// The socket has to be in non-blocking mode.
    ///
    /// # Safety
    ///
    /// The caller owns the descriptor, and hands it over.
    unsafe fn from_raw_fd(fd: RawFd) -> Self {
        // SAFETY: the caller's promise is the same.
        let socket = unsafe { Socket::from_raw_fd(fd) };
        Self { socket }
    }
}

impl IntoRawFd for UnixSocket {
    fn into_raw_fd(self) -> RawFd {
        self.socket.into_raw_fd()
    }
}
