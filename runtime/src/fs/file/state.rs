//! Where a file stands: what is in flight, how far ahead the system's position is, what is owed.
//!
//! A pure value. The bytes, the errors and the operation itself are its owner's, [`Desk`](super::desk);
//! here is decided what happens next.
//!
//! # Picture
//!
//! ```text
//!            1 `on_read`, `on_write`, `on_seek`, `on_resize`, `on_settle` with `Start`
//!            ──────────────────────────────────────────────────────────────────────►
//!       idle                                                                        in flight
//!            ◄──────────────────────────────────────────────────────────────────────
//!                                    2 `on_landing`
//! ```
//!
//! While a write is in flight, further writes are gathered for it; everything else waits for the
//! landing. An operation that the runtime refuses to start leaves the state as it was.
//!
//! # Position
//!
//! The user's position is the system's minus `unread`: the bytes in memory that nobody has asked for
//! yet. Whoever needs the system's position to be the user's (a write, a seek, a resize, a clone) is
//! told how far to go back first; `unread` shrinks when that has succeeded, not before. So a seek that
//! fails, or is never waited for, does not move anything by itself.
//!
//! # Invariants
//!
//! - I1. A read is in flight only if nothing is unread: it fills the memory that held it.
//! - I2. A write is in flight only if no error is owed: a write reports first.
//! - I3. The window is between [`WINDOW_MIN`] and [`WINDOW_MAX`].

#[cfg(all(test, not(selvedge_loom)))]
mod tests;

use std::io::SeekFrom;

/// What the first read fetches, and the first after the position moved.
pub(super) const WINDOW_MIN: usize = 8 * 1024;
/// What a read fetches once the file has been read in sequence for a while.
pub(super) const WINDOW_MAX: usize = 128 * 1024;

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FileState {
    in_flight: Option<Operation>,
    unread: usize,
    window: usize,
    ahead: Ahead,
    owes_error: bool,
}

/// What may be in flight: at most one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    Read,
    Write,
    Seek,
    Resize,
}

/// May more be read than was asked for?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ahead {
    /// The first read finds out.
    Unknown,
    /// It is a regular file: what was read too much can be given back by moving the position.
    Yes,
    /// It is a terminal, a pipe, a device; or others use the same position.
    No,
}

/// What a read has to do.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnRead {
    /// Take that many bytes from memory.
    Serve(usize),
    /// Wait for the landing, then ask again.
    Await,
    /// Start reading what was asked for or, if it may be more, up to `window`.
    Start { window: usize, ahead: Ahead },
}

/// What a write has to do.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnWrite {
    /// Report the error that is owed, and accept nothing.
    Report,
    /// Offer the bytes to the write in flight; if it takes none, wait for the landing.
    Gather,
    /// Wait for the landing, then ask again.
    Await,
    /// Start writing, that far behind the system's position.
    Start { back: usize },
}

/// What a seek has to do.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnSeek {
    /// Refuse: something is in flight.
    Refuse,
    /// The target is among the unread bytes: ask for the system's position and drop `skip` of them.
    Skip { skip: usize, unread: usize },
    /// Start moving there, as seen from the system's position.
    Start(SeekFrom),
    /// No position is that far away.
    OutOfRange,
}

/// What has to be done before the file is as its user thinks, with nothing in memory.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnSettle {
    /// Wait for the landing, then ask again.
    Await,
    /// Start moving that far back.
    Start { back: usize },
    /// Nothing.
    Done,
}

/// What a flush has to do.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnFlush {
    /// Report the error that is owed.
    Report,
    /// Wait for the landing, then ask again.
    Await,
    /// Nothing.
    Done,
}

/// How an operation ended, as far as the position is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Landing {
    /// A read put that many bytes into memory: none at the end, or if it failed.
    Read { got: usize, ahead: Ahead },
    /// The system's position is the user's.
    Moved,
    /// The system's position is where it was, and so many unread bytes were skipped.
    Stayed { skipped: usize },
}

impl FileState {
    /// A file nobody has used yet.
    pub(super) const fn new(ahead: Ahead) -> Self {
        Self {
            in_flight: None,
            unread: 0,
            window: WINDOW_MIN,
            ahead,
            owes_error: false,
        }
    }

    /// The table of valid states.
    pub(super) fn is_valid(self) -> bool {
        let reads = self.in_flight == Some(Operation::Read);
        let writes = self.in_flight == Some(Operation::Write);
        (!reads || self.unread == 0)
            && (!writes || !self.owes_error)
            && (WINDOW_MIN..=WINDOW_MAX).contains(&self.window)
    }

    /// The bytes in memory that nobody has asked for.
    pub(super) fn unread(self) -> usize {
        self.unread
    }

