//! Descriptors of foreign types: guards, what cannot be watched, and descriptors that vanish.

use std::cell::Cell;
use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use super::*;
use crate::io::{Interest, Ready};
use crate::reactor::driven::{Flag, Hand};

fn register<T: AsRawFd>(inner: T) -> Result<AsyncFd<T>, AsyncFdRegisterError<T>> {
    // SAFETY: the tests keep the descriptors open, or say how they break the rule: what happens then is
    // no matter of memory.
    #[allow(unsafe_code, reason = "`register` is unsafe to call")]
    unsafe {
        AsyncFd::register(inner)
    }
}

/// A watched end and its peer.
fn pair(hand: &mut Hand) -> (AsyncFd<UnixStream>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    (hand.block_on(async { register(ours).unwrap() }), theirs)
}

#[test]
fn cleared_readiness_comes_back_with_news_only() {
    let mut hand = Hand::new();
    let (ours, mut theirs) = pair(&mut hand);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(pin!(ours.readable()).poll(&mut cx).is_pending());
    theirs.write_all(b"x").unwrap();
    let mut guard = hand.block_on(ours.readable()).unwrap();
    assert_eq!(guard.ready(), Ready::READABLE);
    guard.retain_ready();
    drop(guard);
    hand.block_on(async {
        let mut guard = ours.readable().await.unwrap();
        assert!(matches!(
            guard.try_io(|fd| fd.get_ref().read(&mut [0; 4])),
            Ok(Ok(1))
        ));
        guard
            .try_io(|fd| fd.get_ref().read(&mut [0; 4]))
            .unwrap_err();
        assert!(guard.ready().is_empty());
    });
    assert!(pin!(ours.readable()).poll(&mut cx).is_pending());
    theirs.write_all(b"y").unwrap();
    let guard = hand.block_on(ours.readable()).unwrap();
    assert_eq!(guard.get_inner().as_raw_fd(), ours.as_raw_fd());
}

#[test]
fn r143_clearing_with_an_old_guard_keeps_fresh_readiness() {
    let mut hand = Hand::new();
    let (ours, mut theirs) = pair(&mut hand);
    theirs.write_all(b"x").unwrap();
    let mut old = hand.block_on(ours.readable()).unwrap();
    theirs.write_all(b"y").unwrap();
    hand.turn_to_event();
    old.clear_ready();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(pin!(ours.readable()).poll(&mut cx).is_ready());
}

#[test]
fn some_readiness_can_be_cleared_alone() {
    let mut hand = Hand::new();
    let (ours, mut theirs) = pair(&mut hand);
    theirs.write_all(b"x").unwrap();
    let both = Interest::READABLE | Interest::WRITABLE;
    let mut cx = Context::from_waker(Waker::noop());
    while !pin!(ours.readable()).poll(&mut cx).is_ready() {
        hand.turn_to_event();
    }
    let mut guard = hand.block_on(ours.ready(both)).unwrap();
    assert_eq!(guard.ready(), Ready::READABLE | Ready::WRITABLE);
    guard.clear_ready_matching(Ready::READABLE);
    assert_eq!(guard.ready(), Ready::WRITABLE);
    assert!(pin!(ours.readable()).poll(&mut cx).is_pending());
    assert!(pin!(ours.writable()).poll(&mut cx).is_ready());
}

#[test]
fn r150_a_closed_side_stays_ready() {
    let mut hand = Hand::new();
    let (mut ours, theirs) = pair(&mut hand);
    drop(theirs);
    hand.block_on(async {
        for _ in 0..3 {
            let mut guard = ours.readable_mut().await.unwrap();
            assert!(guard.ready().is_read_closed());
            guard.clear_ready();
            let read = guard.get_inner_mut().read(&mut [0; 4]);
            assert_eq!(read.unwrap(), 0);
        }
    });
}

