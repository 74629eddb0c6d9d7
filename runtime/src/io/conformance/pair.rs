//! What a writer and the reader at its other end owe each other, checked in one place for all of them.
//!
//! Both ends are used by the thread of the test and by threads of its own, inside a runtime whose worker
//! turns the reactor: call it within [`in_runtime`]. Each wait is bounded.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::thread::{self, JoinHandle};

use selvedge_sync::context::BUDGET_PER_POLL;

use super::{
    Wakes, check_reader, check_writer, drive, dropped_at_each_poll, in_one_poll, poll_once,
};
use crate::io::traits::write_methods;
use crate::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use crate::runtime::Builder;

/// More than fits between the ends, so that the writer has to wait.
const BYTES: usize = 4 << 20;
/// More than any buffer between the ends takes.
const TAKEN_MAX: usize = 64 << 20;

/// Runs `f` inside a runtime with one worker.
pub(crate) fn in_runtime(f: impl FnOnce()) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime for the test");
    let _entered = runtime.enter();
    f();
}

/// Checks writer and reader of the pairs that `make` makes, of which the reader reads what the writer
/// writes, and the end when that was shut down.
pub(crate) fn check_pair<W, R>(make: impl Fn() -> (W, R))
where
    W: AsyncWrite + Unpin + Send + 'static,
    R: AsyncRead + Unpin + Send + 'static,
{
    check_reader(|bytes| {
        let (writer, reader) = make();
        thread::spawn(move || send(writer, &bytes));
        reader
    });
    check_writer(
        || {
            let (writer, reader) = make();
            let reader = thread::spawn(move || receive(reader));
            Watched { writer, reader }
        },
        |watched| {
            drop(watched.writer);
            watched.reader.join().expect("the reader reads")
        },
    );
    check_volume(make());
    check_waiting_reader(make());
    check_waiting_writer(make());
}

/// Checks what one end learns when the other one is dropped.
pub(crate) fn check_drops<W, R>(make: impl Fn() -> (W, R))
where
    W: AsyncWrite + Unpin,
    R: AsyncRead + Unpin,
{
    // whoever waits learns that there is nothing to wait for.
    let (writer, mut reader) = make();
    let wakes = expect_waiting_read(&mut reader);
    drop(writer);
    wakes.wait();
    assert_eq!(drive(reader.read(&mut [0])).unwrap(), 0, "the end");

    let (mut writer, reader) = make();
    let (wakes, _) = fill(&mut writer);
    drop(reader);
    wakes.wait();
    let error = loop {
        match drive(writer.write(&[0; 1024])) {
            Ok(n) => assert!(n > 0, "nobody reads: that is an error"),
            Err(error) => break error,
        }
    };
    let kind = error.kind();
    assert!(
        matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset),
        "{error}"
    );
}

/// A writer that ends when it is dropped, as one that ends when it is shut down.
pub(crate) struct DroppedToEnd<W>(pub(crate) Option<W>);

impl<W: AsyncWrite + Unpin> DroppedToEnd<W> {
    fn writer(self: Pin<&mut Self>) -> Pin<&mut W> {
        Pin::new(
            self.get_mut()
                .0
                .as_mut()
                .expect("nothing is written after the end"),
        )
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for DroppedToEnd<W> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writer().poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(writer) = &mut this.0 {
            ready!(Pin::new(writer).poll_shutdown(cx))?;
        }
        this.0 = None;
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.writer().poll_write_vectored(cx, bufs)
    }
}

/// A writer, and who reads from its other end.
struct Watched<W> {
    writer: W,
    reader: JoinHandle<Vec<u8>>,
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Watched<W> {
    write_methods!(|this| Pin::new(&mut this.get_mut().writer), |this| this
        .writer);
}

fn send(mut writer: impl AsyncWrite + Unpin, bytes: &[u8]) {
    drive(writer.write_all(bytes)).expect("the reader reads");
    drive(writer.shutdown()).expect("the end is written");
}

fn receive(mut reader: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut all = Vec::new();
    drive(reader.read_to_end(&mut all)).expect("the writer writes");
    all
}

fn pattern(at: usize) -> u8 {
    (at.wrapping_mul(31) >> 3) as u8
}

/// Much more than fits in between goes through, in pieces of many sizes and vectors, while futures are
/// dropped at each `Pending`.
fn check_volume<W, R>((mut writer, mut reader): (W, R))
where
    W: AsyncWrite + Unpin + Send + 'static,
    R: AsyncRead + Unpin,
{
    let sender = thread::spawn(move || {
        let bytes: Vec<u8> = (0..BYTES).map(pattern).collect();
        let mut rest = &bytes[..];
        for size in [1, 70_000, 4096, 100_000, 13, 8192].into_iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (first, second) = rest.split_at(size.min(rest.len()));
            let second = &second[..second.len().min(100)];
            let bufs = [first, second].map(IoSlice::new);
            let n = dropped_at_each_poll!(writer.write_vectored(&bufs)).unwrap();
            rest = &rest[n..];
        }
        drive(writer.shutdown()).unwrap();
        writer
    });
    let mut seen = 0;
    let mut piece = vec![0; 100_000];
    for size in [100_000, 1, 5000, 64, 33_333].into_iter().cycle() {
        let n = dropped_at_each_poll!(reader.read(&mut piece[..size])).unwrap();
        if n == 0 {
            break;
        }
        let good = piece[..n]
            .iter()
            .enumerate()
            .all(|(i, byte)| *byte == pattern(seen + i));
        assert!(good, "other bytes after {seen}");
        seen += n;
    }
    assert_eq!(seen, BYTES);
    drop(sender.join().expect("the writer writes"));
}

