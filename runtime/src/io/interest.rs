//! Interest: what somebody wants to hear about a source.

use std::fmt;
use std::ops;

/// What to wait for on a socket.
///
/// # Examples
///
/// ```
/// use selvedge::io::Interest;
///
/// let both = Interest::READABLE | Interest::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// assert_eq!(both.remove(Interest::WRITABLE), Some(Interest::READABLE));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Interest(u8);

/// Names of the bits, low bit first.
const NAMES: [&str; 4] = ["READABLE", "WRITABLE", "PRIORITY", "ERROR"];

impl Interest {
    /// Something to read, or the end of the reading side.
    pub const READABLE: Self = Self(1);
    /// Room to write, or the end of the writing side.
    pub const WRITABLE: Self = Self(1 << 1);
    /// Urgent data. Never reported outside Linux and Android.
    pub const PRIORITY: Self = Self(1 << 2);
    /// Errors, among them messages in a socket's error queue.
    pub const ERROR: Self = Self(1 << 3);

    /// True if this includes reading.
    pub const fn is_readable(self) -> bool {
        self.0 & Self::READABLE.0 != 0
    }

    /// True if this includes writing.
    pub const fn is_writable(self) -> bool {
        self.0 & Self::WRITABLE.0 != 0
    }

    /// True if this includes urgent data.
    pub const fn is_priority(self) -> bool {
        self.0 & Self::PRIORITY.0 != 0
    }

    /// True if this includes errors.
    pub const fn is_error(self) -> bool {
        self.0 & Self::ERROR.0 != 0
    }

    /// Both interests together; the same as `|`.
    #[must_use = "the interest itself stays as it is"]
    pub const fn add(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is left without `other`, if anything: an interest is never empty.
    #[must_use = "the interest itself stays as it is"]
    pub const fn remove(self, other: Self) -> Option<Self> {
        match self.0 & !other.0 {
            0 => None,
            rest => Some(Self(rest)),
        }
    }
}

impl ops::BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.add(other)
    }
}

impl ops::BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.add(other);
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_bits(f, self.0, &NAMES)
    }
}

/// Writes the names of the set bits, such as `READABLE | ERROR`.
pub(super) fn write_bits(f: &mut fmt::Formatter<'_>, bits: u8, names: &[&str]) -> fmt::Result {
    let mut separator = "";
    for (position, name) in names.iter().enumerate() {
        if bits & (1 << position) != 0 {
            write!(f, "{separator}{name}")?;
            separator = " | ";
        }
    }
    if separator.is_empty() {
        f.write_str("(none)")?;
    }
    Ok(())
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn removing_everything_leaves_nothing() {
        let both = Interest::READABLE | Interest::PRIORITY;
        assert_eq!(both.remove(both), None);
        assert_eq!(both.remove(Interest::ERROR), Some(both));
    }

    #[test]
    fn debug_names_the_bits() {
        let interest = Interest::READABLE | Interest::WRITABLE;
        assert_eq!(format!("{interest:?}"), "READABLE | WRITABLE");
    }
}
