//! Sockets as file descriptors.
#![allow(unsafe_code, reason = "taking over a descriptor is unsafe")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, RawFd};

use socket2::{SockRef, Socket as Socket2};

use super::{Family, Role, Socket};
use crate::net::TcpSocket;

impl<R: Role, F: Family> AsFd for Socket<R, F>
where
    R::Inner<F>: AsFd,
{
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.io().as_fd()
    }
}

impl<R: Role, F: Family> AsRawFd for Socket<R, F>
where
    R::Inner<F>: AsFd,
{
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl AsFd for TcpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for TcpSocket {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl FromRawFd for TcpSocket {
    /// The socket has to be in non-blocking mode.
    ///
    /// # Safety
    ///
    /// The caller owns the descriptor, and hands it over.
    unsafe fn from_raw_fd(fd: RawFd) -> Self {
        // SAFETY: the caller's promise is the same.
        let socket = unsafe { Socket2::from_raw_fd(fd) };
        Self { socket }
    }
}

impl IntoRawFd for TcpSocket {
    fn into_raw_fd(self) -> RawFd {
        self.socket.into_raw_fd()
    }
}

pub(super) fn is_blocking(socket: &SockRef<'_>) -> io::Result<bool> {
    socket.nonblocking().map(|it| !it)
}
