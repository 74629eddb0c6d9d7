//! Buffers of `bytes` as the source of a write: how far they move on.

use std::io::{self, IoSlice};
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};

use crate::io::conformance::{Hiccup, drive, dropped_at_each_poll};
use crate::io::{AsyncWrite, AsyncWriteExt, Cursor};

#[test]
fn a_buffer_is_as_far_as_the_writer() {
    let mut writer = Hiccup::interrupting([]);
    let mut buf = Bytes::from("hello ").chain(&b"world"[..]);
    dropped_at_each_poll!(writer.write_all_buf(&mut buf)).unwrap();
    assert_eq!(writer.written, b"hello world");

    let mut writer = Hiccup::new([]);
    let mut buf = &b"abc"[..];
    let n = drive(writer.write_buf(&mut buf)).unwrap();
    assert_eq!([&writer.written, buf].concat(), b"abc");
    assert_eq!(writer.written.len(), n);
    assert_eq!(drive(writer.write_buf(&mut &b""[..])).unwrap(), 0);
}

#[test]
fn pieces_are_written_at_once_if_the_writer_likes_that() {
    let mut writer = Vec::new();
    let mut buf = Bytes::from("hello ").chain(&b"world"[..]);
    assert_eq!(drive(writer.write_buf(&mut buf)).unwrap(), 11);
    assert_eq!(writer, b"hello world");
}

#[test]
fn a_full_writer_is_an_error_and_the_buffer_keeps_the_rest() {
    let mut storage = [0; 4];
    let mut writer = Cursor::new(&mut storage[..]);
    let mut buf = &b"abcdef"[..];
    let error = drive(writer.write_all_buf(&mut buf)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    assert_eq!((buf, &storage), (&b"ef"[..], b"abcd"));
}

#[test]
fn a_writer_that_claims_too_much_is_caught() {
    struct Boaster;
    impl AsyncWrite for Boaster {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(buf.len() + 1))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_write_vectored(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            unreachable!("it does not say that it likes vectors")
        }
    }
    let mut buf = Bytes::from("abc").chain(&b"def"[..]);
    let write = AssertUnwindSafe(|| drive(Boaster.write_buf(&mut buf)));
    assert!(panic::catch_unwind(write).is_err());
    assert_eq!(buf.remaining(), 6);
}
