//! What a wait for a descriptor returns: the right to clear the readiness that ended it.

use std::error::Error;
use std::fmt;
use std::io;
use std::os::fd::AsRawFd;

use super::async_fd::AsyncFd;
use crate::io::Ready;
use crate::reactor::ReadyEvent;

/// A descriptor was ready: try the operation, and clear the readiness if it was not so.
///
/// Readiness that is not cleared stays, so the next wait ends at once. Clearing does nothing if there was
/// news from the operating system since the guard was made.
#[must_use = "clear the readiness if the operation says `WouldBlock`: `try_io` does that"]
pub struct AsyncFdReadyGuard<'a, T: AsRawFd> {
    async_fd: &'a AsyncFd<T>,
    seen: Seen,
}

/// As [`AsyncFdReadyGuard`], with access to change the inner value.
#[must_use = "clear the readiness if the operation says `WouldBlock`: `try_io` does that"]
pub struct AsyncFdReadyMutGuard<'a, T: AsRawFd> {
    async_fd: &'a mut AsyncFd<T>,
    seen: Seen,
}

/// The operation said `WouldBlock`: the descriptor was not ready after all.
#[derive(Debug)]
pub struct TryIoError(());

/// What ended the wait, as far as it was not cleared yet.
#[derive(Debug, Clone, Copy)]
struct Seen(ReadyEvent);

impl Seen {
    /// Takes `ready` out, and returns what to clear.
    fn take(&mut self, ready: Ready) -> ReadyEvent {
        let taken = self.0.only(ready);
        self.0 = self.0.only(Ready::ALL - ready);
        taken
    }
}

impl<'a, T: AsRawFd> AsyncFdReadyGuard<'a, T> {
    pub(super) fn new(async_fd: &'a AsyncFd<T>, event: ReadyEvent) -> Self {
        let seen = Seen(event);
        Self { async_fd, seen }
    }

    /// Clears the readiness: the next wait ends with new readiness only. A closed side stays closed.
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(Ready::ALL);
    }

    /// Clears some of the readiness.
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        self.async_fd.clear(self.seen.take(ready));
    }

    /// Leaves the readiness as it is, as dropping the guard does.
    pub fn retain_ready(&mut self) {}

    /// What the descriptor is ready for, of what was asked for and not cleared yet.
    pub fn ready(&self) -> Ready {
        self.seen.0.ready
    }

    /// Runs an operation, and clears the readiness if it says `WouldBlock`.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] if it says `WouldBlock`: wait again.
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&'a AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        let result = f(self.async_fd);
        would_block(result).inspect_err(|_| self.clear_ready())
    }

    /// The descriptor.
    pub fn get_ref(&self) -> &'a AsyncFd<T> {
        self.async_fd
    }

    /// The inner value of the descriptor.
    pub fn get_inner(&self) -> &'a T {
        self.async_fd.get_ref()
    }
}

impl<'a, T: AsRawFd> AsyncFdReadyMutGuard<'a, T> {
    pub(super) fn new(async_fd: &'a mut AsyncFd<T>, event: ReadyEvent) -> Self {
        let seen = Seen(event);
        Self { async_fd, seen }
    }

    /// Clears the readiness: the next wait ends with new readiness only. A closed side stays closed.
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(Ready::ALL);
    }

    /// Clears some of the readiness.
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        self.async_fd.clear(self.seen.take(ready));
    }

    /// Leaves the readiness as it is, as dropping the guard does.
    pub fn retain_ready(&mut self) {}

    /// What the descriptor is ready for, of what was asked for and not cleared yet.
    pub fn ready(&self) -> Ready {
        self.seen.0.ready
    }

    /// Runs an operation, and clears the readiness if it says `WouldBlock`.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] if it says `WouldBlock`: wait again.
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&mut AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        let result = f(self.async_fd);
        would_block(result).inspect_err(|_| self.clear_ready())
    }

    /// The descriptor.
    pub fn get_ref(&self) -> &AsyncFd<T> {
        self.async_fd
    }

    /// The descriptor, to change.
    pub fn get_mut(&mut self) -> &mut AsyncFd<T> {
        self.async_fd
    }

    /// The inner value of the descriptor.
    pub fn get_inner(&self) -> &T {
        self.async_fd.get_ref()
    }

    /// The inner value of the descriptor, to change.
    pub fn get_inner_mut(&mut self) -> &mut T {
        self.async_fd.get_mut()
    }
}

fn would_block<R>(result: io::Result<R>) -> Result<io::Result<R>, TryIoError> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(TryIoError(())),
        result => Ok(result),
    }
}

impl fmt::Display for TryIoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the descriptor was not ready: wait again")
    }
}

impl Error for TryIoError {}

impl<T: AsRawFd + fmt::Debug> fmt::Debug for AsyncFdReadyGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyGuard")
            .field("async_fd", &self.async_fd)
            .field("ready", &self.ready())
            .finish()
    }
}

impl<T: AsRawFd + fmt::Debug> fmt::Debug for AsyncFdReadyMutGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyMutGuard")
            .field("async_fd", &self.async_fd)
            .field("ready", &self.ready())
            .finish()
    }
}
