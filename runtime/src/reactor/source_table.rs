//! All source slots of a reactor: found by index without a lock, never moved, never freed early.
//!
//! ```text
//!   chunks: [ 64 slots ][ 128 slots ][ 256 slots ][ - ] ...     each allocated when first needed
//!   key = index into all chunks in a row | generation of the owner
//! ```
//!
//! # Invariants
//!
//! T1. A slot's address never changes, and it lives as long as the table: an event may name any
//!     slot at any time, so giving one back needs no word with whoever is handling events.
//! T2. An index below `used` has its chunk. An index is in `free`, or has exactly one owner.
//! T3. Once the table is closed, every slot below `used` is shut down and no slot gets an owner.
//!
//! The lock guards the free list only; no foreign code runs under it.
//!
//! # Rejected
//!
//! The slot's address as token: it saves the look-up of a chunk, about a nanosecond, and makes
//! every event a matter of unsafe code.

use std::io;
use std::sync::OnceLock;
use std::task::Waker;

use selvedge_sync::primitive::Mutex;

use super::source::Source;
use crate::io::Ready;

/// Slots in the first chunk; each further chunk has twice as many as the one before.
const FIRST_CHUNK_SLOTS: usize = 64;
/// Bits of a token that hold the index; the others hold the generation.
const INDEX_BITS: u32 = usize::BITS - u16::BITS;
const CHUNKS_MAX: usize = 26;
/// The largest number of slots; the two topmost indices stay free for the reactor's own tokens.
const SLOTS_MAX: usize = {
    let by_chunks = FIRST_CHUNK_SLOTS * ((1 << if usize::BITS < 64 { 10 } else { CHUNKS_MAX }) - 1);
    let by_token = (1 << INDEX_BITS) - 2;
    if by_chunks < by_token {
        by_chunks
    } else {
        by_token
    }
};

/// Names a slot and which of its owners is meant; travels through the kernel as a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SourceKey {
    index: usize,
    generation: u16,
}

impl SourceKey {
    /// The key as a token.
    pub(super) fn to_token(self) -> mio::Token {
        mio::Token(self.index | usize::from(self.generation) << INDEX_BITS)
    }

    /// The key that made this token.
    pub(super) fn from_token(token: mio::Token) -> Self {
        Self {
            index: token.0 & ((1 << INDEX_BITS) - 1),
            generation: (token.0 >> INDEX_BITS) as u16,
        }
    }

    pub(super) fn generation(self) -> u16 {
        self.generation
    }
}

/// The slots.
#[derive(Debug)]
pub(super) struct SourceTable {
    /// Set once each, under the lock of `slots`; read without it. Models use slots, not tables.
    chunks: [OnceLock<Box<[Source]>>; CHUNKS_MAX],
    slots: Mutex<FreeSlots>,
}

#[derive(Debug)]
struct FreeSlots {
    /// Slots without owner among the used ones; the last one given back goes first, being warm.
    free: Vec<usize>,
    /// Slots below this index have had an owner.
    used: usize,
    is_closed: bool,
}

impl SourceTable {
    pub(super) fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; CHUNKS_MAX],
            slots: Mutex::new(FreeSlots {
                free: Vec::new(),
                used: 0,
                is_closed: false,
            }),
        }
    }

    /// Gives a slot, assumed ready for `ready`, to a new owner.
    ///
    /// # Errors
    ///
    /// The table is closed, or full.
    pub(super) fn acquire(&self, ready: Ready) -> io::Result<SourceKey> {
        let mut slots = self.slots.lock();
        if slots.is_closed {
            return Err(super::gone());
        }
        let index = match slots.free.pop() {
            Some(index) => index,
            None if slots.used == SLOTS_MAX => {
                return Err(io::Error::other(
                    "the reactor has no free slot: close sockets",
                ));
            }
            None => {
                let (chunk, _) = locate(slots.used);
                self.chunks[chunk].get_or_init(|| new_chunk(chunk));
                slots.used += 1;
                slots.used - 1
            }
        };
        // Opened under the lock, so that `close` either finds it open or prevents it (T3).
        let generation = self.at(index).open(ready);
        Ok(SourceKey { index, generation })
    }

    /// Takes a slot back from its owner.
    pub(super) fn release(&self, key: SourceKey) {
        self.get(key).close();
        self.slots.lock().free.push(key.index);
    }

    /// The slot of an owner.
    pub(super) fn get(&self, key: SourceKey) -> &Source {
        self.at(key.index)
    }

    /// The slot a token names, if the reactor ever had it.
    pub(super) fn find(&self, key: SourceKey) -> Option<&Source> {
        let (chunk, offset) = locate(key.index);
        self.chunks.get(chunk)?.get()?.get(offset)
    }

    /// Shuts every slot down, and admits no further owners. The caller wakes `wakes`.
    pub(super) fn close(&self, wakes: &mut Vec<Waker>) {
        let used = {
            let mut slots = self.slots.lock();
            slots.is_closed = true;
            slots.used
        };
        for index in 0..used {
            self.at(index).shutdown(wakes);
        }
    }

    /// How many slots ever had an owner at the same time.
    #[cfg(all(test, not(selvedge_loom)))]
    pub(super) fn used(&self) -> usize {
        self.slots.lock().used
    }

    /// How many slots have an owner now.
    #[cfg(all(test, not(selvedge_loom)))]
    pub(super) fn owned(&self) -> usize {
        let slots = self.slots.lock();
        slots.used - slots.free.len()
    }

    fn at(&self, index: usize) -> &Source {
        let (chunk, offset) = locate(index);
        let chunk = self.chunks[chunk].get();
        &chunk.expect("an owned slot has its chunk (T2)")[offset]
    }
}

/// Which chunk an index is in, and where.
fn locate(index: usize) -> (usize, usize) {
    // Chunk `c` begins at `FIRST * (2^c - 1)`, so `index / FIRST + 1` has its top bit at `c`.
    let chunk = (index / FIRST_CHUNK_SLOTS + 1).ilog2() as usize;
    let begin = FIRST_CHUNK_SLOTS * ((1 << chunk) - 1);
    (chunk, index - begin)
}

fn new_chunk(chunk: usize) -> Box<[Source]> {
    (0..FIRST_CHUNK_SLOTS << chunk)
        .map(|_| Source::new())
        .collect()
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
