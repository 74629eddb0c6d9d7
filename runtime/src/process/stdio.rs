//! The pipes to and from a child.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::process::{self, Stdio};
use std::task::{Context, Poll};

use rustix::io::ioctl_fionbio;

use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::net::unix::pipe::{Receiver, Sender};

/// The writing end of a pipe to a child's standard input.
///
/// Dropping it closes the pipe, and the child reads the end. Shutting it down does not: nothing but the
/// drop closes a pipe.
#[derive(Debug)]
pub struct ChildStdin {
    pipe: Sender,
}

/// The reading end of a pipe from a child's standard output.
#[derive(Debug)]
pub struct ChildStdout {
    pipe: Receiver,
}

/// The reading end of a pipe from a child's standard error.
#[derive(Debug)]
pub struct ChildStderr {
    pipe: Receiver,
}

/// What all three have.
macro_rules! pipe_end {
    ($Name:ident($End:ident) from $Std:ty) => {
        impl $Name {
            /// Takes over a pipe of the standard library, and sets it to non-blocking mode.
            ///
            /// # Errors
            ///
            /// That of the operating system, or the runtime has shut down.
            ///
            /// # Panics
            ///
            /// Outside a runtime.
            #[track_caller]
            pub fn from_std(inner: $Std) -> io::Result<Self> {
                let fd = OwnedFd::from(inner);
                ioctl_fionbio(&fd, true)?;
                // Whatever it is: somebody may have made it of a terminal.
                let pipe = $End::from_owned_fd_unchecked(fd)?;
                Ok(Self { pipe })
            }

            /// Takes the pipe out of the runtime, and sets it to blocking mode.
            ///
            /// # Errors
            ///
            /// That of the operating system.
            pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
                self.pipe.into_blocking_fd()
            }
        }

        impl TryFrom<$Name> for Stdio {
            type Error = io::Error;

            /// Makes the pipe the standard input or output of another child.
            ///
            /// # Errors
            ///
            /// Those of `into_owned_fd`.
            fn try_from(end: $Name) -> io::Result<Self> {
                end.into_owned_fd().map(Self::from)
            }
        }

        impl AsRawFd for $Name {
            fn as_raw_fd(&self) -> RawFd {
                self.pipe.as_raw_fd()
            }
        }

        impl AsFd for $Name {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.pipe.as_fd()
            }
        }
    };
}

pipe_end!(ChildStdin(Sender) from process::ChildStdin);
pipe_end!(ChildStdout(Receiver) from process::ChildStdout);
pipe_end!(ChildStderr(Receiver) from process::ChildStderr);

/// What the two that are read have.
macro_rules! reads {
    ($Name:ident) => {
        impl AsyncRead for $Name {
            #[track_caller]
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                Pin::new(&mut self.pipe).poll_read(cx, buf)
            }
        }
    };
}

reads!(ChildStdout);
reads!(ChildStderr);

impl AsyncWrite for ChildStdin {
    #[track_caller]
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(cx, buf)
    }

    #[track_caller]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// There is nothing to flush: what was written is with the kernel.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    /// Does nothing: the child reads the end when this is dropped.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}
