//! Looking at the next datagram of a UDP socket without taking it.

use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::panic::Location;
use std::task::{Context, Poll};

use socket2::SockRef;

use super::UdpSocket;
use crate::io::{Interest, ReadBuf};
use crate::net::attempts::Attempts;
use crate::net::socket::{Family, Ip};
use crate::net::uninit;
use crate::reactor::Direction;

impl UdpSocket {
    /// As [`recv`](Self::recv), and leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn peek<'a>(
        &'a self,
        buf: &'a mut [u8],
    ) -> Attempts<'a, impl FnMut() -> io::Result<usize>> {
        let place = Location::caller();
        self.attempts(Interest::READABLE, place, |sock| {
            uninit::fill(buf, |buf| sock.peek(buf))
        })
    }

    /// As [`poll_recv`](Self::poll_recv), and leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    #[track_caller]
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let place = Location::caller();
        self.poll_attempts(cx, Direction::Read, place, |sock| {
            uninit::append(buf, |buf| sock.peek(buf)).map(drop)
        })
    }

    /// As [`try_recv`](Self::try_recv), and leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// Those of [`try_recv`](Self::try_recv).
    pub fn try_peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.attempt(Interest::READABLE, |sock| {
            uninit::fill(buf, |buf| sock.peek(buf))
        })
    }

    /// As [`recv_from`](Self::recv_from), and leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// Those of [`recv_from`](Self::recv_from).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn peek_from<'a>(
        &'a self,
        buf: &'a mut [u8],
    ) -> Attempts<'a, impl FnMut() -> io::Result<(usize, SocketAddr)>> {
        let place = Location::caller();
        self.attempts(Interest::READABLE, place, |sock| {
            uninit::fill(buf, |buf| peek_from(sock, buf))
        })
    }

    /// As [`poll_recv_from`](Self::poll_recv_from), and leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// Those of [`recv_from`](Self::recv_from).
    #[track_caller]
    pub fn poll_peek_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        let place = Location::caller();
        self.poll_attempts(cx, Direction::Read, place, |sock| {
            uninit::append(buf, |buf| peek_from(sock, buf)).map(|(_, sender)| sender)
        })
    }

    /// As [`try_recv_from`](Self::try_recv_from), and leaves the datagram where it is.
    ///
    /// # Errors
    ///
    /// Those of [`try_recv_from`](Self::try_recv_from).
    pub fn try_peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.attempt(Interest::READABLE, |sock| {
            uninit::fill(buf, |buf| peek_from(sock, buf))
        })
    }

    /// Waits for a datagram, and tells who sent it. The datagram stays where it is.
    ///
    /// # Errors
    ///
    /// Those of [`recv_from`](Self::recv_from).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[track_caller]
    pub fn peek_sender(&self) -> Attempts<'_, impl FnMut() -> io::Result<SocketAddr>> {
        self.attempts(Interest::READABLE, Location::caller(), peek_sender)
    }

    /// As [`peek_sender`](Self::peek_sender). Only the last task that polled for receiving is woken.
    ///
    /// # Errors
    ///
    /// Those of [`recv_from`](Self::recv_from).
    #[track_caller]
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        self.poll_attempts(cx, Direction::Read, Location::caller(), peek_sender)
    }

    /// As [`peek_sender`](Self::peek_sender), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing: wait for [`readable`](Self::readable). Those of
    /// [`recv_from`](Self::recv_from).
    pub fn try_peek_sender(&self) -> io::Result<SocketAddr> {
        self.attempt(Interest::READABLE, peek_sender)
    }
}

fn peek_from(sock: &SockRef<'_>, buf: &mut [MaybeUninit<u8>]) -> io::Result<(usize, SocketAddr)> {
    let (count, sender) = sock.peek_from(buf)?;
    Ok((count, Ip::addr(sender)?))
}

fn peek_sender(sock: &SockRef<'_>) -> io::Result<SocketAddr> {
    Ip::addr(sock.peek_sender()?)
}
