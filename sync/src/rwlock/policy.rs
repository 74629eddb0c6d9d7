//! Who goes first when several wait for a read-write lock.

use super::state::Wish;

/// Who goes first when several wait for an [`RwLock`](super::RwLock).
///
/// An upgrade comes before all that are queued, under each policy. An upgradable read counts as a
/// write while it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RwLockPolicy {
    /// In the order in which they asked; readers that follow each other enter together.
    ///
    /// Nobody starves, if every holder leaves some time: those ahead are finitely many, and nobody
    /// passes.
    #[default]
    Fair,
    /// Readers enter unless somebody writes at the time.
    ///
    /// Writers starve, and upgrades too, while readers overlap without a gap. Readers do not: they
    /// wait for the writer that is inside, at most.
    PreferReaders,
    /// Readers enter if nobody writes or waits to write.
    ///
    /// Readers starve while writers follow each other without a gap. Writers do not: they are served
    /// in order, and wait for the readers that were inside before them.
    PreferWriters,
}

/// Everybody under [`RwLockPolicy::Fair`]; otherwise all but the readers.
const LINE: u8 = 0;
/// Readers, if they do not stand in line with the others.
const READERS: u8 = 1;
/// The one who waits for an upgrade.
const UPGRADER: u8 = 2;

/// How many lists a lock has.
pub(super) const LISTS: usize = 3;

impl RwLockPolicy {
    /// The list where this wish waits.
    pub(super) const fn list(self, wish: Wish) -> u8 {
        match (wish, self) {
            (Wish::Upgrade, _) => UPGRADER,
            (Wish::Read, Self::PreferReaders | Self::PreferWriters) => READERS,
            _ => LINE,
        }
    }

    /// The lists in the order in which they are served.
    pub(super) const fn order(self) -> [u8; LISTS] {
        match self {
            Self::Fair | Self::PreferWriters => [UPGRADER, LINE, READERS],
            Self::PreferReaders => [UPGRADER, READERS, LINE],
        }
    }

    /// May the lists after one be served while its first cannot enter?
    pub(super) const fn passes(self) -> bool {
        match self {
            Self::Fair | Self::PreferWriters => false,
            Self::PreferReaders => true,
        }
    }

    /// Must readers that arrive wait while somebody is in this list?
    pub(super) const fn bars_readers(self, list: u8) -> bool {
        match self {
            Self::Fair | Self::PreferWriters => true,
            // Not before readers that were here first.
            Self::PreferReaders => list == READERS,
        }
    }
}
