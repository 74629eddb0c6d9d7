//! A random number for the code that runs on this thread.
//!
//! Inside a worker it comes from the worker's generator, whose seed follows from that of the runtime. On other threads,
//! and outside any runtime, each thread has a generator of its own.

use crate::rng::{Rng, Seeds};
use crate::scheduler::current;

thread_local! {
    static OUTSIDE: Rng = Seeds::random().next_rng();
}

/// A number below `bound`, which is not zero.
#[inline]
pub(crate) fn random_below(bound: u32) -> u32 {
    current::with(|worker| worker.map(|worker| worker.rng.below(bound)))
        .unwrap_or_else(|| below_outside(bound))
}

fn below_outside(bound: u32) -> u32 {
    // At thread exit the generator may be gone. Any number will do then.
    OUTSIDE.try_with(|rng| rng.below(bound)).unwrap_or(0)
}
