//! The messages of a channel: a queue that grows and shrinks in chunks.
//!
//! One ring that doubles would copy all messages of a long queue under the lock of the channel, and
//! keep the memory of its longest time. Here at most one chunk is copied, and an empty queue keeps at
//! most one chunk.

use std::collections::VecDeque;
use std::mem;

/// The size of a full chunk in bytes; more only if it is less than [`CHUNK_MIN`] messages.
const CHUNK_BYTES: usize = 4096;

/// A chunk has at least so many messages.
const CHUNK_MIN: usize = 4;

/// Messages in order of arrival.
pub(super) struct Messages<T> {
    /// The oldest messages. The only chunk of a short queue, which grows up to a full one.
    front: VecDeque<T>,
    /// The chunks after it, each of the size of a full one, none of them empty.
    rest: VecDeque<VecDeque<T>>,
}

impl<T> Messages<T> {
    /// How many messages a full chunk has.
    const CHUNK: usize = {
        let size = if size_of::<T>() == 0 {
            1
        } else {
            size_of::<T>()
        };
        let count = CHUNK_BYTES / size;
        if count < CHUNK_MIN { CHUNK_MIN } else { count }
    };

    /// So much room an empty chunk keeps.
    const KEPT: usize = match size_of::<T>() {
        0 => usize::MAX,
        size => CHUNK_BYTES / size,
    };

    pub(super) const fn new() -> Self {
        Self {
            front: VecDeque::new(),
            rest: VecDeque::new(),
        }
    }

    /// Adds the newest message.
    #[inline]
    pub(super) fn push(&mut self, message: T) {
        if self.front.len() < Self::CHUNK && self.rest.is_empty() {
            self.front.push_back(message);
        } else {
            self.push_to_rest(message);
        }
    }

    #[cold]
    fn push_to_rest(&mut self, message: T) {
        match self.rest.back_mut() {
            Some(chunk) if chunk.len() < Self::CHUNK => chunk.push_back(message),
            _ => {
                let mut chunk = VecDeque::with_capacity(Self::CHUNK);
                chunk.push_back(message);
                self.rest.push_back(chunk);
            }
        }
    }

    /// Puts a message before all others.
    pub(super) fn push_front(&mut self, message: T) {
        self.front.push_front(message);
    }

    /// Takes the oldest message.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<T> {
        let message = self.front.pop_front();
        if self.front.is_empty() && (!self.rest.is_empty() || self.front.capacity() > Self::KEPT) {
            self.next_chunk();
        }
        message
    }

    /// Replaces an empty front.
    #[cold]
    fn next_chunk(&mut self) {
        if let Some(chunk) = self.rest.pop_front() {
            self.front = chunk;
            if self.rest.is_empty() {
                self.rest = VecDeque::new();
            }
        } else {
            Self::trim(&mut self.front);
        }
    }

    /// Gives back the memory of a chunk if that is too much for an empty one to keep.
    #[inline]
    pub(super) fn trim(chunk: &mut VecDeque<T>) {
        if chunk.is_empty() && chunk.capacity() > Self::KEPT {
            *chunk = VecDeque::new();
        }
    }

    /// Exchanges the oldest chunk for an empty one.
    #[inline]
    pub(super) fn take_chunk(&mut self, empty: &mut VecDeque<T>) {
        mem::swap(&mut self.front, empty);
        if !self.rest.is_empty() {
            self.next_chunk();
        }
    }

    /// Moves the oldest `count` messages to the end of `buffer`.
    pub(super) fn pop_many(&mut self, count: usize, buffer: &mut Vec<T>) {
        let mut left = count;
        while left > 0 && !self.front.is_empty() {
            let some = left.min(self.front.len());
            buffer.extend(self.front.drain(..some));
            left -= some;
            if self.front.is_empty() {
                self.next_chunk();
            }
        }
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
