//! Turns, unparking and the end of a reactor, with real sockets.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};
use std::thread;

use super::driven::{Flag, Hand};
use super::*;
use crate::io::Interest;

/// A watched end, and the peer that makes things happen to it.
pub(super) fn pair(reactor: &Arc<Reactor>) -> (Registration<mio::net::TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (watched, _) = listener.accept().unwrap();
    watched.set_nonblocking(true).unwrap();
    let watched = mio::net::TcpStream::from_std(watched);
    let reactor = Arc::clone(reactor);
    let watched = Registration::new(reactor, watched, Interest::READABLE, Ready::EMPTY);
    (watched.unwrap(), peer)
}

pub(super) fn poll_read(
    end: &Registration<mio::net::TcpStream>,
    waker: &Waker,
) -> Poll<io::Result<()>> {
    let cx = &mut Context::from_waker(waker);
    end.poll_ready(cx, Direction::Read, Location::caller())
        .map_ok(drop)
}

#[test]
fn a_turn_counts_the_sources_it_readied() {
    let mut hand = Hand::new();
    let (first, mut first_peer) = pair(&hand.reactor);
    let (second, mut second_peer) = pair(&hand.reactor);
    assert_eq!(hand.turn_now(), 0);
    let (flag, waker) = Flag::new();
    assert!(poll_read(&first, &waker).is_pending());
    assert!(poll_read(&second, &waker).is_pending());
    first_peer.write_all(b"1").unwrap();
    second_peer.write_all(b"2").unwrap();
    assert_eq!(hand.turn_to_event(), 2);
    assert!(flag.take());
    assert!(poll_read(&first, &waker).is_ready());
    assert!(poll_read(&second, &waker).is_ready());
}

#[test]
fn unpark_ends_the_turn_under_way_or_the_next_one() {
    let mut hand = Hand::new();
    hand.reactor.unpark();
    hand.reactor.unpark();
    assert_eq!(hand.turn(None), 0);
    let reactor = Arc::clone(&hand.reactor);
    let waking = thread::spawn(move || reactor.unpark());
    assert_eq!(hand.turn(None), 0);
    waking.join().unwrap();
}

#[test]
fn timeouts_are_rounded_up_to_milliseconds() {
    let rounded = [
        (Duration::ZERO, Duration::ZERO),
        (Duration::from_nanos(1), Duration::from_millis(1)),
        (Duration::from_millis(5), Duration::from_millis(5)),
        (Duration::from_micros(5001), Duration::from_millis(6)),
    ];
    for (asked, expected) in rounded {
        assert_eq!(round_up(asked), expected);
    }
    assert_eq!(round_up(Duration::MAX), Duration::MAX);
}

#[test]
fn r150_errors_ready_both_sides_and_close_neither() {
    let error = Report {
        is_error: true,
        is_write_closed: true,
        ..Report::default()
    };
    let both = Ready::READABLE | Ready::WRITABLE;
    assert_eq!(error.ready(), both | Ready::ERROR);
    let hang_up = Report {
        is_read_closed: true,
        is_write_closed: true,
        ..Report::default()
    };
    assert_eq!(hang_up.ready(), both | Ready::CLOSED);
    let end = Report {
        is_readable: true,
        is_read_closed: true,
        ..Report::default()
    };
    assert_eq!(end.ready(), Ready::READABLE | Ready::READ_CLOSED);
}

#[test]
fn r15_a_panicking_waker_does_not_stop_the_batch() {
    struct Panicking;
    impl Wake for Panicking {
        fn wake(self: Arc<Self>) {
            /// A payload that panics again.
            struct Bomb;
            impl Drop for Bomb {
                fn drop(&mut self) {
                    panic!("the payload of a foreign panic");
                }
            }
            std::panic::panic_any(Bomb);
        }
    }
    let mut hand = Hand::new();
    let mut ends: Vec<_> = (0..5).map(|_| pair(&hand.reactor)).collect();
    let (flags, wakers): (Vec<_>, Vec<_>) = (0..5).map(|_| Flag::new()).unzip();
    for (at, (end, _)) in ends.iter().enumerate() {
        let waker = match at {
            0 | 2 => &Waker::from(Arc::new(Panicking)),
            _ => &wakers[at],
        };
        assert!(poll_read(end, waker).is_pending());
    }
    for (_, peer) in &mut ends {
        peer.write_all(b"x").unwrap();
    }
    assert_eq!(hand.turn_to_event(), 5);
    let woken: Vec<_> = flags.iter().map(|flag| flag.take()).collect();
    assert_eq!(woken, [false, true, false, true, true]);
    assert_eq!(hand.turn_now(), 0, "the reactor goes on");
}

#[test]
fn r65_shutdown_wakes_each_waiter_and_later_events_are_ignored() {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let mut hand = Hand::new();
    let mut ends: Vec<_> = (0..100).map(|_| pair(&hand.reactor)).collect();
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&count));
    for (end, _) in &ends {
        assert!(poll_read(end, &waker).is_pending());
    }
    // These sockets become ready while the reactor goes away.
    for (_, peer) in &mut ends {
        peer.write_all(b"x").unwrap();
    }
    hand.reactor.shutdown();
    assert_eq!(count.0.load(Ordering::Relaxed), ends.len());
    assert_eq!(hand.turn_now(), 0);
    for (end, _) in &ends {
        assert!(matches!(poll_read(end, &waker), Poll::Ready(Err(_))));
        assert!(end.try_io(Interest::READABLE, |_| Ok(())).is_err());
    }
    hand.reactor.shutdown();
    assert_eq!(
        count.0.load(Ordering::Relaxed),
        ends.len(),
        "nobody is woken twice"
    );
}
