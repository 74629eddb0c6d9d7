//! How halves hold their stream: borrowed, for one task, or shared, for two.

use std::error::Error;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Stream;
use super::halves::{ReadSide, WriteSide};
use crate::net::socket::{Family, Ip, Socket};

/// The reading half of a borrowed stream, from `split`.
pub type ReadHalf<'a, F> = ReadSide<&'a Socket<Stream, F>>;

/// The writing half of a borrowed stream, from `split`.
///
/// Dropping it leaves the writing side open: the stream is still there.
pub type WriteHalf<'a, F> = WriteSide<&'a Socket<Stream, F>>;

/// The reading half of a stream, from `into_split`.
///
/// Dropping it leaves the reading side open until the other half is dropped as well.
pub type OwnedReadHalf<F> = ReadSide<Arc<Socket<Stream, F>>>;

/// The writing half of a stream, from `into_split`.
///
/// Dropping it ends the writing side: the peer reads the end. `forget` prevents that.
pub type OwnedWriteHalf<F> = WriteSide<EndsOnDrop<F>>;

/// How a writing half holds its stream.
pub trait WriteLink: Deref {
    /// The writing side was ended.
    #[doc(hidden)]
    fn has_ended(&mut self);
}

impl<F: Family> WriteLink for &Socket<Stream, F> {
    fn has_ended(&mut self) {}
}

/// Holds a shared stream, and ends its writing side when dropped.
pub struct EndsOnDrop<F: Family> {
    stream: Arc<Socket<Stream, F>>,
    is_armed: bool,
}

impl<F: Family> WriteLink for EndsOnDrop<F> {
    fn has_ended(&mut self) {
        self.is_armed = false;
    }
}

impl<F: Family> Deref for EndsOnDrop<F> {
    type Target = Socket<Stream, F>;

    fn deref(&self) -> &Socket<Stream, F> {
        &self.stream
    }
}

impl<F: Family> Drop for EndsOnDrop<F> {
    fn drop(&mut self) {
        if self.is_armed {
            // Nobody is left to hear of an error.
            let _ = self.stream.end_writing();
        }
    }
}

impl<F: Family> fmt::Debug for EndsOnDrop<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

/// Two halves were brought together that do not belong together; here they are again.
#[derive(Debug)]
pub struct ReuniteError<F: Family = Ip>(pub OwnedReadHalf<F>, pub OwnedWriteHalf<F>);

impl<F: Family> Socket<Stream, F> {
    /// Splits the stream into halves that borrow it, to read and write at the same time in one
    /// task. [`into_split`](Self::into_split) is for two tasks.
    pub fn split(&mut self) -> (ReadHalf<'_, F>, WriteHalf<'_, F>) {
        (ReadSide(&*self), WriteSide(&*self))
    }

    /// Splits the stream into halves that own it together, for use in different tasks.
    pub fn into_split(self) -> (OwnedReadHalf<F>, OwnedWriteHalf<F>) {
        let stream = Arc::new(self);
        let read = ReadSide(Arc::clone(&stream));
        let is_armed = true;
        (read, WriteSide(EndsOnDrop { stream, is_armed }))
    }
}

impl<F: Family> OwnedReadHalf<F> {
    /// Puts the halves of one stream together again.
    ///
    /// # Errors
    ///
    /// `other` is from another stream.
    pub fn reunite(self, other: OwnedWriteHalf<F>) -> Result<Socket<Stream, F>, ReuniteError<F>> {
        if !Arc::ptr_eq(&self.0, &other.0.stream) {
            return Err(ReuniteError(self, other));
        }
        other.forget();
        let stream = Arc::into_inner(self.0);
        Ok(stream.expect("one read and one write half share a stream"))
    }
}

impl<F: Family> OwnedWriteHalf<F> {
    /// Puts the halves of one stream together again.
    ///
    /// # Errors
    ///
    /// `other` is from another stream.
    pub fn reunite(self, other: OwnedReadHalf<F>) -> Result<Socket<Stream, F>, ReuniteError<F>> {
        other.reunite(self)
    }

    /// Drops the half without ending the writing side.
    pub fn forget(mut self) {
        self.0.is_armed = false;
    }
}

impl<F: Family> fmt::Display for ReuniteError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the halves are of different streams: reunite those from one `into_split`")
    }
}

impl<F: Family> Error for ReuniteError<F> {}
