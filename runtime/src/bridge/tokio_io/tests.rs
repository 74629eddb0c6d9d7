//! There and back again, and readers of that world that lie.

use std::io;
use std::mem::MaybeUninit;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::tokio::io as theirs;

use super::{FromTokio, ToTokio};
use crate::io::conformance::{Hiccup, check_reader, check_writer, drive};
use crate::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWrite, BufReader, Cursor, ReadBuf,
    SeekFrom, duplex,
};

fn there_and_back<T>(stream: T) -> FromTokio<ToTokio<T>> {
    FromTokio::new(ToTokio::new(stream))
}

#[test]
fn readers_keep_their_word_there_and_back() {
    check_reader(|bytes| there_and_back(Hiccup::new(bytes)));
    check_reader(|bytes| there_and_back(Cursor::new(bytes)));
    check_reader(|bytes| BufReader::new(there_and_back(Hiccup::new(bytes))));
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
fn buffers_positions_and_vectors_go_through() {
    let mut lines = there_and_back(&b"one\ntwo\n"[..]).lines();
    assert_eq!(drive(lines.next_line()).unwrap().as_deref(), Some("one"));

    let mut file = there_and_back(Cursor::new("hello world"));
    assert_eq!(drive(file.seek(SeekFrom::Start(6))).unwrap(), 6);
    assert_eq!(drive(file.read_u8()).unwrap(), b'w');
    assert_eq!(drive(file.stream_position()).unwrap(), 7);

    assert!(there_and_back(Vec::new()).is_write_vectored());
    assert!(!there_and_back(Hiccup::new([])).is_write_vectored());
}

#[test]
fn our_streams_are_theirs_as_they_are() {
    let (near, far) = duplex(64);
    let (mut near, mut far) = (FromTokio::new(near), FromTokio::new(far));
    drive(crate::io::AsyncWriteExt::write_all(&mut near, b"ping")).unwrap();
    let mut word = [0; 4];
    drive(far.read_exact(&mut word)).unwrap();
    assert_eq!(&word, b"ping");
}

/// What is known to be initialized is passed on, in both directions and also when the reader waits.
#[test]
fn initialized_memory_is_not_zeroed_twice() {
    struct Zeroes {
        waits: bool,
    }
    impl AsyncRead for Zeroes {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let was_initialized = buf.initialized().len() == buf.capacity();
            buf.initialize_unfilled();
            if std::mem::take(&mut self.waits) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            assert!(was_initialized);
            buf.advance(1);
            Poll::Ready(Ok(()))
        }
    }
    let mut memory = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut memory);
    let mut reader = there_and_back(Zeroes { waits: true });
    drive(std::future::poll_fn(|cx| {
        Pin::new(&mut reader).poll_read(cx, &mut buf)
    }))
    .unwrap();
    assert_eq!((buf.filled().len(), buf.initialized().len()), (1, 8));
}

/// a reader that puts another buffer in place of the one it is given.
#[test]
fn r159_a_reader_of_theirs_that_lies_is_caught() {
    struct Liar {
        waits: bool,
    }
    impl theirs::AsyncRead for Liar {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut theirs::ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            *buf = theirs::ReadBuf::new(vec![7; buf.capacity()].leak());
            buf.advance(buf.capacity());
            match self.waits {
                true => Poll::Pending,
                false => Poll::Ready(Ok(())),
            }
        }
    }
    for waits in [false, true] {
        let mut memory = [MaybeUninit::uninit(); 8];
        let mut buf = ReadBuf::uninit(&mut memory);
        let mut liar = FromTokio::new(Liar { waits });
        let read = AssertUnwindSafe(|| {
            Pin::new(&mut liar).poll_read(&mut Context::from_waker(Waker::noop()), &mut buf)
        });
        assert!(panic::catch_unwind(read).is_err());
        assert!(buf.initialized().is_empty());
    }
}
