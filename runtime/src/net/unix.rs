//! Sockets of Unix, which stay on one machine, and pipes.
//!
//! | Type | What it is |
//! |---|---|
//! | [`UnixListener`](super::UnixListener) | accepts connections |
//! | [`UnixStream`](super::UnixStream) | one connection |
//! | [`UnixDatagram`](super::UnixDatagram) | sends and receives datagrams |
//! | [`UnixSocket`](super::UnixSocket) | a socket before it becomes one of the above |
//! | [`SocketAddr`], [`UCred`] | where a socket is, and who is at the other end |
//! | [`pipe`] | pipes, with and without a name |
//!
//! Where a path is asked for, Linux and Android take an abstract name as well, which is no file: a path
//! that begins with a zero byte.

mod address;
mod credentials;
pub(super) mod datagram;
mod descriptor;
mod family;
pub(super) mod listener;
pub mod pipe;
pub(super) mod socket;
pub(super) mod stream;
#[cfg_attr(
    not(any(target_os = "android", target_os = "linux")),
    path = "unix/system/elsewhere.rs"
)]
#[cfg_attr(
    any(target_os = "android", target_os = "linux"),
    path = "unix/system/linux.rs"
)]
mod system;

use super::stream as streams;

pub use self::address::SocketAddr;
pub use self::credentials::UCred;
pub(crate) use self::descriptor::Descriptor;
pub use self::family::Unix;

/// The reading half of a borrowed [`UnixStream`](super::UnixStream), from
/// [`split`](super::UnixStream::split).
pub type ReadHalf<'a> = streams::ReadHalf<'a, Unix>;
/// The writing half of a borrowed [`UnixStream`](super::UnixStream), from
/// [`split`](super::UnixStream::split).
///
/// Dropping it leaves the writing side open: the stream is still there.
pub type WriteHalf<'a> = streams::WriteHalf<'a, Unix>;
/// The reading half of a [`UnixStream`](super::UnixStream), from
/// [`into_split`](super::UnixStream::into_split).
///
/// Dropping it leaves the reading side open until the other half is dropped as well.
pub type OwnedReadHalf = streams::OwnedReadHalf<Unix>;
/// The writing half of a [`UnixStream`](super::UnixStream), from
/// [`into_split`](super::UnixStream::into_split).
///
/// Dropping it ends the writing side: the peer reads the end. [`forget`](Self::forget) prevents that.
pub type OwnedWriteHalf = streams::OwnedWriteHalf<Unix>;
/// Two halves were brought together that do not belong together; here they are again.
pub type ReuniteError = streams::ReuniteError<Unix>;

/// The number of a user.
#[expect(non_camel_case_types, reason = "as the system calls it")]
pub type uid_t = u32;
/// The number of a group.
#[expect(non_camel_case_types, reason = "as the system calls it")]
pub type gid_t = u32;
/// The number of a process.
#[expect(non_camel_case_types, reason = "as the system calls it")]
pub type pid_t = i32;
