//! Bytes that were read and not used yet, in a buffer of fixed size.

use std::fmt;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::checked;
use super::{AsyncRead, ReadBuf};

/// The capacity of a buffer when nobody said otherwise, in bytes.
pub(super) const CAPACITY_DEFAULT: usize = 8 * 1024;

/// A buffer of which a part holds bytes.
///
/// ```text
/// [  used  |  bytes  |  room  ]
///          ^ start   ^ end
/// ```
pub(super) struct Window {
    storage: Box<[u8]>,
    bytes: Range<usize>,
}

impl Window {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            storage: vec![0; capacity].into_boxed_slice(),
            bytes: 0..0,
        }
    }

    pub(super) fn capacity(&self) -> usize {
        self.storage.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.storage[self.bytes.clone()]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// False if there is no room behind the bytes.
    pub(super) fn has_room(&self) -> bool {
        self.bytes.end < self.storage.len()
    }

    /// Forgets the first `n` bytes, or all if there are fewer.
    pub(super) fn consume(&mut self, n: usize) {
        if n < self.bytes.len() {
            self.bytes.start += n;
        } else {
            self.clear();
        }
    }

    pub(super) fn clear(&mut self) {
        self.bytes = 0..0;
    }

    /// Reads once into the room and returns how many bytes came.
    pub(super) fn poll_fill<R: AsyncRead + ?Sized>(
        &mut self,
        reader: Pin<&mut R>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut room = ReadBuf::new(&mut self.storage[self.bytes.end..]);
        let n = ready!(checked::poll_read(reader, cx, &mut room))?;
        self.bytes.end += n;
        Poll::Ready(Ok(n))
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bytes.len(), self.capacity())
    }
}