#[test]
fn operations_run_until_they_do_not_block() {
    let mut hand = Hand::new();
    let (mut ours, mut theirs) = pair(&mut hand);
    let (flag, waker) = Flag::new();
    {
        let mut buf = [0; 8];
        let reading = ours.async_io_mut(Interest::READABLE, |stream| stream.read(&mut buf));
        let mut reading = pin!(reading);
        let mut cx = Context::from_waker(&waker);
        assert!(reading.as_mut().poll(&mut cx).is_pending());
        theirs.write_all(b"abc").unwrap();
        while !flag.take() {
            hand.turn_to_event();
        }
        assert_eq!(hand.block_on(reading).unwrap(), 3);
    }
    let write = ours.async_io(Interest::WRITABLE, |mut stream| stream.write(b"de"));
    assert_eq!(hand.block_on(write).unwrap(), 2);
    let refused = ours.try_io(Interest::READABLE, |mut stream| stream.read(&mut [0; 1]));
    assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    let never = ours.try_io_mut(Interest::READABLE, |_| -> io::Result<()> {
        panic!("it is known not to be ready")
    });
    assert_eq!(never.unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn r146_what_cannot_be_watched_comes_back_and_leaves_nothing() {
    let mut hand = Hand::new();
    let reactor = Arc::clone(&hand.reactor);
    hand.block_on(async {
        let mut file = File::open(std::env::current_exe().unwrap()).unwrap();
        let before = Arc::strong_count(&reactor);
        for _ in 0..100_000 {
            let (back, error) = register(file).unwrap_err().into_parts();
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
            file = back;
        }
        assert_eq!(Arc::strong_count(&reactor), before);
        // The number of a descriptor that is closed; nobody can have got it meanwhile, being too high.
        for _ in 0..1000 {
            let (_, error) = register(RawFd::MAX).unwrap_err().into_parts();
            assert_eq!(
                error.raw_os_error(),
                Some(rustix::io::Errno::BADF.raw_os_error())
            );
        }
        assert_eq!(Arc::strong_count(&reactor), before);
    });
}

/// A descriptor that can be replaced behind the back of whoever watches it.
struct Replaceable(Cell<Option<OwnedFd>>);

impl AsRawFd for Replaceable {
    fn as_raw_fd(&self) -> RawFd {
        let fd = self.0.take();
        let raw = fd.as_ref().map_or(-1, AsRawFd::as_raw_fd);
        self.0.set(fd);
        raw
    }
}

#[test]
fn r147_a_descriptor_closed_behind_its_back_readies_nobody_else() {
    let mut hand = Hand::new();
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    // A duplicate keeps the registration alive in the kernel when the descriptor is closed.
    let duplicate = ours.as_fd().try_clone_to_owned().unwrap();
    let replaceable = Replaceable(Cell::new(Some(ours.into())));
    let broken = hand.block_on(async { register(replaceable).ok().unwrap() });
    broken.get_ref().0.set(None);
    drop(broken.into_inner());
    let (other, mut other_peer) = pair(&mut hand);
    theirs.write_all(b"x").unwrap();
    hand.turn_now();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(pin!(other.readable()).poll(&mut cx).is_pending());
    other_peer.write_all(b"y").unwrap();
    hand.block_on(other.readable()).unwrap().retain_ready();
    drop(duplicate);
}

#[test]
fn taking_the_value_out_ends_the_watching() {
    let mut hand = Hand::new();
    let (ours, _theirs) = pair(&mut hand);
    let inner = ours.into_inner();
    // The kernel would refuse a descriptor that it still watches.
    hand.block_on(async { register(inner).unwrap() });
}

#[test]
fn r74_waits_for_descriptors_end_when_the_runtime_does() {
    let mut hand = Hand::new();
    let (mut ours, _theirs) = pair(&mut hand);
    let (flag, waker) = Flag::new();
    let mut cx = Context::from_waker(&waker);
    assert!(ours.poll_read_ready(&mut cx).is_pending());
    hand.reactor.shutdown();
    assert!(flag.take());
    hand.block_on(async {
        for _ in 0..2 {
            assert!(ours.readable().await.is_err());
            assert!(ours.writable_mut().await.is_err());
        }
    });
    assert!(matches!(
        ours.poll_write_ready_mut(&mut cx),
        std::task::Poll::Ready(Err(_))
    ));
}