    pub(super) fn in_flight(self) -> Option<Operation> {
        self.in_flight
    }

    /// Is something in flight that changes contents or length?
    pub(super) fn changes_the_file(self) -> bool {
        matches!(self.in_flight, Some(Operation::Write | Operation::Resize))
    }

    /// Somebody wants to read up to `room` bytes.
    pub(super) fn on_read(mut self, room: usize) -> (Self, OnRead) {
        if room == 0 {
            return self.then(OnRead::Serve(0));
        }
        if self.in_flight.is_some() {
            return self.then(OnRead::Await);
        }
        if self.unread > 0 {
            let served = self.unread.min(room);
            self.unread -= served;
            return self.then(OnRead::Serve(served));
        }
        let start = OnRead::Start {
            window: self.window,
            ahead: self.ahead,
        };
        self.in_flight = Some(Operation::Read);
        self.then(start)
    }

    /// Somebody wants to write.
    pub(super) fn on_write(mut self) -> (Self, OnWrite) {
        if self.owes_error {
            self.owes_error = false;
            return self.then(OnWrite::Report);
        }
        match self.in_flight {
            Some(Operation::Write) => self.then(OnWrite::Gather),
            Some(_) => self.then(OnWrite::Await),
            None => {
                self.in_flight = Some(Operation::Write);
                self.then(OnWrite::Start { back: self.unread })
            }
        }
    }

    /// Somebody wants to move the position.
    pub(super) fn on_seek(mut self, target: SeekFrom) -> (Self, OnSeek) {
        if self.in_flight.is_some() {
            return self.then(OnSeek::Refuse);
        }
        let unread = self.unread;
        let duty = match target {
            SeekFrom::Current(offset) => {
                let skip = usize::try_from(offset).ok();
                match skip.filter(|&skip| skip <= unread && self.ahead == Ahead::Yes) {
                    Some(skip) => OnSeek::Skip { skip, unread },
                    // No buffer has more bytes than an `i64` can count.
                    None => offset
                        .checked_sub_unsigned(unread as u64)
                        .map_or(OnSeek::OutOfRange, |offset| {
                            OnSeek::Start(SeekFrom::Current(offset))
                        }),
                }
            }
            absolute => OnSeek::Start(absolute),
        };
        if duty != OnSeek::OutOfRange {
            self.in_flight = Some(Operation::Seek);
        }
        self.then(duty)
    }

    /// Somebody wants to change the length of the file.
    pub(super) fn on_resize(mut self) -> (Self, OnSettle) {
        if self.in_flight.is_some() {
            return self.then(OnSettle::Await);
        }
        self.in_flight = Some(Operation::Resize);
        self.then(OnSettle::Start { back: self.unread })
    }

    /// Somebody else is to use the file, or its position.
    pub(super) fn on_settle(mut self) -> (Self, OnSettle) {
        match self.in_flight {
            Some(_) => self.then(OnSettle::Await),
            None if self.unread == 0 => self.then(OnSettle::Done),
            None => {
                self.in_flight = Some(Operation::Seek);
                self.then(OnSettle::Start { back: self.unread })
            }
        }
    }

    /// Somebody wants to know that everything was written.
    pub(super) fn on_flush(mut self) -> (Self, OnFlush) {
        if self.owes_error {
            self.owes_error = false;
            return self.then(OnFlush::Report);
        }
        match self.in_flight {
            Some(_) => self.then(OnFlush::Await),
            None => self.then(OnFlush::Done),
        }
    }

    /// What was in flight is over.
    pub(super) fn on_landing(mut self, landing: Landing) -> Self {
        debug_assert!(self.in_flight.is_some(), "nothing can land: {self:?}");
        self.in_flight = None;
        match landing {
            Landing::Read { got, ahead } => {
                self.unread = got;
                // Others may have begun to use the position meanwhile.
                if self.ahead == Ahead::Unknown {
                    self.ahead = ahead;
                }
                if got > 0 {
                    self.window = (self.window * 2).min(WINDOW_MAX);
                }
            }
            Landing::Moved => {
                self.unread = 0;
                self.window = WINDOW_MIN;
            }
            Landing::Stayed { skipped } => self.unread -= skipped,
        }
        self.then(()).0
    }

    /// A write failed while nobody was there to hear it.
    pub(super) fn on_owed(mut self) -> Self {
        self.owes_error = true;
        self.then(()).0
    }

    /// From now on somebody else uses the same position.
    pub(super) fn on_share(mut self) -> Self {
        self.ahead = Ahead::No;
        self.then(()).0
    }

    /// The end of every transition.
    fn then<D>(self, duty: D) -> (Self, D) {
        debug_assert!(self.is_valid(), "{self:?}");
        (self, duty)
    }
}
