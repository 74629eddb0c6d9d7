//! `DirBuilder`: how a directory is created.

use std::fs;
use std::io;
use std::path::Path;

use super::offload::offload;
use super::platform::set_mode;

/// How a directory is created; as [`std::fs::DirBuilder`].
#[derive(Debug, Default)]
pub struct DirBuilder {
    recursive: bool,
    pub(super) mode: Option<u32>,
}

impl DirBuilder {
    /// A directory in one that exists, with the usual permissions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Create the directories above as well, and be content with one that exists?
    pub fn recursive(&mut self, recursive: bool) -> &mut Self {
        self.recursive = recursive;
        self
    }

    /// Creates a directory.
    ///
    /// # Errors
    ///
    /// As [`std::fs::DirBuilder::create`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, it may have been created, or be yet.
    pub async fn create(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref().to_owned();
        let mut builder = fs::DirBuilder::new();
        builder.recursive(self.recursive);
        if let Some(mode) = self.mode {
            set_mode(&mut builder, mode);
        }
        offload(move || builder.create(path)).await
    }
}
