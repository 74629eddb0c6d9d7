//! The bridge to `hyper::rt`: I/O, timers and tasks for hyper.
//!
//! # Examples
//!
//! A connection served, from the accepted socket on. HTTP/2 takes [`Executor`] as well:
//!
//! ```ignore
//! let (stream, _) = listener.accept().await?;
//! let served = hyper::server::conn::http1::Builder::new()
//!     .timer(selvedge::bridge::hyper::Timer)
//!     .serve_connection(stream, service);
//! selvedge::spawn(served);
//! ```
#![allow(
    unsafe_code,
    reason = "translates between two buffers of memory that may be uninitialized"
)]

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ::hyper::rt as theirs;
use theirs::{Read as _, Write as _};

use super::streams::own_streams;
use super::wrapper::{only_ours, wrapper};
use crate::io::checked;
use crate::io::traits::write_methods;
use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::time::{self, Instant, Sleep};

wrapper! {
    /// A stream of ours, with the traits of `hyper::rt`.
    ToHyper
}

wrapper! {
    /// A stream with the traits of `hyper::rt`, as one of ours: an upgraded connection, for example.
    FromHyper
}

/// Spawns the tasks of hyper on the runtime that calls it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Executor;

impl<F> theirs::Executor<F> for Executor
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[track_caller]
    fn execute(&self, future: F) {
        drop(crate::spawn(future));
    }
}

/// Spawns the tasks of hyper on this runtime.
impl<F> theirs::Executor<F> for crate::runtime::Handle
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    #[track_caller]
    fn execute(&self, future: F) {
        drop(self.spawn(future));
    }
}

/// Lets hyper sleep by the clock of the runtime, paused or not.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timer;

impl theirs::Timer for Timer {
    #[track_caller]
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn theirs::Sleep>> {
        Box::pin(time::sleep(duration))
    }

    #[track_caller]
    fn sleep_until(&self, deadline: std::time::Instant) -> Pin<Box<dyn theirs::Sleep>> {
        Box::pin(time::sleep_until(Instant::from_std(deadline)))
    }

    fn now(&self) -> std::time::Instant {
        Instant::now().into_std()
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn theirs::Sleep>>, new_deadline: std::time::Instant) {
        match sleep.as_mut().downcast_mut_pin::<Sleep>() {
            Some(sleep) => sleep.reset(Instant::from_std(new_deadline)),
            None => *sleep = self.sleep_until(new_deadline),
        }
    }
}

impl theirs::Sleep for Sleep {}

/// Reads from one of ours into a buffer of theirs.
fn read_to_theirs<T: AsyncRead + ?Sized>(
    stream: Pin<&mut T>,
    cx: &mut Context<'_>,
    mut buf: theirs::ReadBufCursor<'_>,
) -> Poll<io::Result<()>> {
    // SAFETY: a `ReadBuf` writes initialized bytes only, unless unsafe code breaks its rules.
    let mut room = ReadBuf::uninit(unsafe { buf.as_mut() });
    checked::poll_read(stream, cx, &mut room).map_ok(|n| {
        // SAFETY: the first `n` unfilled bytes are initialized: `room` was over them all the time, as
        // `poll_read` has checked, and counts them as filled.
        unsafe { buf.advance(n) }
    })
}

impl<T: AsyncRead> theirs::Read for ToHyper<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: theirs::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        read_to_theirs(self.project().stream, cx, buf)
    }
}

impl<T: AsyncWrite> theirs::Write for ToHyper<T> {
    write_methods!(|this| this.project().stream, |this| this.stream);
}

impl<T: theirs::Read> AsyncRead for FromHyper<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // SAFETY: their buffer writes initialized bytes only, unless unsafe code breaks its rules.
        let mut room = theirs::ReadBuf::uninit(unsafe { buf.unfilled_mut() });
        let result = self.project().stream.poll_read(cx, room.unfilled());
        let n = room.filled().len();
        result.map_ok(|()| {
            // SAFETY: `room` is over our unfilled memory, for a reader cannot replace what is behind the
            // cursor it is given, and counts the first `n` bytes as filled, hence as initialized.
            unsafe { buf.assume_init(n) };
            buf.advance(n);
        })
    }
}

impl<T: theirs::Write> AsyncWrite for FromHyper<T> {
    write_methods!(|this| this.project().stream, |this| this.stream);
}

macro_rules! implement {
    (read [$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> theirs::Read for $type
        where
            $type: AsyncRead,
        {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: theirs::ReadBufCursor<'_>,
            ) -> Poll<io::Result<()>> {
                read_to_theirs(self, cx, buf)
            }
        }
    };
    (write [$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> theirs::Write for $type
        where
            $type: AsyncWrite,
        {
            write_methods!(|this| only_ours::pinned(this), |this| only_ours::shared(this));
        }
    };
}

own_streams!(implement);

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
