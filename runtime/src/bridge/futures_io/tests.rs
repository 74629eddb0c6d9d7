//! There and back again, seeks that take several polls, and readers of that world that lie.

use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::futures_io as theirs;

use super::{FromFutures, ToFutures};
use crate::io::conformance::{Hiccup, check_reader, check_writer, drive};
use crate::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWriteExt, BufReader, Cursor,
    SeekFrom, duplex,
};

fn there_and_back<T>(stream: T) -> FromFutures<ToFutures<T>> {
    FromFutures::new(ToFutures::new(stream))
}

#[test]
fn readers_keep_their_word_there_and_back() {
    check_reader(|bytes| there_and_back(Hiccup::new(bytes)));
    check_reader(|bytes| there_and_back(Cursor::new(bytes)));
    check_reader(|bytes| there_and_back(BufReader::with_capacity(3, Hiccup::new(bytes))));
}

#[test]
fn writers_keep_their_word_there_and_back() {
    check_writer(
        || there_and_back(Hiccup::new([])),
        |writer| {
            let stream = writer.into_inner().into_inner();
            assert!(stream.shut_down);
            stream.written
        },
    );
    check_writer(
        || there_and_back(Vec::new()),
        |writer| writer.into_inner().into_inner(),
    );
}

#[test]
fn buffers_and_streams_go_through() {
    let mut lines = there_and_back(&b"one\ntwo\n"[..]).lines();
    assert_eq!(drive(lines.next_line()).unwrap().as_deref(), Some("one"));

    let (near, far) = duplex(64);
    let (mut near, mut far) = (FromFutures::new(near), FromFutures::new(far));
    drive(near.write_all(b"ping")).unwrap();
    drive(near.shutdown()).unwrap();
    let mut word = String::new();
    drive(far.read_to_string(&mut word)).unwrap();
    assert_eq!(word, "ping");
}

/// A position that takes two polls to move, and counts how often it was told to.
#[derive(Default)]
struct Slow {
    at: u64,
    told: usize,
    moving: bool,
}

impl AsyncSeek for Slow {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.told += 1;
        self.moving = true;
        match position {
            SeekFrom::Start(at) => self.at = at,
            SeekFrom::Current(by) => self.at = self.at.checked_add_signed(by).unwrap(),
            SeekFrom::End(_) => return Err(io::ErrorKind::Unsupported.into()),
        }
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if std::mem::take(&mut self.moving) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(self.at))
    }
}

#[test]
fn a_seek_that_takes_several_polls_is_one_seek() {
    let mut file = ToFutures::new(Slow::default());
    let mut seek = |pos| {
        drive(std::future::poll_fn(|cx| {
            theirs::AsyncSeek::poll_seek(Pin::new(&mut file), cx, pos)
        }))
    };
    assert_eq!(seek(SeekFrom::Current(5)).unwrap(), 5);
    assert_eq!(seek(SeekFrom::Current(5)).unwrap(), 10);
    assert!(seek(SeekFrom::End(0)).is_err());
    assert_eq!(seek(SeekFrom::Start(3)).unwrap(), 3);
    assert_eq!(file.into_inner().told, 4);

    let mut file = there_and_back(Slow::default());
    assert_eq!(drive(file.seek(SeekFrom::Start(7))).unwrap(), 7);
    assert_eq!(drive(file.stream_position()).unwrap(), 7);
}

#[test]
fn a_seek_that_was_given_up_ends_before_the_next() {
    let mut file = ToFutures::new(Slow::default());
    let mut cx = Context::from_waker(Waker::noop());
    let given_up = theirs::AsyncSeek::poll_seek(Pin::new(&mut file), &mut cx, SeekFrom::Start(9));
    assert!(given_up.is_pending());
    let at = drive(std::future::poll_fn(|cx| {
        theirs::AsyncSeek::poll_seek(Pin::new(&mut file), cx, SeekFrom::Current(1))
    }));
    assert_eq!(at.unwrap(), 10);
}

/// a reader that claims more than it was given room for.
#[test]
fn r159_a_reader_of_theirs_that_lies_is_caught() {
    struct Liar;
    impl theirs::AsyncRead for Liar {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(buf.len() + 1))
        }
    }
    let read = AssertUnwindSafe(|| drive(FromFutures::new(Liar).read_to_end(&mut Vec::new())));
    assert!(panic::catch_unwind(read).is_err());
}
