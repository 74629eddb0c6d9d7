//! The state word of a read-write lock as a plain value.

use std::fmt;

/// Somebody writes.
const WRITER: usize = 1;
/// One of the readers may become the writer.
const UPGRADABLE: usize = 1 << 1;
/// Somebody waits in the queue.
const QUEUED: usize = 1 << 2;
/// A reader that arrives has to wait, because of who is queued.
const BARRED: usize = 1 << 3;
/// One reader; the upper bits count them.
const READER: usize = 1 << 4;

/// The most readers a lock has: as many as `u32::MAX >> 3`, and as fit into the word.
pub(super) const READERS_MAX: u32 = {
    let fit = usize::MAX / READER;
    if fit < (u32::MAX >> 3) as usize {
        fit as u32
    } else {
        u32::MAX >> 3
    }
};

/// What a guard allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To read, with other readers.
    Read,
    /// To read, with other readers, and to ask for an upgrade.
    Upgradable,
    /// To write, alone.
    Write,
}

impl Access {
    /// What it adds to the word. To take, give back or change an access is one addition.
    #[inline]
    pub(super) const fn weight(self) -> usize {
        match self {
            Self::Read => READER,
            Self::Upgradable => READER | UPGRADABLE,
            Self::Write => WRITER,
        }
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// [`Access::Read`].
    Read,
    /// [`Access::Upgradable`].
    Upgradable,
    /// [`Access::Write`].
    Write,
    /// [`Access::Write`] for who has [`Access::Upgradable`].
    Upgrade,
}

impl Wish {
    /// The access it is for.
    #[inline]
    const fn access(self) -> Access {
        match self {
            Self::Read => Access::Read,
            Self::Upgradable => Access::Upgradable,
            Self::Write | Self::Upgrade => Access::Write,
        }
    }

    /// Is it to write?
    pub(super) const fn writes(self) -> bool {
        matches!(self.access(), Access::Write)
    }

    /// The access that is given up for it.
    #[inline]
    pub(super) const fn instead_of(self) -> Option<Access> {
        match self {
            Self::Read | Self::Upgradable | Self::Write => None,
            Self::Upgrade => Some(Access::Upgradable),
        }
    }

    /// What to add to the word to fulfil it.
    #[inline]
    const fn weight(self) -> usize {
        let given_up = match self.instead_of() {
            Some(access) => access.weight(),
            None => 0,
        };
        self.access().weight().wrapping_sub(given_up)
    }
}

/// The state word.
///
/// | Bits | Meaning |
/// |---|---|
/// | 4.. | readers, the upgradable one included |
/// | 3 | `BARRED` |
/// | 2 | `QUEUED` |
/// | 1 | `UPGRADABLE` |
/// | 0 | `WRITER` |
///
/// Valid: with `WRITER` there are no readers; with `UPGRADABLE` there is at least one; with `BARRED`
/// there is `QUEUED`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

impl Snapshot {
    #[inline]
    pub(super) const fn readers(self) -> usize {
        self.0 / READER
    }

    #[inline]
    pub(super) const fn has_writer(self) -> bool {
        self.0 & WRITER != 0
    }

    #[inline]
    pub(super) const fn has_upgradable(self) -> bool {
        self.0 & UPGRADABLE != 0
    }

    #[inline]
    pub(super) const fn is_queued(self) -> bool {
        self.0 & QUEUED != 0
    }

    #[inline]
    const fn is_barred(self) -> bool {
        self.0 & BARRED != 0
    }

    const fn is_valid(self) -> bool {
        let writer_is_alone = !self.has_writer() || self.readers() == 0;
        let upgradable_is_counted = !self.has_upgradable() || self.readers() > 0;
        let barred_by_somebody = !self.is_barred() || self.is_queued();
        writer_is_alone && upgradable_is_counted && barred_by_somebody
    }

    /// Do those who are inside leave room for this?
    #[inline]
    const fn has_room(self, wish: Wish, readers_max: u32) -> bool {
        let room_to_read = !self.has_writer() && self.readers() < readers_max as usize;
        match wish {
            Wish::Read => room_to_read,
            Wish::Upgradable => room_to_read && !self.has_upgradable(),
            Wish::Write => !self.has_writer() && self.readers() == 0,
            Wish::Upgrade => self.has_upgradable() && self.readers() == 1,
        }
    }

    /// Must somebody who arrives with this wish let those who are queued go first?
    #[inline]
    const fn has_to_queue(self, wish: Wish) -> bool {
        match wish {
            Wish::Read => self.is_barred(),
            Wish::Upgradable | Wish::Write => self.is_queued(),
            // It is inside already, and goes before all.
            Wish::Upgrade => false,
        }
    }

    /// Lets in somebody who is first in the queue.
    #[inline]
    pub(super) const fn admit(self, wish: Wish, readers_max: u32) -> Option<Self> {
        debug_assert!(self.is_valid());
        if self.has_room(wish, readers_max) {
            Some(Self(self.0.wrapping_add(wish.weight())))
        } else {
            None
        }
    }

    /// Lets in somebody who arrives.
    #[inline]
    pub(super) const fn arrive(self, wish: Wish, readers_max: u32) -> Option<Self> {
        if self.has_to_queue(wish) {
            None
        } else {
            self.admit(wish, readers_max)
        }
    }

    /// Somebody joins the queue.
    pub(super) const fn queue(self, bars_readers: bool) -> Self {
        debug_assert!(self.is_valid());
        self.with_queue(true, bars_readers || self.is_barred())
    }

    /// The same holders, and a queue of which this is true.
    pub(super) const fn with_queue(self, queued: bool, barred: bool) -> Self {
        debug_assert!(queued || !barred);
        let holders = self.0 & !(QUEUED | BARRED);
        let queued = if queued { QUEUED } else { 0 };
        Self(holders | queued | if barred { BARRED } else { 0 })
    }

    /// After somebody gave up an access: can that make room for who is queued?
    ///
    /// `self` is the state before.
    #[inline]
    pub(super) const fn makes_room(self, given_up: Access, readers_max: u32) -> bool {
        debug_assert!(self.is_valid());
        if !self.is_queued() {
            return false;
        }
        match given_up {
            Access::Upgradable | Access::Write => true,
            // For a writer; for the upgrade of the reader that stays; for a reader.
            Access::Read => {
                self.readers() == 1
                    || (self.readers() == 2 && self.has_upgradable())
                    || self.readers() == readers_max as usize
            }
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.has_writer(), self.readers()) {
            (true, _) => f.write_str("writer")?,
            (false, 0) => f.write_str("free")?,
            (false, 1) => f.write_str("1 reader")?,
            (false, readers) => write!(f, "{readers} readers")?,
        }
        if self.has_upgradable() {
            f.write_str(", upgradable")?;
        }
        f.write_str(match (self.is_queued(), self.is_barred()) {
            (false, _) => "",
            (true, false) => ", waited for",
            (true, true) => ", waited for, readers barred",
        })
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
