//! The packed word: transitions keep it valid and lose no permit.

use super::*;

fn valid() -> impl Iterator<Item = Snapshot> {
    let counts = [0, 1, 2, 5, PERMITS_MAX - 1, PERMITS_MAX];
    counts
        .into_iter()
        .flat_map(|count| (0..4).map(move |bits| Snapshot((count * PERMIT) | bits)))
        .filter(|state| state.is_valid())
}

#[test]
fn transitions_keep_the_state_valid_and_the_permits_counted() {
    for state in valid() {
        for count in [0, 1, 3, PERMITS_MAX] {
            if let Ok(next) = state.take(count) {
                assert!(next.is_valid() && !state.is_closed());
                assert_eq!(next.permits(), state.permits() - count);
            }
            match state.take_or_wait(count) {
                None => assert!(state.is_closed()),
                Some((next, OnWait::Granted)) => assert_eq!(state.take(count), Ok(next)),
                Some((next, OnWait::Enqueue { missing })) => {
                    assert!(next.is_valid() && next.has_waiters() && missing > 0);
                    assert_eq!(missing + state.permits(), count, "the rest was taken");
                }
            }
            let (next, forgotten) = state.forget(count);
            assert!(next.is_valid() && forgotten <= count);
            assert_eq!(next.permits() + forgotten, state.permits());
            assert_eq!(next.is_closed(), state.is_closed(), "R-81");
            match state.add(count) {
                None => assert!(state.permits() + count > PERMITS_MAX),
                Some(next) => {
                    assert!(next.is_valid());
                    assert_eq!(next.permits(), state.permits() + count);
                    assert_eq!(next.is_closed(), state.is_closed());
                }
            }
        }
        let closed = state.close();
        assert!(closed.is_valid());
        assert_eq!(closed.take(0), Err(Refused::Closed));
        assert_eq!(closed.permits(), state.permits());
    }
}
