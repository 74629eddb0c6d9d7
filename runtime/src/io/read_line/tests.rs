//! Lines that end in an error or are no text.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::io::conformance::{Hiccup, drive};
use crate::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader, ReadBuf};

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

fn line_before_error(bytes: &[u8]) -> String {
    let mut reader = BufReader::new(Hiccup::new(bytes).chain(Broken));
    let mut line = String::from("> ");
    let error = drive(reader.read_line(&mut line)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    line
}

#[test]
fn r153_what_came_before_an_error_is_kept_as_far_as_it_is_text() {
    assert_eq!(line_before_error(b"half a li"), "> half a li");
    assert_eq!(line_before_error(b"d\xc3\xa9j\xc3"), "> d\u{e9}j");
    assert_eq!(line_before_error(b"\xff\xff"), "> ");
}

#[test]
fn a_line_that_is_not_text_is_skipped() {
    let mut reader = BufReader::new(Hiccup::new(*b"\xff\nnext\n"));
    let mut line = String::from("> ");
    let error = drive(reader.read_line(&mut line)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(line, "> ");
    assert_eq!(drive(reader.read_line(&mut line)).unwrap(), 5);
    assert_eq!(drive(reader.read_line(&mut line)).unwrap(), 0);
    assert_eq!(line, "> next\n");
}
