//! The target stays text, whatever is read and whether or not the future is polled.

use std::io;

use crate::io::AsyncReadExt;
use crate::io::conformance::{Hiccup, drive, poll_once};

#[test]
fn text_that_is_not_valid_leaves_the_target_alone() {
    let mut target = String::from("before");
    let error = drive(Hiccup::new(*b"ok\xff").read_to_string(&mut target)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert_eq!(target, "before");
}

#[test]
fn a_future_that_is_not_polled_does_nothing() {
    let mut target = String::from("before");
    let mut reader = Hiccup::new("after");
    drop(reader.read_to_string(&mut target));
    assert_eq!(target, "before");
    assert!(poll_once(reader.read_to_string(&mut target)).is_none());
    assert_eq!(target, "before");
}
