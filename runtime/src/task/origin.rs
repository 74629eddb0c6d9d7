//! Where a task came from, in one word: its spawn place and, if it was given one, its name.
#![allow(
    unsafe_code,
    reason = "one word holds either a static reference or a box"
)]

use std::fmt;
use std::panic::Location;
use std::ptr;

/// Spawn place and name of a task.
///
/// The word is a `&'static Location`, or a `Box<Named>` whose lowest bit is set.
pub(crate) struct Origin(*mut ());

struct Named {
    name: Box<str>,
    place: &'static Location<'static>,
}

const NAMED: usize = 1;
const _: () = assert!(align_of::<Location<'static>>() > NAMED && align_of::<Named>() > NAMED);

impl Origin {
    /// An unnamed task.
    pub(crate) fn at(place: &'static Location<'static>) -> Self {
        Self(ptr::from_ref(place).cast_mut().cast())
    }

    /// A named task.
    pub(crate) fn named(name: &str, place: &'static Location<'static>) -> Self {
        let named = Box::into_raw(Box::new(Named {
            name: name.into(),
            place,
        }));
        Self(named.cast::<()>().map_addr(|addr| addr | NAMED))
    }

    fn as_named(&self) -> Option<&Named> {
        if self.0.addr() & NAMED == 0 {
            return None;
        }
        let named = self.0.map_addr(|addr| addr & !NAMED).cast::<Named>();
        // SAFETY: the bit says that `named` made the word from a box, which lives until our drop.
        Some(unsafe { &*named })
    }

    /// The place of the spawn call.
    pub(crate) fn place(&self) -> &'static Location<'static> {
        match self.as_named() {
            Some(named) => named.place,
            // SAFETY: without the bit the word was made from a static reference in `at`.
            None => unsafe { &*self.0.cast::<Location<'static>>() },
        }
    }

    /// The name given to `task::Builder`.
    pub(crate) fn name(&self) -> Option<&str> {
        self.as_named().map(|named| &*named.name)
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        if self.0.addr() & NAMED != 0 {
            let named = self.0.map_addr(|addr| addr & !NAMED).cast::<Named>();
            // SAFETY: made by `Box::into_raw` in `named`, and dropped only here.
            drop(unsafe { Box::from_raw(named) });
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "`{name}` spawned at {}", self.place()),
            None => write!(f, "spawned at {}", self.place()),
        }
    }
}
