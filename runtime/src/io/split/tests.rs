//! Two halves of one stream: identity, pinning, turns, and panics inside a turn.

use std::io;
use std::marker::PhantomPinned;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use super::{ReadHalf, WriteHalf, split};
use crate::io::conformance::{Hiccup, Wakes, drive};
use crate::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, SimplexStream};

const _: () = {
    const fn sent_and_shared<T: Send + Sync>() {}
    // A stream that is only `Send` may be split between two threads.
    sent_and_shared::<ReadHalf<std::cell::Cell<u8>>>();
    sent_and_shared::<WriteHalf<std::cell::Cell<u8>>>();
};

#[test]
fn halves_know_each_other_and_make_a_whole() {
    let (reader, writer) = split(Hiccup::new("left"));
    let (_, other) = split(Hiccup::new([]));
    assert!(reader.is_pair_of(&writer) && writer.is_pair_of(&reader));
    assert!(!reader.is_pair_of(&other));
    let mut stream = reader.unsplit(writer);
    let mut text = String::new();
    drive(stream.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "left");
}

#[test]
#[should_panic = "halves are of different streams"]
fn halves_of_different_streams_do_not_make_a_whole() {
    split(Hiccup::new([])).0.unsplit(split(Hiccup::new([])).1);
}

/// a stream that must not move is at the same place in every poll and in its destructor.
#[test]
fn r159_a_pinned_stream_does_not_move() {
    #[derive(Default)]
    struct Rooted {
        seen: Arc<Mutex<Vec<usize>>>,
        _pin: PhantomPinned,
    }
    impl Rooted {
        fn look(&self) {
            self.seen
                .lock()
                .unwrap()
                .push(std::ptr::from_ref(self).addr());
        }
    }
    impl Drop for Rooted {
        fn drop(&mut self) {
            self.look();
        }
    }
    impl AsyncRead for Rooted {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            self.look();
            Poll::Ready(Ok(()))
        }
    }
    impl AsyncWrite for Rooted {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.look();
            Poll::Ready(Ok(buf.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    let seen = Arc::default();
    let (mut reader, mut writer) = split(Rooted {
        seen: Arc::clone(&seen),
        _pin: PhantomPinned,
    });
    drive(reader.read(&mut [0])).unwrap();
    let mut reader = Box::new(reader);
    drive(writer.write(b"x")).unwrap();
    drive(reader.read(&mut [0])).unwrap();
    drop(reader);
    drop(writer);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|place| *place == seen[0]));
}

/// A waker that polls the reading half on the spot, as an executor without a queue does.
struct PollsAtOnce {
    reader: Mutex<ReadHalf<SimplexStream>>,
    waker: Waker,
    read: Mutex<Vec<Poll<u8>>>,
}

impl Wake for PollsAtOnce {
    fn wake(self: Arc<Self>) {
        let mut byte = [0];
        let mut buf = ReadBuf::new(&mut byte);
        let mut reader = self.reader.lock().unwrap();
        let poll =
            Pin::new(&mut *reader).poll_read(&mut Context::from_waker(&self.waker), &mut buf);
        drop(reader);
        self.read.lock().unwrap().push(poll.map(|_| byte[0]));
    }
}

/// the poll of one half wakes the other, which is polled while the stream is out. It is not
/// a deadlock, and the half that found the stream out is woken when it is back.
#[test]
fn a_half_polled_from_within_the_other_waits_its_turn() {
    let (reader, mut writer) = split(SimplexStream::new_unsplit(8));
    let (wakes, waker) = Wakes::new();
    let at_once = Arc::new(PollsAtOnce {
        reader: Mutex::new(reader),
        waker,
        read: Mutex::default(),
    });
    let mut buf = [0];
    let waiting = Pin::new(&mut *at_once.reader.lock().unwrap()).poll_read(
        &mut Context::from_waker(&at_once.clone().into()),
        &mut ReadBuf::new(&mut buf),
    );
    assert!(waiting.is_pending());

    drive(writer.write_all(b"x")).unwrap();
    assert_eq!(
        *at_once.read.lock().unwrap(),
        [Poll::Pending],
        "the stream was out"
    );
    assert_eq!(wakes.count(), 1, "the stream is back");
    drive(at_once.reader.lock().unwrap().read_exact(&mut buf)).unwrap();
    assert_eq!(&buf, b"x");
}

#[test]
fn a_stream_that_panics_is_put_back() {
    struct Panics;
    impl AsyncRead for Panics {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            panic!("out")
        }
    }
    impl AsyncWrite for Panics {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(buf.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
    let (mut reader, mut writer) = split(Panics);
    assert!(panic::catch_unwind(AssertUnwindSafe(|| drive(reader.read(&mut [0])))).is_err());
    assert_eq!(drive(writer.write(b"abc")).unwrap(), 3);
    reader.unsplit(writer);
}
