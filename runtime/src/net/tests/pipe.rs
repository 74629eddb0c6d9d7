//! Pipes: their ends, their modes, and named ones that open again.

use std::fs::File;
use std::future::Future;
use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};

use rustix::fs::{Mode, OFlags};

use super::*;
use crate::io::Interest;
use crate::net::unix::pipe::{self, OpenOptions, Receiver, Sender};
use crate::reactor::driven::Flag;

/// A named pipe, removed when dropped.
struct Fifo(PathBuf);

impl Fifo {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("selvedge-fifo-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, Mode::RWXU).unwrap();
        Self(path)
    }
}

impl Drop for Fifo {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn is_nonblocking(fd: impl AsFd) -> bool {
    rustix::fs::fcntl_getfl(fd)
        .unwrap()
        .contains(OFlags::NONBLOCK)
}

#[test]
fn bytes_pass_and_the_end_follows() {
    let mut hand = Hand::new();
    hand.block_on(async {
        let (mut sender, mut receiver) = pipe::pipe().unwrap();
        write_all(&mut sender, b"through").await.unwrap();
        shutdown(&mut sender).await.unwrap();
        write_all(&mut sender, b" the pipe").await.unwrap();
        drop(sender);
        assert_eq!(
            read_to_end(&mut receiver).await.unwrap(),
            b"through the pipe"
        );
    });
}

/// In packet mode a read ends with its packet, although more is there.
#[test]
#[cfg(target_os = "linux")]
fn r149_a_short_read_of_a_pipe_is_not_taken_for_all() {
    let mut hand = Hand::new();
    let (sender, mut receiver) = hand.block_on(async { pipe::pipe().unwrap() });
    let flags = rustix::fs::fcntl_getfl(&sender).unwrap();
    rustix::fs::fcntl_setfl(&sender, flags | OFlags::DIRECT).unwrap();
    sender.try_write(b"one").unwrap();
    sender.try_write(b"two").unwrap();
    hand.turn_to_event();
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..2 {
        let mut buf = [0; 100];
        let poll = pin!(read(&mut receiver, &mut buf)).poll(&mut cx);
        assert!(matches!(poll, std::task::Poll::Ready(Ok(3))), "{poll:?}");
    }
}

#[test]
fn r150_a_full_sender_hears_that_nobody_reads() {
    let mut hand = Hand::new();
    let (sender, receiver) = hand.block_on(async { pipe::pipe().unwrap() });
    while sender.try_write(&[0; 4096]).is_ok() {}
    let (flag, waker) = Flag::new();
    let mut waiting = pin!(sender.writable());
    assert!(
        waiting
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(receiver);
    while !flag.take() {
        hand.turn_to_event();
    }
    hand.block_on(waiting).unwrap();
    let error = sender.try_write(b"x").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_named_pipe_that_opens_again_is_read_on() {
    let mut hand = Hand::new();
    let fifo = Fifo::new();
    let open = || File::options().write(true).open(&fifo.0).unwrap();
    let mut receiver = hand.block_on(async { OpenOptions::new().open_receiver(&fifo.0).unwrap() });
    let mut buf = [0; 16];
    for text in [&b"first"[..], b"second", b"third"] {
        let mut sender = open();
        sender.write_all(text).unwrap();
        assert_eq!(
            hand.block_on(read(&mut receiver, &mut buf)).unwrap(),
            text.len()
        );
        drop(sender);
        assert_eq!(hand.block_on(read(&mut receiver, &mut buf)).unwrap(), 0);
    }
    // There is a sender, and nothing to read: the wait is a wait, not a loop that keeps asking.
    let mut sender = open();
    let (flag, waker) = Flag::new();
    let mut reading = pin!(read(&mut receiver, &mut buf));
    assert!(
        reading
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert!(!flag.take());
    sender.write_all(b"late").unwrap();
    while !flag.take() {
        hand.turn_to_event();
    }
    assert_eq!(hand.block_on(reading).unwrap(), 4);
}

#[test]
fn only_pipes_of_the_right_direction_are_taken() {
    let mut hand = Hand::new();
    let fifo = Fifo::new();
    hand.block_on(async {
        let null = || {
            File::options()
                .read(true)
                .write(true)
                .open("/dev/null")
                .unwrap()
        };
        for error in [
            Sender::from_file(null()).unwrap_err(),
            Receiver::from_file(null()).unwrap_err(),
            OpenOptions::new().open_receiver("/dev/null").unwrap_err(),
            OpenOptions::new().open_sender("/dev/null").unwrap_err(),
        ] {
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
        OpenOptions::new().open_sender(&fifo.0).unwrap_err();
        let (sender, receiver) = pipe::pipe().unwrap();
        let (sender, receiver) = (
            sender.into_blocking_fd().unwrap(),
            receiver.into_nonblocking_fd().unwrap(),
        );
        assert!(!is_nonblocking(&sender) && is_nonblocking(&receiver));
        let wrong = |fd: &OwnedFd| fd.try_clone().unwrap();
        let error = Receiver::from_owned_fd(wrong(&sender)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let error = Sender::from_owned_fd(wrong(&receiver)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let sender = Sender::from_owned_fd(sender).unwrap();
        assert!(is_nonblocking(&sender));
        let receiver = Receiver::from_owned_fd_unchecked(receiver).unwrap();
        sender.try_write(b"x").unwrap();
        receiver.readable().await.unwrap();
        assert_eq!(receiver.try_read(&mut [0; 1]).unwrap(), 1);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_open_both_ways_never_ends() {
    let mut hand = Hand::new();
    let fifo = Fifo::new();
    hand.block_on(async {
        let mut options = OpenOptions::new();
        let sender = options.read_write(true).open_sender(&fifo.0).unwrap();
        let receiver = options.open_receiver(&fifo.0).unwrap();
        sender.try_write(b"x").unwrap();
        drop(sender);
        receiver.readable().await.unwrap();
        assert_eq!(receiver.try_read(&mut [0; 4]).unwrap(), 1);
        let error = receiver.try_read(&mut [0; 4]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    });
}

#[test]
fn vectored_and_buffered_operations_move_what_fits() {
    let mut hand = Hand::new();
    let (sender, receiver) = hand.block_on(async { pipe::pipe().unwrap() });
    let parts = [IoSlice::new(b"abc"), IoSlice::new(b"defgh")];
    assert_eq!(sender.try_write_vectored(&parts).unwrap(), 8);
    hand.block_on(async { receiver.ready(Interest::READABLE).await.unwrap() });
    let (mut one, mut two) = ([0; 2], [0; 2]);
    let mut slices = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
    assert_eq!(receiver.try_read_vectored(&mut slices).unwrap(), 4);
    assert_eq!((&one, &two), (b"ab", b"cd"));
    let mut rest = Vec::with_capacity(16);
    assert_eq!(receiver.try_read_buf(&mut rest).unwrap(), 4);
    assert_eq!(rest, b"efgh");
    let mut owned = File::from(receiver.into_blocking_fd().unwrap());
    drop(sender);
    assert_eq!(owned.read(&mut [0; 1]).unwrap(), 0);
}
