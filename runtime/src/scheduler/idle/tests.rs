//! The moves between running, searching and asleep, one at a time.

use super::*;

#[test]
fn half_of_the_workers_may_search() {
    let idle = Idle::new(4);
    assert!(idle.start_search());
    assert!(idle.start_search());
    assert!(!idle.start_search(), "two of four do already");
    idle.stop_search();
    assert!(idle.start_search());
}

/// A push that found a searcher woke nobody: the searcher that finds the task is the one who can
/// know that there may be more, and no other searcher is left to look for it.
#[test]
fn the_last_searcher_to_find_work_sees_to_a_successor() {
    let idle = Idle::new(4);
    assert!(idle.start_search() && idle.start_search());
    idle.fall_asleep(3, false);
    assert_eq!(idle.claim_sleeper(), None, "somebody searches");
    assert!(!idle.stop_search(), "another still searches");
    assert!(idle.stop_search(), "the last");
    assert_eq!(idle.claim_sleeper(), Some(3));
    assert_eq!(
        idle.claim_sleeper(),
        None,
        "the claimed one counts as searching"
    );
    assert!(!idle.get_up(3), "it was claimed");
    assert!(idle.stop_search(), "and is the last now");
}

#[test]
fn the_last_to_fall_asleep_is_woken_first() {
    let idle = Idle::new(3);
    for seat in 0..3 {
        idle.fall_asleep(seat, false);
    }
    assert_eq!(idle.asleep(), 3);
    assert!(idle.get_up(1), "by itself");
    assert_eq!(idle.claim_any_sleeper(), Some(2));
    assert_eq!(
        idle.claim_any_sleeper(),
        Some(0),
        "even if somebody searches"
    );
    assert_eq!(idle.claim_any_sleeper(), None);
    assert_eq!(idle.asleep(), 0);
}

#[test]
fn a_searcher_that_falls_asleep_searches_no_more() {
    let idle = Idle::new(2);
    assert!(idle.start_search());
    idle.fall_asleep(0, true);
    assert_eq!(idle.claim_sleeper(), Some(0), "nobody searches any more");
}
