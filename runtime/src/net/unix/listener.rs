//! A socket of Unix that accepts connections.

use std::io;
use std::os::unix::net;
use std::path::Path;

use socket2::SockAddr;

use super::address::{self, SocketAddr};
use super::family::Unix;
use super::socket::UnixSocket;
use crate::net::listener::Listener;
use crate::net::socket::Socket;

/// Connections that may wait to be accepted; the system may have a lower limit.
const BACKLOG: u32 = 1024;

/// A socket of Unix that listens for connections.
///
/// Any number of tasks may [`accept`](Self::accept) at the same time. Dropping it closes the socket; its
/// file stays, and has to be removed before another socket can be bound to the path.
///
/// # Examples
///
/// ```no_run
/// use selvedge::net::UnixListener;
///
/// # async fn example() -> std::io::Result<()> {
/// let listener = UnixListener::bind("path/to/socket")?;
/// loop {
///     let (stream, _peer) = listener.accept().await?;
///     drop(stream);
/// }
/// # }
/// ```
pub type UnixListener = Socket<Listener, Unix>;

impl UnixListener {
    /// Listens at a path, where it makes a file; or under an abstract name.
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
        Self::listen_at(&SockAddr::unix(path)?)
    }

    /// Listens at an address.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](Self::bind).
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn bind_addr(socket_addr: &SocketAddr) -> io::Result<Self> {
        Self::listen_at(&address::to_sock_addr(socket_addr)?)
    }

    #[track_caller]
    fn listen_at(addr: &SockAddr) -> io::Result<Self> {
        let socket = UnixSocket::new_stream()?;
        socket.bind_to(addr)?;
        socket.listen(BACKLOG)
    }
}

impl TryFrom<net::UnixListener> for UnixListener {
    type Error = io::Error;

    /// As [`from_std`](Self::from_std).
    #[track_caller]
    fn try_from(listener: net::UnixListener) -> io::Result<Self> {
        Self::from_std(listener)
    }
}
