//! `File`: an open file whose small reads and writes mostly touch memory.

mod desk;
mod gather;
mod read;
mod seek;
mod state;
mod write;

use std::fmt;
use std::fs::{self, Metadata, Permissions};
use std::future::poll_fn;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::SystemTime;

use selvedge_sync::Mutex;

use self::desk::{Desk, Landed};
use self::gather::Gather;
use self::state::{Ahead, OnSettle};
use super::offload::offload;
use super::{FileTimes, OpenOptions};

/// The most that a `File` hands to one call of the operating system, unless told otherwise.
const MAX_BUF_SIZE: usize = 2 * 1024 * 1024;

/// An open file.
///
/// Operating systems have no calls for files that never block, so each is made on a thread of the
/// runtime's blocking pool, and only one at a time for each `File`. Reading, writing and seeking are in
/// [`AsyncReadExt`](crate::io::AsyncReadExt), [`AsyncWriteExt`](crate::io::AsyncWriteExt) and
/// [`AsyncSeekExt`](crate::io::AsyncSeekExt).
///
/// # Reading ahead
///
/// A read from a regular file fetches more than was asked for: 8 KiB at first, up to 128 KiB once the
/// file has been read in sequence for a while. Small reads are then served from memory, and a
/// [`BufReader`](crate::io::BufReader) is not needed for speed. As with one, changes that others make to
/// the file may be seen late. Pipes, terminals and devices are never read ahead, nor is a file that
/// was [cloned](Self::try_clone).
///
/// The position of the operating system is then further than that of the `File`. It is put back
/// before anything that could notice: a write, a seek, [`set_len`](Self::set_len), a clone,
/// [`into_std`](Self::into_std). Those who use the [raw descriptor](std::os::fd::AsRawFd), or duplicated
/// it before [`from_std`](Self::from_std), have to ask for such a thing first.
///
/// # Writing
///
/// A write is done when its bytes are in memory and their way to the operating system has begun. Further
/// small writes are gathered until that is over, and then go together. What was accepted is written
/// also if the `File` is dropped or the runtime shuts down meanwhile. But only
/// [`flush`](crate::io::AsyncWriteExt::flush), [`sync_all`](Self::sync_all) and
/// [`sync_data`](Self::sync_data) tell that it is there, and whether all went well: the error of a
/// write is reported by one of them or by the next write, and what was accepted after the bytes that
/// failed is lost with them. Flush before dropping a `File`: then it also is closed at once.
///
/// # Sharing
///
/// Clones share one position, as do all duplicates of a descriptor. Two tasks that read and write
/// through clones get and put pieces wherever the other one left off.
///
/// # Cancel safety
///
/// A dropped future never loses bytes. What a read had fetched is there for the next one, and a write
/// that was not done has accepted nothing. A seek or `set_len` that had begun goes on, before whatever
/// is asked for next.
///
/// # Errors
///
/// Beside those of the operating system, operations fail if the runtime has shut down; see
/// [`is_rt_shutdown_err`](crate::runtime::is_rt_shutdown_err).
///
/// # Panics
///
/// Operations that need a thread panic outside a runtime.
///
/// ```
/// use selvedge::fs::File;
/// use selvedge::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let path = std::env::temp_dir().join(format!("selvedge-doc-file-{}", std::process::id()));
/// let mut file = File::options().read(true).write(true).create(true).open(&path).await?;
/// file.write_all(b"hello world").await?;
/// file.flush().await?;
///
/// file.rewind().await?;
/// let mut hello = [0; 5];
/// file.read_exact(&mut hello).await?;
/// assert_eq!(&hello, b"hello");
/// # selvedge::fs::remove_file(&path).await
/// # }
/// ```
pub struct File {
    pub(super) open: Arc<OpenFile>,
    desk: Mutex<Desk>,
    max_buf_size: usize,
}

/// What a file and its operations in flight share.
#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) file: fs::File,
    gather: Gather,
}

