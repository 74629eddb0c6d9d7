//! A sample survives the pipe whole, or is known to be broken.

use super::Sample;

#[test]
fn what_is_encoded_is_decoded() {
    let mut sample = Sample::of("each", 1.25e-7).with("memory", 4096.0);
    sample.note("two\nlines");
    let decoded = Sample::decode(&sample.encode()).expect("a whole sample");
    assert_eq!(decoded.value("each"), Some(1.25e-7));
    assert_eq!(decoded.value("memory"), Some(4096.0));
    assert_eq!(decoded.value("other"), None);
    assert_eq!(decoded.notes(), ["two lines"]);
}

#[test]
fn a_text_that_was_cut_off_is_no_sample() {
    let text = Sample::of("each", 1.0).encode();
    for end in 0..text.len() - 1 {
        assert!(Sample::decode(&text[..end]).is_none(), "{:?}", &text[..end]);
    }
}

#[test]
fn words_of_somebody_else_are_no_sample() {
    assert!(Sample::decode("hello\nend\n").is_none());
    assert!(Sample::decode("value each much\nend\n").is_none());
}
