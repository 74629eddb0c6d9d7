//! The counts of a work queue as a plain value: what is there, and what is promised to whom.

/// What somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Room for one more item.
    Room,
    /// An item.
    Item,
}

/// What is still possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Everything.
    Open,
    /// Nothing new comes in; what is there may be got.
    Draining,
    /// Nothing comes in, and nothing is there.
    Ended,
}

/// The counts.
///
/// Valid: no more items are promised than there are; every item in the queue is unfinished; an ended queue
/// is empty. `items + reserved` may exceed the capacity by as many as were put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ledger {
    /// `usize::MAX` if there is no limit.
    pub(super) capacity: usize,
    pub(super) phase: Phase,
    /// In the queue.
    pub(super) items: usize,
    /// Of them, promised to some who got their turn and have not fetched theirs yet.
    pub(super) claimed: usize,
    /// Room promised to some who got their turn and have not used it yet.
    pub(super) reserved: usize,
    /// Items put and not done: those in the queue, and the jobs out.
    pub(super) unfinished: usize,
}

impl Ledger {
    pub(super) const fn new(capacity: usize) -> Self {
        Self {
            capacity,
            phase: Phase::Open,
            items: 0,
            claimed: 0,
            reserved: 0,
            unfinished: 0,
        }
    }

    pub(super) const fn is_valid(&self) -> bool {
        self.claimed <= self.items
            && self.items <= self.unfinished
            && (self.items == 0 || !matches!(self.phase, Phase::Ended))
    }

    /// How much is promised to nobody.
    pub(super) const fn free(&self, wanted: Wanted) -> usize {
        match wanted {
            Wanted::Room => self
                .capacity
                .saturating_sub(self.items.saturating_add(self.reserved)),
            Wanted::Item => self.items - self.claimed,
        }
    }

    /// Nobody gets this any more, so nobody waits for it.
    pub(super) const fn is_over(&self, wanted: Wanted) -> bool {
        match (wanted, self.phase) {
            (_, Phase::Open) => false,
            (Wanted::Room, _) => true,
            (Wanted::Item, _) => self.items == 0,
        }
    }

    /// Promises what is free to somebody.
    pub(super) fn claim(&mut self, wanted: Wanted) {
        debug_assert!(self.free(wanted) > 0 && !self.is_over(wanted));
        match wanted {
            Wanted::Room => self.reserved += 1,
            Wanted::Item => self.claimed += 1,
        }
    }

    /// Takes a promise back.
    pub(super) fn unclaim(&mut self, wanted: Wanted) {
        match wanted {
            Wanted::Room => self.reserved -= 1,
            // An ended queue has taken back all promises of items.
            Wanted::Item => self.claimed = self.claimed.saturating_sub(1),
        }
    }

    /// An item comes in, into room that was free.
    pub(super) fn put(&mut self) {
        debug_assert!(matches!(self.phase, Phase::Open));
        self.items += 1;
        self.unfinished += 1;
    }

    /// A job goes back into the queue, whether there is room or not.
    pub(super) fn put_back(&mut self) {
        debug_assert!(!matches!(self.phase, Phase::Ended));
        self.items += 1;
        debug_assert!(self.is_valid(), "a job is unfinished until it is done");
    }

    /// An item that was free goes out.
    pub(super) fn get(&mut self) {
        debug_assert!(self.free(Wanted::Item) > 0);
        self.items -= 1;
    }

    /// A job is done.
    pub(super) fn done(&mut self) {
        self.unfinished -= 1;
        debug_assert!(self.is_valid(), "a job is done once");
    }

    /// Lets nothing in any more, and at once also nothing out.
    pub(super) fn shut_down(&mut self, at_once: bool) {
        if at_once {
            self.unfinished -= self.items;
            self.items = 0;
            self.claimed = 0;
            self.phase = Phase::Ended;
        } else if matches!(self.phase, Phase::Open) {
            self.phase = Phase::Draining;
        }
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
