//! `Pipe`: bytes in memory between one reader and one writer.
//!
//! # Invariants
//!
//! * I1. A reader's waker is stored only while there are no bytes, a writer's only while there is
//!   no room, and neither once the pipe is closed.
//! * I2. Whoever makes bytes, room or closes the pipe takes the waker that this concerns, under the
//!   lock under which it changed the pipe.
//! * I3. No waker is cloned, woken or dropped under the lock: it may use the same pipe. Wakers taken
//!   are [`Wake`]s, which are dropped after the lock is free.
//!
//! It is woken: a side that waits looked at the pipe and stored its waker under one and the same
//! lock (I1). The change it waits for comes later, under that lock, and takes the waker (I2).

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::task::{Context, Poll, Waker, ready};

use selvedge_sync::context::{self, WaitKind};
use selvedge_sync::primitive::{Mutex, MutexGuard};

use super::ReadBuf;

/// A pipe in memory that holds a bounded number of bytes.
#[derive(Debug)]
pub(super) struct Pipe(Mutex<Contents>);

#[derive(Debug)]
struct Contents {
    bytes: VecDeque<u8>,
    capacity: usize,
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// Wakes when it is dropped, also while a panic unwinds: so one of several wakers that panics does
/// not keep the others asleep.
#[must_use = "drop it after the lock is free"]
pub(super) struct Wake(Option<Waker>);

impl Drop for Wake {
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            waker.wake();
        }
    }
}

/// Which of the two sides waits.
#[derive(Debug, Clone, Copy)]
enum Side {
    Reader,
    Writer,
}

impl Contents {
    fn waker(&mut self, side: Side) -> &mut Option<Waker> {
        match side {
            Side::Reader => &mut self.reader,
            Side::Writer => &mut self.writer,
        }
    }

    /// Moves bytes to `buf`; `None` if there are none yet.
    fn read(&mut self, buf: &mut ReadBuf<'_>) -> Option<io::Result<()>> {
        if self.bytes.is_empty() {
            return (self.closed || buf.remaining() == 0).then_some(Ok(()));
        }
        let n = self.bytes.len().min(buf.remaining());
        let (front, back) = self.bytes.as_slices();
        let from_front = front.len().min(n);
        buf.put_slice(&front[..from_front]);
        buf.put_slice(&back[..n - from_front]);
        self.bytes.drain(..n);
        Some(Ok(()))
    }

    /// Takes bytes out of `bufs`; `None` if there is no room yet.
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> Option<io::Result<usize>> {
        if self.closed {
            return Some(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let before = self.bytes.len();
        let mut empty = true;
        for buf in bufs {
            let n = buf.len().min(self.capacity - self.bytes.len());
            self.bytes.extend(&buf[..n]);
            empty &= buf.is_empty();
        }
        let n = self.bytes.len() - before;
        (n > 0 || empty).then_some(Ok(n))
    }
}

impl Pipe {
    /// A pipe for at most `capacity` bytes.
    ///
    /// # Panics
    ///
    /// If `capacity` is zero.
    #[track_caller]
    pub(super) fn new(capacity: usize) -> Self {
        assert!(capacity > 0, "a pipe needs room for at least one byte");
        Self(Mutex::new(Contents {
            bytes: VecDeque::new(),
            capacity,
            closed: false,
            reader: None,
            writer: None,
        }))
    }

    #[track_caller]
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_side(cx, Side::Reader, |contents| {
            let before = contents.bytes.len();
            let result = contents.read(buf)?;
            let made_room = contents.bytes.len() < before;
            let wake = made_room.then(|| contents.writer.take()).flatten();
            Some((result, Wake(wake)))
        })
    }

    #[track_caller]
    pub(super) fn poll_write(
        &self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_side(cx, Side::Writer, |contents| {
            let result = contents.write(bufs)?;
            let made_bytes = !contents.bytes.is_empty();
            let wake = made_bytes.then(|| contents.reader.take()).flatten();
            Some((result, Wake(wake)))
        })
    }

    /// Ends the pipe: what is in it can still be read, nothing can be written.
    ///
    /// Both sides are woken, when the result is dropped.
    pub(super) fn close(&self) -> [Wake; 2] {
        let mut contents = self.0.lock();
        contents.closed = true;
        [Wake(contents.reader.take()), Wake(contents.writer.take())]
    }

    /// Waits until `attempt` succeeds, as `side`; charges the budget when it does.
    #[track_caller]
    fn poll_side<R>(
        &self,
        cx: &mut Context<'_>,
        side: Side,
        mut attempt: impl FnMut(&mut Contents) -> Option<(R, Wake)>,
    ) -> Poll<R> {
        let unit = ready!(context::poll_proceed(cx));
        let mut waker = None;
        loop {
            let mut contents = self.0.lock();
            if let Some((result, wake)) = attempt(&mut contents) {
                drop(contents);
                drop(wake);
                unit.made_progress();
                return Poll::Ready(result);
            }
            if register(contents, side, cx.waker(), &mut waker) {
                context::note_wait(WaitKind::Io, Location::caller());
                return Poll::Pending;
            }
        }
    }
}

/// Stores a waker for `side` and returns true; or clones one, once the lock is free, and returns
/// false: the pipe has to be looked at again.
fn register(
    mut contents: MutexGuard<'_, Contents>,
    side: Side,
    current: &Waker,
    cloned: &mut Option<Waker>,
) -> bool {
    let stored = contents.waker(side);
    if stored
        .as_ref()
        .is_some_and(|stored| stored.will_wake(current))
    {
        return true;
    }
    if let Some(waker) = cloned.take() {
        let replaced = stored.replace(waker);
        drop(contents);
        drop(replaced);
        return true;
    }
    drop(contents);
    *cloned = Some(current.clone());
    false
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

#[cfg(all(test, selvedge_loom))]
mod loom;
