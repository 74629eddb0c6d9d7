//! What both ends of a pipe have: where they come from, where they go to, and readiness.

use std::fmt;
use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::panic::Location;

use rustix::fs::{FileType, OFlags};

use crate::context;
use crate::io::{Interest, Ready};
use crate::net::ready_wait::ReadyWait;
use crate::net::unix::Descriptor;
use crate::reactor::Registration;

/// One end of a pipe: a [`Sender`](super::Sender) or a [`Receiver`](super::Receiver).
pub struct End<W> {
    pub(super) io: Registration<Descriptor<OwnedFd>>,
    way: PhantomData<W>,
}

/// Marks the writing end.
#[derive(Debug, Clone, Copy)]
pub struct Sending(());

/// Marks the reading end.
#[derive(Debug, Clone, Copy)]
pub struct Receiving(());

/// Which way bytes go at an end.
pub trait Way {
    /// What the end waits for.
    #[doc(hidden)]
    const INTEREST: Interest;
    /// What a new end is taken to be ready for.
    #[doc(hidden)]
    const ASSUMED: Ready;
    /// How the access mode that is missing is called.
    #[doc(hidden)]
    const ACCESS: &'static str;
    /// The access mode that only this end has.
    #[doc(hidden)]
    const MODE: OFlags;
}

impl Way for Sending {
    const INTEREST: Interest = Interest::WRITABLE;
    /// Most have room at first; where that is wrong it costs one `WouldBlock`.
    const ASSUMED: Ready = Ready::WRITABLE;
    const ACCESS: &'static str = "writing";
    const MODE: OFlags = OFlags::WRONLY;
}

impl Way for Receiving {
    const INTEREST: Interest = Interest::READABLE;
    const ASSUMED: Ready = Ready::EMPTY;
    const ACCESS: &'static str = "reading";
    const MODE: OFlags = OFlags::RDONLY;
}

impl<W: Way> End<W> {
    /// Takes over a file that is an end of a pipe, and sets it to non-blocking mode.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if the file is no pipe or not open in this direction; that of the operating
    /// system.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn from_file(file: File) -> io::Result<Self> {
        Self::from_owned_fd(file.into())
    }

    /// Takes over a descriptor that is an end of a pipe, and sets it to non-blocking mode.
    ///
    /// # Errors
    ///
    /// Those of [`from_file`](Self::from_file).
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn from_owned_fd(owned_fd: OwnedFd) -> io::Result<Self> {
        require_pipe(&owned_fd)?;
        let flags = rustix::fs::fcntl_getfl(&owned_fd)?;
        if ![W::MODE, OFlags::RDWR].contains(&(flags & OFlags::ACCMODE)) {
            let message = format!("the pipe is not open for {}", W::ACCESS);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        if !flags.contains(OFlags::NONBLOCK) {
            rustix::fs::fcntl_setfl(&owned_fd, flags | OFlags::NONBLOCK)?;
        }
        Self::register(owned_fd)
    }

    /// As [`from_file`](Self::from_file), without the checks. The file has to be in non-blocking mode:
    /// otherwise operations block the thread.
    ///
    /// # Errors
    ///
    /// The reactor cannot register it.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn from_file_unchecked(file: File) -> io::Result<Self> {
        Self::register(file.into())
    }

    /// As [`from_owned_fd`](Self::from_owned_fd), without the checks. The descriptor has to be in
    /// non-blocking mode: otherwise operations block the thread.
    ///
    /// # Errors
    ///
    /// The reactor cannot register it.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn from_owned_fd_unchecked(owned_fd: OwnedFd) -> io::Result<Self> {
        Self::register(owned_fd)
    }

    #[track_caller]
    pub(super) fn register(fd: OwnedFd) -> io::Result<Self> {
        let reactor = context::reactor();
        let io = Registration::new(reactor, Descriptor(fd), W::INTEREST, W::ASSUMED)?;
        Ok(Self {
            io: io.reopening(),
            way: PhantomData,
        })
    }

    /// Waits until the pipe is ready for some of `interest`, which should be what this end can do.
    ///
    /// The readiness may be out of date by the time it is used: try the operation, and wait again
    /// if it says `WouldBlock`.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn ready(&self, interest: Interest) -> ReadyWait<'_> {
        ReadyWait::new(self.io.wait(interest, Location::caller()))
    }

    /// Runs `f`, an operation on this pipe, if the pipe is said to be ready for what this end does.
    ///
    /// `f` must say `WouldBlock` only if the pipe itself did: that is what ends the readiness.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if the pipe is not ready, or that of `f`.
    pub fn try_io<R>(&self, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        self.io.try_io(W::INTEREST, |_| f())
    }

    /// Takes the descriptor out of the runtime, and sets it to blocking mode.
    ///
    /// # Errors
    ///
    /// That of the operating system.
    pub fn into_blocking_fd(self) -> io::Result<OwnedFd> {
        let fd = self.into_nonblocking_fd()?;
        let flags = rustix::fs::fcntl_getfl(&fd)?;
        rustix::fs::fcntl_setfl(&fd, flags - OFlags::NONBLOCK)?;
        Ok(fd)
    }

    /// Takes the descriptor out of the runtime. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// The reactor does not let go of it; it is closed then.
    pub fn into_nonblocking_fd(self) -> io::Result<OwnedFd> {
        self.io.into_inner().map(|Descriptor(fd)| fd)
    }
}

/// Fails if a file is no pipe.
pub(super) fn require_pipe(file: &impl AsFd) -> io::Result<()> {
    match FileType::from_raw_mode(rustix::fs::fstat(file)?.st_mode) {
        FileType::Fifo => Ok(()),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the file is no pipe",
        )),
    }
}

impl<W> fmt::Debug for End<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("End").field(&self.io.io().0).finish()
    }
}

impl<W> AsRawFd for End<W> {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl<W> AsFd for End<W> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.io.io().as_fd()
    }
}
