//! Connecting a socket, which the kernel may do in the background.

use std::future::poll_fn;
use std::io;
use std::panic::Location;
use std::pin::pin;

use socket2::SockAddr;

use super::Stream;
use crate::io::{Interest, Ready};
use crate::net::socket::{Family, Inner, Socket};

impl<F: Family> Socket<Stream, F> {
    /// Connects `socket`, and waits until the connection is there or has failed.
    pub(in crate::net) async fn connect_socket(
        socket: socket2::Socket,
        addr: &SockAddr,
        place: &'static Location<'static>,
    ) -> io::Result<Self> {
        let is_connected = match socket.connect(addr) {
            Ok(()) => true,
            Err(error) if is_under_way(&error) => false,
            Err(error) => return Err(error),
        };
        let inner = F::Stream::from_socket(socket);
        if is_connected {
            // Nothing was sent yet.
            return Self::register(inner, Ready::WRITABLE);
        }
        let stream = Self::register(inner, Ready::EMPTY)?;
        {
            // It is woken: a connection becomes writable when it is there, and when it has failed.
            let mut wait = pin!(stream.io.wait(Interest::WRITABLE, place));
            poll_fn(|cx| wait.as_mut().poll_ready(cx)).await?;
        }
        match stream.take_error()? {
            Some(error) => Err(error),
            None => Ok(stream),
        }
    }
}

/// `EINPROGRESS`, which std does not name.
const IN_PROGRESS: i32 = if cfg!(any(target_os = "linux", target_os = "android")) {
    if cfg!(any(target_arch = "mips", target_arch = "mips64")) {
        150
    } else if cfg!(any(target_arch = "sparc", target_arch = "sparc64")) {
        36
    } else {
        115
    }
} else if cfg!(any(target_os = "illumos", target_os = "solaris")) {
    150
} else {
    36
};

/// True for the error that says a connection attempt has begun, or goes on although the call was
/// interrupted.
fn is_under_way(error: &io::Error) -> bool {
    match cfg!(unix) {
        true => {
            error.raw_os_error() == Some(IN_PROGRESS) || error.kind() == io::ErrorKind::Interrupted
        }
        false => error.kind() == io::ErrorKind::WouldBlock,
    }
}
