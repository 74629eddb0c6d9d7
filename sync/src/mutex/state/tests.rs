//! The packed word: every transition of every valid state is valid and forgets nobody.

use super::*;

fn valid() -> impl Iterator<Item = Snapshot> {
    (0..1 << 6).map(Snapshot).filter(|state| state.is_valid())
}

const BOTH: [bool; 2] = [false, true];

/// With the lock of the queue free, is somebody going to look after the first in it?
fn is_cared_for(state: Snapshot) -> bool {
    !state.has_waiters() || state.is_locked() || state.has_woken()
}

#[test]
fn the_table_has_eight_rows() {
    // The six rows of the table; with and without waiters for two of them.
    assert_eq!(valid().count(), 8);
    assert!(Snapshot::FREE.is_valid());
}

#[test]
fn the_lock_is_taken_only_when_it_is_free_for_all() {
    for state in valid() {
        match state.take() {
            None => assert!(state.is_locked() || state.hands_off()),
            Some(next) => {
                assert!(next.is_valid() && next.is_locked() && !state.is_locked());
                assert_eq!(next.0 - LOCKED, state.0, "and nothing else changes");
            }
        }
    }
}

#[test]
fn who_does_not_get_the_lock_has_a_place_in_the_queue() {
    for state in valid() {
        for fair in BOTH {
            // A fair lock is handed over whenever somebody waits, so nobody was ever just woken.
            if fair && (state.has_woken() || state.has_waiters() != state.hands_off()) {
                continue;
            }
            let (next, found) = state.take_or_wait(fair);
            assert!(next.is_valid());
            assert_eq!(found == OnLook::Taken, state.take().is_some());
            if found == OnLook::Waits {
                assert!(next.has_waiters());
                assert!(next.hands_off() || !fair, "in order");
                assert_eq!(next.is_locked(), state.is_locked());
            }
        }
    }
}

#[test]
fn a_look_takes_the_lock_or_answers_the_wake() {
    for state in valid().filter(|state| state.has_waiters()) {
        for (woken, ask) in BOTH
            .into_iter()
            .flat_map(|woken| BOTH.map(|ask| (woken, ask)))
        {
            if woken && !state.has_woken() {
                continue;
            }
            let (next, found) = state.look(woken, ask);
            assert!(next.is_valid());
            match found {
                OnLook::Taken => assert!(next.is_locked() && !state.is_locked()),
                OnLook::Waits => {
                    assert_eq!(next.has_woken(), state.has_woken() && !woken);
                    assert_eq!(next.hands_off(), state.hands_off() || (woken && ask));
                    // Whoever made it wait sees to it: the holder, or an unlocker in transit.
                    assert!(next.is_locked() || next.hands_off());
                }
            }
        }
    }
}

#[test]
fn settling_leaves_nobody_without_care() {
    for state in valid() {
        let (next, duty) = state.settle();
        assert!(next.is_valid() && is_cared_for(next));
        match duty {
            Duty::None => assert_eq!(next, state),
            Duty::Wake => assert!(next.has_woken() && !next.is_locked()),
            Duty::Grant => assert!(next.is_locked() && state.hands_off()),
        }
        assert_eq!(next.settle(), (next, Duty::None), "done once");
    }
}

#[test]
fn who_leaves_takes_its_notes_along() {
    for state in valid().filter(|state| state.has_waiters()) {
        for bits in 0..16 {
            let [woken, asked_for_handoff, last, fair] =
                [0, 1, 2, 3].map(|bit| bits >> bit & 1 != 0);
            let left = Left {
                woken,
                asked_for_handoff,
                last,
            };
            let next = state.leave(left, fair);
            assert!(next.is_valid());
            assert_eq!(next.is_locked(), state.is_locked());
            assert_eq!(next.has_waiters(), !last);
            assert_eq!(next.has_woken(), state.has_woken() && !woken && !last);
            let keeps_handoff = !last && (fair || !asked_for_handoff);
            assert_eq!(next.hands_off(), state.hands_off() && keeps_handoff);
        }
    }
}

#[test]
fn the_word_is_shown_in_words() {
    let shown = |bits| format!("{:?}", Snapshot(bits));
    assert_eq!(shown(0), "free");
    assert_eq!(
        shown(LOCKED | WAITERS | WOKEN),
        "locked, first in the queue woken"
    );
    assert_eq!(shown(WAITERS | HANDOFF), "handed over, waited for");
    assert_eq!(
        shown(LOCKED | WAITERS | HANDOFF),
        "locked, waited for, will be handed over"
    );
}
