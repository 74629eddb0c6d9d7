//! What a registration leaves behind, and what clearing readiness may not lose.

use std::io::{Read, Write};
use std::os::fd::AsFd;

use super::super::driven::{Flag, Hand};
use super::super::tests::{pair, poll_read};
use super::*;
use std::task::Waker;

/// A source that the selector refuses.
#[derive(Debug)]
struct Refused;

impl MioSource for Refused {
    fn register(&mut self, _: &mio::Registry, _: mio::Token, _: mio::Interest) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn reregister(&mut self, _: &mio::Registry, _: mio::Token, _: mio::Interest) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn deregister(&mut self, _: &mio::Registry) -> io::Result<()> {
        unreachable!("it was never registered")
    }
}

/// A source that stays in the selector, as one whose descriptor was closed behind its back.
#[derive(Debug)]
struct Sticky(mio::net::TcpStream);

impl MioSource for Sticky {
    fn register(&mut self, r: &mio::Registry, t: mio::Token, i: mio::Interest) -> io::Result<()> {
        self.0.register(r, t, i)
    }

    fn reregister(&mut self, r: &mio::Registry, t: mio::Token, i: mio::Interest) -> io::Result<()> {
        self.0.reregister(r, t, i)
    }

    fn deregister(&mut self, _: &mio::Registry) -> io::Result<()> {
        Err(io::Error::other("the descriptor is closed"))
    }
}

#[test]
fn r146_failed_registrations_leak_nothing() {
    let hand = Hand::new();
    for _ in 0..100_000 {
        let reactor = Arc::clone(&hand.reactor);
        let result = Registration::new(reactor, Refused, Interest::READABLE, Ready::EMPTY);
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
    assert_eq!(hand.reactor.sources.used(), 1);
    assert_eq!(hand.reactor.sources.owned(), 0);
    assert_eq!(Arc::strong_count(&hand.reactor), 1);
}

#[test]
fn r146_taking_the_socket_out_deregisters_it() {
    let mut hand = Hand::new();
    let (watched, mut peer) = pair(&hand.reactor);
    let socket = watched.into_inner().unwrap();
    assert_eq!(hand.reactor.sources.owned(), 0);
    peer.write_all(b"x").unwrap();
    assert_eq!(hand.turn_now(), 0);
    // The kernel would refuse a socket that it still watches.
    let reactor = Arc::clone(&hand.reactor);
    let again = Registration::new(reactor, socket, Interest::READABLE, Ready::EMPTY).unwrap();
    assert_eq!(hand.turn_to_event(), 1);
    drop(again);
    assert_eq!(hand.reactor.sources.owned(), 0);
}

#[test]
fn r145_a_duplicate_that_stays_registered_readies_nobody_else() {
    let mut hand = Hand::new();
    let (watched, mut peer) = pair(&hand.reactor);
    let socket = watched.into_inner().unwrap();
    let duplicate = socket.as_fd().try_clone_to_owned().unwrap();
    let reactor = Arc::clone(&hand.reactor);
    let interest = Interest::READABLE;
    let sticky = Registration::new(reactor, Sticky(socket), interest, Ready::EMPTY).unwrap();
    // Closed, but the duplicate keeps the kernel's registration alive.
    drop(sticky);

    let (successor, _successor_peer) = pair(&hand.reactor);
    assert_eq!(
        hand.reactor.sources.used(),
        1,
        "it has the slot of the former one"
    );
    let (flag, waker) = Flag::new();
    assert!(poll_read(&successor, &waker).is_pending());
    peer.write_all(b"for the former owner").unwrap();
    assert_eq!(hand.turn(None), 0, "the event arrives, and is stale");
    assert!(!flag.take());
    assert!(poll_read(&successor, &waker).is_pending());
    drop(duplicate);
}

#[test]
fn r143_an_event_between_an_operation_and_its_clear_is_kept() {
    let mut hand = Hand::new();
    let (watched, mut peer) = pair(&hand.reactor);
    peer.write_all(b"1").unwrap();
    hand.turn_to_event();
    let mut buf = [0; 8];
    let result = watched.try_io(Interest::READABLE, |mut io| {
        assert_eq!(io.read(&mut buf)?, 1);
        let empty = io.read(&mut buf);
        // Data and its event arrive after the socket was found empty, before that is noted.
        peer.write_all(b"2").unwrap();
        hand.turn_to_event();
        empty
    });
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    let count = watched.try_io(Interest::READABLE, |mut io| io.read(&mut buf));
    assert_eq!(
        count.unwrap(),
        1,
        "the second byte is readable without another event"
    );
}

#[test]
fn would_block_clears_until_the_next_event() {
    let mut hand = Hand::new();
    let (watched, mut peer) = pair(&hand.reactor);
    let try_once = || watched.try_io(Interest::READABLE, |_| Ok(()));
    let refuse = || {
        watched.try_io(Interest::READABLE, |_| {
            Err::<(), _>(io::ErrorKind::WouldBlock.into())
        })
    };
    assert_eq!(try_once().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    peer.write_all(b"1").unwrap();
    hand.turn_to_event();
    try_once().unwrap();
    refuse().unwrap_err();
    try_once().unwrap_err();
    peer.write_all(b"2").unwrap();
    hand.turn_to_event();
    try_once().unwrap();
}

#[test]
fn an_operation_that_never_accepts_a_closed_side_yields() {
    let mut hand = Hand::new();
    let (watched, peer) = pair(&hand.reactor);
    drop(peer);
    hand.turn_to_event();
    let (flag, waker) = Flag::new();
    let mut attempts = 0;
    let poll = watched.poll_io(
        &mut Context::from_waker(&waker),
        Direction::Read,
        Location::caller(),
        |_| {
            attempts += 1;
            Err::<Done<()>, _>(io::ErrorKind::WouldBlock.into())
        },
    );
    assert!(poll.is_pending());
    assert!(flag.take(), "it is polled again");
    assert!(attempts <= 2, "it does not spin");
}

#[test]
fn r154_an_interrupted_operation_is_tried_again() {
    let mut hand = Hand::new();
    let (watched, mut peer) = pair(&hand.reactor);
    peer.write_all(b"x").unwrap();
    hand.turn_to_event();
    let mut interruptions = 3;
    let poll = watched.poll_io(
        &mut Context::from_waker(Waker::noop()),
        Direction::Read,
        Location::caller(),
        |_| match interruptions {
            0 => Ok(Done::Kept(())),
            _ => {
                interruptions -= 1;
                Err(io::ErrorKind::Interrupted.into())
            }
        },
    );
    assert!(matches!(poll, Poll::Ready(Ok(()))));
}

#[test]
fn every_interest_maps_to_the_selector() {
    let both = Interest::READABLE | Interest::WRITABLE;
    assert!(mio_interest(both).is_readable() && mio_interest(both).is_writable());
    assert!(!mio_interest(Interest::WRITABLE).is_readable());
    assert!(mio_interest(Interest::ERROR).is_readable());
    assert_eq!(
        PRIORITY.is_some(),
        mio_interest(Interest::PRIORITY) != mio::Interest::READABLE
    );
}
