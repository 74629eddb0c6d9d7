//! A copy loses nothing, flushes when it waits, and gives the thread back.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use selvedge_sync::context::BUDGET_PER_POLL;

use crate::io::conformance::{Hiccup, Wakes, drive, in_one_poll, sample};
use crate::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, BufWriter, ReadBuf, copy,
    copy_buf, duplex,
};

#[test]
fn everything_arrives_whatever_the_pieces() {
    let mut writer = Hiccup::interrupting([]);
    let mut reader = Hiccup::interrupting(sample());
    assert_eq!(drive(copy(&mut reader, &mut writer)).unwrap(), 500);
    assert_eq!(writer.written, sample());
    assert!(!writer.shut_down);

    let mut writer = BufWriter::with_capacity(7, Hiccup::interrupting([]));
    let mut reader = BufReader::with_capacity(5, Hiccup::interrupting(sample()));
    assert_eq!(drive(copy_buf(&mut reader, &mut writer)).unwrap(), 500);
    assert_eq!(writer.get_ref().written, sample());
}

/// a reader that answers only what reached the other side must not wait for bytes that are
/// still in the writer's own buffer.
#[test]
fn r153_a_stalled_reader_makes_the_writer_flush() {
    fn arrives<F: Future>(copy: F, far: &mut (impl AsyncRead + Unpin)) {
        let mut copy = pin!(copy);
        let (_wakes, waker) = Wakes::new();
        let mut cx = Context::from_waker(&waker);
        assert!(copy.as_mut().poll(&mut cx).is_pending());
        let mut word = [0; 9];
        drive(far.read_exact(&mut word)).unwrap();
        assert_eq!(&word, b"old, ping");
    }

    let (mut client, mut reader) = duplex(64);
    drive(client.write_all(b"ping")).unwrap();
    let (near, mut far) = duplex(64);
    let mut writer = BufWriter::new(near);
    drive(writer.write_all(b"old, ")).unwrap();
    arrives(copy(&mut reader, &mut writer), &mut far);

    drive(client.write_all(b"ping")).unwrap();
    let mut reader = BufReader::new(reader);
    drive(writer.write_all(b"old, ")).unwrap();
    arrives(copy_buf(&mut reader, &mut writer), &mut far);
}

#[test]
fn bytes_from_before_are_flushed_even_if_nothing_comes() {
    let (_client, mut reader) = duplex(64);
    let (near, mut far) = duplex(64);
    let mut writer = BufWriter::new(near);
    drive(writer.write_all(b"hello")).unwrap();
    let mut copy = pin!(copy(&mut reader, &mut writer));
    let (_wakes, waker) = Wakes::new();
    assert!(
        copy.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drive(far.read_exact(&mut [0; 5])).unwrap();
}

/// Always ready, and charges nothing.
#[derive(Default)]
struct Greedy {
    reads: usize,
    writes: usize,
}

impl AsyncRead for Greedy {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.reads += 1;
        assert!(self.reads < 1000, "the copy never gives the thread back");
        buf.put_slice(b"x");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Greedy {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes += 1;
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn two_that_are_always_ready_give_the_thread_back() {
    fn rounds_in_one_poll<F: Future>(copy: F) {
        let (wakes, waker) = Wakes::new();
        let poll = in_one_poll(|| pin!(copy).poll(&mut Context::from_waker(&waker)));
        assert!(poll.is_pending());
        assert_eq!(wakes.count(), 1, "it yields, it does not wait");
    }

    let (mut reader, mut writer) = (Greedy::default(), Greedy::default());
    rounds_in_one_poll(copy(&mut reader, &mut writer));
    assert_eq!(writer.writes, usize::from(BUDGET_PER_POLL) + 1);

    let mut reader = BufReader::with_capacity(1, Greedy::default());
    rounds_in_one_poll(copy_buf(&mut reader, &mut Greedy::default()));
    assert_eq!(reader.get_ref().reads, usize::from(BUDGET_PER_POLL) + 1);
}

#[test]
fn a_full_writer_lets_the_reader_fill_the_buffer_meanwhile() {
    let (mut client, mut reader) = duplex(64);
    let (mut near, mut far) = duplex(2);
    let (_wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    let mut copy = pin!(copy(&mut reader, &mut near));
    for piece in [b"ab", b"cd", b"ef"] {
        drive(client.write_all(piece)).unwrap();
        assert!(copy.as_mut().poll(&mut cx).is_pending());
    }
    drop(client);
    let mut all = Vec::new();
    while all.len() < 6 {
        let mut piece = [0; 2];
        let n = drive(far.read(&mut piece)).unwrap();
        all.extend_from_slice(&piece[..n]);
        let _ = copy.as_mut().poll(&mut cx);
    }
    assert_eq!(all, b"abcdef");
}

#[test]
fn errors_end_the_copy() {
    let mut reader = &b"abc"[..];
    let (mut near, far) = duplex(64);
    drop(far);
    let error = drive(copy(&mut reader, &mut near)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}
