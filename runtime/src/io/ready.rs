//! Readiness: what a source reported it can do now.

use std::fmt;
use std::ops;

use crate::io::Interest;

/// What a socket is ready for, as far as the runtime knows.
///
/// Readiness is a hint: an operation on a "ready" socket may still say
/// [`WouldBlock`](std::io::ErrorKind::WouldBlock). The two *closed* states are final.
///
/// # Examples
///
/// ```
/// use selvedge::io::Ready;
///
/// let ready = Ready::READABLE | Ready::READ_CLOSED;
/// assert!(ready.is_readable());
/// assert!(!ready.is_writable());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ready(u8);

/// Names of the bits, low bit first.
const NAMES: [&str; Ready::BITS as usize] = [
    "READABLE",
    "WRITABLE",
    "READ_CLOSED",
    "WRITE_CLOSED",
    "PRIORITY",
    "ERROR",
];

impl Ready {
    /// Ready for nothing.
    pub const EMPTY: Self = Self(0);
    /// There may be something to read.
    pub const READABLE: Self = Self(1);
    /// There may be room to write.
    pub const WRITABLE: Self = Self(1 << 1);
    /// The reading side has reached its end.
    pub const READ_CLOSED: Self = Self(1 << 2);
    /// The writing side takes nothing any more.
    pub const WRITE_CLOSED: Self = Self(1 << 3);
    /// There is urgent data. Reported on Linux and Android only.
    pub const PRIORITY: Self = Self(1 << 4);
    /// The source has an error, or a message in its error queue.
    pub const ERROR: Self = Self(1 << 5);
    /// Ready for everything.
    pub const ALL: Self = Self((1 << Self::BITS) - 1);

    /// How many bits a readiness takes in a packed word.
    pub(crate) const BITS: u32 = 6;
    /// The final states, which no failed operation takes back.
    pub(crate) const CLOSED: Self = Self(Self::READ_CLOSED.0 | Self::WRITE_CLOSED.0);

    /// True if it is ready for nothing.
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// True if a read would not block: there is data, or the reading side is closed.
    pub fn is_readable(self) -> bool {
        self.intersects(Self::READABLE | Self::READ_CLOSED)
    }

    /// True if a write would not block: there is room, or the writing side is closed.
    pub fn is_writable(self) -> bool {
        self.intersects(Self::WRITABLE | Self::WRITE_CLOSED)
    }

    /// True if the reading side has reached its end.
    pub fn is_read_closed(self) -> bool {
        self.intersects(Self::READ_CLOSED)
    }

    /// True if the writing side takes nothing any more.
    pub fn is_write_closed(self) -> bool {
        self.intersects(Self::WRITE_CLOSED)
    }

    /// True if there is urgent data.
    pub fn is_priority(self) -> bool {
        self.intersects(Self::PRIORITY)
    }

    /// True if the source has an error to tell.
    pub fn is_error(self) -> bool {
        self.intersects(Self::ERROR)
    }

    /// The readiness that ends a wait with this interest.
    pub(crate) const fn of_interest(interest: Interest) -> Self {
        let mut bits = 0;
        if interest.is_readable() {
            bits |= Self::READABLE.0 | Self::READ_CLOSED.0;
        }
        if interest.is_writable() {
            bits |= Self::WRITABLE.0 | Self::WRITE_CLOSED.0;
        }
        if interest.is_priority() {
            bits |= Self::PRIORITY.0 | Self::READ_CLOSED.0;
        }
        if interest.is_error() {
            bits |= Self::ERROR.0;
        }
        Self(bits)
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// The readiness with these bits; bits that mean nothing are dropped.
    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    pub(crate) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl ops::BitOr for Ready {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl ops::BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl ops::BitAnd for Ready {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl ops::Sub for Ready {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::interest::write_bits(f, self.0, &NAMES)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn closed_sides_count_as_ready() {
        assert!(Ready::READ_CLOSED.is_readable());
        assert!(Ready::WRITE_CLOSED.is_writable());
        assert!(!Ready::PRIORITY.is_readable());
    }

    #[test]
    fn every_interest_is_ended_by_its_own_readiness_only() {
        let read = Ready::of_interest(Interest::READABLE);
        assert_eq!(read, Ready::READABLE | Ready::READ_CLOSED);
        let write = Ready::of_interest(Interest::WRITABLE);
        assert_eq!(write, Ready::WRITABLE | Ready::WRITE_CLOSED);
        assert!(!read.intersects(write));
        assert_eq!(Ready::of_interest(Interest::ERROR), Ready::ERROR);
    }

    #[test]
    fn debug_names_the_bits() {
        assert_eq!(format!("{:?}", Ready::EMPTY), "(none)");
        let ready = Ready::READABLE | Ready::ERROR;
        assert_eq!(format!("{ready:?}"), "READABLE | ERROR");
    }
}
