//! Listeners: what accepting connections of TCP and of Unix has in common.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::socket::{Family, Role, Socket};
use super::stream::Stream;
use crate::io::{Interest, Ready};
use crate::reactor::{Direction, Done, ReadinessWait};

/// The role of a socket that accepts connections.
#[derive(Debug, Clone, Copy)]
pub struct Listener(());

impl Role for Listener {
    type Inner<F: Family> = F::Listener;
    const WATCHED: Interest = Interest::READABLE;
}

/// A connection and who is at the other end.
type Accepted<F> = (Socket<Stream, F>, <F as Family>::Addr);

impl<F: Family> Socket<Listener, F> {
    /// Accepts a connection, once there is one.
    ///
    /// # Errors
    ///
    /// Those of the operating system. Some belong to one connection that died in the queue, and
    /// some to the process, such as too many open files: then the connection stays in the queue,
    /// and the next call tries again at once. A server should wait a little before it does.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no connection.
    #[track_caller]
    pub fn accept(&self) -> Accept<'_, F> {
        Accept {
            listener: self,
            wait: self.io.wait(Interest::READABLE, Location::caller()),
        }
    }

    /// Polls for a connection. Only the last task that polled is woken.
    ///
    /// # Errors
    ///
    /// Those of [`accept`](Self::accept).
    #[track_caller]
    pub fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Accepted<F>>> {
        let place = Location::caller();
        let accept = |io: &_| F::accept(io).map(Done::Kept);
        let accepted = self.io.poll_io(cx, Direction::Read, place, accept);
        Poll::Ready(adopt(ready!(accepted)?))
    }
}

/// Registers an accepted connection. If that fails the connection is closed: the peer notices.
///
/// It can take data, and often has some already; assuming so saves the first wait, and costs one
/// `WouldBlock` if it was wrong.
fn adopt<F: Family>((stream, peer): (F::Stream, F::Addr)) -> io::Result<Accepted<F>> {
    let stream = Socket::register(stream, Ready::READABLE | Ready::WRITABLE)?;
    Ok((stream, peer))
}

pin_project! {
    /// The future of `accept`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Accept<'a, F: Family> {
        listener: &'a Socket<Listener, F>,
        #[pin]
        wait: ReadinessWait<'a>,
    }
}

impl<F: Family> Future for Accept<'_, F> {
    type Output = io::Result<Accepted<F>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let io = this.listener.io.io();
        let accepted = ready!(this.wait.poll_io(cx, || F::accept(io)))?;
        Poll::Ready(adopt(accepted))
    }
}
