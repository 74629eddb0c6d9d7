//! Datagrams: what sockets of UDP and of Unix have in common.
//!
//! A datagram is received by one call or not at all: what does not fit into the buffer is lost. Datagrams
//! may be empty, so zero bytes say nothing about the end of anything. Only after a shutdown do they mean
//! that nothing will come.

use std::io;
use std::mem::MaybeUninit;
use std::panic::Location;
use std::task::{Context, Poll};

use bytes::BufMut;
use socket2::SockRef;

use super::attempts::Attempts;
use super::socket::{Family, Inner, PeerRole, Role, Socket};
use super::uninit;
use crate::io::{Interest, ReadBuf};
use crate::reactor::{Direction, Done};

/// The role of a socket that sends and receives datagrams.
#[derive(Debug, Clone, Copy)]
pub struct Datagram(());

impl Role for Datagram {
    type Inner<F: Family> = F::Datagram;
    const WATCHED: Interest = Interest::READABLE.add(Interest::WRITABLE);
}

impl PeerRole for Datagram {}

impl<F: Family> Socket<Datagram, F> {
    /// Polls until a datagram can be sent. Only the last task that polled for sending is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ready = self.io.poll_ready(cx, Direction::Write, Location::caller());
        ready.map_ok(drop)
    }

    /// Polls until a datagram can be received. Only the last task that polled for receiving is woken.
    ///
    /// # Errors
    ///
    /// The runtime has shut down.
    #[track_caller]
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ready = self.io.poll_ready(cx, Direction::Read, Location::caller());
        ready.map_ok(drop)
    }

    /// Sends a datagram to the peer the socket is connected to.
    ///
    /// # Errors
    ///
    /// That of the operating system, such as a datagram that is too long or a socket without peer; or
    /// the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it was ready, nothing was sent.
    #[track_caller]
    pub fn send<'a>(&'a self, buf: &'a [u8]) -> Attempts<'a, impl FnMut() -> io::Result<usize>> {
        let place = Location::caller();
        self.attempts(Interest::WRITABLE, place, |sock| sock.send(buf))
    }

    /// As [`send`](Self::send). Only the last task that polled for sending is woken.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    #[track_caller]
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let place = Location::caller();
        self.poll_attempts(cx, Direction::Write, place, |sock| sock.send(buf))
    }

    /// As [`send`](Self::send), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room: wait for [`writable`](Self::writable). Those of
    /// [`send`](Self::send).
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.attempt(Interest::WRITABLE, |sock| sock.send(buf))
    }

    /// Receives a datagram into `buf`, and returns its length. What does not fit is lost.
    ///
    /// # Errors
    ///
    /// That of the operating system, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no datagram.
    #[track_caller]
    pub fn recv<'a>(
        &'a self,
        buf: &'a mut [u8],
    ) -> Attempts<'a, impl FnMut() -> io::Result<usize>> {
        let place = Location::caller();
        self.attempts(Interest::READABLE, place, |sock| {
            uninit::fill(buf, |buf| self.recv_now(sock, buf))
        })
    }

    /// As [`recv`](Self::recv). Only the last task that polled for receiving is woken.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let place = Location::caller();
        self.poll_attempts(cx, Direction::Read, place, |sock| {
            uninit::append(buf, |buf| self.recv_now(sock, buf)).map(drop)
        })
    }

    /// As [`recv`](Self::recv), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing: wait for [`readable`](Self::readable). Those of
    /// [`recv`](Self::recv).
    pub fn try_recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.attempt(Interest::READABLE, |sock| {
            uninit::fill(buf, |buf| self.recv_now(sock, buf))
        })
    }

    /// As [`recv`](Self::recv), appending to `buf` without making it grow.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no datagram.
    #[track_caller]
    pub fn recv_buf<'a, B: BufMut>(
        &'a self,
        buf: &'a mut B,
    ) -> Attempts<'a, impl FnMut() -> io::Result<usize>> {
        let place = Location::caller();
        self.attempts(Interest::READABLE, place, |sock| {
            uninit::append_to(buf, |buf| self.recv_now(sock, buf))
        })
    }

    /// As [`recv_buf`](Self::recv_buf), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing; those of [`recv`](Self::recv).
    pub fn try_recv_buf<B: BufMut>(&self, buf: &mut B) -> io::Result<usize> {
        self.attempt(Interest::READABLE, |sock| {
            uninit::append_to(buf, |buf| self.recv_now(sock, buf))
        })
    }

    /// Receives a datagram into `buf`, and returns its length and where it came from. What does not fit
    /// is lost.
    ///
    /// # Errors
    ///
    /// That of the operating system, or the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no datagram.
    #[track_caller]
    pub fn recv_from<'a>(
        &'a self,
        buf: &'a mut [u8],
    ) -> Attempts<'a, impl FnMut() -> io::Result<(usize, F::Addr)>> {
        let place = Location::caller();
        self.attempts(Interest::READABLE, place, |sock| {
            uninit::fill(buf, |buf| self.recv_from_now(sock, buf))
        })
    }

    /// As [`recv_from`](Self::recv_from). Only the last task that polled for receiving is woken.
    ///
    /// # Errors
    ///
    /// Those of [`recv_from`](Self::recv_from).
    #[track_caller]
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<F::Addr>> {
        let place = Location::caller();
        self.poll_attempts(cx, Direction::Read, place, |sock| {
            uninit::append(buf, |buf| self.recv_from_now(sock, buf)).map(|(_, sender)| sender)
        })
    }

    /// As [`recv_from`](Self::recv_from), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing: wait for [`readable`](Self::readable). Those of
    /// [`recv_from`](Self::recv_from).
    pub fn try_recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, F::Addr)> {
        self.attempt(Interest::READABLE, |sock| {
            uninit::fill(buf, |buf| self.recv_from_now(sock, buf))
        })
    }

    /// As [`recv_from`](Self::recv_from), appending to `buf` without making it grow.
    ///
    /// # Errors
    ///
    /// Those of [`recv_from`](Self::recv_from).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no datagram.
    #[track_caller]
    pub fn recv_buf_from<'a, B: BufMut>(
        &'a self,
        buf: &'a mut B,
    ) -> Attempts<'a, impl FnMut() -> io::Result<(usize, F::Addr)>> {
        let place = Location::caller();
        self.attempts(Interest::READABLE, place, |sock| {
            uninit::append_to(buf, |buf| self.recv_from_now(sock, buf))
        })
    }

    /// As [`recv_buf_from`](Self::recv_buf_from), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing; those of [`recv_from`](Self::recv_from).
    pub fn try_recv_buf_from<B: BufMut>(&self, buf: &mut B) -> io::Result<(usize, F::Addr)> {
        self.attempt(Interest::READABLE, |sock| {
            uninit::append_to(buf, |buf| self.recv_from_now(sock, buf))
        })
    }

    /// Attempts at an operation, until one does not say `WouldBlock`.
    pub(super) fn attempts<'a, T>(
        &'a self,
        interest: Interest,
        place: &'static Location<'static>,
        mut operation: impl FnMut(&SockRef<'a>) -> io::Result<T>,
    ) -> Attempts<'a, impl FnMut() -> io::Result<T>> {
        let io = self.io.io();
        Attempts::new(&self.io, interest, place, move || {
            io.run(|| operation(&io.sock()))
        })
    }

    /// As [`attempts`](Self::attempts), in the slot of `direction`.
    pub(super) fn poll_attempts<T>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        place: &'static Location<'static>,
        mut operation: impl FnMut(&SockRef<'_>) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        self.io.poll_io(cx, direction, place, |io| {
            io.run(|| operation(&io.sock())).map(Done::Kept)
        })
    }

    /// One attempt at an operation.
    pub(super) fn attempt<T>(
        &self,
        interest: Interest,
        operation: impl FnOnce(&SockRef<'_>) -> io::Result<T>,
    ) -> io::Result<T> {
        self.io
            .try_io(interest, |io| io.run(|| operation(&io.sock())))
    }

    fn recv_now(&self, sock: &SockRef<'_>, buf: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
        self.or_end(0, || sock.recv(buf))
    }

    fn recv_from_now(
        &self,
        sock: &SockRef<'_>,
        buf: &mut [MaybeUninit<u8>],
    ) -> io::Result<(usize, F::Addr)> {
        self.or_end((0, F::nobody()), || {
            let (count, sender) = sock.recv_from(buf)?;
            Ok((count, F::addr(sender)?))
        })
    }

    /// Receives, or tells that it has come to the end: after a shutdown some systems say `WouldBlock`,
    /// although there is nothing to wait for. Nothing more can come if the end was known before.
    fn or_end<T>(&self, end: T, receive: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let is_ended = self.io.is_read_closed();
        match receive() {
            Err(error) if is_ended && error.kind() == io::ErrorKind::WouldBlock => Ok(end),
            result => result,
        }
    }
}