/// Polls for reading, which has to wait; with two wakers, of which the second counts.
fn expect_waiting_read(reader: &mut (impl AsyncRead + Unpin)) -> std::sync::Arc<Wakes> {
    let (_, replaced) = Wakes::new();
    let (wakes, waker) = Wakes::new();
    for waker in [&replaced, &waker] {
        let mut byte = [0];
        let mut buf = ReadBuf::new(&mut byte);
        let poll = Pin::new(&mut *reader).poll_read(&mut Context::from_waker(waker), &mut buf);
        assert!(poll.is_pending(), "nothing was written");
    }
    wakes
}

/// A reader that waits is woken by bytes and by the end.
fn check_waiting_reader<W, R>((mut writer, mut reader): (W, R))
where
    W: AsyncWrite + Unpin,
    R: AsyncRead + Unpin,
{
    for byte in 1..4 {
        let wakes = expect_waiting_read(&mut reader);
        drive(writer.write_all(&[byte])).unwrap();
        drive(writer.flush()).unwrap();
        wakes.wait();
        assert_eq!(drive(reader.read_u8()).unwrap(), byte);
    }
    let wakes = expect_waiting_read(&mut reader);
    drive(writer.shutdown()).unwrap();
    wakes.wait();
    for _ in 0..3 {
        assert_eq!(drive(reader.read(&mut [0; 9])).unwrap(), 0, "the end stays");
    }
}

/// Writes until the writer waits, and returns how many bytes it took.
fn fill(writer: &mut (impl AsyncWrite + Unpin)) -> (std::sync::Arc<Wakes>, usize) {
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    let mut taken = 0;
    loop {
        match Pin::new(&mut *writer).poll_write(&mut cx, &[7; 4096]) {
            Poll::Ready(Ok(n)) => taken += n,
            Poll::Ready(Err(error)) => panic!("{error}"),
            Poll::Pending => return (wakes, taken),
        }
        assert!(taken < TAKEN_MAX, "somewhere is a buffer without bounds");
    }
}

/// A writer that waits is woken when bytes are read, and what it took arrives.
fn check_waiting_writer<W, R>((mut writer, reader): (W, R))
where
    W: AsyncWrite + Unpin,
    R: AsyncRead + Unpin + Send + 'static,
{
    let (wakes, taken) = fill(&mut writer);
    let receiver = thread::spawn(move || receive(reader));
    wakes.wait();
    drive(writer.write_all(&[8])).unwrap();
    drive(writer.shutdown()).unwrap();
    let received = receiver.join().expect("the reader reads");
    assert_eq!(received.len(), taken + 1);
    assert_eq!(received.last(), Some(&8));
}

/// Checks that both ends give the thread back within one budget; they must have no buffer of their own, and
/// room for 500 bytes between them.
pub(crate) fn check_pair_budget<W, R>((mut writer, mut reader): (W, R))
where
    W: AsyncWrite + Unpin,
    R: AsyncRead + Unpin,
{
    const UNITS: usize = BUDGET_PER_POLL as usize;
    let mut write_one = || poll_once(writer.write(&[1])).map(io::Result::unwrap);
    let written = in_one_poll(|| (0..500).map_while(|_| write_one()).count());
    assert!(written <= UNITS, "{written} writes in one poll");
    drive(writer.write_all(&vec![1; 500 - written])).unwrap();

    let mut read_one = || poll_once(reader.read(&mut [0])).map(io::Result::unwrap);
    let read = in_one_poll(|| (0..500).map_while(|_| read_one()).count());
    assert!(read <= UNITS, "{read} reads in one poll");
}
