//! Halves that own their stream together: each can go to its own task.

use std::error::Error;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Shutdown, SocketAddr};
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::half_methods::{half_addresses, read_half_methods, write_half_methods};
use super::{Peek, TcpStream};
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use crate::net::ready_wait::{DirectionWait, ReadyWait};

/// The reading half of a [`TcpStream`], from [`TcpStream::into_split`].
///
/// Dropping it leaves the reading side open until the other half is dropped as well.
#[derive(Debug)]
pub struct OwnedReadHalf {
    stream: Arc<TcpStream>,
}

/// The writing half of a [`TcpStream`], from [`TcpStream::into_split`].
///
/// Dropping it ends the writing side: the peer reads the end. [`forget`](Self::forget) prevents
/// that.
#[derive(Debug)]
pub struct OwnedWriteHalf {
    stream: Arc<TcpStream>,
    ends_on_drop: bool,
}

/// Two halves were brought together that do not belong together; here they are again.
#[derive(Debug)]
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl TcpStream {
    /// Splits the stream into halves that own it together, for use in different tasks.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        let stream = Arc::new(self);
        let read = OwnedReadHalf {
            stream: Arc::clone(&stream),
        };
        let write = OwnedWriteHalf {
            stream,
            ends_on_drop: true,
        };
        (read, write)
    }
}

impl OwnedReadHalf {
    /// Puts the halves of one stream together again.
    ///
    /// # Errors
    ///
    /// `other` is from another stream.
    pub fn reunite(self, other: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        if !Arc::ptr_eq(&self.stream, &other.stream) {
            return Err(ReuniteError(self, other));
        }
        other.forget();
        let stream = Arc::into_inner(self.stream);
        Ok(stream.expect("one read and one write half share a stream"))
    }
}

impl OwnedWriteHalf {
    /// Puts the halves of one stream together again.
    ///
    /// # Errors
    ///
    /// `other` is from another stream.
    pub fn reunite(self, other: OwnedReadHalf) -> Result<TcpStream, ReuniteError> {
        other.reunite(self)
    }

    /// Drops the half without ending the writing side.
    pub fn forget(mut self) {
        self.ends_on_drop = false;
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        if self.ends_on_drop {
            // Nobody is left to hear of an error.
            let _ = self.stream.shutdown_side(Shutdown::Write);
        }
    }
}

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the halves are of different streams: reunite those from one `into_split`")
    }
}

impl Error for ReuniteError {}

read_half_methods!(impl OwnedReadHalf, |half| *half.stream);
write_half_methods!(
    impl OwnedWriteHalf,
    |half| *half.stream,
    on_shutdown: |half| half.ends_on_drop = false
);
