//! Buffers of `bytes` as the target of a read: their room, their growth, and readers that lie.

use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{io, mem::MaybeUninit};

use bytes::{BufMut, BytesMut};

use crate::io::conformance::{Hiccup, drive, dropped_at_each_poll};
use crate::io::{AsyncRead, AsyncReadExt, ReadBuf};

#[test]
fn a_read_appends_and_loses_nothing_when_dropped() {
    let mut reader = Hiccup::new("hello world");
    let mut buf = BytesMut::from("> ");
    while dropped_at_each_poll!(reader.read_buf(&mut buf)).unwrap() > 0 {}
    assert_eq!(buf, "> hello world");
}

#[test]
fn a_buffer_without_room_reads_nothing() {
    let mut reader = &b"abc"[..];
    let mut room = [0; 2];
    let mut buf = &mut room[..];
    assert_eq!(drive(reader.read_buf(&mut buf)).unwrap(), 2);
    assert_eq!(drive(reader.read_buf(&mut buf)).unwrap(), 0);
    assert_eq!((&room, reader), (b"ab", &b"c"[..]));
}

#[test]
fn a_limited_buffer_is_not_filled_beyond_its_limit() {
    let mut buf = Vec::new().limit(4);
    let mut reader = &b"abcdef"[..];
    assert_eq!(drive(reader.read_buf(&mut buf)).unwrap(), 4);
    assert_eq!(buf.into_inner(), b"abcd");
}

#[test]
fn a_read_buf_is_a_target_itself() {
    let mut memory = [MaybeUninit::uninit(); 8];
    let mut buf = ReadBuf::uninit(&mut memory);
    buf.put_u16(0x6162);
    let mut reader = &b"cdefghij"[..];
    assert_eq!(drive(reader.read_buf(&mut buf)).unwrap(), 6);
    assert_eq!(buf.filled(), b"abcdefgh");
    assert_eq!(buf.remaining_mut(), 0);
}

/// a reader that puts another buffer in place of the one it is given.
#[test]
fn r159_a_reader_cannot_make_a_buffer_count_bytes_it_does_not_have() {
    struct Liar;
    impl AsyncRead for Liar {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            *buf = ReadBuf::new(vec![7; buf.capacity()].leak());
            buf.advance(buf.capacity());
            Poll::Ready(Ok(()))
        }
    }
    let mut buf = BytesMut::with_capacity(16);
    let read = AssertUnwindSafe(|| drive(Liar.read_buf(&mut buf)));
    assert!(panic::catch_unwind(read).is_err());
    assert!(buf.is_empty());
}
