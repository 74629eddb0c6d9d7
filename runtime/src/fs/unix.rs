//! What only Unix has: symbolic links of one kind, modes, flags, inodes, descriptors.
#![allow(
    unsafe_code,
    reason = "implements a trait whose method is unsafe to call"
)]

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{DirBuilderExt, DirEntryExt, OpenOptionsExt};
use std::path::Path;

use super::offload::offload;
use super::{DirBuilder, DirEntry, File, OpenOptions};

/// Creates a symbolic link that leads to `original`, whether or not that exists.
///
/// # Errors
///
/// As [`std::os::unix::fs::symlink`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    let original = original.as_ref().to_owned();
    let link = link.as_ref().to_owned();
    offload(move || std::os::unix::fs::symlink(original, link)).await
}

/// Makes the builder create directories with these permissions.
pub(super) fn set_mode(builder: &mut fs::DirBuilder, mode: u32) {
    builder.mode(mode);
}

impl OpenOptions {
    /// The permissions of a file that is created: 0o666 unless told otherwise, less the umask.
    pub fn mode(&mut self, mode: u32) -> &mut Self {
        self.0.mode(mode);
        self
    }

    /// Further flags for `open`; those about access are ignored.
    pub fn custom_flags(&mut self, flags: i32) -> &mut Self {
        self.0.custom_flags(flags);
        self
    }
}

impl DirBuilder {
    /// The permissions of the directory: 0o777 unless told otherwise, less the umask.
    pub fn mode(&mut self, mode: u32) -> &mut Self {
        self.mode = Some(mode);
        self
    }
}

impl DirEntry {
    /// The inode number, which is known without a call.
    pub fn ino(&self) -> u64 {
        self.as_std().ino()
    }
}

impl From<OwnedFd> for File {
    fn from(fd: OwnedFd) -> Self {
        Self::from_std(fd.into())
    }
}

impl AsFd for File {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.open.file.as_fd()
    }
}

impl AsRawFd for File {
    fn as_raw_fd(&self) -> RawFd {
        self.open.file.as_raw_fd()
    }
}

impl FromRawFd for File {
    unsafe fn from_raw_fd(fd: RawFd) -> Self {
        // SAFETY: the caller promises that `fd` is open and that nobody else owns it.
        Self::from_std(unsafe { fs::File::from_raw_fd(fd) })
    }
}
