//! Runtime ids: never reused in the life of a process.

use std::fmt;
use std::num::NonZeroU64;
// Not from the loom switch: ids take part in no protocol, and models need none.
use std::sync::atomic::{AtomicU64, Ordering};

/// The id of a runtime, unique in the process.
///
/// ```
/// use selvedge::runtime::Runtime;
///
/// let (one, other) = (Runtime::new()?, Runtime::new()?);
/// assert_ne!(one.handle().id(), other.handle().id());
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(NonZeroU64);

impl Id {
    /// An id no runtime had before.
    pub(super) fn next() -> NonZeroU64 {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // Ordering: Relaxed; only uniqueness matters.
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        NonZeroU64::new(id).expect("2^64 runtimes are not built in one process")
    }

    pub(crate) fn new(id: NonZeroU64) -> Self {
        Self(id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
