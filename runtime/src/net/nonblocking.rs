//! Refuses sockets that would block a worker.

use std::io;

use socket2::SockRef;

/// Fails if operations on `socket` block the thread.
///
/// A blocking socket would stop a worker, and with it tasks that have nothing to do with it, at the
/// first read that finds nothing. Setting the mode here instead would change the caller's other
/// handles to the socket behind their back: the mode belongs to the socket, not to the handle.
#[cfg(unix)]
pub(super) fn require<'a, S>(socket: &'a S) -> io::Result<()>
where
    SockRef<'a>: From<&'a S>,
{
    match SockRef::from(socket).nonblocking()? {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the socket is in blocking mode: call `set_nonblocking(true)` before handing it over",
        )),
    }
}

/// Elsewhere a socket does not tell its mode.
#[cfg(not(unix))]
pub(super) fn require<S>(_socket: &S) -> io::Result<()> {
    Ok(())
}
