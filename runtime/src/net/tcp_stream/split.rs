//! Halves that borrow their stream: no cost, but one task has both.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::half_methods::{half_addresses, read_half_methods, write_half_methods};
use super::{Peek, TcpStream};
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use crate::net::ready_wait::{DirectionWait, ReadyWait};

/// The reading half of a borrowed [`TcpStream`], from [`TcpStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a TcpStream);

/// The writing half of a borrowed [`TcpStream`], from [`TcpStream::split`].
///
/// Dropping it leaves the writing side open: the stream is still there.
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a TcpStream);

impl TcpStream {
    /// Splits the stream into halves that borrow it, to read and write at the same time in one
    /// task. [`into_split`](Self::into_split) is for two tasks.
    pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        (ReadHalf(self), WriteHalf(self))
    }
}

read_half_methods!(impl ReadHalf<'_>, |half| *half.0);
write_half_methods!(impl WriteHalf<'_>, |half| *half.0, on_shutdown: |_| {});
