//! What is accepted is handed over once, and nothing is accepted that nobody would take.

use std::io::IoSlice;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{GATHERED_MAX, Gather, append, total};

const MAX: usize = usize::MAX;

fn offer(gather: &Gather, bytes: &[u8]) -> bool {
    gather.offer(&[IoSlice::new(bytes)], bytes.len(), MAX)
}

#[test]
fn closed_until_a_write_starts_and_after_it_ended() {
    let gather = Gather::new();
    assert!(!offer(&gather, b"early"));
    gather.open();
    assert!(offer(&gather, b"one "));
    assert!(offer(&gather, b"two"));
    let mut written = b"zero".to_vec();
    assert!(gather.take(&mut written));
    assert_eq!(written, b"one two");
    assert!(offer(&gather, b"three"), "still open while that is written");
    assert!(gather.take(&mut written));
    assert_eq!(written, b"three");
    assert!(!gather.take(&mut written));
    assert!(!offer(&gather, b"late"));
}

#[test]
fn a_write_that_fails_or_panics_closes() {
    let gather = Gather::new();
    gather.open();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _closing = gather.closing();
        assert!(offer(&gather, b"lost"));
        panic!("as it may");
    }));
    assert!(panicked.is_err());
    assert!(!offer(&gather, b"more"));
    gather.open();
    assert!(!gather.take(&mut Vec::new()), "nothing is left over");
}

#[test]
fn gathers_a_bounded_number_of_bytes_and_whole_offers_only() {
    let gather = Gather::new();
    gather.open();
    let piece = vec![7; 1000];
    let accepted = (0..).take_while(|_| offer(&gather, &piece)).count();
    assert_eq!(accepted, GATHERED_MAX / 1000);
    assert!(offer(&gather, &[1]), "what fits still fits");
    let mut written = Vec::new();
    assert!(gather.take(&mut written));
    assert_eq!(written.len(), accepted * 1000 + 1);

    assert!(!gather.offer(&[IoSlice::new(&piece)], 1000, 999));
    assert!(gather.offer(&[IoSlice::new(&piece)], 999, 999));
}

#[test]
fn pieces_are_cut_where_they_exceed() {
    let pieces = [&b""[..], b"abc", b"", b"def"].map(IoSlice::new);
    assert_eq!(total(&pieces), 6);
    for (wanted, expected) in [(0, ""), (2, "ab"), (3, "abc"), (5, "abcde"), (6, "abcdef")] {
        let mut target = b"> ".to_vec();
        append(&mut target, &pieces, wanted);
        assert_eq!(target, format!("> {expected}").as_bytes());
    }
}
