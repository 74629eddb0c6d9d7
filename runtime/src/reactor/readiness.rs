//! The readiness word of a source: what it is ready for, and who wants to hear of it.
//!
//! Pure: a [`Snapshot`] is a value, and a transition maps it to the next one and to the caller's
//! duty. `source.rs` keeps the word in an atomic and applies the transitions.
//!
//! # Layout
//!
//! | Bits | Field | Meaning |
//! |---|---|---|
//! | 48..64 | generation | how often the slot was given back; filters events of former owners |
//! | 16..48 | tick | events seen; lets a clear notice that a newer event has arrived |
//! | 15 | open | a socket owns the slot |
//! | 14 | shutdown | the reactor is gone: every wait ends |
//! | 8..14 | wanted | readiness that would end the wait of some waiter |
//! | 0..6 | ready | what the source is ready for |
//!
//! # Valid states
//!
//! | open | shutdown | ready | wanted | What exists |
//! |---|---|---|---|---|
//! | no | any | none | none | a slot in the free list, no waiters |
//! | yes | no | any | any, disjoint from ready | a socket, perhaps with waiters |
//! | yes | yes | any | none | a socket whose waits end at once |
//!
//! # Wrap-around
//!
//! Generation: after 65 536 owners of one slot within one batch of events, a stale event passes for
//! a fresh one. It makes readiness spurious, which every operation tolerates. Tick: 2^32 events
//! between an operation and its clear would let that clear erase fresh readiness; the two are one
//! system call apart, and each event takes more than that.

use std::fmt;

use crate::io::Ready;

/// The value of a readiness word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(u64);

/// What an operation knew when it began: the readiness it relied on, and as of which event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadyEvent {
    tick: u32,
    /// The part of the asked-for readiness that is there.
    pub(crate) ready: Ready,
    /// The reactor is gone.
    pub(crate) is_shutdown: bool,
    /// Urgent data was reported, so a short read does not prove the socket drained.
    pub(crate) has_urgent: bool,
}

impl ReadyEvent {
    /// True if there is no reason to wait.
    pub(crate) fn is_due(&self) -> bool {
        self.is_shutdown || !self.ready.is_empty()
    }

    /// The part of this that is about `ready`.
    pub(crate) fn only(self, ready: Ready) -> Self {
        Self {
            ready: self.ready & ready,
            ..self
        }
    }
}

/// The duty of whoever reports readiness.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnReady {
    /// The event was for a former owner of the slot, or comes after the shutdown: nothing changed.
    Stale,
    /// Nobody waits for this.
    Noted,
    /// Take every waiter that wants one of these and wake it. The word forgets that they are
    /// wanted, so this duty must not be dropped.
    Wake(Ready),
}

/// What somebody who means to wait has to do.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnWant {
    /// Wait: the next matching event brings a wake-up.
    Wait,
    /// Do not wait.
    Go(ReadyEvent),
}

const READY_SHIFT: u32 = 0;
const WANTED_SHIFT: u32 = 8;
const SHUTDOWN: u64 = 1 << (WANTED_SHIFT + Ready::BITS);
const OPEN: u64 = SHUTDOWN << 1;
const TICK_SHIFT: u32 = 16;
const GENERATION_SHIFT: u32 = TICK_SHIFT + u32::BITS;

const READY_MASK: u64 = (Ready::ALL.bits() as u64) << READY_SHIFT;
const WANTED_MASK: u64 = (Ready::ALL.bits() as u64) << WANTED_SHIFT;

const _: () = assert!(OPEN < 1 << TICK_SHIFT && READY_MASK & WANTED_MASK == 0);
const _: () = assert!(GENERATION_SHIFT + u16::BITS == u64::BITS);

impl Snapshot {
    /// A free slot that nobody has owned yet.
    pub(super) const FREE: Self = Self(0);

    pub(super) const fn from_word(word: u64) -> Self {
        Self(word)
    }

    pub(super) const fn word(self) -> u64 {
        self.0
    }

    pub(super) const fn ready(self) -> Ready {
        Ready::from_bits((self.0 >> READY_SHIFT) as u8)
    }

    pub(super) const fn wanted(self) -> Ready {
        Ready::from_bits((self.0 >> WANTED_SHIFT) as u8)
    }

    pub(super) const fn is_shutdown(self) -> bool {
        self.0 & SHUTDOWN != 0
    }

    pub(super) const fn is_open(self) -> bool {
        self.0 & OPEN != 0
    }

    pub(super) const fn tick(self) -> u32 {
        (self.0 >> TICK_SHIFT) as u32
    }

