//! A file's memory: its [state](super::state), the bytes read ahead, the operation in flight, the error
//! that is owed.
//!
//! # Invariants
//!
//! - I1. There is a flight exactly while the state says that something is in flight.
//! - I2. The unread bytes are the last ones before `end`. While a read is in flight its thread has the
//!   memory.
//! - I3. There is an owed error exactly while the state says so.
//!
//! # Why it cannot get stuck
//!
//! What waits here waits for the flight's join handle, which wakes whether the operation ended, panicked
//! or was cancelled by the shutdown of its runtime. A write ends once nothing more was gathered for it,
//! and gathers only a bounded number of bytes while nobody looks.

use std::fs;
use std::future::{Future, poll_fn};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::OpenFile;
use super::gather;
use super::state::{Ahead, FileState, Landing, OnFlush, OnSettle, Operation};
use crate::fs::offload::{self, start, start_mandatory};
use crate::io::ReadBuf;
use crate::task::JoinHandle;

/// What a file remembers.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) state: FileState,
    flight: Option<JoinHandle<Flown>>,
    /// Memory for reads, up to `end` filled by the last one.
    bytes: Vec<u8>,
    end: usize,
    /// Memory for the next write.
    outgoing: Vec<u8>,
    owed: Option<io::Error>,
    /// Where the last seek led.
    position: u64,
}

/// What an operation brings back.
#[derive(Debug)]
enum Flown {
    Read {
        bytes: Vec<u8>,
        ahead: Ahead,
        result: io::Result<usize>,
    },
    Write {
        spent: Vec<u8>,
        moved: bool,
        result: io::Result<()>,
    },
    Seek {
        skipped: Option<usize>,
        result: io::Result<u64>,
    },
    Resize {
        moved: bool,
        result: io::Result<()>,
    },
}

/// What landed, for whoever waited for it.
#[derive(Debug)]
pub(super) enum Landed {
    Read(io::Result<usize>),
    Write(io::Result<()>),
    Seek(io::Result<u64>),
    Resize(io::Result<()>),
}

impl Desk {
    pub(super) fn new(ahead: Ahead) -> Self {
        Self {
            state: FileState::new(ahead),
            flight: None,
            bytes: Vec::new(),
            end: 0,
            outgoing: Vec::new(),
            owed: None,
            position: 0,
        }
    }

    /// Where the last seek led.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The error that is owed; the state has just said that it is to be reported.
    pub(super) fn pay(&mut self) -> io::Error {
        self.owed.take().expect("the state says that one is owed")
    }

    /// Appends the next `n` unread bytes; `next` is the state without them.
    pub(super) fn serve(&mut self, buf: &mut ReadBuf<'_>, n: usize, next: FileState) {
        let start = self.end - self.state.unread();
        buf.put_slice(&self.bytes[start..start + n]);
        self.state = next;
    }

    /// Starts a read of up to `room` bytes, or of `window` if it may be more, in any case `max`.
    pub(super) fn read(
        &mut self,
        open: &Arc<OpenFile>,
        next: FileState,
        (room, window, max): (usize, usize, usize),
        ahead: Ahead,
    ) -> io::Result<()> {
        let open = Arc::clone(open);
        let mut bytes = mem::take(&mut self.bytes);
        self.end = 0;
        let read = move || {
            let ahead = match ahead {
                Ahead::Unknown if is_regular(&open.file) => Ahead::Yes,
                Ahead::Unknown => Ahead::No,
                known => known,
            };
            let more = if ahead == Ahead::Yes { window } else { 0 };
            let wanted = room.max(more).min(max);
            if bytes.len() < wanted {
                // Fresh zeros cost less than to extend what is there.
                bytes = vec![0; wanted];
            }
            let result = uninterrupted(|| (&open.file).read(&mut bytes[..wanted]));
            Flown::Read {
                bytes,
                ahead,
                result,
            }
        };
        self.launch(next, start(read))
    }

