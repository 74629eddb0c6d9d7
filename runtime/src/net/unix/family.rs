//! The family of sockets of Unix.

use std::io;

use socket2::SockAddr;

use super::address::{self, SocketAddr};
use super::system;
use crate::io::ReadBuf;
use crate::net::socket::Family;

/// Sockets of Unix.
#[derive(Debug, Clone, Copy)]
pub struct Unix(());

impl Family for Unix {
    type Addr = SocketAddr;
    type Stream = mio::net::UnixStream;
    type Listener = mio::net::UnixListener;
    type Datagram = mio::net::UnixDatagram;
    /// A write ends as well when the kernel has no memory for the next piece.
    const SHORT_WRITE_IS_ALL: bool = false;

    fn addr(addr: SockAddr) -> io::Result<SocketAddr> {
        address::of_sock_addr(&addr)
    }

    fn read(stream: &mio::net::UnixStream, buf: &mut ReadBuf<'_>) -> io::Result<(usize, bool)> {
        system::read(stream, buf)
    }

    fn nobody() -> SocketAddr {
        address::unnamed()
    }

    fn accept(listener: &mio::net::UnixListener) -> io::Result<(mio::net::UnixStream, SocketAddr)> {
        let (stream, peer) = listener.accept()?;
        Ok((stream, peer.into()))
    }
}

inner!(
    mio::net::UnixListener,
    std::os::unix::net::UnixListener,
    |_io, operation| operation()
);
inner!(
    mio::net::UnixStream,
    std::os::unix::net::UnixStream,
    |io, operation| io.try_io(operation)
);
inner!(
    mio::net::UnixDatagram,
    std::os::unix::net::UnixDatagram,
    |io, operation| io.try_io(operation)
);
byte_inner!(mio::net::UnixStream);
