//! `ReadBuf`: memory to read into, and how much of it is filled and how much is initialized.
#![allow(
    unsafe_code,
    reason = "hands out the initialized part of possibly uninitialized memory"
)]

use std::fmt;
use std::mem::MaybeUninit;
use std::slice;

use bytes::BufMut;
use bytes::buf::UninitSlice;

/// Memory that a reader fills, together with how far it is filled and how far it is initialized.
///
/// ```text
/// [             capacity              ]
/// [  filled  |        unfilled        ]
/// [     initialized     |  any bytes  ]
/// ```
///
/// The two marks are what lets a reader work on memory that nobody had to zero first. Both only
/// matter to the one who *implements* [`AsyncRead`](super::AsyncRead); who only reads uses
/// [`AsyncReadExt`](super::AsyncReadExt).
///
/// # Invariants
///
/// 1. `filled <= initialized <= capacity`.
/// 2. The first `initialized` bytes are initialized.
///
/// Safe code cannot break them: [`advance`](Self::advance) and [`set_filled`](Self::set_filled)
/// panic rather than count a byte as filled that was never initialized.
///
/// # Examples
///
/// ```
/// use selvedge::io::ReadBuf;
///
/// let mut storage = [0; 8];
/// let mut buf = ReadBuf::new(&mut storage);
/// buf.put_slice(b"abc");
/// assert_eq!(buf.filled(), b"abc");
/// assert_eq!(buf.remaining(), 5);
/// ```
pub struct ReadBuf<'a> {
    /// The first `initialized` bytes are initialized (invariant 2).
    memory: &'a mut [MaybeUninit<u8>],
    filled: usize,
    initialized: usize,
}

impl<'a> ReadBuf<'a> {
    /// An empty buffer over initialized memory.
    #[inline]
    pub fn new(buf: &'a mut [u8]) -> Self {
        let initialized = buf.len();
        let start = buf.as_mut_ptr().cast::<MaybeUninit<u8>>();
        // SAFETY: same place, length and borrow, and a `MaybeUninit<u8>` is laid out as a `u8`. The
        // caller gets its `u8`s back later, so they must stay initialized: only the unsafe methods
        // could write something else, and they forbid it.
        let memory = unsafe { slice::from_raw_parts_mut(start, initialized) };
        Self {
            memory,
            filled: 0,
            initialized,
        }
    }

    /// An empty buffer over memory that may be uninitialized.
    #[inline]
    pub fn uninit(buf: &'a mut [MaybeUninit<u8>]) -> Self {
        Self {
            memory: buf,
            filled: 0,
            initialized: 0,
        }
    }

