//! `FileTimes`: the times to give to a file.

use std::fs;
use std::time::SystemTime;

/// The times to give to a file, with [`File::set_times`](super::File::set_times). Those that are not
/// named stay as they are.
#[derive(Debug, Clone, Default)]
#[must_use = "does nothing until given to `File::set_times`"]
pub struct FileTimes(fs::FileTimes);

impl FileTimes {
    /// No times yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time of the last access.
    pub fn set_accessed(self, t: SystemTime) -> Self {
        Self(self.0.set_accessed(t))
    }

    /// The time of the last modification.
    pub fn set_modified(self, t: SystemTime) -> Self {
        Self(self.0.set_modified(t))
    }

    pub(super) fn into_std(self) -> fs::FileTimes {
        self.0
    }
}
