//! Who listens to one signal, and what each has heard: a pure value, generic over what wakes.
//!
//! Deliveries are counted. A listener remembers the count it has heard, so it hears each delivery after
//! it joined, or several of them at once; and one listener's hearing takes nothing from another.
//!
//! # Invariants
//!
//! U1. A listener with `heard < deliveries` has no waker here: it was given out by the delivery that made
//!     it so.
//! U2. Each listener in the audience has one place, from `join` to `leave`.

use slab::Slab;

/// The listeners of one signal.
#[derive(Debug)]
pub(super) struct Audience<W> {
    deliveries: u64,
    /// What wakes the listener that waits in this place.
    places: Slab<Option<W>>,
}

/// A listener's place, and what it has heard.
#[derive(Debug)]
pub(super) struct Place {
    key: usize,
    heard: u64,
}

impl<W> Audience<W> {
    pub(super) fn new() -> Self {
        Self {
            deliveries: 0,
            places: Slab::new(),
        }
    }

    /// A new listener, who hears what is delivered from now on.
    pub(super) fn join(&mut self) -> Place {
        Place {
            key: self.places.insert(None),
            heard: self.deliveries,
        }
    }

    /// A listener leaves, and with it what would have woken it.
    pub(super) fn leave(&mut self, place: &Place) -> Option<W> {
        self.places.remove(place.key)
    }

    /// The signal has come. Puts what wakes the listeners that wait into `wakes`.
    pub(super) fn deliver(&mut self, wakes: &mut Vec<W>) {
        self.deliveries += 1;
        self.stir(wakes);
    }

    /// Has all who wait look again, though nothing came.
    pub(super) fn stir(&mut self, wakes: &mut Vec<W>) {
        let waiting = self.places.iter_mut();
        wakes.extend(waiting.filter_map(|(_, waker)| waker.take()));
    }

    /// Has something come that this listener has not heard yet? Then it has now.
    pub(super) fn hear(&self, place: &mut Place) -> bool {
        let news = place.heard != self.deliveries;
        place.heard = self.deliveries;
        news
    }

    /// What the listener waits with.
    pub(super) fn waker(&mut self, place: &Place) -> &mut Option<W> {
        &mut self.places[place.key]
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
