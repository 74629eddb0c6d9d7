//! One owner at a time, and as many departures as entrances.

use super::*;

#[test]
fn it_belongs_to_one_until_that_one_left_as_often_as_it_came() {
    let (one, other) = (Owner::unique(), Owner::unique());
    let mut state = Holding::new();
    for depth in 1..=3 {
        assert_eq!(state.enter(one), Ok(()));
        assert_eq!((state.owner(), state.depth()), (Some(one), depth));
        let before = state;
        assert_eq!(state.enter(other), Err(Refused::Taken));
        assert_eq!(state, before);
    }
    assert!(!state.leave());
    assert!(!state.leave());
    assert_eq!(state.enter(other), Err(Refused::Taken));
    assert!(state.leave());
    assert_eq!(state, Holding::new());
    assert_eq!(state.enter(other), Ok(()));
}

#[test]
fn the_count_does_not_overflow() {
    let owner = Owner::unique();
    let mut state = Holding {
        owner: Some(owner),
        depth: u32::MAX - 1,
    };
    assert_eq!(state.enter(owner), Ok(()));
    let before = state;
    assert_eq!(state.enter(owner), Err(Refused::TooDeep));
    assert_eq!(state, before);
    assert_eq!(state.enter(Owner::unique()), Err(Refused::Taken));
    assert!(!state.leave());
}

impl Holding {
    /// The state after so many entrances.
    pub(in crate::reentrant_mutex) fn at_depth(owner: Owner, depth: u32) -> Self {
        Self {
            owner: Some(owner),
            depth,
        }
    }
}
