//! What Linux and Android have: addresses that are no files, credentials of the peer, and reads that tell
//! why they stopped.

use std::ffi::OsString;
use std::io::{self, IoSliceMut};
#[cfg(target_os = "android")]
use std::os::android::net::SocketAddrExt;
use std::os::fd::AsFd;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::net;
use std::path::PathBuf;

use rustix::net::{RecvAncillaryBuffer, RecvFlags, ReturnFlags};
use socket2::SockAddr;

use super::address::SocketAddr;
use super::credentials::UCred;
use crate::io::ReadBuf;
use crate::net::socket::Inner;
use crate::net::uninit;

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

/// Appends to `buf` what a stream holds. Returns how many bytes that is, and true if it has emptied the
/// stream in case it is less than there was room for.
///
/// A read stops short of what is there at urgent data, which the reactor looks after; and at a message that
/// carries something besides bytes, such as descriptors, or whose sender is another while the socket asks
/// for senders. Then the kernel says `MSG_CTRUNC`, as nobody took what it had to give besides. It says so
/// to `recvmsg` only, which has no safe form for memory that is not initialised yet.
pub(super) fn read(
    stream: &mio::net::UnixStream,
    buf: &mut ReadBuf<'_>,
) -> io::Result<(usize, bool)> {
    let initialized = buf.initialized().len() - buf.filled().len();
    if initialized < buf.remaining() {
        let moved = uninit::append(buf, |buf| stream.sock().recv(buf))?;
        return Ok((moved, false));
    }
    let mut parts = [IoSliceMut::new(buf.initialize_unfilled())];
    let mut nothing_besides = RecvAncillaryBuffer::default();
    let flags = RecvFlags::CMSG_CLOEXEC;
    let message = rustix::net::recvmsg(stream, &mut parts, &mut nothing_besides, flags)?;
    buf.advance(message.bytes);
    Ok((message.bytes, !message.flags.contains(ReturnFlags::CTRUNC)))
}
