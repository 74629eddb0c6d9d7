//! `BackgroundWriter`: a writer that blocks, written to on the blocking pool while its user goes on.
//!
//! ```text
//!   poll_write ──► queue ──► the job, on the blocking pool ──► the writer that blocks
//! ```
//!
//! What a write took is in the queue. The job takes all of it at once, writes it, and looks again
//! until nothing is left; meanwhile the queue fills for its next look. The job is mandatory: what was
//! taken is written even if the user never asks again, and before the runtime has shut down.
//!
//! # Invariants
//!
//! * I1. Without a job (`is_working` is false) there is nothing to do: the queue is empty and no flush is
//!   wanted.
//! * I2. There is one job at most. Whoever sets `is_working` starts it; the job clears it, under the lock
//!   under which it found nothing to do.
//! * I3. Nothing is written, and no waker is touched, under the lock.
//! * I4. A write that the queue could hold is not divided, so the lines of several tasks stay whole.
//!
//! It is woken: who waits registered its waker and then looked at the desk once more, and found the
//! job at work (I1). The job changes the desk, under the lock, before it wakes: at its next look the queue is
//! empty, at its last it is gone.

use std::io::{self, IoSlice, Write};
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::context::{self, WaitKind};
use selvedge_sync::primitive::{Arc, Mutex};
use selvedge_sync::waker_cell::WakerCell;

use super::AsyncWrite;
use crate::contain::contain;
use crate::task;

/// The most bytes that wait in the queue. In a model there are few.
const QUEUE_MAX: usize = if cfg!(selvedge_loom) {
    2
} else {
    2 * 1024 * 1024
};

/// Writes to a `T` that blocks without blocking its user.
#[derive(Debug)]
pub(super) struct BackgroundWriter<T>(Arc<Workplace<T>>);

/// What the user and the job share.
#[derive(Debug)]
struct Workplace<T> {
    target: T,
    desk: Mutex<Desk>,
    /// Wakes the user when the desk has changed.
    user: WakerCell,
}

#[derive(Debug, Default)]
struct Desk {
    queue: Vec<u8>,
    /// The job is to flush the target, after what is in the queue.
    wants_flush: bool,
    /// Bytes came since the last flush was asked for.
    is_unflushed: bool,
    is_working: bool,
    /// What the target said, until the user hears it.
    error: Option<io::Error>,
}

/// Whether a job has to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "nobody else starts the job"]
enum Start {
    Yes,
    No,
}

impl Desk {
    fn begin_work(&mut self) -> Start {
        if mem::replace(&mut self.is_working, true) {
            Start::No
        } else {
            Start::Yes
        }
    }

    /// Forgets all that was to be done.
    fn clear(&mut self) {
        self.queue.clear();
        self.wants_flush = false;
    }

    /// Takes bytes out of `bufs`; `None` if they have to wait for the job.
    fn write(&mut self, bufs: &[IoSlice<'_>]) -> Option<(io::Result<usize>, Start)> {
        if let Some(error) = self.error.take() {
            return Some((Err(error), Start::No));
        }
        let wanted = bufs.iter().map(|buf| buf.len()).sum::<usize>();
        let room = QUEUE_MAX - self.queue.len();
        if wanted > room && !self.queue.is_empty() {
            return None;
        }
        if wanted == 0 {
            return Some((Ok(0), Start::No));
        }
        let mut left = room;
        for buf in bufs {
            let n = buf.len().min(left);
            self.queue.extend_from_slice(&buf[..n]);
            left -= n;
        }
        self.is_unflushed = true;
        Some((Ok(room - left), self.begin_work()))
    }

    /// Asks for a flush if there is something to flush, and no error to tell first.
    fn flush(&mut self) -> Start {
        if self.error.is_some() || !mem::take(&mut self.is_unflushed) {
            return Start::No;
        }
        self.wants_flush = true;
        self.begin_work()
    }

    /// How the work ended; `None` if it has not yet.
    fn outcome(&mut self) -> Option<io::Result<()>> {
        match self.error.take() {
            Some(error) => Some(Err(error)),
            None => (!self.is_working).then_some(Ok(())),
        }
    }
}

impl<T> Workplace<T>
where
    T: Send + Sync + 'static,
    for<'a> &'a T: Write,
{
    /// The job: writes until nothing is left to do.
    fn work(&self) {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let mut desk = self.desk.lock();
            mem::swap(&mut bytes, &mut desk.queue);
            let flush = mem::take(&mut desk.wants_flush);
            let is_done = bytes.is_empty() && !flush;
            desk.is_working = !is_done;
            drop(desk);
            contain(|| self.user.wake());
            if is_done {
                return;
            }
            let written = (&self.target).write_all(&bytes);
            let result = written.and_then(|()| {
                if flush {
                    (&self.target).flush()
                } else {
                    Ok(())
                }
            });
            if let Err(error) = result {
                // What came after the bytes that are lost would not make sense without them.
                let mut desk = self.desk.lock();
                desk.clear();
                desk.error = Some(error);
            }
        }
    }

    /// Waits until `attempt` succeeds; charges the budget when it does.
    #[track_caller]
    fn poll_desk<R>(
        &self,
        cx: &mut Context<'_>,
        mut attempt: impl FnMut(&mut Desk) -> Option<R>,
    ) -> Poll<R> {
        let unit = ready!(context::poll_proceed(cx));
        let mut result = attempt(&mut self.desk.lock());
        if result.is_none() {
            self.user.register(cx.waker());
            result = attempt(&mut self.desk.lock());
        }
        let Some(result) = result else {
            context::note_wait(WaitKind::Io, Location::caller());
            return Poll::Pending;
        };
        unit.made_progress();
        Poll::Ready(result)
    }
}

impl<T> BackgroundWriter<T>
where
    T: Send + Sync + 'static,
    for<'a> &'a T: Write,
{
    pub(super) fn new(target: T) -> Self {
        Self(Arc::new(Workplace {
            target,
            desk: Mutex::new(Desk::default()),
            user: WakerCell::new(),
        }))
    }

    pub(super) fn target(&self) -> &T {
        &self.0.target
    }

    /// Starts the job, if that is the duty. If it cannot be started, what it had to do is lost.
    fn start(&self, start: Start) -> io::Result<()> {
        if start == Start::No {
            return Ok(());
        }
        let workplace = Arc::clone(&self.0);
        let started = task::spawn_mandatory_blocking(move || workplace.work());
        started.map(drop).inspect_err(|_| {
            let mut desk = self.0.desk.lock();
            desk.clear();
            desk.is_working = false;
        })
    }
}

/// Writes return at once, with the error of an earlier one if there was any.
impl<T> AsyncWrite for BackgroundWriter<T>
where
    T: Send + Sync + 'static,
    for<'a> &'a T: Write,
{
    #[track_caller]
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    /// Waits until all that was taken is written and flushed.
    #[track_caller]
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let start = self.0.desk.lock().flush();
        self.start(start)?;
        self.0.poll_desk(cx, Desk::outcome)
    }

    #[track_caller]
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }

    #[track_caller]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let (result, start) = ready!(self.0.poll_desk(cx, |desk| desk.write(bufs)));
        self.start(start)?;
        Poll::Ready(result)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

#[cfg(all(test, selvedge_loom))]
mod loom;
