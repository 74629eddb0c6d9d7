//! Credentials by `SO_PEERCRED`.

use std::io;
use std::os::fd::AsFd;

use super::UCred;

pub(in crate::net::unix) fn of_peer(socket: &impl AsFd) -> io::Result<UCred> {
    let peer = rustix::net::sockopt::socket_peercred(socket)?;
    Ok(UCred {
        pid: Some(peer.pid.as_raw_nonzero().get()),
        uid: peer.uid.as_raw(),
        gid: peer.gid.as_raw(),
    })
}