    /// The number of bytes the buffer can hold in all.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.memory.len()
    }

    /// The bytes read so far.
    #[inline]
    pub fn filled(&self) -> &[u8] {
        &self.initialized()[..self.filled]
    }

    /// The bytes read so far, to change in place.
    #[inline]
    pub fn filled_mut(&mut self) -> &mut [u8] {
        let filled = self.filled;
        &mut self.initialized_mut()[..filled]
    }

    /// A new, empty buffer over the next `n` unfilled bytes, or fewer if there is less room.
    ///
    /// What is read into it does not count here until the caller says so, with
    /// [`assume_init`](Self::assume_init) and [`advance`](Self::advance).
    #[inline]
    pub fn take(&mut self, n: usize) -> ReadBuf<'_> {
        let n = n.min(self.remaining());
        let initialized = (self.initialized - self.filled).min(n);
        ReadBuf {
            memory: &mut self.memory[self.filled..][..n],
            filled: 0,
            initialized,
        }
    }

    /// The initialized bytes, filled or not.
    #[inline]
    pub fn initialized(&self) -> &[u8] {
        let memory = &self.memory[..self.initialized];
        // SAFETY: these bytes are initialized (invariant 2), and borrowed for as long as `self`.
        unsafe { slice::from_raw_parts(memory.as_ptr().cast::<u8>(), memory.len()) }
    }

    /// The initialized bytes, filled or not, to change in place.
    #[inline]
    pub fn initialized_mut(&mut self) -> &mut [u8] {
        let memory = &mut self.memory[..self.initialized];
        // SAFETY: as in `initialized`; through a `&mut [u8]` they can only stay initialized.
        unsafe { slice::from_raw_parts_mut(memory.as_mut_ptr().cast::<u8>(), memory.len()) }
    }

    /// All of the memory, filled or not.
    ///
    /// # Safety
    ///
    /// The caller must not de-initialize any byte of [`initialized`](Self::initialized).
    #[inline]
    pub unsafe fn inner_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        self.memory
    }

    /// The memory behind the filled part.
    ///
    /// # Safety
    ///
    /// The caller must not de-initialize any byte of [`initialized`](Self::initialized).
    #[inline]
    pub unsafe fn unfilled_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        &mut self.memory[self.filled..]
    }

    /// The memory behind the filled part, with zeros where it was not initialized.
    #[inline]
    pub fn initialize_unfilled(&mut self) -> &mut [u8] {
        self.initialize_unfilled_to(self.remaining())
    }

    /// The next `n` bytes behind the filled part, with zeros where they were not initialized.
    ///
    /// # Panics
    ///
    /// If fewer than `n` bytes are [`remaining`](Self::remaining).
    #[inline]
    #[track_caller]
    pub fn initialize_unfilled_to(&mut self, n: usize) -> &mut [u8] {
        let remaining = self.remaining();
        assert!(
            n <= remaining,
            "cannot initialize {n} bytes: only {remaining} bytes are unfilled"
        );
        let end = self.filled + n;
        if self.initialized < end {
            self.memory[self.initialized..end].fill(MaybeUninit::new(0));
            self.initialized = end;
        }
        let filled = self.filled;
        &mut self.initialized_mut()[filled..end]
    }

    /// The number of bytes that can still be filled.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.memory.len() - self.filled
    }

    /// Starts over: nothing is filled. What is initialized stays initialized.
    #[inline]
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Counts the next `n` bytes as filled.
    ///
    /// # Panics
    ///
    /// If they are not all initialized.
    #[inline]
    #[track_caller]
    pub fn advance(&mut self, n: usize) {
        let filled = self
            .filled
            .checked_add(n)
            .expect("cannot advance by more bytes than there are addresses");
        self.set_filled(filled);
    }

    /// Counts the first `n` bytes, and no others, as filled.
    ///
    /// # Panics
    ///
    /// If they are not all initialized.
    #[inline]
    #[track_caller]
    pub fn set_filled(&mut self, n: usize) {
        let initialized = self.initialized;
        assert!(
            n <= initialized,
            "cannot count {n} bytes as filled: only {initialized} bytes are initialized"
        );
        self.filled = n;
    }

    /// Counts the `n` bytes behind the filled part as initialized, not as filled.
    ///
    /// # Panics
    ///
    /// If fewer than `n` bytes are [`remaining`](Self::remaining).
    ///
    /// # Safety
    ///
    /// They must be initialized.
    #[inline]
    #[track_caller]
    pub unsafe fn assume_init(&mut self, n: usize) {
        let remaining = self.remaining();
        assert!(
            n <= remaining,
            "cannot count {n} bytes as initialized: only {remaining} bytes are unfilled"
        );
        self.initialized = self.initialized.max(self.filled + n);
    }

    /// Appends `bytes`.
    ///
    /// # Panics
    ///
    /// If they do not fit into what is [`remaining`](Self::remaining).
    #[inline]
    #[track_caller]
    pub fn put_slice(&mut self, bytes: &[u8]) {
        let remaining = self.remaining();
        let n = bytes.len();
        assert!(
            n <= remaining,
            "cannot append {n} bytes: only {remaining} bytes are unfilled"
        );
        let end = self.filled + n;
        let target = &mut self.memory[self.filled..end];
        // SAFETY: the source is readable and the target writable for `n` bytes; they do not overlap
        // because the target is borrowed exclusively.
        unsafe {
            target
                .as_mut_ptr()
                .cast::<u8>()
                .copy_from_nonoverlapping(bytes.as_ptr(), n);
        }
        self.initialized = self.initialized.max(end);
        self.filled = end;
    }
}

// SAFETY: `chunk_mut` is the memory behind the filled part, and the other two are about the same.
unsafe impl BufMut for ReadBuf<'_> {
    fn remaining_mut(&self) -> usize {
        self.remaining()
    }

    // SAFETY: as the trait demands, the next `cnt` bytes are initialized.
    unsafe fn advance_mut(&mut self, cnt: usize) {
        // SAFETY: the caller promises that they are initialized.
        unsafe { self.assume_init(cnt) };
        self.advance(cnt);
    }

    fn chunk_mut(&mut self) -> &mut UninitSlice {
        // SAFETY: an `UninitSlice` cannot de-initialize a byte without unsafe code that says so.
        UninitSlice::uninit(unsafe { self.unfilled_mut() })
    }
}

impl fmt::Debug for ReadBuf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadBuf")
            .field("filled", &self.filled)
            .field("initialized", &self.initialized)
            .field("capacity", &self.capacity())
            .finish()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
