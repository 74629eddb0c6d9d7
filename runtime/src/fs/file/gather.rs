//! The bytes accepted while a write is in flight, for the same write to take along.
//!
//! # Protocol
//!
//! The file, when it starts a write: [`open`](Gather::open). Then any number of offers.
//!
//! The write, on its thread: after each piece it takes what was gathered, in exchange for the buffer
//! that it has emptied. When nothing was gathered it closes in the same step, so that nothing is
//! accepted that nobody would write. However the write ends, also by an error or a panic, it closes:
//! then the file is refused, waits for the landing, and finds out.

use std::io::IoSlice;
use std::mem;

use selvedge_sync::primitive::Mutex;

/// How much is gathered at most. What is larger is worth a write of its own.
const GATHERED_MAX: usize = 64 * 1024;

/// The bytes accepted while a write is in flight.
#[derive(Debug)]
pub(super) struct Gather(Mutex<Tray>);

#[derive(Debug)]
struct Tray {
    bytes: Vec<u8>,
    open: bool,
}

/// Closes when the write is over.
pub(super) struct Closing<'a>(&'a Gather);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut tray = self.0.0.lock();
        tray.open = false;
        tray.bytes.clear();
    }
}

impl Gather {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Tray {
            bytes: Vec::new(),
            open: false,
        }))
    }

    /// A write is about to start.
    pub(super) fn open(&self) {
        let mut tray = self.0.lock();
        debug_assert!(tray.bytes.is_empty(), "nobody wrote what was accepted");
        tray.open = true;
    }

    /// The write has started; it ends when the guard is dropped.
    pub(super) fn closing(&self) -> Closing<'_> {
        Closing(self)
    }

    /// Accepts the first `wanted` of these bytes, unless more than `max` would wait then. False if
    /// none were accepted: the write is over, or has gathered enough and will land without further ado.
    pub(super) fn offer(&self, pieces: &[IoSlice<'_>], wanted: usize, max: usize) -> bool {
        let mut tray = self.0.lock();
        let accepts = tray.open && tray.bytes.len() + wanted <= GATHERED_MAX.min(max);
        if accepts {
            append(&mut tray.bytes, pieces, wanted);
        }
        accepts
    }

    /// Exchanges what has been written for what was gathered; false if that is nothing, and then the
    /// write is over.
    pub(super) fn take(&self, written: &mut Vec<u8>) -> bool {
        written.clear();
        let mut tray = self.0.lock();
        tray.open = !tray.bytes.is_empty();
        mem::swap(&mut tray.bytes, written);
        tray.open
    }
}

/// How many bytes all of the pieces have.
pub(super) fn total(pieces: &[IoSlice<'_>]) -> usize {
    let lengths = pieces.iter().map(|piece| piece.len());
    lengths.fold(0, usize::saturating_add)
}

/// Appends the first `wanted` bytes of the pieces.
pub(super) fn append(target: &mut Vec<u8>, pieces: &[IoSlice<'_>], mut wanted: usize) {
    target.reserve(wanted);
    for piece in pieces {
        let n = piece.len().min(wanted);
        target.extend_from_slice(&piece[..n]);
        wanted -= n;
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
