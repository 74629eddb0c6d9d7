//! Randomness: seeds for a runtime, generators for its threads. The one seam for a seeded mode.
//!
//! Which worker to rob first, which branch of a `select` to poll first: nothing that needs to be hard
//! to guess. The generators are xorshift64* (Vigna, "An experimental exploration of Marsaglia's
//! xorshift generators, scrambled"), seeded by splitmix64.

use std::cell::Cell;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
// Not from the loom switch: seeds take part in no protocol.
use std::sync::atomic::{AtomicU64, Ordering};

/// A small generator for one thread.
#[derive(Debug)]
pub(crate) struct Rng(Cell<u64>);

impl Rng {
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self(Cell::new(mix(seed) | 1))
    }

    pub(crate) fn next(&self) -> u32 {
        let mut x = self.0.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0.set(x);
        (x.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }

    /// A number below `bound`, which is not zero. The bias of the multiplication is below 2^-32 times
    /// the bound.
    pub(crate) fn below(&self, bound: u32) -> u32 {
        ((u64::from(self.next()) * u64::from(bound)) >> 32) as u32
    }
}

/// Hands out seeds that follow from one.
#[derive(Debug)]
pub(crate) struct Seeds(AtomicU64);

impl Seeds {
    pub(crate) fn random() -> Self {
        Self(AtomicU64::new(RandomState::new().build_hasher().finish()))
    }

    pub(crate) fn next_rng(&self) -> Rng {
        // Ordering: Relaxed; only that each caller gets another number matters.
        Rng::from_seed(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// One step of splitmix64: nearby seeds give unrelated generators.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
