//! Tests of the bytes that both ends know.

use super::Bytes;

#[test]
fn what_was_filled_passes_the_check_in_other_pieces() {
    let mut sent = Bytes::new(5);
    let mut buffer = [0; 100];
    for piece in buffer.chunks_mut(7) {
        sent.fill(piece);
        sent.advance(piece.len());
    }
    let mut came = Bytes::new(5);
    for piece in buffer.chunks(13) {
        came.check(piece).unwrap();
    }
    assert_eq!((sent.position(), came.position()), (100, 100));
}

#[test]
fn a_gap_a_swap_and_a_foreign_stream_are_seen() {
    let mut buffer = [0; 64];
    Bytes::new(5).fill(&mut buffer);
    assert!(Bytes::new(6).check(&buffer).is_err());

    let mut gap = buffer.to_vec();
    gap.remove(20);
    assert!(Bytes::new(5).check(&gap).is_err());

    let mut swap = buffer;
    swap.copy_within(8..16, 24);
    assert!(Bytes::new(5).check(&swap).is_err());
}
