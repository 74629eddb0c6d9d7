//! The limit holds, also against a reader that was handed more room.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::conformance::{Hiccup, drive, in_one_poll};
use crate::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, ReadBuf};

#[test]
fn the_limit_counts_down_and_can_be_set_again() {
    let mut take = Hiccup::new("abcdef").take(4);
    let mut text = String::new();
    drive(take.read_to_string(&mut text)).unwrap();
    assert_eq!((&*text, take.limit()), ("abcd", 0));
    take.set_limit(1);
    drive(take.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "abcde");
    drive(take.into_inner().read_to_string(&mut text)).unwrap();
    assert_eq!(text, "abcdef");
}

#[test]
fn consuming_more_than_the_limit_does_not_wrap_around() {
    let mut take = (&b"abcdef"[..]).take(2);
    assert_eq!(drive(take.fill_buf()).unwrap(), b"ab");
    take.consume(5);
    assert_eq!(take.limit(), 0);
    assert_eq!(drive(take.fill_buf()).unwrap(), b"");
    assert_eq!(take.into_inner(), b"cdef");
}

/// Initializes all it is given, and fills one byte of it.
struct Zeroing;

impl AsyncRead for Zeroing {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buf.initialize_unfilled()[0] = b'x';
        buf.advance(1);
        Poll::Ready(Ok(()))
    }
}

#[test]
fn what_the_reader_initialized_counts_as_initialized_and_no_more() {
    let mut memory = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut memory);
    buf.put_slice(b">");
    let mut take = Zeroing.take(3);
    drive(std::future::poll_fn(|cx| {
        Pin::new(&mut take).poll_read(cx, &mut buf)
    }))
    .unwrap();
    assert_eq!(buf.filled(), b">x");
    assert_eq!(buf.initialized(), b">x\0\0");
}

#[test]
fn a_reader_at_its_limit_is_not_polled() {
    let mut take = Hiccup::new("abc").take(0);
    in_one_poll(|| {
        for _ in 0..1000 {
            assert_eq!(drive(take.read(&mut [0])).unwrap(), 0);
        }
    });
}