    /// Starts a write of the first `n` bytes of these, `back` bytes behind the system's position.
    pub(super) fn write(
        &mut self,
        open: &Arc<OpenFile>,
        next: FileState,
        back: usize,
        (pieces, n): (&[IoSlice<'_>], usize),
    ) -> io::Result<()> {
        let open = Arc::clone(open);
        let mut bytes = mem::take(&mut self.outgoing);
        gather::append(&mut bytes, pieces, n);
        open.gather.open();
        let write = move || {
            let closing = open.gather.closing();
            let (moved, result) = after_going_back(&open.file, back, |mut file| {
                loop {
                    file.write_all(&bytes)?;
                    if !open.gather.take(&mut bytes) {
                        return Ok(());
                    }
                }
            });
            drop(closing);
            bytes.clear();
            Flown::Write {
                spent: bytes,
                moved,
                result,
            }
        };
        self.launch(next, start_mandatory(write))
    }

    /// Starts a move of the system's position.
    pub(super) fn seek(
        &mut self,
        open: &Arc<OpenFile>,
        next: FileState,
        target: SeekFrom,
    ) -> io::Result<()> {
        let open = Arc::clone(open);
        let seek = move || Flown::Seek {
            skipped: None,
            result: (&open.file).seek(target),
        };
        self.launch(next, start(seek))
    }

    /// Starts a move by `skip` of the `unread` bytes, which only has to ask where the system is.
    pub(super) fn skip(
        &mut self,
        open: &Arc<OpenFile>,
        next: FileState,
        skip: usize,
        unread: usize,
    ) -> io::Result<()> {
        let open = Arc::clone(open);
        let ask = move || {
            let ahead = (unread - skip) as u64;
            let position = (&open.file).stream_position();
            Flown::Seek {
                skipped: Some(skip),
                // Somebody who shares the position may have moved it to where this makes no sense.
                result: position.map(|position| position.saturating_sub(ahead)),
            }
        };
        self.launch(next, start(ask))
    }

    /// Starts to change the length of the file.
    pub(super) fn resize(
        &mut self,
        open: &Arc<OpenFile>,
        next: FileState,
        back: usize,
        size: u64,
    ) -> io::Result<()> {
        let open = Arc::clone(open);
        let resize = move || {
            let (moved, result) = after_going_back(&open.file, back, |file| file.set_len(size));
            Flown::Resize { moved, result }
        };
        self.launch(next, start(resize))
    }

    /// Notes that an operation has started; if it was refused, the state is as before.
    fn launch(&mut self, next: FileState, flight: io::Result<JoinHandle<Flown>>) -> io::Result<()> {
        self.flight = Some(flight?);
        self.state = next;
        Ok(())
    }

    /// Waits until what is in flight is over.
    ///
    /// It is woken: by the join handle.
    pub(super) fn poll_landing(&mut self, cx: &mut Context<'_>) -> Poll<Landed> {
        let flight = self.flight.as_mut().expect("something is in flight");
        let flown = ready!(Pin::new(flight).poll(cx));
        self.flight = None;
        let (landing, landed) = match flown {
            Ok(flown) => self.unpack(flown),
            Err(error) => {
                // A cancelled operation has not begun; one that panicked may have done anything.
                let stayed = error.is_cancelled();
                let result = Err(offload::into_io_error(error));
                self.lose(stayed, result)
            }
        };
        self.state = self.state.on_landing(landing);
        Poll::Ready(landed)
    }

    /// As [`poll_landing`](Self::poll_landing), for those who do not care what it was: the error of
    /// a write is kept for the next one to hear it, other results are lost.
    pub(super) fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.flight.is_some() {
            let landed = ready!(self.poll_landing(cx));
            self.keep_error(landed);
        }
        Poll::Ready(())
    }

    /// Keeps the error of a write until somebody can be told.
    pub(super) fn keep_error(&mut self, landed: Landed) {
        if let Landed::Write(Err(error)) = landed {
            self.owed = Some(error);
            self.state = self.state.on_owed();
        }
    }

    /// Waits until nothing is in flight and the system's position is the user's.
    pub(super) async fn settle(&mut self, open: &Arc<OpenFile>) -> io::Result<()> {
        loop {
            let (next, duty) = self.state.on_settle();
            match duty {
                OnSettle::Done => return Ok(()),
                OnSettle::Await => poll_fn(|cx| self.poll_idle(cx)).await,
                OnSettle::Start { back } => {
                    self.seek(open, next, SeekFrom::Current(-(back as i64)))?;
                    if let Landed::Seek(Err(error)) = poll_fn(|cx| self.poll_landing(cx)).await {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Waits until nothing is in flight; reports the error of a write.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let (next, duty) = self.state.on_flush();
            match duty {
                OnFlush::Done => return Poll::Ready(Ok(())),
                OnFlush::Report => {
                    self.state = next;
                    return Poll::Ready(Err(self.pay()));
                }
                OnFlush::Await => {
                    if let Landed::Write(Err(error)) = ready!(self.poll_landing(cx)) {
                        return Poll::Ready(Err(error));
                    }
                }
            }
        }
    }

    fn unpack(&mut self, flown: Flown) -> (Landing, Landed) {
        match flown {
            Flown::Read {
                bytes,
                ahead,
                result,
            } => {
                self.bytes = bytes;
                self.end = *result.as_ref().unwrap_or(&0);
                let got = self.end;
                (Landing::Read { got, ahead }, Landed::Read(result))
            }
            Flown::Write {
                spent,
                moved,
                result,
            } => {
                self.outgoing = spent;
                (landing(moved), Landed::Write(result))
            }
            Flown::Seek { skipped, result } => {
                let landing = match (&result, skipped) {
                    (Ok(_), Some(skipped)) => Landing::Stayed { skipped },
                    (Ok(_), None) => Landing::Moved,
                    (Err(_), _) => landing(false),
                };
                if let Ok(position) = result {
                    self.position = position;
                }
                (landing, Landed::Seek(result))
            }
            Flown::Resize { moved, result } => (landing(moved), Landed::Resize(result)),
        }
    }

    /// An operation that brought nothing back.
    fn lose(&mut self, stayed: bool, error: io::Result<()>) -> (Landing, Landed) {
        let landing = landing(!stayed);
        match self.state.in_flight() {
            Some(Operation::Read) => {
                let ahead = Ahead::Unknown;
                let landed = Landed::Read(error.map(|()| 0));
                (Landing::Read { got: 0, ahead }, landed)
            }
            Some(Operation::Seek) => (landing, Landed::Seek(error.map(|()| 0))),
            Some(Operation::Resize) => (landing, Landed::Resize(error)),
            Some(Operation::Write) | None => (landing, Landed::Write(error)),
        }
    }
}

/// Did an operation that reads nothing make the system's position the user's?
fn landing(moved: bool) -> Landing {
    if moved {
        Landing::Moved
    } else {
        Landing::Stayed { skipped: 0 }
    }
}

/// Moves the position back, then acts; also tells whether the first succeeded.
fn after_going_back(
    mut file: &fs::File,
    back: usize,
    act: impl FnOnce(&fs::File) -> io::Result<()>,
) -> (bool, io::Result<()>) {
    if back > 0 {
        // No buffer has more bytes than an `i64` can count.
        if let Err(error) = file.seek(SeekFrom::Current(-(back as i64))) {
            return (false, Err(error));
        }
    }
    (true, act(file))
}

fn is_regular(file: &fs::File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file())
}

/// Repeats what a signal interrupts.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
