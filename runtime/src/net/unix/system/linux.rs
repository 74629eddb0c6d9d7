//! What Linux and Android have: addresses that are no files, and credentials of the peer.

use std::ffi::OsString;
use std::io;
#[cfg(target_os = "android")]
use std::os::android::net::SocketAddrExt;
use std::os::fd::AsFd;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net;
use std::path::PathBuf;

use socket2::SockAddr;

use super::address::SocketAddr;
use super::credentials::UCred;

impl SocketAddr {
    /// The abstract name of the socket, if it has one. On Linux and Android.
    pub fn as_abstract_name(&self) -> Option<&[u8]> {
        self.0.as_abstract_name()
    }
}

/// The path that means the abstract name of an address: one that begins with a zero byte.
pub(super) fn path_of(addr: &SocketAddr) -> Option<PathBuf> {
    let name = addr.as_abstract_name()?;
    Some(OsString::from_vec([b"\0", name].concat()).into())
}

/// The address in the words of the standard library, if it is an abstract name.
pub(super) fn of_sock_addr(addr: &SockAddr) -> Option<io::Result<net::SocketAddr>> {
    addr.as_abstract_namespace()
        .map(net::SocketAddr::from_abstract_name)
}

/// Credentials by `SO_PEERCRED`.
pub(super) fn credentials_of_peer(socket: &impl AsFd) -> io::Result<UCred> {
    let peer = rustix::net::sockopt::socket_peercred(socket)?;
    Ok(UCred {
        pid: Some(peer.pid.as_raw_nonzero().get()),
        uid: peer.uid.as_raw(),
        gid: peer.gid.as_raw(),
    })
}
