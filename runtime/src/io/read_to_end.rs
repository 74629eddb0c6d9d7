//! `ReadToEnd`: everything up to the end, straight into the spare capacity of a vector.
//!
//! The vector grows as `Vec` does, so n bytes cost O(n) copies. Before it grows for the first time
//! the next bytes go through a small array on the stack: a vector that was allocated with just the
//! right capacity meets the end of the stream there and is not reallocated for nothing. It grows
//! before it is full, so that no read is called for a few bytes only.
#![allow(
    unsafe_code,
    reason = "reads into the uninitialized capacity of a vector"
)]

use std::borrow::BorrowMut;
use std::future::Future;
use std::io;
use std::mem::MaybeUninit;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::checked::{self, noted, uninterrupted};
use super::{AsyncRead, ReadBuf};

/// The least room a read is given, in bytes; also the size of the array on the stack.
const ROOM_MIN: usize = 32;

/// Future of [`AsyncReadExt::read_to_end`](super::AsyncReadExt::read_to_end).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadToEnd<'a, R: ?Sized> {
    reader: &'a mut R,
    output: AppendTo<&'a mut Vec<u8>>,
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadToEnd<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, output: &'a mut Vec<u8>) -> Self {
        Self {
            reader,
            output: AppendTo::new(output),
            place: Location::caller(),
        }
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToEnd<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let reader = Pin::new(&mut *this.reader);
        noted(this.place, this.output.poll_read_to_end(reader, cx))
    }
}

/// A vector that is being read into, owned or borrowed.
#[derive(Debug)]
pub(super) struct AppendTo<V> {
    output: V,
    /// The length of `output` at the start.
    len_before: usize,
    /// The capacity of `output` at the start.
    capacity_before: usize,
    /// That many bytes behind the length of `output` are initialized: a reader which needs
    /// initialized memory does not have to zero the same bytes at each poll.
    initialized: usize,
}

impl<V: BorrowMut<Vec<u8>>> AppendTo<V> {
    pub(super) fn new(output: V) -> Self {
        let vec: &Vec<u8> = output.borrow();
        let (len_before, capacity_before) = (vec.len(), vec.capacity());
        Self {
            output,
            len_before,
            capacity_before,
            initialized: 0,
        }
    }

    /// The length at the start.
    pub(super) fn len_before(&self) -> usize {
        self.len_before
    }

    pub(super) fn into_inner(self) -> V {
        self.output
    }

    /// Reads to the end and returns the number of bytes read since [`new`](Self::new).
    ///
    /// It is woken: it waits only for the reader, which said `Pending` last.
    pub(super) fn poll_read_to_end<R: AsyncRead + ?Sized>(
        &mut self,
        mut reader: Pin<&mut R>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let output = self.output.borrow_mut();
            let scarce = output.capacity() - output.len() < ROOM_MIN;
            let untouched = output.capacity() == self.capacity_before;
            let n = if scarce && untouched && output.capacity() >= ROOM_MIN {
                // The vector's length moves past bytes that were counted.
                self.initialized = 0;
                ready!(poll_read_aside(reader.as_mut(), cx, output))?
            } else {
                ready!(self.poll_read_in_place(reader.as_mut(), cx))?
            };
            if n == 0 {
                let output = self.output.borrow_mut();
                return Poll::Ready(Ok(output.len() - self.len_before));
            }
        }
    }

    fn poll_read_in_place<R: AsyncRead + ?Sized>(
        &mut self,
        mut reader: Pin<&mut R>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let output = self.output.borrow_mut();
        if output.capacity() - output.len() < ROOM_MIN {
            // What a reallocation does to the bytes behind the length is up to the vector.
            self.initialized = 0;
            output.reserve(ROOM_MIN);
        }
        let mut buf = ReadBuf::uninit(output.spare_capacity_mut());
        // SAFETY: an earlier poll found these bytes initialized behind the length of this vector.
        // Since then only this type had access to it, and it grows only above.
        unsafe { buf.assume_init(self.initialized) };
        let result = uninterrupted(|| checked::poll_read(reader.as_mut(), cx, &mut buf));
        self.initialized = buf.initialized().len();
        let n = ready!(result)?;
        self.initialized -= n;
        // SAFETY: `buf` is still over the spare capacity (checked in `poll_read`) and counts at
        // least `n` bytes at its start as filled, so they are initialized and within the capacity.
        unsafe { output.set_len(output.len() + n) };
        Poll::Ready(Ok(n))
    }
}

/// Reads a few bytes without growing `output` unless there are some that do not fit.
fn poll_read_aside<R: AsyncRead + ?Sized>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    output: &mut Vec<u8>,
) -> Poll<io::Result<usize>> {
    let mut aside = [MaybeUninit::uninit(); ROOM_MIN];
    let mut buf = ReadBuf::uninit(&mut aside);
    let n = ready!(uninterrupted(|| checked::poll_read(
        reader.as_mut(),
        cx,
        &mut buf
    )))?;
    output.extend_from_slice(buf.filled());
    Poll::Ready(Ok(n))
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
