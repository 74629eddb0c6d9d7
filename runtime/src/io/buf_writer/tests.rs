//! When the buffer is written, and what stays in it when the writer is full.

use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::conformance::drive;
use crate::io::{AsyncSeekExt, AsyncWrite, AsyncWriteExt, BufWriter, Cursor};

/// Records each write; takes at most `limit` bytes in all.
struct Recorder {
    writes: Vec<Vec<u8>>,
    limit: usize,
}

impl Recorder {
    fn new(limit: usize) -> Self {
        Self {
            writes: Vec::new(),
            limit,
        }
    }
}

impl AsyncWrite for Recorder {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let n = buf.len().min(self.limit);
        self.limit -= n;
        self.writes.push(buf[..n].to_vec());
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn small_writes_leave_together_and_large_ones_at_once() {
    let mut writer = BufWriter::with_capacity(4, Recorder::new(99));
    for byte in b"abcdef" {
        drive(writer.write_all(&[*byte])).unwrap();
    }
    assert_eq!(writer.buffer(), b"ef");
    drive(writer.write_all(b"ghij")).unwrap();
    drive(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().writes, [&b"abcd"[..], b"ef", b"ghij"]);
}

#[test]
fn slices_are_gathered_for_a_writer_that_does_not() {
    let mut writer = BufWriter::with_capacity(4, Recorder::new(99));
    let bufs = [&b"a"[..], b"bc", b"de", b"f"].map(IoSlice::new);
    assert_eq!(drive(writer.write_vectored(&bufs)).unwrap(), 3);
    assert_eq!(writer.buffer(), b"abc");
}

#[test]
fn a_writer_that_is_full_keeps_the_rest_in_the_buffer() {
    let mut writer = BufWriter::with_capacity(8, Recorder::new(3));
    drive(writer.write_all(b"abcde")).unwrap();
    let error = drive(writer.flush()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    assert_eq!(writer.buffer(), b"de");
    writer.get_mut().limit = 9;
    drive(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().writes.concat(), b"abcde");
}

#[test]
fn seeking_writes_the_buffer_first() {
    let mut writer = BufWriter::new(Cursor::new(Vec::new()));
    drive(writer.write_all(b"hello world")).unwrap();
    assert_eq!(drive(writer.seek(SeekFrom::Start(6))).unwrap(), 6);
    drive(writer.write_all(b"there")).unwrap();
    assert_eq!(drive(writer.stream_position()).unwrap(), 11);
    drive(writer.flush()).unwrap();
    assert_eq!(writer.into_inner().into_inner(), b"hello there");
}
