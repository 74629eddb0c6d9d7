//! What one process knows of signals: a board, the pipe that rouses its readers, and which handlers are
//! installed.
//!
//! A child made by `fork` inherits the memory and the pipe, but not the threads; if it took bytes out of
//! the pipe, they would be missing in the parent. So a hub serves only the process that made it: its
//! handlers and readers compare the process's id and do nothing in another. A child that listens itself
//! gets a hub, and a pipe, of its own.

use std::ffi::c_int;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use mio::unix::SourceFd;
use selvedge_sync::primitive::Mutex;

use super::board::{Board, Seat};
use super::handler;
use super::number::Number;
use crate::reactor::{Reactor, Resident};

/// The signals of one process. Lives as long as the process: its handlers refer to it.
#[derive(Debug)]
pub(crate) struct Hub {
    process: u32,
    board: Board,
    sender: UnixStream,
    receiver: UnixStream,
    /// A bit per signal that has a handler.
    installed: Mutex<u128>,
}

/// One who listens to a signal.
#[derive(Debug)]
pub(crate) struct Listener {
    hub: &'static Hub,
    seat: Seat,
}

/// A reactor's end of the pipe.
#[derive(Debug)]
struct Ear {
    hub: &'static Hub,
    receiver: UnixStream,
}

impl Hub {
    /// The hub of this process.
    ///
    /// # Errors
    ///
    /// There is no descriptor left for the pipe.
    fn of_this_process() -> io::Result<&'static Self> {
        static LAST: OnceLock<Mutex<Option<&'static Hub>>> = OnceLock::new();
        let mut last = LAST.get_or_init(|| Mutex::new(None)).lock();
        match *last {
            Some(hub) if hub.is_of_this_process() => Ok(hub),
            // None yet, or that of the process that forked this one.
            _ => {
                let hub = &*Box::leak(Box::new(Self::new()?));
                *last = Some(hub);
                Ok(hub)
            }
        }
    }

    fn new() -> io::Result<Self> {
        let (sender, receiver) = UnixStream::pair()?;
        sender.set_nonblocking(true)?;
        receiver.set_nonblocking(true)?;
        Ok(Self {
            process: std::process::id(),
            board: Board::new(),
            sender,
            receiver,
            installed: Mutex::new(0),
        })
    }

    fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// Makes sure that the signal has a handler.
    fn install(&'static self, number: Number) -> io::Result<()> {
        let mut installed = self.installed.lock();
        let bit = 1 << number.index();
        if *installed & bit == 0 {
            handler::install(self, number)?;
            *installed |= bit;
        }
        Ok(())
    }

    /// What runs in the signal handler: keep to what is allowed there.
    pub(super) fn handle(&self, number: Number) {
        if self.is_of_this_process() {
            self.board.note(number);
            // A full pipe rouses its readers as well. There is no other error.
            let _ = (&self.sender).write(&[0]);
        }
    }

    /// Has a reactor watch the pipe.
    fn rouse(&'static self, reactor: &Reactor) -> io::Result<()> {
        reactor.house(|| {
            let receiver = self.receiver.try_clone()?;
            let hub = self;
            Ok(Box::new(Ear { hub, receiver }))
        })
    }
}

impl Listener {
    /// Listens to a signal, and has `reactor` deliver it.
    ///
    /// # Errors
    ///
    /// The signal cannot be handled; the system has no descriptor left; the reactor has shut down, or
    /// is that of another process.
    pub(crate) fn new(signal: c_int, reactor: &Reactor) -> io::Result<Self> {
        let number = Number::new(signal).filter(|_| !handler::is_forbidden(signal));
        let Some(number) = number else {
            return Err(io::Error::other(format!(
                "signal {signal} cannot be listened to"
            )));
        };
        Self::at(Hub::of_this_process()?, number, reactor)
    }

    fn at(hub: &'static Hub, number: Number, reactor: &Reactor) -> io::Result<Self> {
        hub.rouse(reactor)?;
        hub.install(number)?;
        let seat = hub.board.join(number);
        Ok(Self { hub, seat })
    }

    /// Waits for a signal that has not been heard yet.
    ///
    /// It is woken: see `board.rs`, and by the end of any runtime that delivers signals.
    pub(crate) fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.hub.board.poll_hear(cx, &mut self.seat)
    }

    /// Makes sure that `reactor` delivers signals.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub(crate) fn rouse(&self, reactor: &Reactor) -> io::Result<()> {
        self.hub.rouse(reactor)
    }

    /// False in a child made by `fork`: what it inherited hears nothing.
    pub(crate) fn is_of_this_process(&self) -> bool {
        self.hub.is_of_this_process()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.board.leave(&self.seat);
    }
}

impl Resident for Ear {
    fn register(&self, registry: &mio::Registry, token: mio::Token) -> io::Result<()> {
        let fd = self.receiver.as_raw_fd();
        registry.register(&mut SourceFd(&fd), token, mio::Interest::READABLE)
    }

    fn serve(&self, wakes: &mut Vec<Waker>) {
        if !self.hub.is_of_this_process() {
            return;
        }
        let mut bytes = [0; 128];
        loop {
            match (&self.receiver).read(&mut bytes) {
                // Fewer than asked for: the pipe is empty, and what comes later is a new event.
                Ok(count) if count < bytes.len() => break,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Empty: another reader was faster, but may not have delivered yet what it was told of.
                Err(_) => break,
            }
        }
        self.hub.board.collect(wakes);
    }

    fn leave(&self, wakes: &mut Vec<Waker>) {
        if self.hub.is_of_this_process() {
            self.hub.board.stir(wakes);
        }
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
