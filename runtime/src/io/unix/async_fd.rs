//! A file descriptor, or whatever has one, that the reactor watches.
#![allow(
    unsafe_code,
    reason = "`register` asks its caller to keep the descriptor open"
)]

use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use super::guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard};
use crate::context;
use crate::io::{Interest, Ready};
use crate::net::Attempts;
use crate::net::unix::Descriptor;
use crate::reactor::{Direction, ReadyEvent, Registration};

/// Waits for the readiness of a descriptor that this crate has no type for, such as one from a C library.
///
/// The descriptor has to be in non-blocking mode, and of a kind that can be waited for: regular files are
/// not. Use it in a loop: wait until it is [`readable`](Self::readable), try to read, and if that says
/// `WouldBlock` clear the readiness, which [`try_io`](AsyncFdReadyGuard::try_io) does, and wait again.
/// [`async_io`](Self::async_io) is that loop.
///
/// Dropping it ends the waiting and drops the inner value, which may close the descriptor.
///
/// # Examples
///
/// ```
/// use std::io::{Read, Write};
/// use std::os::unix::net::UnixStream;
///
/// use selvedge::io::Interest;
/// use selvedge::io::unix::AsyncFd;
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// let (ours, mut theirs) = UnixStream::pair()?;
/// ours.set_nonblocking(true)?;
/// // SAFETY: the stream owns its descriptor, and nobody takes it out before the `AsyncFd` is gone.
/// let ours = unsafe { AsyncFd::register(ours) }?;
///
/// theirs.write_all(b"hello")?;
/// let mut buf = [0; 16];
/// let count = ours.async_io(Interest::READABLE, |mut ours| ours.read(&mut buf)).await?;
/// assert_eq!(&buf[..count], b"hello");
/// # Ok(())
/// # }
/// ```
pub struct AsyncFd<T: AsRawFd> {
    io: Registration<Descriptor<T>>,
}

impl<T: AsRawFd> AsyncFd<T> {
    /// Watches `inner` for reading and writing.
    ///
    /// # Errors
    ///
    /// The descriptor cannot be waited for. The error has `inner`.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    ///
    /// # Safety
    ///
    /// `as_raw_fd` of `inner` returns the same open descriptor until the `AsyncFd` is gone, or `inner` has
    /// been taken out.
    #[track_caller]
    pub unsafe fn register(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::watch(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// Watches `inner` for `interest`, and nothing else: waiting for something else never ends.
    ///
    /// # Errors
    ///
    /// The descriptor cannot be waited for. The error has `inner`.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    ///
    /// # Safety
    ///
    /// That of [`register`](Self::register).
    #[track_caller]
    pub unsafe fn register_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::watch(inner, interest)
    }

    /// As [`register`](Self::register).
    ///
    /// # Errors
    ///
    /// The descriptor cannot be waited for; `inner` is dropped.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[deprecated = "the descriptor could be closed or replaced meanwhile: use `register`"]
    #[track_caller]
    pub fn new(inner: T) -> io::Result<Self> {
        Ok(Self::watch(inner, Interest::READABLE | Interest::WRITABLE)?)
    }

    /// As [`register_with_interest`](Self::register_with_interest).
    ///
    /// # Errors
    ///
    /// The descriptor cannot be waited for; `inner` is dropped.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[deprecated = "the descriptor could be closed or replaced meanwhile: use `register_with_interest`"]
    #[track_caller]
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<Self> {
        Ok(Self::watch(inner, interest)?)
    }

    /// As [`register`](Self::register).
    ///
    /// # Errors
    ///
    /// The descriptor cannot be waited for. The error has `inner`.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[deprecated = "the descriptor could be closed or replaced meanwhile: use `register`"]
    #[track_caller]
    pub fn try_new(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::watch(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// As [`register_with_interest`](Self::register_with_interest).
    ///
    /// # Errors
    ///
    /// The descriptor cannot be waited for. The error has `inner`.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[deprecated = "the descriptor could be closed or replaced meanwhile: use `register_with_interest`"]
    #[track_caller]
    pub fn try_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::watch(inner, interest)
    }

    #[track_caller]
    fn watch(inner: T, interest: Interest) -> Result<Self, AsyncFdRegisterError<T>> {
        let reactor = context::reactor();
        match Registration::try_new(reactor, Descriptor(inner), interest, Ready::EMPTY) {
            Ok(io) => Ok(Self { io }),
            Err((Descriptor(inner), cause)) => Err(AsyncFdRegisterError { inner, cause }),
        }
    }

    /// The inner value.
    pub fn get_ref(&self) -> &T {
        &self.io.io().0
    }

    /// The inner value. Its descriptor has to stay the same.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io.io_mut().0
    }

    /// Ends the waiting and returns the inner value.
    pub fn into_inner(self) -> T {
        // If the selector does not let go, its events are for nobody from now on.
        let (Descriptor(inner), _) = self.io.release();
        inner
    }

    /// Polls for readability. Only the last task that polled for reading is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_read_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let event = ready!(self.io.poll_ready(cx, Direction::Read, Location::caller()))?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, event)))
    }

