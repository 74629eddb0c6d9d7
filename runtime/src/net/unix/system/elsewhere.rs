//! Neither abstract names nor credentials of the peer: no safe interface has them.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net;
use std::path::PathBuf;

use socket2::SockAddr;

use super::address::SocketAddr;
use super::credentials::UCred;

pub(super) fn path_of(_addr: &SocketAddr) -> Option<PathBuf> {
    None
}

pub(super) fn of_sock_addr(_addr: &SockAddr) -> Option<io::Result<net::SocketAddr>> {
    None
}

pub(super) fn credentials_of_peer(_socket: &impl AsFd) -> io::Result<UCred> {
    Err(io::ErrorKind::Unsupported.into())
}
