//! Who waits at a pipe is woken, and its wakers may do what they like.

use std::future::Future;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use futures_util::future::join;

use crate::io::conformance::{Wakes, drive, dropped_at_each_poll, in_one_poll, poll_once, sample};
use crate::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, SimplexStream,
    duplex, simplex, split,
};

#[track_caller]
fn waits<F: Future>(future: F) -> Arc<Wakes> {
    let (wakes, waker) = Wakes::new();
    assert!(
        pin!(future)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    wakes
}

#[test]
fn whoever_waits_is_woken_by_bytes_by_room_and_by_the_end() {
    let (mut one, mut other) = duplex(2);
    let mut pair = [0; 2];

    let wakes = waits(other.read(&mut pair));
    assert_eq!(drive(one.write(b"abc")).unwrap(), 2);
    assert_eq!(wakes.count(), 1);

    let wakes = waits(one.write(b"c"));
    drive(other.read_exact(&mut pair)).unwrap();
    assert_eq!((wakes.count(), &pair), (1, b"ab"));

    let wakes = waits(other.read(&mut pair));
    drive(one.shutdown()).unwrap();
    assert_eq!(wakes.count(), 1);
    assert_eq!(drive(other.read(&mut pair)).unwrap(), 0);
    assert_eq!(
        drive(one.write(b"c")).unwrap_err().kind(),
        io::ErrorKind::BrokenPipe
    );

    drive(other.write_all(b"de")).unwrap();
    let wakes = waits(other.write(b"f"));
    drop(one);
    assert_eq!(wakes.count(), 1);
    assert_eq!(
        drive(other.write(b"f")).unwrap_err().kind(),
        io::ErrorKind::BrokenPipe
    );
}

#[test]
fn what_was_written_outlives_the_writer() {
    let (mut one, mut other) = duplex(8);
    assert_eq!(drive(one.write(b"last words")).unwrap(), 8);
    drop(one);
    let mut text = String::new();
    drive(other.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "last wor");
}

#[test]
fn a_simplex_pipe_ends_when_it_is_shut_down() {
    let (mut reader, mut writer) = simplex(4);
    drive(writer.write_all(b"abcd")).unwrap();
    let wakes = waits(writer.write(b"e"));
    drive(reader.read_exact(&mut [0; 3])).unwrap();
    assert_eq!(wakes.count(), 1);
    drive(writer.shutdown()).unwrap();
    let mut rest = Vec::new();
    drive(reader.read_to_end(&mut rest)).unwrap();
    assert_eq!(rest, b"d");
    assert_eq!(
        drive(writer.write(b"e")).unwrap_err().kind(),
        io::ErrorKind::BrokenPipe
    );
}

#[test]
#[should_panic = "room for at least one byte"]
fn a_pipe_without_room_is_refused() {
    let _ = SimplexStream::new_unsplit(0);
}

#[test]
fn nothing_is_nothing_to_wait_for() {
    let (mut one, mut other) = duplex(1);
    drive(one.write_all(b"x")).unwrap();
    let wakes = waits(one.write(b"y"));
    assert_eq!(poll_once(one.write(b"")).unwrap().unwrap(), 0);
    assert_eq!(poll_once(other.read(&mut [])).unwrap().unwrap(), 0);
    assert_eq!(wakes.count(), 0, "no room was made");
}

#[test]
fn a_pipe_that_waits_takes_nothing_from_the_budget() {
    let (mut one, mut other) = duplex(8);
    in_one_poll(|| {
        for _ in 0..1000 {
            let (_wakes, waker) = Wakes::new();
            let mut byte = [0];
            let mut read = pin!(other.read(&mut byte));
            assert!(
                read.as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
        }
        assert!(poll_once(one.write(b"x")).is_some());
    });
}

/// Two tasks, each through halves of its end, in pieces that fit nowhere.
#[test]
fn bytes_cross_in_both_directions_in_order() {
    async fn send(mut writer: impl AsyncWrite + Unpin) {
        for piece in sample().chunks(7) {
            writer.write_all(piece).await.unwrap();
        }
        writer.shutdown().await.unwrap();
    }
    async fn receive(mut reader: impl AsyncRead + Unpin) {
        let mut all = Vec::new();
        reader.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, sample());
    }
    let (one, other) = duplex(5);
    let (one_reader, one_writer) = split(one);
    let (other_reader, other_writer) = split(other);
    drive(async {
        let one = join(send(one_writer), receive(one_reader));
        let other = join(send(other_writer), receive(other_reader));
        join(one, other).await;
    });
}

#[test]
fn the_last_waker_is_the_one_that_is_woken() {
    let (mut one, mut other) = duplex(8);
    let mut byte = [0];
    let first = waits(other.read(&mut byte));
    let last = waits(other.read(&mut byte));
    drive(one.write_all(b"x")).unwrap();
    assert_eq!((first.count(), last.count()), (0, 1));
    assert_eq!(dropped_at_each_poll!(other.read_u8()).unwrap(), b'x');
}

/// Uses its end of a connection, once, when a waker of it is woken or dropped.
#[derive(Default)]
struct Hostile {
    armed: Mutex<Option<DuplexStream>>,
    used: Mutex<Option<(DuplexStream, Vec<u8>)>>,
}

impl Hostile {
    fn arm(&self, end: DuplexStream) {
        *self.armed.lock().unwrap() = Some(end);
    }

    fn use_end(&self) {
        let Some(mut end) = self.armed.lock().unwrap().take() else {
            return;
        };
        let mut cx = Context::from_waker(Waker::noop());
        let mut byte = [0];
        let mut buf = ReadBuf::new(&mut byte);
        let _ = Pin::new(&mut end).poll_read(&mut cx, &mut buf);
        let _ = Pin::new(&mut end).poll_write(&mut cx, b"!");
        *self.used.lock().unwrap() = Some((end, buf.filled().to_vec()));
    }

    /// The end, and what was read from it.
    fn used(&self) -> (DuplexStream, Vec<u8>) {
        let used = self.used.lock().unwrap().take();
        used.expect("the waker was woken or dropped")
    }
}

struct HostileWaker(Arc<Hostile>);

impl Wake for HostileWaker {
    fn wake(self: Arc<Self>) {
        self.0.use_end();
    }
}

impl Drop for HostileWaker {
    fn drop(&mut self) {
        self.0.use_end();
    }
}

/// wakers are woken and dropped when the lock is free, so they may use the pipe.
#[test]
fn a_waker_may_use_the_pipe_that_wakes_or_drops_it() {
    let hostile = Arc::new(Hostile::default());
    let waits = |stream: &mut DuplexStream| {
        let waker = Waker::from(Arc::new(HostileWaker(hostile.clone())));
        let mut byte = [0];
        let mut buf = ReadBuf::new(&mut byte);
        let poll = Pin::new(stream).poll_read(&mut Context::from_waker(&waker), &mut buf);
        assert!(poll.is_pending());
    };
    let (near, mut far) = duplex(8);

    waits(&mut far);
    hostile.arm(near);
    // The first waker is replaced and dropped: it writes to the pipe that drops it.
    waits(&mut far);
    let (mut near, _) = hostile.used();
    assert_eq!(drive(far.read_u8()).unwrap(), b'!');

    waits(&mut far);
    hostile.arm(far);
    // The waker is woken: it reads from the pipe that wakes it.
    drive(near.write_all(b"x")).unwrap();
    let (far, read) = hostile.used();
    assert_eq!(read, b"x");
    assert_eq!(drive(near.read_u8()).unwrap(), b'!');

    waits(&mut near);
    hostile.arm(near);
    // The waker is woken: it uses both pipes while they end.
    drop(far);
    let (mut near, read) = hostile.used();
    assert_eq!(read, b"");
    assert!(drive(near.write(b"x")).is_err());
}

/// A waker that panics keeps neither the other side asleep nor the pipe locked.
#[test]
fn a_waker_that_panics_does_not_keep_the_other_asleep() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("out");
        }
    }
    let (one, mut other) = duplex(1);
    let mut byte = [0];
    let panics = Waker::from(Arc::new(Panics));
    let poll = Pin::new(&mut other).poll_read(
        &mut Context::from_waker(&panics),
        &mut ReadBuf::new(&mut byte),
    );
    assert!(poll.is_pending());
    drive(other.write_all(b"x")).unwrap();
    let wakes = waits(other.write(b"y"));
    assert!(panic::catch_unwind(AssertUnwindSafe(|| drop(one))).is_err());
    assert_eq!(wakes.count(), 1);
    assert_eq!(drive(other.read(&mut byte)).unwrap(), 0);
    assert!(matches!(poll_once(other.write(b"y")), Some(Err(_))));
}
