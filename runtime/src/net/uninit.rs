//! Receiving into memory that is not initialised yet.
#![allow(
    unsafe_code,
    reason = "what the kernel wrote counts as initialised from then on"
)]
//!
//! Each function lends the unused part of a buffer to an operation and then counts what came.

use std::io;
use std::mem::MaybeUninit;

use bytes::BufMut;

use crate::io::ReadBuf;

/// What an operation that receives says: how many bytes it wrote to the beginning of its buffer.
///
/// Only the kernel's word is passed on in it, so the number can be relied on.
pub(super) trait Received {
    /// How many bytes were written.
    fn count(&self) -> usize;
}

impl Received for usize {
    fn count(&self) -> usize {
        *self
    }
}

impl<A> Received for (usize, A) {
    fn count(&self) -> usize {
        self.0
    }
}

/// Appends to `buf` what `receive` puts into its argument.
pub(super) fn append<R: Received>(
    buf: &mut ReadBuf<'_>,
    receive: impl FnOnce(&mut [MaybeUninit<u8>]) -> io::Result<R>,
) -> io::Result<R> {
    // SAFETY: the operations of this module's users write and do not read, and bytes written by the
    // kernel leave initialised memory initialised.
    let received = receive(unsafe { buf.unfilled_mut() })?;
    // SAFETY: the kernel has just written that many bytes to the beginning of the unfilled part.
    unsafe { buf.assume_init(received.count()) };
    buf.advance(received.count());
    Ok(received)
}

/// Puts into `buf` what `receive` puts into its argument.
pub(super) fn fill<R: Received>(
    buf: &mut [u8],
    receive: impl FnOnce(&mut [MaybeUninit<u8>]) -> io::Result<R>,
) -> io::Result<R> {
    append(&mut ReadBuf::new(buf), receive)
}

/// Appends to `buf`, without making it grow, what `receive` puts into its argument.
pub(super) fn append_to<B: BufMut, R: Received>(
    buf: &mut B,
    receive: impl FnOnce(&mut [MaybeUninit<u8>]) -> io::Result<R>,
) -> io::Result<R> {
    // SAFETY: as in `append`: what is initialised stays so.
    let chunk = unsafe { buf.chunk_mut().as_uninit_slice_mut() };
    let received = receive(chunk)?;
    // SAFETY: the kernel has just written that many bytes to the beginning of the chunk.
    unsafe { buf.advance_mut(received.count()) };
    Ok(received)
}
