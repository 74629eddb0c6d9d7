//! Every operation on every valid state of a small channel gives a valid one.

use super::*;

const COUNTS: usize = 4;

/// Every state with small counts, valid or not.
fn states() -> impl Iterator<Item = State> {
    let fields = COUNTS.pow(5) * 8;
    (0..fields).map(|mut number| {
        let mut digit = |base: usize| {
            let digit = number % base;
            number /= base;
            digit
        };
        State {
            capacity: digit(COUNTS),
            messages: digit(COUNTS),
            promised: digit(COUNTS),
            reserved: digit(COUNTS),
            in_hand: digit(COUNTS),
            closed: digit(2) == 1,
            disconnected: digit(2) == 1,
            abandoned: digit(2) == 1,
        }
    })
}

fn valid() -> impl Iterator<Item = State> {
    states().filter(|state| state.is_valid())
}

/// Places in use: what a change must explain.
fn used(state: State) -> usize {
    state.messages + state.reserved + state.in_hand
}

#[test]
fn a_new_channel_is_valid_and_empty() {
    let state = State::new(3);
    assert!(state.is_valid() && !state.is_over() && !state.is_closed());
    assert_eq!((state.room(), state.messages()), (3, 0));
}

#[test]
fn there_are_valid_states_of_each_kind() {
    assert!(valid().count() > 300);
    assert!(valid().any(|state| state.abandoned && state.reserved > 0));
    assert!(
        valid().any(|state| used(state) > state.capacity),
        "one was taken back"
    );
}

#[test]
fn who_reserves_gets_room_only_of_an_open_channel() {
    for before in valid() {
        for count in 0..COUNTS {
            let mut state = before;
            let result = state.reserve(count);
            assert!(state.is_valid());
            match result {
                Ok(()) => {
                    assert!(!before.closed && before.room() >= count);
                    assert_eq!(used(state), used(before) + count);
                    assert_eq!(state.room(), before.room() - count);
                    state.release(count);
                    assert_eq!(state, before);
                }
                Err(refused) => {
                    assert_eq!(refused == Refused::Closed, before.closed);
                    assert_eq!(state, before);
                }
            }
        }
    }
}

#[test]
fn who_waits_takes_all_the_room_there_is() {
    for before in valid() {
        for count in 0..COUNTS {
            let mut state = before;
            match state.reserve_or_wait(count) {
                OnReserve::Granted => assert_eq!(used(state), used(before) + count),
                OnReserve::Closed => assert_eq!(state, before),
                OnReserve::Enqueue { missing } => {
                    assert_eq!(state.room(), 0, "I1");
                    assert!(missing > 0);
                    assert_eq!(used(state) + missing, used(before) + count);
                }
            }
            assert!(state.is_valid());
        }
    }
}

#[test]
fn a_message_goes_into_its_place_unless_nobody_is_left() {
    for before in valid().filter(|state| state.reserved > 0) {
        let mut state = before;
        assert_eq!(state.put(), !before.abandoned);
        assert!(state.is_valid());
        assert_eq!(state.reserved, before.reserved - 1);
        let stored = usize::from(!before.abandoned);
        assert_eq!(state.messages, before.messages + stored);
        assert!(before.abandoned || state.room() == before.room());
    }
}

#[test]
fn to_put_at_once_is_to_reserve_and_put() {
    for before in valid() {
        let (mut at_once, mut in_two) = (before, before);
        let reserved = in_two.reserve(1);
        assert_eq!(at_once.put_now(), reserved);
        assert!(
            reserved.is_err() || in_two.put(),
            "an open channel has a receiver"
        );
        assert_eq!(at_once, in_two);
    }
}

#[test]
fn what_is_promised_is_taken_by_nobody_else() {
    for before in valid() {
        let mut state = before;
        match state.take() {
            OnTake::Message => {
                assert_eq!(state.messages, before.messages - 1);
                assert_eq!(state.promised, before.promised);
            }
            OnTake::Over => {
                assert!(before.is_over());
                assert_eq!(state, before);
            }
            OnTake::Wait => {
                assert!(!before.is_over() && before.messages == before.promised);
                assert_eq!(state, before);
            }
        }
        assert!(state.is_valid());
        for count in 0..COUNTS {
            let mut state = before;
            let taken = state.take_many(count);
            assert!(state.is_valid() && taken <= count);
            assert_eq!(state.messages + taken, before.messages);
            assert!(taken == count || !state.has_free_message());
        }
    }
}

#[test]
fn messages_in_hand_keep_their_places() {
    for before in valid().filter(|state| state.has_free_message()) {
        let mut state = before;
        state.note_in_hand(0);
        let free = state.room();
        let _ = state.take();
        let rest = state.messages - state.promised;
        state.take_in_hand(rest);
        assert!(state.is_valid() && !state.has_free_message());
        assert!(state.room() == free + 1 || before.reserved + before.messages > before.capacity);
        state.note_in_hand(0);
        assert_eq!(used(state), before.reserved + before.promised);
    }
}

#[test]
fn a_promise_can_be_kept() {
    for before in valid().filter(|state| state.has_free_message()) {
        let mut state = before;
        state.promise();
        assert!(state.is_valid());
        state.end_promise();
        assert_eq!(state, before);
        assert_eq!(state.take(), OnTake::Message);
    }
}

#[test]
fn a_channel_is_over_when_nothing_is_there_and_nothing_can_come() {
    for state in valid() {
        let over =
            state.messages == 0 && (state.disconnected || (state.closed && state.reserved == 0));
        assert_eq!(state.is_over(), over);
        let mut more = state;
        if state.is_over() && !state.disconnected {
            assert!(more.reserve(1).is_err());
        }
    }
}

#[test]
fn the_ends_come_once_and_stay() {
    for before in valid() {
        let mut state = before;
        assert_eq!(state.close(), !before.closed);
        assert!(state.is_valid() && state.is_closed());
        let mut state = before;
        state.disconnect();
        assert!(state.is_valid());
        let mut state = before;
        state.abandon();
        assert!(state.is_valid() && state.is_closed() && state.messages() == 0);
        state.end_promise();
        assert!(state.is_valid());
        assert!(!state.take_back(), "nobody is left");
        let mut state = before;
        assert_eq!(state.take_back(), !before.abandoned);
        assert!(state.is_valid());
    }
}
