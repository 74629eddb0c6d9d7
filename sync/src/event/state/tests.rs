//! Every transition of every state.

use super::*;

fn all() -> impl Iterator<Item = Snapshot> {
    [0, SET, WAITERS, SET | WAITERS].into_iter().map(Snapshot)
}

#[test]
fn transitions_do_what_they_say() {
    for state in all() {
        assert!(state.set().is_set() && !state.set().has_waiters());
        assert!(state.set_for_good().is_set());
        assert_eq!(state.set_for_good().has_waiters(), state.has_waiters());
        assert!(!state.clear().is_set());
        assert_eq!(state.clear().has_waiters(), state.has_waiters());
        match state.start_wait() {
            None => assert!(state.is_set()),
            Some(next) => assert!(next.has_waiters() && !next.is_set() && !state.is_set()),
        }
    }
}

#[test]
fn states_have_names() {
    let names: Vec<_> = all().map(|state| format!("{state:?}")).collect();
    assert_eq!(names, ["clear", "set", "waited for", "set, waiters leave"]);
}
