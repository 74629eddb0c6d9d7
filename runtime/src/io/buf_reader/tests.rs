//! Large reads, and seeking with a buffer in between.

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::conformance::{drive, poll_once, sample};
use crate::io::{AsyncRead, AsyncReadExt, AsyncSeek, AsyncSeekExt, BufReader, Cursor, ReadBuf};

/// Records how much room each read was given, and makes each seek wait once.
struct Recorder {
    cursor: Cursor<Vec<u8>>,
    rooms: Vec<usize>,
    seeks: Vec<SeekFrom>,
    waited: bool,
}

impl Recorder {
    fn new() -> Self {
        Self {
            cursor: Cursor::new(sample()),
            rooms: Vec::new(),
            seeks: Vec::new(),
            waited: true,
        }
    }
}

impl AsyncRead for Recorder {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.rooms.push(buf.remaining());
        Pin::new(&mut self.cursor).poll_read(cx, buf)
    }
}

impl AsyncSeek for Recorder {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        self.seeks.push(position);
        self.waited = false;
        if position == SeekFrom::Current(i64::MIN) {
            return Ok(());
        }
        Pin::new(&mut self.cursor).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if !self.waited {
            self.waited = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Pin::new(&mut self.cursor).poll_complete(cx)
    }
}

#[test]
fn large_reads_go_straight_through_when_nothing_is_buffered() {
    let mut reader = BufReader::with_capacity(10, Recorder::new());
    let mut piece = [0; 50];
    assert_eq!(drive(reader.read(&mut piece[..3])).unwrap(), 3);
    assert_eq!(
        drive(reader.read(&mut piece[..])).unwrap(),
        7,
        "the buffered rest comes first"
    );
    assert_eq!(drive(reader.read(&mut piece[..])).unwrap(), 50);
    assert_eq!(reader.buffer(), []);
    assert_eq!(reader.get_ref().rooms, [10, 50]);
    assert_eq!(piece, sample()[10..60]);
}

#[test]
fn seeking_knows_what_was_read_ahead() {
    let mut reader = BufReader::with_capacity(10, Recorder::new());
    let mut byte = [0];
    drive(reader.read_exact(&mut byte)).unwrap();
    assert_eq!(reader.get_ref().cursor.position(), 10);
    assert_eq!(drive(reader.stream_position()).unwrap(), 1);
    assert_eq!(drive(reader.seek(SeekFrom::Current(4))).unwrap(), 5);
    drive(reader.read_exact(&mut byte)).unwrap();
    assert_eq!(byte, sample()[5..6]);
    assert_eq!(drive(reader.seek(SeekFrom::End(-1))).unwrap(), 499);
    assert_eq!(drive(reader.rewind()).unwrap(), 0);
    drive(reader.read_exact(&mut byte)).unwrap();
    assert_eq!(byte, sample()[..1]);
}

#[test]
fn a_distance_that_overflows_is_moved_in_two_steps() {
    let mut reader = BufReader::with_capacity(10, Recorder::new());
    drive(reader.read_exact(&mut [0])).unwrap();
    drive(reader.seek(SeekFrom::Current(i64::MIN))).unwrap();
    let steps = [SeekFrom::Current(-9), SeekFrom::Current(i64::MIN)];
    assert_eq!(reader.get_ref().seeks, steps);
}

#[test]
fn a_seek_left_half_way_ends_before_the_next_begins() {
    let mut reader = BufReader::with_capacity(10, Recorder::new());
    drive(reader.read_exact(&mut [0])).unwrap();
    assert!(poll_once(reader.seek(SeekFrom::Start(100))).is_none());
    assert_eq!(drive(reader.seek(SeekFrom::Current(1))).unwrap(), 101);
}

#[test]
fn a_failed_seek_leaves_the_reader_where_it_was() {
    let mut reader = BufReader::with_capacity(10, Cursor::new(sample()));
    let mut byte = [0];
    drive(reader.read_exact(&mut byte)).unwrap();
    drive(reader.seek(SeekFrom::Current(-2))).unwrap_err();
    drive(reader.read_exact(&mut byte)).unwrap();
    assert_eq!(byte, sample()[1..2]);
}
