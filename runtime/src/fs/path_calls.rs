//! What is done to a path in one call.

use std::fs::{self, Metadata, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use super::offload::offload;

/// The absolute path of something that exists, without links and dots.
///
/// # Errors
///
/// As [`std::fs::canonicalize`].
///
/// # Cancel safety
///
/// Cancel safe.
pub async fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    let path = path.as_ref().to_owned();
    offload(move || fs::canonicalize(path)).await
}

/// Creates a directory in one that exists.
///
/// # Errors
///
/// As [`std::fs::create_dir`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || fs::create_dir(path)).await
}

/// Creates a directory, and those above it that are missing. One that exists already is fine.
///
/// # Errors
///
/// As [`std::fs::create_dir_all`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || fs::create_dir_all(path)).await
}

/// What the file system says about a file or directory, of a link about where it leads.
///
/// # Errors
///
/// As [`std::fs::metadata`].
///
/// # Cancel safety
///
/// Cancel safe.
pub async fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    let path = path.as_ref().to_owned();
    offload(move || fs::metadata(path)).await
}

/// Where a symbolic link leads.
///
/// # Errors
///
/// As [`std::fs::read_link`].
///
/// # Cancel safety
///
/// Cancel safe.
pub async fn read_link(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    let path = path.as_ref().to_owned();
    offload(move || fs::read_link(path)).await
}

/// Removes an empty directory.
///
/// # Errors
///
/// As [`std::fs::remove_dir`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn remove_dir(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || fs::remove_dir(path)).await
}

/// Removes a directory and everything in it. Links are removed, not followed.
///
/// # Errors
///
/// As [`std::fs::remove_dir_all`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || fs::remove_dir_all(path)).await
}

/// Removes a file.
///
/// # Errors
///
/// As [`std::fs::remove_file`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || fs::remove_file(path)).await
}

/// What the file system says about a file, a directory or a link itself.
///
/// # Errors
///
/// As [`std::fs::symlink_metadata`].
///
/// # Cancel safety
///
/// Cancel safe.
pub async fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    let path = path.as_ref().to_owned();
    offload(move || fs::symlink_metadata(path)).await
}

/// Tells whether there is something at a path; a link that leads nowhere is nothing.
///
/// The answer may be out of date when it comes: to create a file that was not there, use
/// [`File::create_new`](super::File::create_new).
///
/// # Errors
///
/// It cannot be told, as when a directory above may not be read.
///
/// # Cancel safety
///
/// Cancel safe.
pub async fn try_exists(path: impl AsRef<Path>) -> io::Result<bool> {
    let path = path.as_ref().to_owned();
    offload(move || path.try_exists()).await
}

/// Changes the permissions of a file or directory.
///
/// # Errors
///
/// As [`std::fs::set_permissions`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn set_permissions(path: impl AsRef<Path>, perm: Permissions) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || fs::set_permissions(path, perm)).await
}

/// Gives a file or directory another name on the same file system, in one step. A file that has that
/// name already is replaced.
///
/// # Errors
///
/// As [`std::fs::rename`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let from = from.as_ref().to_owned();
    let to = to.as_ref().to_owned();
    offload(move || fs::rename(from, to)).await
}

/// Gives a file a further name on the same file system.
///
/// # Errors
///
/// As [`std::fs::hard_link`].
///
/// # Cancel safety
///
/// If the future is dropped early, it may have been done, or be yet.
pub async fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    let original = original.as_ref().to_owned();
    let link = link.as_ref().to_owned();
    offload(move || fs::hard_link(original, link)).await
}
