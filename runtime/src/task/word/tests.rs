//! The word does what the pure transitions say, in every valid state with small counts.

use super::*;
use crate::task::state::tests::valid_states;

/// Runs an operation of the word in `state`; gives its result and the state it left.
fn run<D>(state: Snapshot, operation: impl FnOnce(&StateWord) -> D) -> (Snapshot, D) {
    let word = StateWord(AtomicU64::new(state.0));
    let duty = operation(&word);
    (word.load(), duty)
}

#[test]
fn wakes() {
    for state in valid_states() {
        let expected = if state.is_complete() {
            (state, OnWake::Nothing)
        } else {
            state.wake()
        };
        assert_eq!(run(state, StateWord::wake), expected, "{state:?}");
        if state.wakers() == 0 {
            continue;
        }
        let expected = if state.is_complete() {
            // A wake of a finished task is nothing but the end of a waker.
            let (next, duty) = state.drop_waker();
            (
                next,
                if duty == OnRelease::Free {
                    OnWake::Free
                } else {
                    OnWake::Nothing
                },
            )
        } else {
            state.wake_and_drop()
        };
        assert_eq!(run(state, StateWord::wake_and_drop), expected, "{state:?}");
    }
}

#[test]
fn polls_and_completions() {
    for state in valid_states().filter(|state| !state.is_complete() && state.wakes() > 0) {
        for answered in 1..=state.wakes() {
            let done = run(state, |word| word.finish_poll(answered));
            assert_eq!(done, state.finish_poll(answered), "{state:?}");
        }
        for dropped in [false, true] {
            let done = run(state, |word| word.complete(dropped));
            assert_eq!(done, state.complete(dropped), "{state:?}");
        }
    }
    for state in valid_states().filter(|state| state.is_complete() && state.is_live()) {
        assert_eq!(run(state, StateWord::release), state.release(), "{state:?}");
    }
}

#[test]
fn cancellations() {
    for state in valid_states() {
        let expected = state.cancel().unwrap_or((state, OnWake::Nothing));
        assert_eq!(run(state, StateWord::cancel), expected, "{state:?}");
    }
}

#[test]
fn beginnings() {
    for state in valid_states() {
        let forestalled = run(state, StateWord::forestall);
        assert_eq!(forestalled, state.forestall(), "{state:?}");
        if state.is_complete() || state.wakes() == 0 {
            continue;
        }
        let next = match state.is_started() {
            true => state,
            false => state.start().unwrap_or(state),
        };
        let started = run(state, StateWord::start_poll);
        assert_eq!(started, (next, next), "{state:?}");
    }
}

#[test]
fn references() {
    for state in valid_states() {
        let (more, ()) = run(state, StateWord::clone_waker);
        assert_eq!(more.wakers(), state.wakers() + 1);
        let (more, ()) = run(state, StateWord::clone_handle);
        assert_eq!(more.handles(), state.handles() + 1);
        if state.wakers() > 0 {
            assert_eq!(
                run(state, StateWord::drop_waker),
                state.drop_waker(),
                "{state:?}"
            );
        }
        if state.handles() > u64::from(state.has_join_interest()) {
            assert_eq!(
                run(state, StateWord::drop_handle),
                state.drop_handle(),
                "{state:?}"
            );
        }
    }
}

#[test]
fn join_handles() {
    for state in valid_states().filter(|state| state.has_join_interest()) {
        assert_eq!(run(state, StateWord::detach), state.detach(), "{state:?}");
        let bit = |next: Option<Snapshot>| (next.unwrap_or(state), next.is_some());
        if state.is_complete() || !state.has_join_waker() {
            let published = run(state, StateWord::publish_join_waker);
            assert_eq!(published, bit(state.publish_join_waker()), "{state:?}");
        }
        if state.is_complete() || state.has_join_waker() {
            let reclaimed = run(state, StateWord::reclaim_join_waker);
            assert_eq!(reclaimed, bit(state.reclaim_join_waker()), "{state:?}");
        }
        if !state.is_complete() {
            continue;
        }
        let (next, duty) = run(state, StateWord::drop_join_handle);
        assert_eq!(duty, state.drop_join_handle().1, "{state:?}");
        if duty == OnRelease::Nothing {
            // Told to free, nobody looks at the word again, so it need not be written.
            assert_eq!(next, state.drop_join_handle().0, "{state:?}");
        }
    }
}

/// Thousands of wakes are no longer counted. One that comes during a poll, when that many were there
/// at its start, must still lead to another poll; and so must an abort.
#[test]
fn an_uncounted_wake_during_a_poll_is_answered() {
    for disturb in [StateWord::wake, StateWord::cancel] {
        let word = StateWord::spawned();
        while !word.load().ignores_wakes() {
            assert_eq!(
                word.wake(),
                OnWake::Nothing,
                "the task is scheduled already"
            );
        }
        // The poll starts, and reads what the waker is about to write.
        let answered = word.load().wakes_to_answer();
        assert_eq!(disturb(&word), OnWake::Nothing);
        assert_eq!(word.finish_poll(answered), OnPending::Again);
        // The storm is over: the next poll can go idle.
        let answered = word.load().wakes_to_answer();
        assert_eq!(word.finish_poll(answered), OnPending::Idle);
    }
}
