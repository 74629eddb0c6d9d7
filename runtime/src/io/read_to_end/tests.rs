//! How the vector grows, and what is kept when reading fails.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::conformance::{Hiccup, drive, sample};
use crate::io::{AsyncRead, AsyncReadExt, ReadBuf};

#[test]
fn a_vector_of_the_right_size_is_not_reallocated() {
    let mut output = Vec::with_capacity(500);
    drive((&sample()[..]).read_to_end(&mut output)).unwrap();
    assert_eq!((output.len(), output.capacity()), (500, 500));
    drive(Hiccup::new("x").read_to_end(&mut output)).unwrap();
    assert_eq!((output.len(), output[500]), (501, b'x'));
}

/// Zeroes what it is given, as readers do that cannot work with uninitialized memory, and waits
/// before each byte.
#[derive(Default)]
struct Zeroing {
    polls: usize,
    zeroed: usize,
}

impl AsyncRead for Zeroing {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.zeroed += buf.capacity() - buf.initialized().len();
        let room = buf.initialize_unfilled();
        self.polls += 1;
        if self.polls % 2 == 1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.polls < 2000 {
            room[0] = 5;
            buf.advance(1);
        }
        Poll::Ready(Ok(()))
    }
}

#[test]
fn memory_is_zeroed_once_however_often_the_reader_waits() {
    let mut reader = Zeroing::default();
    let mut output = Vec::with_capacity(10_000);
    assert_eq!(drive(reader.read_to_end(&mut output)).unwrap(), 999);
    assert_eq!(output, [5; 999]);
    assert_eq!(reader.zeroed, output.capacity());
}

/// Fills all it is given and notes how much that was; all bytes given out as initialized are looked at.
struct Filling {
    left: usize,
    least_room: usize,
}

impl AsyncRead for Filling {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.least_room = self.least_room.min(buf.remaining());
        assert!(buf.initialized().iter().all(|&byte| byte < 2));
        let n = self.left.min(buf.remaining()).min(23);
        self.left -= n;
        buf.initialize_unfilled().fill(1);
        buf.advance(n);
        Poll::Ready(Ok(()))
    }
}

#[test]
fn every_read_has_room_for_more_than_a_few_bytes() {
    for capacity in 0..130 {
        for len in 0..130 {
            let mut reader = Filling {
                left: len,
                least_room: usize::MAX,
            };
            let mut output = Vec::with_capacity(capacity);
            assert_eq!(drive(reader.read_to_end(&mut output)).unwrap(), len);
            assert_eq!(output, vec![1; len]);
            assert!(reader.least_room >= 32);
            let grew = output.capacity() > capacity;
            assert_eq!(grew, len > capacity || capacity < 32, "{len} in {capacity}");
        }
    }
}

#[test]
fn what_came_before_an_error_is_kept() {
    struct Broken;
    impl AsyncRead for Broken {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
        }
    }
    let mut output = Vec::new();
    let error = drive(Hiccup::new("abc").chain(Broken).read_to_end(&mut output)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(output, b"abc");
}
