//! New sockets: in non-blocking mode, and closed in child processes.

use std::io;

use socket2::{Domain, Protocol, Socket, Type};

/// A new socket, with one system call where that can be.
#[cfg(any(target_os = "android", target_os = "freebsd", target_os = "linux"))]
pub(super) fn new_socket(
    domain: Domain,
    kind: Type,
    protocol: Option<Protocol>,
) -> io::Result<Socket> {
    Socket::new(domain, kind.nonblocking(), protocol)
}

/// A new socket.
#[cfg(not(any(target_os = "android", target_os = "freebsd", target_os = "linux")))]
pub(super) fn new_socket(
    domain: Domain,
    kind: Type,
    protocol: Option<Protocol>,
) -> io::Result<Socket> {
    let socket = Socket::new(domain, kind, protocol)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}
