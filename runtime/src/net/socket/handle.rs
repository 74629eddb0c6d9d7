//! Sockets as handles of Windows.
#![allow(unsafe_code, reason = "taking over a handle is unsafe")]

use std::io;
use std::os::windows::io::{
    AsRawSocket, AsSocket, BorrowedSocket, FromRawSocket, IntoRawSocket, RawSocket,
};

use socket2::{SockRef, Socket as Socket2};

use super::{Family, Role, Socket};
use crate::net::TcpSocket;

impl<R: Role, F: Family> AsSocket for Socket<R, F>
where
    R::Inner<F>: AsSocket,
{
    fn as_socket(&self) -> BorrowedSocket<'_> {
        self.io.io().as_socket()
    }
}

impl<R: Role, F: Family> AsRawSocket for Socket<R, F>
where
    R::Inner<F>: AsSocket,
{
    fn as_raw_socket(&self) -> RawSocket {
        self.as_socket().as_raw_socket()
    }
}

impl AsSocket for TcpSocket {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        self.socket.as_socket()
    }
}

impl AsRawSocket for TcpSocket {
    fn as_raw_socket(&self) -> RawSocket {
        self.socket.as_raw_socket()
    }
}

impl FromRawSocket for TcpSocket {
    /// The socket has to be in non-blocking mode.
    ///
    /// # Safety
    ///
    /// The caller owns the handle, and hands it over.
    unsafe fn from_raw_socket(socket: RawSocket) -> Self {
        // SAFETY: the caller's promise is the same.
        let socket = unsafe { Socket2::from_raw_socket(socket) };
        Self { socket }
    }
}

impl IntoRawSocket for TcpSocket {
    fn into_raw_socket(self) -> RawSocket {
        self.socket.into_raw_socket()
    }
}

/// A socket of Windows does not tell its mode.
pub(super) fn is_blocking(_socket: &SockRef<'_>) -> io::Result<bool> {
    Ok(false)
}
