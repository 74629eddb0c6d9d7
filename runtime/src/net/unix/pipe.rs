//! Pipes: anonymous ones, and named ones (FIFOs) of the file system.
//!
//! | File | Idea |
//! |---|---|
//! | `open.rs` | opening a named pipe |
//! | `end.rs` | what both ends have: where they come from and go to |
//! | `sender.rs`, `receiver.rs` | writing and reading |
//!
//! # A short read proves nothing
//!
//! After a read that brought less than was asked for, a TCP stream is known to be empty. A pipe is not:
//! in packet mode, which whoever holds the other end can switch on, a read ends with its packet. So
//! pipes read until they hear `WouldBlock`.
//!
//! # A pipe may open again
//!
//! When the last sender of a named pipe is closed, the receiver reads the end; when somebody opens it
//! for writing again, it reads on. So the end of a receiver is not final: `WouldBlock` takes it back,
//! because without a sender a read would have found the end.

mod end;
mod open;
mod receiver;
mod sender;

use std::io;
use std::os::fd::OwnedFd;

pub use self::end::{End, Receiving, Sending};
pub use self::open::OpenOptions;

/// The writing end of a pipe.
///
/// It comes from [`pipe`], from [`OpenOptions::open_sender`], or from a file. It writes with
/// [`AsyncWrite`](crate::io::AsyncWrite). Writing fails with
/// [`BrokenPipe`](std::io::ErrorKind::BrokenPipe) once nobody has the reading end any more.
pub type Sender = End<Sending>;

/// The reading end of a pipe.
///
/// It comes from [`pipe`], from [`OpenOptions::open_receiver`], or from a file. It reads with
/// [`AsyncRead`](crate::io::AsyncRead), and reads the end when nobody has the writing end any more. A
/// named pipe that is opened for writing again after that can be read on.
pub type Receiver = End<Receiving>;

/// A new anonymous pipe.
///
/// # Errors
///
/// That of the operating system, such as too many open files.
///
/// # Panics
///
/// Outside a runtime.
///
/// # Examples
///
/// ```
/// use selvedge::io::{AsyncReadExt, AsyncWriteExt};
/// use selvedge::net::unix::pipe;
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let (mut sender, mut receiver) = pipe::pipe()?;
/// sender.write_all(b"through the pipe").await?;
/// drop(sender);
///
/// let mut text = String::new();
/// receiver.read_to_string(&mut text).await?;
/// assert_eq!(text, "through the pipe");
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    // Both are non-blocking, and closed in child processes.
    let (sender, receiver) = mio::unix::pipe::new()?;
    Ok((
        End::register(OwnedFd::from(sender))?,
        End::register(OwnedFd::from(receiver))?,
    ))
}
