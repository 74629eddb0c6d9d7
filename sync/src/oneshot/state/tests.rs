//! The table of valid states, exhaustively.

use super::*;

const SIDES: [Side; 2] = [Side::Sender, Side::Receiver];

fn valid() -> impl Iterator<Item = Snapshot> {
    (0..1 << 7).map(Snapshot).filter(|state| state.is_valid())
}

#[test]
fn every_transition_of_a_valid_state_is_valid() {
    // Open: 4 by wakers; ended by one side: 4 and 2; by both: 8.
    assert_eq!(valid().count(), 18);
    for state in valid() {
        for side in SIDES {
            if !state.has_waker(side) {
                assert_eq!(state.share_waker(side).is_none(), state.is_over());
                assert!(state.share_waker(side).is_none_or(Snapshot::is_valid));
            }
            assert!(state.unshare_waker(side).is_none_or(Snapshot::is_valid));
            assert!(state.close(side).is_valid());
            if !state.is_done(side) {
                finishes(state, side);
            }
            if state.is_over() && !state.is_gone(side) {
                let free = state.leave(side) == OnLeave::Free;
                assert_eq!(free, state.is_gone(side.peer()));
                assert!(Snapshot(state.0 | side.left_bits()).is_valid());
            }
        }
        sends(state);
    }
}

fn finishes(state: Snapshot, side: Side) {
    let (next, duty) = state.finish_and_leave(side);
    assert!(next.is_valid() && next.is_done(side), "{state:?}");
    match duty {
        OnFinish::TakeWakers { own, peer } => {
            assert!(own || peer);
            assert_eq!(own, state.has_waker(side));
            assert_eq!(peer, state.has_waker(side.peer()));
            assert!(!next.is_gone(side), "it still has to take them");
        }
        OnFinish::Left(duty) => {
            assert!(next.is_gone(side));
            assert_eq!(duty == OnLeave::Free, state.is_gone(side.peer()));
        }
    }
}

fn sends(state: Snapshot) {
    if state.is_done(Side::Sender) {
        return;
    }
    match state.send() {
        None => assert!(state.is_done(Side::Receiver)),
        Some((next, duty)) => {
            assert!(next.is_valid() && next.has_value());
            assert_eq!(duty, state.finish_and_leave(Side::Sender).1);
        }
    }
}

#[test]
fn the_state_reads_as_words() {
    let open = Snapshot::OPEN;
    let waits = open.share_waker(Side::Receiver).unwrap();
    assert_eq!(format!("{waits:?}"), "open, receiver waits");
    assert_eq!(format!("{:?}", waits.send().unwrap().0), "sent");
    let closed = waits.close(Side::Receiver);
    assert_eq!(format!("{closed:?}"), "closed by the receiver");
}
