//! The number of a signal, checked once: what a board has a place for.

use std::ffi::c_int;

/// A number from 1 to [`Number::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number(u8);

impl Number {
    /// No system has more signals.
    pub(crate) const MAX: usize = 128;

    /// The number, if a signal can have it.
    pub(crate) fn new(raw: c_int) -> Option<Self> {
        let number = u8::try_from(raw).ok()?;
        (1..=Self::MAX)
            .contains(&usize::from(number))
            .then_some(Self(number))
    }

    /// The number as the operating system knows it.
    pub(crate) fn raw(self) -> c_int {
        c_int::from(self.0)
    }

    /// Its place in a table with [`MAX`](Self::MAX) places.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0) - 1
    }

    /// All there are, in order of their indices.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (1..=Self::MAX as u8).map(Self)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_board_has_a_place_for_is_a_number() {
        for raw in [c_int::MIN, -1, 0, 129, 256, 257, c_int::MAX] {
            assert_eq!(Number::new(raw), None);
        }
        for raw in [1, 64, 128] {
            assert_eq!(Number::new(raw).unwrap().raw(), raw);
        }
        let indices: Vec<_> = Number::all().map(Number::index).collect();
        assert_eq!(indices, Vec::from_iter(0..Number::MAX));
    }
}
