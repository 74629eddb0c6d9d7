//! `BackgroundReader`: a reader that blocks, read from on the blocking pool.

use std::io::{self, Read};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::primitive::Arc;

use super::checked::poll_charge;
use super::{AsyncRead, ReadBuf};
use crate::reactor;
use crate::task::{self, JoinHandle};

/// The most bytes that are read at once.
const READ_MAX: usize = 2 * 1024 * 1024;

/// Reads from a `T` that blocks without blocking its user.
///
/// A read that nobody waits for any more goes on, and its bytes are there for the next one.
#[derive(Debug)]
pub(super) struct BackgroundReader<T> {
    source: Arc<T>,
    /// What was read, from `used` on.
    bytes: Vec<u8>,
    used: usize,
    /// The read under way, with the storage it reads into.
    job: Option<JoinHandle<io::Result<Vec<u8>>>>,
}

impl<T> BackgroundReader<T>
where
    T: Send + Sync + 'static,
    for<'a> &'a T: Read,
{
    pub(super) fn new(source: T) -> Self {
        Self {
            source: Arc::new(source),
            bytes: Vec::new(),
            used: 0,
            job: None,
        }
    }

    pub(super) fn source(&self) -> &T {
        &self.source
    }

    /// Reads once, at most `wanted` bytes unless a read is under way that was asked for more.
    fn poll_job(&mut self, cx: &mut Context<'_>, wanted: usize) -> Poll<io::Result<()>> {
        let job = match &mut self.job {
            Some(job) => job,
            none => {
                let source = Arc::clone(&self.source);
                let storage = mem::take(&mut self.bytes);
                self.used = 0;
                none.insert(task::try_spawn_blocking(move || {
                    read_once(&source, storage, wanted)
                })?)
            }
        };
        let result = ready!(Pin::new(job).poll(cx));
        self.job = None;
        self.bytes = match result {
            Ok(bytes) => bytes?,
            Err(error) if error.is_cancelled() => return Poll::Ready(Err(reactor::gone())),
            Err(error) => return Poll::Ready(Err(error.into())),
        };
        Poll::Ready(Ok(()))
    }
}

impl<T> AsyncRead for BackgroundReader<T>
where
    T: Send + Sync + 'static,
    for<'a> &'a T: Read,
{
    /// Appends the bytes that are here, or what one read brings.
    ///
    /// It is woken: it waits for the job, or without budget, when the task was woken before.
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if this.used == this.bytes.len() {
            ready!(this.poll_job(cx, buf.remaining().min(READ_MAX)))?;
        } else {
            ready!(poll_charge(cx));
        }
        let rest = &this.bytes[this.used..];
        let n = rest.len().min(buf.remaining());
        buf.put_slice(&rest[..n]);
        this.used += n;
        Poll::Ready(Ok(()))
    }
}

/// Reads into `storage`, as often as a signal interrupts it.
fn read_once<T>(source: &T, mut storage: Vec<u8>, wanted: usize) -> io::Result<Vec<u8>>
where
    for<'a> &'a T: Read,
{
    storage.resize(wanted, 0);
    loop {
        match (&mut &*source).read(&mut storage) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
            Ok(n) => {
                storage.truncate(n);
                return Ok(storage);
            }
        }
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
