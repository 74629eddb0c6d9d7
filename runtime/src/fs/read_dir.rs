//! The entries of a directory, fetched in chunks.
//!
//! The first chunk is small, so that the first entry comes soon, and each is twice as large as the one
//! before, so that a large directory takes few calls.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, FileType, Metadata};
use std::future::{Future, poll_fn};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use selvedge_sync::context;

use super::offload::{into_io_error, offload, start};
use crate::task::JoinHandle;

/// The number of entries in the first chunk.
const CHUNK_MIN: usize = 32;
/// And in the largest.
const CHUNK_MAX: usize = 1024;

/// The entries of a directory, in no particular order.
///
/// # Errors
///
/// As [`std::fs::read_dir`].
///
/// # Cancel safety
///
/// Cancel safe.
///
/// ```
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let mut entries = selvedge::fs::read_dir(".").await?;
/// while let Some(entry) = entries.next_entry().await? {
///     println!("{:?}", entry.file_name());
/// }
/// # Ok(())
/// # }
/// ```
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    let path = path.as_ref().to_owned();
    let chunk = offload(move || {
        let mut chunk = Chunk {
            entries: VecDeque::new(),
            size: CHUNK_MIN,
            rest: Some(fs::read_dir(path)?),
        };
        chunk.fetch();
        Ok(chunk)
    });
    Ok(ReadDir(ReadDirState::Here(chunk.await?)))
}

/// The entries of a directory. Made by [`read_dir`].
#[derive(Debug)]
#[must_use = "no entry is read until `next_entry` is awaited"]
pub struct ReadDir(ReadDirState);

#[derive(Debug)]
enum ReadDirState {
    /// Entries in memory, and perhaps more to fetch.
    Here(Chunk),
    /// A call fetches the next ones.
    Fetching(JoinHandle<Chunk>),
    /// A call failed, and took the directory with it.
    Gone,
}

#[derive(Debug)]
struct Chunk {
    entries: VecDeque<io::Result<DirEntry>>,
    /// How many to fetch next.
    size: usize,
    /// None once there are no more.
    rest: Option<fs::ReadDir>,
}

impl Chunk {
    /// Fetches the next entries. Blocks.
    fn fetch(&mut self) {
        let Some(rest) = &mut self.rest else { return };
        self.entries.reserve(self.size);
        for _ in 0..self.size {
            match rest.next() {
                Some(entry) => self.entries.push_back(entry.map(DirEntry::new)),
                None => {
                    self.rest = None;
                    return;
                }
            }
        }
        self.size = (self.size * 2).min(CHUNK_MAX);
    }
}

impl ReadDir {
    /// The next entry, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of reading this entry; others may follow. If the runtime shuts down, that is the last.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no entry is lost.
    pub async fn next_entry(&mut self) -> io::Result<Option<DirEntry>> {
        poll_fn(|cx| self.poll_next_entry(cx)).await
    }

    /// As [`next_entry`](Self::next_entry), polled.
    ///
    /// It is woken: by the join handle of the call that fetches.
    pub fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        let unit = ready!(context::poll_proceed(cx));
        let next = ready!(self.poll_next(cx));
        unit.made_progress();
        Poll::Ready(next)
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        loop {
            match &mut self.0 {
                ReadDirState::Gone => return Poll::Ready(Ok(None)),
                ReadDirState::Here(chunk) => {
                    if let Some(entry) = chunk.entries.pop_front() {
                        return Poll::Ready(entry.map(Some));
                    }
                    let Some(rest) = chunk.rest.take() else {
                        return Poll::Ready(Ok(None));
                    };
                    let mut chunk = Chunk {
                        entries: std::mem::take(&mut chunk.entries),
                        size: chunk.size,
                        rest: Some(rest),
                    };
                    self.0 = ReadDirState::Gone;
                    self.0 = ReadDirState::Fetching(start(move || {
                        chunk.fetch();
                        chunk
                    })?);
                }
                ReadDirState::Fetching(fetching) => {
                    let chunk = ready!(Pin::new(fetching).poll(cx));
                    self.0 = ReadDirState::Gone;
                    self.0 = ReadDirState::Here(chunk.map_err(into_io_error)?);
                }
            }
        }
    }
}

/// An entry of a directory.
#[derive(Debug)]
pub struct DirEntry {
    /// Most file systems tell it together with the name.
    file_type: Option<FileType>,
    entry: Arc<fs::DirEntry>,
}

impl DirEntry {
    fn new(entry: fs::DirEntry) -> Self {
        Self {
            file_type: entry.file_type().ok(),
            entry: Arc::new(entry),
        }
    }

    pub(super) fn as_std(&self) -> &fs::DirEntry {
        &self.entry
    }

    /// The path: that of the directory, as it was given, and the name.
    pub fn path(&self) -> PathBuf {
        self.entry.path()
    }

    /// The name.
    pub fn file_name(&self) -> OsString {
        self.entry.file_name()
    }

    /// What the file system says about the entry, of a link about the link.
    ///
    /// # Errors
    ///
    /// As [`std::fs::DirEntry::metadata`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        let entry = Arc::clone(&self.entry);
        offload(move || entry.metadata()).await
    }

    /// File, directory, link or something else. On most file systems known without a call.
    ///
    /// # Errors
    ///
    /// As [`std::fs::DirEntry::file_type`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn file_type(&self) -> io::Result<FileType> {
        if let Some(file_type) = self.file_type {
            return Ok(file_type);
        }
        let entry = Arc::clone(&self.entry);
        offload(move || entry.file_type()).await
    }
}
