//! One TCP connection: what it has beyond other streams.
//!
//! | File | Idea |
//! |---|---|
//! | `peek.rs` | looking at what is there without taking it |
//! | `options.rs` | socket options |

mod options;
mod peek;

use std::future::Future;
use std::io;
use std::panic::Location;

use super::addr::{self, ToSocketAddrs};
use super::socket::{Ip, Socket};
use super::stream::Stream;
use super::tcp_socket::TcpSocket;

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
pub type TcpStream = Socket<Stream, Ip>;

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
            TcpSocket::new_for(addr)?.connect_to(addr, place).await
        })
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
