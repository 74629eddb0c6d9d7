//! Looking at what a TCP connection holds without taking it.

use std::io;
use std::ops::Deref;
use std::panic::Location;
use std::task::{Context, Poll};

use super::TcpStream;
use crate::io::{Interest, ReadBuf};
use crate::net::attempts::Attempts;
use crate::net::socket::Inner;
use crate::net::stream::ReadSide;
use crate::net::uninit;
use crate::reactor::{Direction, Done};

impl TcpStream {
    /// Reads what is there and leaves it there; waits until there is something.
    ///
    /// Returns how many bytes were appended to `buf`. Only the last task that polled for reading is
    /// woken.
    ///
    /// # Errors
    ///
    /// That of the operating system, or the runtime has shut down.
    #[track_caller]
    pub fn poll_peek(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        let place = Location::caller();
        self.io.poll_io(cx, Direction::Read, place, |io| {
            uninit::append(buf, |buf| io.run(|| io.sock().peek(buf))).map(Done::Kept)
        })
    }

    /// Reads what is there and leaves it there; waits until there is something.
    ///
    /// # Errors
    ///
    /// That of the operating system, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn peek<'a>(
        &'a self,
        buf: &'a mut [u8],
    ) -> Attempts<'a, impl FnMut() -> io::Result<usize>> {
        let io = self.io.io();
        Attempts::new(
            &self.io,
            Interest::READABLE,
            Location::caller(),
            move || io.peek(buf),
        )
    }
}

impl<L: Deref<Target = TcpStream>> ReadSide<L> {
    /// Reads what is there and leaves it there; waits until there is something.
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::poll_peek`].
    #[track_caller]
    pub fn poll_peek(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        self.as_ref().poll_peek(cx, buf)
    }

    /// Reads what is there and leaves it there; waits until there is something.
    ///
    /// # Errors
    ///
    /// Those of [`TcpStream::peek`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn peek<'a>(
        &'a mut self,
        buf: &'a mut [u8],
    ) -> Attempts<'a, impl FnMut() -> io::Result<usize>> {
        let this: &Self = self;
        this.as_ref().peek(buf)
    }
}
