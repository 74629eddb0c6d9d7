//! The timing wheel: timers filed by deadline, insert and remove in O(1). Pure.
//!
//! A timer sits in the slot that [`Place::of`] names. Far deadlines share wide slots; when the wheel
//! reaches a wide slot it files its timers anew, in narrower ones, until they lie in a slot of one
//! tick and are due.
//!
//! # Invariants
//!
//! I1. Each filed timer's tick has its place in `Place::of(tick, elapsed)`, the slot being drained
//! excepted. It stays there while `elapsed` grows, because `elapsed` never passes the start of a
//! slot that holds timers: [`step`](Wheel::step) stops at each of them.
//!
//! I2. While a slot is drained, `elapsed` is its start. No timer is filed in it: a later tick differs
//! from `elapsed` in another slot.
//!
//! I3. Timers leave in order of their ticks. Those of one tick leave in the order they were filed,
//! unless one of them was filed while the slot of the others was drained.
//!
//! Draining is done in steps, because a slot can hold very many timers and somebody holds a lock
//! meanwhile. Between two steps timers may be added and removed.

use super::level::{Occupancy, Place};
use super::list::{Lists, NodeRef};
use super::tick::Tick;

/// Timers of a wide slot that [`Wheel::next_wake`] looks at before it settles for the slot's start.
const LOOK_AHEAD_MAX: usize = 16;

/// Timers by deadline.
pub(super) struct Wheel {
    /// Up to when all timers have been handed out, or a slot that begins then is being drained.
    elapsed: Tick,
    occupancy: Occupancy,
    lists: Lists,
    draining: Option<Place>,
}

/// What [`Wheel::step`] did.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Step {
    /// This timer is due and off the wheel.
    Due(NodeRef),
    /// A timer was filed anew; there may be more to do.
    Refiled,
    /// Nothing further is due.
    Done,
}

/// The deadline has passed, so the timer was not filed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AlreadyDue;

impl Wheel {
    /// An empty wheel that stands at the origin.
    pub(super) fn new() -> Self {
        Self {
            elapsed: Tick::ZERO,
            occupancy: Occupancy::default(),
            lists: Lists::new(),
            draining: None,
        }
    }

    /// True if no timer is filed.
    pub(super) fn is_empty(&self) -> bool {
        self.occupancy.first().is_none()
    }

    /// Turns an empty wheel back to the origin, for a new user.
    pub(super) fn rewind(&mut self) {
        assert!(self.is_empty(), "a wheel in use goes forward only");
        self.elapsed = Tick::ZERO;
    }

    /// Files a timer.
    pub(super) fn insert(&mut self, node: NodeRef, tick: Tick) -> Result<(), AlreadyDue> {
        let place = Place::of(tick, self.elapsed).ok_or(AlreadyDue)?;
        debug_assert_ne!(Some(place), self.draining, "I2");
        self.lists.push_back(place, node, tick);
        self.occupancy.insert(place);
        Ok(())
    }

    /// Takes a filed timer off the wheel.
    pub(super) fn remove(&mut self, node: NodeRef) {
        let place = self.lists.remove(node);
        if self.lists.is_empty(place) {
            self.occupancy.remove(place);
            if self.draining == Some(place) {
                self.draining = None;
            }
        }
    }

    /// Takes any timer off the wheel, for when all have to go.
    pub(super) fn remove_any(&mut self) -> Option<NodeRef> {
        let node = self.lists.first(self.occupancy.first()?)?;
        self.remove(node);
        Some(node)
    }

    /// One step towards `now`.
    ///
    /// Steps are small: none does more than move one timer.
    pub(super) fn step(&mut self, now: Tick) -> Step {
        let Some(place) = self.draining.or_else(|| self.drain_next(now)) else {
            // No slot begins before `now` (I1), and a clock that steps back changes nothing.
            self.elapsed = self.elapsed.max(now);
            return Step::Done;
        };
        let node = self.lists.first(place).expect("a drained slot has timers");
        let tick = node.tick();
        self.remove(node);
        debug_assert_eq!(tick.max(self.elapsed), tick, "I1: no timer is overdue");
        match self.insert(node, tick) {
            Ok(()) => Step::Refiled,
            Err(AlreadyDue) => Step::Due(node),
        }
    }

    /// Moves on to the next slot that begins by `now`.
    fn drain_next(&mut self, now: Tick) -> Option<Place> {
        let place = self.occupancy.first()?;
        let start = place.start(self.elapsed);
        debug_assert!(start > self.elapsed, "I1: no slot is overdue");
        if start > now {
            return None;
        }
        self.elapsed = start;
        self.draining = Some(place);
        Some(place)
    }

    /// Stands at `now` if no timer has to be looked at on the way.
    ///
    /// Worth its few instructions before an insert: a wheel that lags behind files a short timer in
    /// a wide slot, and has to file it anew later.
    pub(super) fn catch_up(&mut self, now: Tick) {
        let next_start = self
            .occupancy
            .first()
            .map(|place| place.start(self.elapsed));
        if self.draining.is_none() && next_start.is_none_or(|start| now < start) {
            self.elapsed = self.elapsed.max(now);
        }
    }

    /// When the wheel has to be stepped again: at the next deadline or a little earlier.
    ///
    /// It is earlier only if more than [`LOOK_AHEAD_MAX`] timers share the next slot. Then it is
    /// the start of that slot, where they are filed anew.
    pub(super) fn next_wake(&self) -> Option<Tick> {
        if self.draining.is_some() {
            return Some(self.elapsed);
        }
        let place = self.occupancy.first()?;
        let start = place.start(self.elapsed);
        if place.is_exact() {
            return Some(start);
        }
        let mut earliest = Tick::MAX;
        for (looked_at, node) in self.lists.iter(place).enumerate() {
            if looked_at == LOOK_AHEAD_MAX {
                return Some(start);
            }
            earliest = earliest.min(node.tick());
        }
        Some(earliest)
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