    pub(super) const fn generation(self) -> u16 {
        (self.0 >> GENERATION_SHIFT) as u16
    }

    /// The table of valid states, as code.
    pub(super) fn is_valid(self) -> bool {
        let known = READY_MASK | WANTED_MASK | SHUTDOWN | OPEN | !0 << TICK_SHIFT;
        let quiet = self.ready().is_empty() && self.wanted().is_empty();
        self.0 & !known == 0
            && (self.is_open() || quiet)
            && (!self.is_shutdown() || self.wanted().is_empty())
            && !self.ready().intersects(self.wanted())
    }

    /// What an operation that needs one of `mask` finds.
    pub(super) fn look(self, mask: Ready) -> ReadyEvent {
        ReadyEvent {
            tick: self.tick(),
            ready: self.ready() & mask,
            is_shutdown: self.is_shutdown(),
            has_urgent: self.ready().is_priority(),
        }
    }

    /// A socket takes the free slot, assumed ready for `ready`.
    pub(super) fn open(self, ready: Ready) -> Self {
        debug_assert!(!self.is_open(), "the slot has an owner: {self:?}");
        Self(self.0 | OPEN).with_ready(ready)
    }

    /// The owner gives the slot back; events that still name it become stale.
    pub(super) fn close(self) -> Self {
        debug_assert!(self.is_open(), "the slot has no owner: {self:?}");
        let generation = self.generation().wrapping_add(1);
        let kept = self.0 & (SHUTDOWN | (u64::from(u32::MAX) << TICK_SHIFT));
        Self(kept | (u64::from(generation) << GENERATION_SHIFT))
    }

    /// An event of this generation reports `ready`.
    pub(super) fn set_ready(self, generation: u16, ready: Ready) -> (Self, OnReady) {
        if !self.is_open() || self.is_shutdown() || self.generation() != generation {
            return (self, OnReady::Stale);
        }
        let next = self
            .with_tick(self.tick().wrapping_add(1))
            .with_ready(self.ready() | ready);
        next.take_wanted(ready)
    }

    /// An operation that relied on `seen` found the source not ready after all.
    ///
    /// Does nothing if there was an event since. Closed sides stay closed, and a shutdown stays.
    pub(super) fn clear_ready(self, seen: ReadyEvent) -> Self {
        let ready = seen.ready - Ready::CLOSED;
        self.forget_ready(ReadyEvent { ready, ..seen })
    }

    /// As [`clear_ready`](Self::clear_ready), and closed sides count as open again.
    pub(super) fn forget_ready(self, seen: ReadyEvent) -> Self {
        match self.tick() == seen.tick {
            true => self.with_ready(self.ready() - seen.ready),
            false => self,
        }
    }

    /// Somebody means to wait until one of `mask` is there.
    pub(super) fn want(self, mask: Ready) -> (Self, OnWant) {
        debug_assert!(self.is_open(), "nobody can wait on a free slot: {self:?}");
        let event = self.look(mask);
        if event.is_due() {
            return (self, OnWant::Go(event));
        }
        (self.with_wanted(self.wanted() | mask), OnWant::Wait)
    }

    /// The reactor goes away: every wait, now and later, ends.
    pub(super) fn shutdown(self) -> (Self, OnReady) {
        if self.is_shutdown() {
            return (self, OnReady::Stale);
        }
        Self(self.0 | SHUTDOWN).take_wanted(Ready::ALL)
    }

    /// Moves the wish for `ready` out of the word and into the caller's duty.
    fn take_wanted(self, ready: Ready) -> (Self, OnReady) {
        let due = self.wanted() & ready;
        let duty = match due.is_empty() {
            true => OnReady::Noted,
            false => OnReady::Wake(due),
        };
        (self.with_wanted(self.wanted() - ready), duty)
    }

    fn with_ready(self, ready: Ready) -> Self {
        Self(self.0 & !READY_MASK | u64::from(ready.bits()) << READY_SHIFT)
    }

    fn with_wanted(self, wanted: Ready) -> Self {
        Self(self.0 & !WANTED_MASK | u64::from(wanted.bits()) << WANTED_SHIFT)
    }

    fn with_tick(self, tick: u32) -> Self {
        let cleared = self.0 & !(u64::from(u32::MAX) << TICK_SHIFT);
        Self(cleared | u64::from(tick) << TICK_SHIFT)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("generation", &self.generation())
            .field("tick", &self.tick())
            .field("open", &self.is_open())
            .field("shutdown", &self.is_shutdown())
            .field("wanted", &self.wanted())
            .field("ready", &self.ready())
            .finish()
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
