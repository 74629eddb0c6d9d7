//! Text is appended whole or not at all.

use super::{Keep, put_back};

/// What becomes of "né" and `read` behind it, and whether that was valid.
fn after(read: &[u8], keep: Keep) -> (String, bool) {
    let mut target = String::from("né");
    let before = target.len();
    let mut bytes = std::mem::take(&mut target).into_bytes();
    bytes.extend_from_slice(read);
    let valid = put_back(&mut target, bytes, before, keep).is_ok();
    (target, valid)
}

#[test]
fn valid_bytes_stay_unless_they_are_not_wanted() {
    assert_eq!(after(b"v\xc3\xa9", Keep::AllOrNone), ("névé".into(), true));
    assert_eq!(after(b"v\xc3\xa9", Keep::WholeChars), ("névé".into(), true));
    assert_eq!(after(b"v\xff", Keep::None), ("né".into(), true));
}

#[test]
fn invalid_bytes_leave_what_was_there_before() {
    for keep in [Keep::AllOrNone, Keep::WholeChars] {
        assert_eq!(after(b"v\xff\xff", keep), ("né".into(), false));
    }
}

#[test]
fn a_character_that_was_cut_off_costs_only_itself() {
    assert_eq!(after(b"v\xc3", Keep::AllOrNone), ("né".into(), false));
    assert_eq!(after(b"v\xc3", Keep::WholeChars), ("név".into(), false));
}