    /// As [`poll_read_ready`](Self::poll_read_ready), with access to change the inner value.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_read_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let event = ready!(self.io.poll_ready(cx, Direction::Read, Location::caller()))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(self, event)))
    }

    /// Polls for writability. Only the last task that polled for writing is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_write_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let event = ready!(self.io.poll_ready(cx, Direction::Write, Location::caller()))?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, event)))
    }

    /// As [`poll_write_ready`](Self::poll_write_ready), with access to change the inner value.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_write_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let event = ready!(self.io.poll_ready(cx, Direction::Write, Location::caller()))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(self, event)))
    }

    /// Waits until the descriptor is ready for some of `interest`. Any number of tasks may wait.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn ready(
        &self,
        interest: Interest,
    ) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'_, T>>> {
        let event = self.event(interest, Location::caller());
        async move { Ok(AsyncFdReadyGuard::new(self, event.await?)) }
    }

    /// As [`ready`](Self::ready), with access to change the inner value.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn ready_mut(
        &mut self,
        interest: Interest,
    ) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'_, T>>> {
        let place = Location::caller();
        async move {
            let event = self.event(interest, place).await?;
            Ok(AsyncFdReadyMutGuard::new(self, event))
        }
    }

    /// Waits until the descriptor is readable: [`ready`](Self::ready) with [`Interest::READABLE`].
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'_, T>>> {
        self.ready(Interest::READABLE)
    }

    /// As [`readable`](Self::readable), with access to change the inner value.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn readable_mut(
        &mut self,
    ) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'_, T>>> {
        self.ready_mut(Interest::READABLE)
    }

    /// Waits until the descriptor is writable: [`ready`](Self::ready) with [`Interest::WRITABLE`].
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<AsyncFdReadyGuard<'_, T>>> {
        self.ready(Interest::WRITABLE)
    }

    /// As [`writable`](Self::writable), with access to change the inner value.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn writable_mut(
        &mut self,
    ) -> impl Future<Output = io::Result<AsyncFdReadyMutGuard<'_, T>>> {
        self.ready_mut(Interest::WRITABLE)
    }

    fn event(
        &self,
        interest: Interest,
        place: &'static Location<'static>,
    ) -> impl Future<Output = io::Result<ReadyEvent>> {
        let wait = self.io.wait(interest, place);
        async move {
            let mut wait = pin!(wait);
            poll_fn(|cx| wait.as_mut().poll_ready(cx)).await
        }
    }

    /// Runs `f`, an operation on the descriptor, as often as it takes until it does not say
    /// `WouldBlock`, each time after waiting for `interest`.
    ///
    /// `f` must say `WouldBlock` only if the descriptor itself did: that is what ends the readiness.
    ///
    /// # Errors
    ///
    /// That of `f`, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// `f` is not run again once the future is dropped; what it did before stays done.
    #[track_caller]
    pub fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> Attempts<'_, impl FnMut() -> io::Result<R>> {
        let attempt = move || f(self.get_ref());
        Attempts::new(&self.io, interest, Location::caller(), attempt)
    }

    /// As [`async_io`](Self::async_io), with access to change the inner value.
    ///
    /// # Errors
    ///
    /// That of `f`, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// `f` is not run again once the future is dropped; what it did before stays done.
    #[track_caller]
    pub fn async_io_mut<R>(
        &mut self,
        interest: Interest,
        mut f: impl FnMut(&mut T) -> io::Result<R>,
    ) -> impl Future<Output = io::Result<R>> {
        let place = Location::caller();
        async move {
            loop {
                let mut guard = AsyncFdReadyMutGuard::new(self, self.event(interest, place).await?);
                match guard.try_io(|this| f(this.get_mut())) {
                    Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                    Ok(result) => return result,
                    Err(_) => {}
                }
            }
        }
    }

    /// Runs `f`, an operation on the descriptor, if that is said to be ready for `interest`.
    ///
    /// The rules for `f` are those of [`async_io`](Self::async_io).
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not ready, or that of `f`.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io(interest, |Descriptor(inner)| f(inner))
    }

    /// As [`try_io`](Self::try_io), with access to change the inner value.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not ready, or that of `f`.
    pub fn try_io_mut<R>(
        &mut self,
        interest: Interest,
        f: impl FnOnce(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.io.try_io_mut(interest, |Descriptor(inner)| f(inner))
    }

    pub(super) fn clear(&self, event: ReadyEvent) {
        self.io.clear(event);
    }
}

impl<T: AsRawFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.get_ref().as_raw_fd()
    }
}

impl<T: AsRawFd + AsFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsRawFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd")
            .field("inner", self.get_ref())
            .finish()
    }
}

/// A descriptor could not be registered: why, and the value it came from.
pub struct AsyncFdRegisterError<T> {
    inner: T,
    cause: io::Error,
}

impl<T> AsyncFdRegisterError<T> {
    /// The value that was to be registered, and the reason why it was not.
    pub fn into_parts(self) -> (T, io::Error) {
        (self.inner, self.cause)
    }
}

impl<T> fmt::Display for AsyncFdRegisterError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl<T> fmt::Debug for AsyncFdRegisterError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.cause, f)
    }
}

impl<T> Error for AsyncFdRegisterError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

impl<T> From<AsyncFdRegisterError<T>> for io::Error {
    fn from(error: AsyncFdRegisterError<T>) -> Self {
        error.cause
    }
}
