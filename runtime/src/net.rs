//! Sockets of TCP, UDP and Unix, pipes, and the addresses they take.
//!
//! | Type | What it is |
//! |---|---|
//! | [`TcpListener`], `UnixListener` | accepts connections |
//! | [`TcpStream`], `UnixStream` | one connection |
//! | [`UdpSocket`], `UnixDatagram` | sends and receives datagrams |
//! | [`TcpSocket`], `UnixSocket` | a socket to set options on, before it becomes one of the above |
//! | `unix::pipe` | pipes, with and without a name |
//! | [`ToSocketAddrs`], [`lookup_host`] | names to addresses |
//!
//! [`tcp`] and `unix` have the halves of split streams; [`generic`] what all sockets are made of. For
//! other descriptors there is `io::unix::AsyncFd`.
//!
//! All of it needs a runtime: creating a socket outside one panics. A socket belongs to the runtime
//! it was created in; when that has shut down, every operation that waits fails.

mod addr;
mod attempts;
mod datagram;
mod listener;
mod new_socket;
mod packet_options;
mod ready_wait;
#[macro_use]
mod socket;
mod stream;
mod tcp_listener;
mod tcp_socket;
mod tcp_stream;
mod udp_socket;
mod uninit;
#[cfg(unix)]
pub mod unix;

pub use addr::{ToSocketAddrs, lookup_host};
pub use attempts::Attempts;
pub use tcp_listener::TcpListener;
pub use tcp_socket::TcpSocket;
pub use tcp_stream::TcpStream;
pub use udp_socket::UdpSocket;
#[cfg(unix)]
pub use unix::{
    datagram::UnixDatagram, listener::UnixListener, socket::UnixSocket, stream::UnixStream,
};

pub mod tcp {
    //! The halves of a split [`TcpStream`](super::TcpStream), and the futures of sockets.

    use super::socket::Ip;
    use super::{listener, stream};

    pub use super::ready_wait::{DirectionWait, ReadyWait};
    pub use super::stream::ReuniteError;

    /// The reading half of a borrowed [`TcpStream`](super::TcpStream), from
    /// [`split`](super::TcpStream::split).
    pub type ReadHalf<'a> = stream::ReadHalf<'a, Ip>;
    /// The writing half of a borrowed [`TcpStream`](super::TcpStream), from
    /// [`split`](super::TcpStream::split).
    ///
    /// Dropping it leaves the writing side open: the stream is still there.
    pub type WriteHalf<'a> = stream::WriteHalf<'a, Ip>;
    /// The reading half of a [`TcpStream`](super::TcpStream), from
    /// [`into_split`](super::TcpStream::into_split).
    ///
    /// Dropping it leaves the reading side open until the other half is dropped as well.
    pub type OwnedReadHalf = stream::OwnedReadHalf<Ip>;
    /// The writing half of a [`TcpStream`](super::TcpStream), from
    /// [`into_split`](super::TcpStream::into_split).
    ///
    /// Dropping it ends the writing side: the peer reads the end. [`forget`](Self::forget) prevents
    /// that.
    pub type OwnedWriteHalf = stream::OwnedWriteHalf<Ip>;
    /// The future of [`TcpListener::accept`](super::TcpListener::accept).
    pub type Accept<'a> = listener::Accept<'a, Ip>;
}

pub mod generic {
    //! What the sockets are made of: roles and families of addresses.
    //!
    //! [`TcpStream`](super::TcpStream) and its like are names for a [`Socket`] of some role and family.
    //! Code that should work for several of them can be generic over either.

    pub use super::datagram::Datagram;
    pub use super::listener::{Accept, Listener};
    pub use super::socket::{Family, Ip, PeerRole, Role, Socket};
    pub use super::stream::{
        EndsOnDrop, OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReadSide, Stream, WriteHalf,
        WriteLink, WriteSide,
    };
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
