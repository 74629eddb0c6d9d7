//! Both buffers are there, and stay as they are when they change places.

use crate::io::conformance::drive;
use crate::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufStream, BufWriter,
    Cursor, SeekFrom, duplex,
};

#[test]
fn reads_ahead_and_writes_behind() {
    let (near, far) = duplex(64);
    let (mut near, mut far) = (BufStream::with_capacity(8, 8, near), far);
    drive(far.write_all(b"ab\ncd\n")).unwrap();
    let mut line = String::new();
    drive(near.read_line(&mut line)).unwrap();
    assert_eq!(line, "ab\n");
    drive(near.write_all(b"xy")).unwrap();
    drive(near.shutdown()).unwrap();
    let mut written = Vec::new();
    drive(far.read_to_end(&mut written)).unwrap();
    assert_eq!(written, b"xy");
}

#[test]
fn buffers_keep_what_they_hold_when_they_are_turned_around() {
    let (near, mut far) = duplex(64);
    let mut stream = BufWriter::new(BufReader::new(near));
    drive(far.write_all(b"ab\ncd\n")).unwrap();
    drive(far.shutdown()).unwrap();
    drive(stream.write_all(b"xy")).unwrap();
    let mut line = String::new();
    drive(stream.read_line(&mut line)).unwrap();

    let mut stream = BufStream::from(stream);
    drive(stream.read_line(&mut line)).unwrap();
    assert_eq!(line, "ab\ncd\n");
    drive(stream.shutdown()).unwrap();
    let mut written = Vec::new();
    drive(far.read_to_end(&mut written)).unwrap();
    assert_eq!(written, b"xy");
}

#[test]
fn seeks_from_where_the_user_is() {
    let mut stream = BufStream::new(Cursor::new(b"0123456789".to_vec()));
    let mut two = [0; 2];
    drive(stream.read_exact(&mut two)).unwrap();
    assert_eq!(drive(stream.seek(SeekFrom::Current(3))).unwrap(), 5);
    drive(stream.write_all(b"x")).unwrap();
    drive(stream.flush()).unwrap();
    assert_eq!(stream.into_inner().into_inner(), b"01234x6789");
}

#[test]
#[should_panic(expected = "capacity must be greater than zero")]
fn nothing_can_be_read_through_an_empty_buffer() {
    BufStream::with_capacity(0, 8, Cursor::new(Vec::new()));
}
