//! Where a socket of Unix is: nowhere, in the file system, or under an abstract name.

use std::fmt;
use std::io;
use std::os::unix::net;
use std::path::Path;

use socket2::SockAddr;

use super::system;

/// The address of a socket of Unix.
#[derive(Clone)]
pub struct SocketAddr(pub(super) net::SocketAddr);

impl SocketAddr {
    /// True if the socket has no name, as those of a pair.
    pub fn is_unnamed(&self) -> bool {
        self.0.is_unnamed()
    }

    /// The path of the socket, if it has one.
    pub fn as_pathname(&self) -> Option<&Path> {
        self.0.as_pathname()
    }
}

/// The address in the words of the operating system.
pub(super) fn to_sock_addr(addr: &SocketAddr) -> io::Result<SockAddr> {
    match (addr.as_pathname(), system::path_of(addr)) {
        (Some(path), _) => SockAddr::unix(path),
        (None, Some(path)) => SockAddr::unix(path),
        (None, None) => SockAddr::unix(""),
    }
}

/// The address of a socket without a name.
pub(super) fn unnamed() -> SocketAddr {
    let addr = net::SocketAddr::from_pathname("");
    SocketAddr(addr.expect("no path is short enough"))
}

/// The address in the words of this family.
pub(super) fn of_sock_addr(addr: &SockAddr) -> io::Result<SocketAddr> {
    let known = match addr.as_pathname() {
        Some(path) => Some(net::SocketAddr::from_pathname(path)),
        // Of a sender without a name the kernel says nothing at all.
        None if addr.is_unnamed() || addr.len() == 0 => Some(Ok(unnamed().0)),
        None => system::of_sock_addr(addr),
    };
    let unknown = || {
        Err(io::Error::other(
            "the socket is not of the Unix family: use another type",
        ))
    };
    known.unwrap_or_else(unknown).map(SocketAddr)
}

impl fmt::Debug for SocketAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<net::SocketAddr> for SocketAddr {
    fn from(addr: net::SocketAddr) -> Self {
        Self(addr)
    }
}

impl From<SocketAddr> for net::SocketAddr {
    fn from(addr: SocketAddr) -> Self {
        addr.0
    }
}
