//! Where reading up to a delimiter stops.

use crate::io::conformance::{Hiccup, drive};
use crate::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

#[test]
fn it_stops_behind_the_delimiter_and_at_the_end() {
    let mut reader = BufReader::with_capacity(3, Hiccup::interrupting("a::b"));
    let mut output = Vec::from(*b">");
    assert_eq!(drive(reader.read_until(b':', &mut output)).unwrap(), 2);
    assert_eq!(drive(reader.read_until(b':', &mut output)).unwrap(), 1);
    assert_eq!(drive(reader.read_until(b':', &mut output)).unwrap(), 1);
    assert_eq!(drive(reader.read_until(b':', &mut output)).unwrap(), 0);
    assert_eq!(output, b">a::b");
}

#[test]
fn it_crosses_from_one_reader_to_the_next() {
    let mut reader = (&b"one, "[..]).chain(&b"two; three"[..]).take(9);
    let mut output = Vec::new();
    assert_eq!(drive(reader.read_until(b';', &mut output)).unwrap(), 9);
    assert_eq!(output, b"one, two;");
    assert_eq!(drive(reader.read_until(b';', &mut output)).unwrap(), 0);
}
