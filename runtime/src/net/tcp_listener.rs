//! A socket that accepts TCP connections.

use std::io;

use super::addr::{self, ToSocketAddrs};
use super::listener::Listener;
use super::socket::{Ip, Socket};
use super::tcp_socket::TcpSocket;

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
pub type TcpListener = Socket<Listener, Ip>;

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

impl TryFrom<std::net::TcpListener> for TcpListener {
    type Error = io::Error;

    /// As [`from_std`](Self::from_std).
    #[track_caller]
    fn try_from(listener: std::net::TcpListener) -> io::Result<Self> {
        Self::from_std(listener)
    }
}
