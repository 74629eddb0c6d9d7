//! A TCP socket before it listens or connects: the time to set options.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::new_socket::new_socket;
use super::socket::Inner;
use super::tcp_listener::TcpListener;
use super::tcp_stream::TcpStream;
use crate::io::Ready;

/// A TCP socket that neither listens nor is connected yet.
///
/// [`TcpListener::bind`] and [`TcpStream::connect`] cover the common cases; this is for those that
/// need options set first, or a local address for a connection.
///
/// # Examples
///
/// ```no_run
/// use selvedge::net::TcpSocket;
///
/// # async fn example() -> std::io::Result<()> {
/// let socket = TcpSocket::new_v4()?;
/// socket.set_reuseaddr(true)?;
/// socket.bind("127.0.0.1:8080".parse().unwrap())?;
/// let listener = socket.listen(1024)?;
/// # drop(listener);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TcpSocket {
    pub(super) socket: Socket,
}

/// Getter and setter of one option each.
macro_rules! options {
    ($(
        $(#[doc = $doc:literal])* $get:ident, $set:ident: $ty:ty = $inner_get:ident, $inner_set:ident;
    )*) => {$(
        $(#[doc = $doc])*
        ///
        /// # Errors
        ///
        /// That of the operating system.
        pub fn $get(&self) -> io::Result<$ty> {
            self.socket.$inner_get()
        }

        #[doc = concat!("Sets what [`", stringify!($get), "`](Self::", stringify!($get), ") tells.")]
        ///
        /// # Errors
        ///
        /// That of the operating system.
        pub fn $set(&self, value: $ty) -> io::Result<()> {
            self.socket.$inner_set(value)
        }
    )*};
}

impl TcpSocket {
    /// A socket for IPv4.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as too many open files.
    pub fn new_v4() -> io::Result<Self> {
        Self::new(Domain::IPV4)
    }

    /// A socket for IPv6.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as too many open files.
    pub fn new_v6() -> io::Result<Self> {
        Self::new(Domain::IPV6)
    }

    /// A socket of the family that `addr` belongs to.
    pub(super) fn new_for(addr: SocketAddr) -> io::Result<Self> {
        Self::new(Domain::for_address(addr))
    }

    fn new(domain: Domain) -> io::Result<Self> {
        let socket = new_socket(domain, Type::STREAM, Some(Protocol::TCP))?;
        Ok(Self { socket })
    }

    pub(super) fn sock(&self) -> SockRef<'_> {
        SockRef::from(&self.socket)
    }

    options! {
        /// True if probes are sent over an idle connection (`SO_KEEPALIVE`).
        keepalive, set_keepalive: bool = keepalive, set_keepalive;
        /// True if the address may be reused while its last connections are dying (`SO_REUSEADDR`;
        /// on Windows it means more than that).
        reuseaddr, set_reuseaddr: bool = reuse_address, set_reuse_address;
        /// True if small writes are sent at once (`TCP_NODELAY`).
        nodelay, set_nodelay: bool = tcp_nodelay, set_tcp_nodelay;
    }

    /// True if several sockets may share the address (`SO_REUSEPORT`).
    ///
    /// # Errors
    ///
    /// That of the operating system.
    #[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
    pub fn reuseport(&self) -> io::Result<bool> {
        self.socket.reuse_port()
    }

    /// Sets what [`reuseport`](Self::reuseport) tells.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    #[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
    pub fn set_reuseport(&self, reuseport: bool) -> io::Result<()> {
        self.socket.set_reuse_port(reuseport)
    }

    /// The size of the send buffer in bytes (`SO_SNDBUF`), as the kernel counts it.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn send_buffer_size(&self) -> io::Result<u32> {
        self.socket.send_buffer_size().map(clamp)
    }

    /// Asks for a send buffer of this many bytes; the kernel may choose another size.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_send_buffer_size(&self, size: u32) -> io::Result<()> {
        self.socket.set_send_buffer_size(size as usize)
    }

    /// The size of the receive buffer in bytes (`SO_RCVBUF`), as the kernel counts it.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn recv_buffer_size(&self) -> io::Result<u32> {
        self.socket.recv_buffer_size().map(clamp)
    }

    /// Asks for a receive buffer of this many bytes; the kernel may choose another size.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_recv_buffer_size(&self, size: u32) -> io::Result<()> {
        self.socket.set_recv_buffer_size(size as usize)
    }

    /// How long closing waits for unsent data (`SO_LINGER`); `None` if it does not.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.socket.linger()
    }

    /// Sets how long closing waits for unsent data (`SO_LINGER`), in whole seconds.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    #[deprecated = "closing blocks the thread with it: use `set_zero_linger` or wait for the peer"]
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        self.socket.set_linger(dur)
    }

    /// Makes closing drop unsent data and reset the connection.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.socket.set_linger(Some(Duration::ZERO))
    }

    /// The address the socket is bound to.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        let addr = self.socket.local_addr()?;
        addr.as_socket()
            .ok_or_else(|| io::Error::other("the socket is not of an IP family: use another type"))
    }

    /// Takes the error the socket holds, if any; the socket forgets it.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// Binds the socket to a local address.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as an address in use.
    pub fn bind(&self, addr: SocketAddr) -> io::Result<()> {
        self.socket.bind(&addr.into())
    }

    /// Lets a listener take over an address whose last connections are dying. Not on Windows,
    /// where the option would let it take the address from another listener.
    pub(super) fn reuse_dying_address(&self) -> io::Result<()> {
        match cfg!(windows) {
            true => Ok(()),
            false => self.set_reuseaddr(true),
        }
    }

    /// Connects to a peer.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    ///
    /// # Panics
    ///
    /// When polled outside a runtime.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the connection up.
    #[track_caller]
    pub fn connect(self, addr: SocketAddr) -> impl Future<Output = io::Result<TcpStream>> {
        let place = Location::caller();
        self.connect_to(addr, place)
    }

    pub(super) async fn connect_to(
        self,
        addr: SocketAddr,
        place: &'static Location<'static>,
    ) -> io::Result<TcpStream> {
        TcpStream::connect_socket(self.socket, &addr.into(), place).await
    }

    /// Listens for connections, of which up to `backlog` may wait to be accepted.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        self.socket
            .listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        TcpListener::register(Inner::from_socket(self.socket), Ready::EMPTY)
    }

    /// Takes over a socket of the standard library that is not connected yet, and sets it to
    /// non-blocking mode.
    pub fn from_std_stream(stream: std::net::TcpStream) -> Self {
        let socket = Socket::from(stream);
        // There is no way to tell an error here, and no system refuses.
        let _ = socket.set_nonblocking(true);
        Self { socket }
    }
}

fn clamp(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
