//! What the addresses of a socket are, and which sockets have such addresses.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use socket2::SockAddr;

use super::inner::{ByteInner, Inner};
use crate::io::ReadBuf;
use crate::net::uninit;

/// What the addresses of a socket are.
pub trait Family: Sized + fmt::Debug + 'static {
    /// An address of this family.
    type Addr;
    /// The streams of this family.
    #[doc(hidden)]
    type Stream: ByteInner;
    /// Its listeners.
    #[doc(hidden)]
    type Listener: Inner;
    /// Its sockets for datagrams.
    #[doc(hidden)]
    type Datagram: Inner;
    /// A write that takes less than was offered has filled a stream.
    #[doc(hidden)]
    const SHORT_WRITE_IS_ALL: bool;

    /// The address in the words of this family.
    #[doc(hidden)]
    fn addr(addr: SockAddr) -> io::Result<Self::Addr>;

    /// Appends to `buf` what a stream holds. Returns how many bytes that is, and true if it has emptied
    /// the stream in case it is less than there was room for.
    #[doc(hidden)]
    fn read(stream: &Self::Stream, buf: &mut ReadBuf<'_>) -> io::Result<(usize, bool)>;

    /// The address of nobody.
    #[doc(hidden)]
    fn nobody() -> Self::Addr;

    /// Accepts a connection.
    #[doc(hidden)]
    fn accept(listener: &Self::Listener) -> io::Result<(Self::Stream, Self::Addr)>;
}

/// Sockets of TCP and UDP.
#[derive(Debug, Clone, Copy)]
pub struct Ip(());

impl Family for Ip {
    type Addr = SocketAddr;
    type Stream = mio::net::TcpStream;
    type Listener = mio::net::TcpListener;
    type Datagram = mio::net::UdpSocket;
    const SHORT_WRITE_IS_ALL: bool = true;

    fn addr(addr: SockAddr) -> io::Result<SocketAddr> {
        addr.as_socket()
            .ok_or_else(|| io::Error::other("the socket is not of an IP family: use another type"))
    }

    /// Except with urgent data, at whose mark a read stops short; the reactor looks after that.
    fn read(stream: &mio::net::TcpStream, buf: &mut ReadBuf<'_>) -> io::Result<(usize, bool)> {
        let moved = uninit::append(buf, |buf| stream.run(|| stream.sock().recv(buf)))?;
        Ok((moved, true))
    }

    fn nobody() -> SocketAddr {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)
    }

    fn accept(listener: &mio::net::TcpListener) -> io::Result<(mio::net::TcpStream, SocketAddr)> {
        listener.accept()
    }
}
