//! A value with cache lines of its own, so that writing it does not slow its neighbours.

/// Aligned to two lines: the hardware fetches them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct CacheLine<T>(pub(crate) T);
