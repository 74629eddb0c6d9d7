//! Whole files in one call: read, write, copy.

use std::fs;
use std::io;
use std::path::Path;

use super::offload::offload;

/// The contents of a file.
///
/// # Errors
///
/// As [`std::fs::read`].
///
/// # Cancel safety
///
/// Cancel safe.
///
/// ```
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// # let path = std::env::temp_dir().join(format!("selvedge-doc-read-{}", std::process::id()));
/// selvedge::fs::write(&path, [1, 2, 3]).await?;
/// assert_eq!(selvedge::fs::read(&path).await?, [1, 2, 3]);
/// # selvedge::fs::remove_file(&path).await
/// # }
/// ```
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = path.as_ref().to_owned();
    offload(move || fs::read(path)).await
}

/// The contents of a text file.
///
/// # Errors
///
/// `InvalidData` if it is not UTF-8; and as [`std::fs::read_to_string`].
///
/// # Cancel safety
///
/// Cancel safe.
pub async fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    let path = path.as_ref().to_owned();
    offload(move || fs::read_to_string(path)).await
}

/// Makes `contents` the contents of a file, which is created if it is not there.
///
/// # Errors
///
/// As [`std::fs::write`].
///
/// # Cancel safety
///
/// If the future is dropped early, the file may have all, some or none of the contents.
pub async fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    let contents = contents.as_ref().to_owned();
    offload(move || fs::write(path, contents)).await
}

/// Copies contents and permissions of a file to another one, and returns the number of bytes.
///
/// # Errors
///
/// As [`std::fs::copy`].
///
/// # Cancel safety
///
/// If the future is dropped early, the copy may have all, some or none of the contents.
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    let from = from.as_ref().to_owned();
    let to = to.as_ref().to_owned();
    offload(move || fs::copy(from, to)).await
}
