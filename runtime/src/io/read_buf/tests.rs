//! What the buffer knows of its memory: filled, initialized, neither.

use std::mem::MaybeUninit;
use std::panic::{self, AssertUnwindSafe};

use super::ReadBuf;

fn panics(f: impl FnOnce()) -> bool {
    panic::catch_unwind(AssertUnwindSafe(f)).is_err()
}

#[test]
fn uninitialized_memory_is_zeroed_once_and_only_as_far_as_asked() {
    let mut memory = [MaybeUninit::new(7_u8); 8];
    let mut buf = ReadBuf::uninit(&mut memory);
    assert_eq!(buf.initialize_unfilled_to(3), [0; 3]);
    buf.initialized_mut()[0] = 1;
    assert_eq!(buf.initialize_unfilled_to(4), [1, 0, 0, 0]);
    buf.advance(2);
    assert_eq!(buf.filled(), [1, 0]);
    assert_eq!(buf.initialized().len(), 4);
    assert_eq!(buf.initialize_unfilled().len(), 6);
    buf.clear();
    assert_eq!((buf.filled().len(), buf.initialized().len()), (0, 8));
    assert_eq!(
        format!("{buf:?}"),
        "ReadBuf { filled: 0, initialized: 8, capacity: 8 }"
    );
}

#[test]
fn safe_code_cannot_count_uninitialized_bytes_as_filled() {
    let mut memory = [MaybeUninit::uninit(); 4];
    let mut buf = ReadBuf::uninit(&mut memory);
    buf.put_slice(b"a");
    assert!(panics(|| buf.advance(1)));
    assert!(panics(|| buf.advance(usize::MAX)));
    assert!(panics(|| buf.set_filled(2)));
    assert!(panics(|| buf.put_slice(b"bcde")));
    assert!(panics(|| {
        buf.initialize_unfilled_to(4);
    }));
    assert_eq!(buf.filled(), b"a");
    buf.put_slice(b"bcd");
    assert_eq!(buf.filled(), b"abcd");
    assert_eq!(buf.remaining(), 0);
}

#[test]
fn a_part_taken_is_separate_and_knows_what_is_initialized() {
    let mut memory = [0; 4];
    let mut buf = ReadBuf::new(&mut memory);
    buf.put_slice(b"a");
    let mut part = buf.take(2);
    assert_eq!((part.capacity(), part.initialized().len()), (2, 2));
    part.put_slice(b"bc");
    assert_eq!(buf.filled(), b"a");
    buf.advance(2);
    assert_eq!(buf.filled(), b"abc");
    assert_eq!(buf.take(9).capacity(), 1);
}