impl File {
    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// As [`std::fs::File::open`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, a file that is opened nevertheless is closed.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::options().read(true).open(path).await
    }

    /// Opens a file for writing: creates it, or empties the one that is there.
    ///
    /// # Errors
    ///
    /// As [`std::fs::File::create`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, the file may have been created or emptied.
    pub async fn create(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = Self::options();
        options.write(true).create(true).truncate(true);
        options.open(path).await
    }

    /// Creates a file that was not there, for reading and writing.
    ///
    /// # Errors
    ///
    /// `AlreadyExists`, and as [`std::fs::File::create_new`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, the file may have been created.
    pub async fn create_new<P: AsRef<Path>>(path: P) -> io::Result<Self> {
        let mut options = Self::options();
        options.read(true).write(true).create_new(true);
        options.open(path).await
    }

    /// All the ways to open a file; as [`OpenOptions::new`].
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Takes over a file of `std`.
    ///
    /// If others have duplicates of it, see [reading ahead](Self#reading-ahead).
    pub fn from_std(file: fs::File) -> Self {
        Self::new(file, Ahead::Unknown, MAX_BUF_SIZE)
    }

    fn new(file: fs::File, ahead: Ahead, max_buf_size: usize) -> Self {
        let gather = Gather::new();
        Self {
            open: Arc::new(OpenFile { file, gather }),
            desk: Mutex::new(Desk::new(ahead)),
            max_buf_size,
        }
    }

    /// Waits until everything written is on the disk, with its metadata.
    ///
    /// # Errors
    ///
    /// That of an earlier write that nobody was told of; and as [`std::fs::File::sync_all`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn sync_all(&self) -> io::Result<()> {
        self.flushed().await?;
        self.aside(fs::File::sync_all).await
    }

    /// Waits until everything written is on the disk, with as much of its metadata as it takes to read
    /// it again.
    ///
    /// # Errors
    ///
    /// As [`sync_all`](Self::sync_all).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn sync_data(&self) -> io::Result<()> {
        self.flushed().await?;
        self.aside(fs::File::sync_data).await
    }

    /// Cuts the file off at `size` bytes, or fills it up with zeros to that length. The position stays
    /// where it is.
    ///
    /// # Errors
    ///
    /// As [`std::fs::File::set_len`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, the length may change yet, but before anything that is asked
    /// for later.
    pub async fn set_len(&self, size: u64) -> io::Result<()> {
        let mut desk = self.desk.lock().await;
        loop {
            let (next, duty) = desk.state.on_resize();
            match duty {
                OnSettle::Start { back } => {
                    desk.resize(&self.open, next, back, size)?;
                    break;
                }
                OnSettle::Await | OnSettle::Done => poll_fn(|cx| desk.poll_idle(cx)).await,
            }
        }
        match poll_fn(|cx| desk.poll_landing(cx)).await {
            Landed::Resize(result) => result,
            other => unreachable!("a resize was in flight, and this landed: {other:?}"),
        }
    }

    /// What the file system says about the file, counting everything that was written here before.
    ///
    /// # Errors
    ///
    /// As [`std::fs::File::metadata`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        self.written().await;
        self.aside(fs::File::metadata).await
    }

    /// A second `File` for the same open file: they share its position.
    ///
    /// Neither is [read ahead](Self#reading-ahead) from now on.
    ///
    /// # Errors
    ///
    /// As [`std::fs::File::try_clone`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe; but the file is not read ahead any more.
    pub async fn try_clone(&self) -> io::Result<Self> {
        let mut desk = self.desk.lock().await;
        desk.settle(&self.open).await?;
        desk.state = desk.state.on_share();
        drop(desk);
        let file = self.aside(fs::File::try_clone).await?;
        Ok(Self::new(file, Ahead::No, self.max_buf_size))
    }

    /// The file of `std`, with the position where it was here, once nothing is in flight.
    ///
    /// The error of a write that nobody was told of is lost: flush first.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, the file is closed, and what was written is written.
    pub async fn into_std(mut self) -> fs::File {
        let desk = self.desk.get_mut();
        // A position that cannot be put back is that of a file that has none.
        let _ = desk.settle(&self.open).await;
        loop {
            match Arc::try_unwrap(self.open) {
                Ok(open) => return open.file,
                Err(open) => self.open = open,
            }
            // The future of another operation was dropped, and the operation goes on: it keeps the
            // original.
            if let Ok(duplicate) = self.open.file.try_clone() {
                return duplicate;
            }
            // No descriptor is left. It is woken: the pool has a turn for everybody, and the operation
            // will be over.
            let _ = offload(|| Ok(())).await;
        }
    }

    /// The file of `std`, with the position where it was here, if nothing is in flight.
    ///
    /// # Errors
    ///
    /// The file itself: something is in flight. [`into_std`](Self::into_std) waits for that.
    #[expect(clippy::result_large_err, reason = "the file comes back")]
    pub fn try_into_std(mut self) -> Result<fs::File, Self> {
        let desk = self.desk.get_mut();
        // What has landed unseen is taken in; for the rest nobody waits.
        if desk
            .poll_idle(&mut Context::from_waker(Waker::noop()))
            .is_pending()
        {
            return Err(self);
        }
        let unread = desk.state.unread() as i64;
        match Arc::try_unwrap(self.open) {
            Ok(open) => {
                let mut file = open.file;
                if unread > 0 {
                    // This is a look at a number. If it cannot be changed, the file has no position.
                    let _ = file.seek(SeekFrom::Current(-unread));
                }
                Ok(file)
            }
            Err(open) => {
                self.open = open;
                Err(self)
            }
        }
    }

    /// Changes the permissions of the file.
    ///
    /// # Errors
    ///
    /// As [`std::fs::File::set_permissions`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, they may have been changed, or be yet.
    pub async fn set_permissions(&self, perm: Permissions) -> io::Result<()> {
        self.aside(|file| file.set_permissions(perm)).await
    }

    /// Changes the times of the file, after everything that was written here before.
    ///
    /// # Errors
    ///
    /// As [`std::fs::File::set_times`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, they may have been changed, or be yet.
    pub async fn set_times(&self, times: FileTimes) -> io::Result<()> {
        self.written().await;
        self.aside(move |file| file.set_times(times.into_std()))
            .await
    }

    /// Changes the time of the last modification; as [`set_times`](Self::set_times) with only that.
    ///
    /// # Errors
    ///
    /// As [`std::fs::File::set_modified`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, it may have been changed, or be yet.
    pub async fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        self.set_times(FileTimes::new().set_modified(time)).await
    }

    /// Changes how much is handed to one call of the operating system at most: 2 MiB unless told
    /// otherwise. What is read ahead, and gathered for a write, stays below as well.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(max_buf_size > 0, "`max_buf_size` must be greater than 0");
        self.max_buf_size = max_buf_size;
    }

    /// How much is handed to one call of the operating system at most.
    pub fn max_buf_size(&self) -> usize {
        self.max_buf_size
    }

    /// Waits until nothing is in flight; fails with the error that is owed.
    async fn flushed(&self) -> io::Result<()> {
        let mut desk = self.desk.lock().await;
        poll_fn(|cx| desk.poll_flush(cx)).await
    }

    /// Waits until nothing that was written is in flight.
    async fn written(&self) {
        let mut desk = self.desk.lock().await;
        if desk.state.changes_the_file() {
            poll_fn(|cx| desk.poll_idle(cx)).await;
        }
    }

    /// Makes a call that has nothing to do with contents and position.
    async fn aside<T: Send + 'static>(
        &self,
        call: impl FnOnce(&fs::File) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let open = Arc::clone(&self.open);
        offload(move || call(&open.file)).await
    }
}

impl From<fs::File> for File {
    fn from(file: fs::File) -> Self {
        Self::from_std(file)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("std", &self.open.file)
            .finish()
    }
}
