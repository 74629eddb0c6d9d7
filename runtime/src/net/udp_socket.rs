//! A UDP socket: what it has beyond other sockets for datagrams.
//!
//! | File | Idea |
//! |---|---|
//! | `peek.rs` | looking at the next datagram without taking it |
//! | `options.rs`, `multicast.rs` | socket options |

mod multicast;
mod options;
mod peek;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::Location;
use std::task::{Context, Poll};

use socket2::SockAddr;

use super::addr::{self, ToSocketAddrs};
use super::datagram::Datagram;
use super::socket::{Ip, Socket};
use crate::io::{Interest, Ready};
use crate::reactor::Direction;

/// A UDP socket.
///
/// One socket can talk to many peers, with [`send_to`](Self::send_to) and
/// [`recv_from`](Self::recv_from). Or it is [connected](Self::connect) to one, and used with
/// [`send`](Self::send) and [`recv`](Self::recv), which receives nothing from anybody else.
///
/// All operations take `&self`, so tasks can share a socket, in an [`Arc`](std::sync::Arc).
///
/// # Examples
///
/// ```
/// use selvedge::net::UdpSocket;
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let server = UdpSocket::bind("127.0.0.1:0").await?;
/// let client = UdpSocket::bind("127.0.0.1:0").await?;
/// client.send_to(b"hello", server.local_addr()?).await?;
///
/// let mut buf = [0; 1500];
/// let (length, sender) = server.recv_from(&mut buf).await?;
/// assert_eq!(&buf[..length], b"hello");
/// assert_eq!(sender, client.local_addr()?);
/// # Ok(())
/// # }
/// ```
pub type UdpSocket = Socket<Datagram, Ip>;

impl UdpSocket {
    /// A socket with a local address; several are tried in turn until one works. Port 0 asks for any
    /// free port; [`local_addr`](Self::local_addr) tells which.
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
            // There is room in a new socket.
            Self::register(mio::net::UdpSocket::bind(addr)?, Ready::WRITABLE)
        })
        .await
    }

    /// Connects the socket to a peer, trying its addresses in turn until one works. From then on it
    /// receives only what that peer sends, and [`send`](Self::send) sends to it.
    ///
    /// # Errors
    ///
    /// That of the last address tried, or that of looking the name up. Whether the peer is there is not
    /// known before something is sent.
    ///
    /// # Cancel safety
    ///
    /// Only a look-up waits; dropping the future forgets it.
    pub async fn connect<A: ToSocketAddrs>(&self, addr: A) -> io::Result<()> {
        addr::try_each(addr, |addr| async move { self.io.io().connect(addr) }).await
    }

    /// Sends a datagram to `target`; of several addresses, to the first.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as a datagram that is too long; that of looking the name up;
    /// or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it was ready, nothing was sent.
    #[track_caller]
    pub fn send_to<A: ToSocketAddrs>(
        &self,
        buf: &[u8],
        target: A,
    ) -> impl Future<Output = io::Result<usize>> {
        let place = Location::caller();
        let targets = addr::resolve(target);
        async move {
            let target = targets.await?.next().ok_or_else(addr::none)?.into();
            let send = |sock: &_| send_to(sock, buf, &target);
            self.attempts(Interest::WRITABLE, place, send).await
        }
    }

    /// As [`send_to`](Self::send_to). Only the last task that polled for sending is woken.
    ///
    /// # Errors
    ///
    /// Those of [`send_to`](Self::send_to).
    #[track_caller]
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        let (place, target) = (Location::caller(), target.into());
        self.poll_attempts(cx, Direction::Write, place, |sock| {
            send_to(sock, buf, &target)
        })
    }

    /// As [`send_to`](Self::send_to), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room: wait for [`writable`](Self::writable). Those of
    /// [`send_to`](Self::send_to).
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        let target = target.into();
        self.attempt(Interest::WRITABLE, |sock| send_to(sock, buf, &target))
    }
}

fn send_to(sock: &socket2::SockRef<'_>, buf: &[u8], target: &SockAddr) -> io::Result<usize> {
    sock.send_to(buf, target)
}

impl TryFrom<std::net::UdpSocket> for UdpSocket {
    type Error = io::Error;

    /// As [`from_std`](Self::from_std).
    #[track_caller]
    fn try_from(socket: std::net::UdpSocket) -> io::Result<Self> {
        Self::from_std(socket)
    }
}
