//! The sockets of mio, as far as they have something in common.

use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};

use mio::event::Source;
use socket2::SockRef;

/// A socket that mio can watch.
pub trait Inner: Source + fmt::Debug + Sized {
    /// The same in the standard library.
    type Std: From<socket2::Socket>;

    #[doc(hidden)]
    fn from_socket(socket: socket2::Socket) -> Self {
        Self::from_std(socket.into())
    }
    #[doc(hidden)]
    fn from_std(std: Self::Std) -> Self;
    #[doc(hidden)]
    fn into_std(self) -> Self::Std;
    /// The socket, for what every socket can do. Operations that may say `WouldBlock` run in
    /// [`run`](Self::run).
    #[doc(hidden)]
    fn sock(&self) -> SockRef<'_>;
    /// Runs an operation on the socket. Some selectors have to know that it said `WouldBlock`.
    #[doc(hidden)]
    fn run<R>(&self, operation: impl FnOnce() -> io::Result<R>) -> io::Result<R>;
}

/// A socket that mio can watch, for a stream of bytes.
pub trait ByteInner: Inner {
    #[doc(hidden)]
    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize>;
    #[doc(hidden)]
    fn write(&self, buf: &[u8]) -> io::Result<usize>;
    #[doc(hidden)]
    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;
}

/// Type of mio, type of the standard library, and how an operation is run.
macro_rules! inner {
    ($inner:ty, $std:ty, |$self:ident, $operation:ident| $run:expr) => {
        impl $crate::net::socket::Inner for $inner {
            type Std = $std;

            fn from_std(std: $std) -> Self {
                <$inner>::from_std(std)
            }

            fn into_std(self) -> $std {
                self.into()
            }

            fn sock(&self) -> socket2::SockRef<'_> {
                socket2::SockRef::from(self)
            }

            fn run<R>(
                &self,
                $operation: impl FnOnce() -> std::io::Result<R>,
            ) -> std::io::Result<R> {
                let $self = self;
                $run
            }
        }
    };
}

/// Types of mio that read and write.
macro_rules! byte_inner {
    ($inner:ty) => {
        impl $crate::net::socket::ByteInner for $inner {
            fn read_vectored(
                mut self: &Self,
                bufs: &mut [std::io::IoSliceMut<'_>],
            ) -> std::io::Result<usize> {
                std::io::Read::read_vectored(&mut self, bufs)
            }

            fn write(mut self: &Self, buf: &[u8]) -> std::io::Result<usize> {
                std::io::Write::write(&mut self, buf)
            }

            fn write_vectored(
                mut self: &Self,
                bufs: &[std::io::IoSlice<'_>],
            ) -> std::io::Result<usize> {
                std::io::Write::write_vectored(&mut self, bufs)
            }
        }
    };
}

inner!(
    mio::net::TcpListener,
    std::net::TcpListener,
    |_io, operation| operation()
);

inner!(mio::net::TcpStream, std::net::TcpStream, |io, operation| io
    .try_io(operation));

inner!(mio::net::UdpSocket, std::net::UdpSocket, |io, operation| io
    .try_io(operation));
byte_inner!(mio::net::TcpStream);
