//! Opening a named pipe.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use super::end::{End, require_pipe};
use super::{Receiver, Sender};

/// How to open a named pipe (FIFO).
///
/// Opening never waits for the other end. A sender can only be opened while somebody has the pipe open
/// for reading; a receiver can be opened at any time, and reads the end as long as there is no sender.
///
/// # Examples
///
/// ```no_run
/// use selvedge::io::AsyncReadExt;
/// use selvedge::net::unix::pipe;
///
/// # async fn example() -> std::io::Result<()> {
/// let mut receiver = pipe::OpenOptions::new().open_receiver("path/to/fifo")?;
/// let mut text = String::new();
/// receiver.read_to_string(&mut text).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    is_read_write: bool,
    is_unchecked: bool,
}

impl OpenOptions {
    /// Options that open one end of what has to be a pipe.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the pipe for reading and writing, so that it always has both ends: a sender can be opened
    /// without a receiver, and a receiver never reads the end.
    ///
    /// Linux and Android define what that means; other systems need not.
    pub fn read_write(&mut self, value: bool) -> &mut Self {
        self.is_read_write = value;
        self
    }

    /// Leaves out the check that the file is a pipe.
    pub fn unchecked(&mut self, value: bool) -> &mut Self {
        self.is_unchecked = value;
        self
    }

    /// Opens the reading end.
    ///
    /// # Errors
    ///
    /// That of the operating system; `InvalidInput` if the file is no pipe.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn open_receiver<P: AsRef<Path>>(&self, path: P) -> io::Result<Receiver> {
        let file = self.open(path.as_ref(), fs::OpenOptions::new().read(true))?;
        End::register(file.into())
    }

    /// Opens the writing end.
    ///
    /// # Errors
    ///
    /// That of the operating system: `ENXIO` means that nobody has the pipe open for reading.
    /// `InvalidInput` if the file is no pipe.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn open_sender<P: AsRef<Path>>(&self, path: P) -> io::Result<Sender> {
        let file = self.open(path.as_ref(), fs::OpenOptions::new().write(true))?;
        End::register(file.into())
    }

    fn open(&self, path: &Path, options: &mut fs::OpenOptions) -> io::Result<File> {
        if self.is_read_write {
            options.read(true).write(true);
        }
        options.custom_flags(OFlags::NONBLOCK.bits() as i32);
        let file = options.open(path)?;
        if !self.is_unchecked {
            require_pipe(&file)?;
        }
        Ok(file)
    }
}
