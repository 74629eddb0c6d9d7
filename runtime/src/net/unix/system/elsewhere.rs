//! What other systems than Linux have: neither abstract names nor credentials of the peer, as no safe
//! interface has them.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net;
use std::path::PathBuf;

use socket2::SockAddr;

use super::address::SocketAddr;
use super::credentials::UCred;
use crate::io::ReadBuf;
use crate::net::socket::Inner;
use crate::net::uninit;

pub(super) fn path_of(_addr: &SocketAddr) -> Option<PathBuf> {
    None
}

pub(super) fn of_sock_addr(_addr: &SockAddr) -> Option<io::Result<net::SocketAddr>> {
    None
}

pub(super) fn credentials_of_peer(_socket: &impl AsFd) -> io::Result<UCred> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Nothing is known about a short read.
pub(super) fn read(
    stream: &mio::net::UnixStream,
    buf: &mut ReadBuf<'_>,
) -> io::Result<(usize, bool)> {
    let moved = uninit::append(buf, |buf| stream.sock().recv(buf))?;
    Ok((moved, false))
}
