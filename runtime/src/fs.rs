//! Files and directories.
//!
//! As [`std::fs`], with every call on a thread of the runtime's blocking pool: operating systems have no
//! calls for files that never block. A call costs a few microseconds more than `std`'s, so do much in
//! one.
//!
//! | Wanted | Look at | Calls |
//! |---|---|---|
//! | a whole file | [`read`], [`read_to_string`], [`write`](write()), [`copy`](copy()) | one |
//! | a part of a file, or a large one piece by piece | [`File`], [`OpenOptions`] | one for many small reads or writes |
//! | the entries of a directory | [`read_dir`] | one for many entries |
//! | to create, to remove, to rename | [`create_dir`], [`create_dir_all`], [`DirBuilder`], [`remove_file`], [`remove_dir`], [`remove_dir_all`], [`rename`] | one |
//! | what the file system knows | [`metadata`], [`symlink_metadata`], [`try_exists`], [`canonicalize`], [`set_permissions`] | one |
//! | links | [`hard_link`], [`symlink`], [`read_link`] | one |
//!
//! # Cancel safety
//!
//! A call that has begun cannot be stopped. If the future of a function here is dropped early, the
//! function may have done its work, or do it yet, unheard. [`File`] and [`ReadDir`] lose nothing.
//!
//! # Errors
//!
//! Those of the operating system, as `std` gives them. If the runtime shuts down before a call begins,
//! it fails with an error that [`is_rt_shutdown_err`](crate::runtime::is_rt_shutdown_err) knows.
//!
//! # Panics
//!
//! Everything here needs a runtime, and panics outside one when it is first polled.
//!
//! ```
//! use selvedge::fs;
//!
//! # #[selvedge::main]
//! # async fn main() -> std::io::Result<()> {
//! let dir = std::env::temp_dir().join(format!("selvedge-doc-fs-{}", std::process::id()));
//! fs::create_dir(&dir).await?;
//! fs::write(dir.join("poem.txt"), "roses are red\n").await?;
//!
//! let mut entries = fs::read_dir(&dir).await?;
//! while let Some(entry) = entries.next_entry().await? {
//!     let text = fs::read_to_string(entry.path()).await?;
//!     assert_eq!(text.lines().count(), 1);
//! }
//! fs::remove_dir_all(&dir).await
//! # }
//! ```

mod dir_builder;
mod file;
mod file_times;
mod offload;
mod open_options;
mod path_calls;
#[cfg_attr(unix, path = "fs/unix.rs")]
#[cfg_attr(not(unix), path = "fs/elsewhere.rs")]
mod platform;
mod read_dir;
mod whole_file;

pub use dir_builder::DirBuilder;
pub use file::File;
pub use file_times::FileTimes;
pub use open_options::OpenOptions;
pub use path_calls::{
    canonicalize, create_dir, create_dir_all, hard_link, metadata, read_link, remove_dir,
    remove_dir_all, remove_file, rename, set_permissions, symlink_metadata, try_exists,
};
pub use platform::*;
pub use read_dir::{DirEntry, ReadDir, read_dir};
pub use whole_file::{copy, read, read_to_string, write};
