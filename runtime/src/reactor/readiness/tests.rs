//! Every transition from every valid state, and the promises of the word one by one.

use super::*;

const READ: Ready = Ready::from_bits(0b0_0101);

fn all_ready() -> impl Iterator<Item = Ready> {
    (0..=Ready::ALL.bits()).map(Ready::from_bits)
}

/// Every valid state, with ticks and generations next to their wrap.
fn valid_states() -> Vec<Snapshot> {
    let mut states = Vec::new();
    for flags in [0, OPEN, SHUTDOWN, OPEN | SHUTDOWN] {
        for tick in [0, 7, u32::MAX] {
            for generation in [0, u16::MAX] {
                let word = flags | u64::from(generation) << GENERATION_SHIFT;
                let base = Snapshot(word).with_tick(tick);
                for ready in all_ready() {
                    let base = base.with_ready(ready);
                    states.extend(all_ready().map(|wanted| base.with_wanted(wanted)));
                }
            }
        }
    }
    states.retain(|state| state.is_valid());
    states
}

#[test]
fn every_transition_keeps_the_state_valid() {
    let masks = [READ, Ready::WRITABLE, Ready::ERROR, Ready::ALL];
    for state in valid_states() {
        assert!(state.shutdown().0.is_valid());
        for mask in masks {
            assert!(state.set_ready(state.generation(), mask).0.is_valid());
            assert!(state.clear_ready(state.look(mask)).is_valid());
            if state.is_open() {
                assert!(state.want(mask).0.is_valid());
            } else {
                assert!(state.open(mask).is_valid());
            }
        }
        if state.is_open() {
            assert!(state.close().is_valid());
        }
    }
}

#[test]
fn wanted_readiness_leaves_the_word_only_as_a_duty() {
    for state in valid_states() {
        for ready in [READ, Ready::WRITABLE, Ready::ALL] {
            let (next, duty) = state.set_ready(state.generation(), ready);
            let gone = state.wanted() - next.wanted();
            match duty {
                OnReady::Wake(due) => assert_eq!(due, gone),
                OnReady::Noted | OnReady::Stale => assert!(gone.is_empty()),
            }
        }
        let (next, duty) = state.shutdown();
        assert!(next.wanted().is_empty());
        match duty {
            OnReady::Wake(due) => assert_eq!(due, state.wanted()),
            OnReady::Noted | OnReady::Stale => assert!(state.wanted().is_empty()),
        }
    }
}

#[test]
fn waiting_and_being_ready_exclude_each_other() {
    for state in valid_states().into_iter().filter(|state| state.is_open()) {
        let (next, duty) = state.want(READ);
        let due = state.is_shutdown() || state.ready().intersects(READ);
        match duty {
            OnWant::Wait => {
                assert!(!due);
                assert_eq!(next.wanted() & READ, READ);
            }
            OnWant::Go(event) => {
                assert!(due && event.is_due());
                assert_eq!(next, state);
            }
        }
    }
}

#[test]
fn r143_stale_clear_keeps_fresh_readiness() {
    for events in [1_u32, 255, 256, 32_768, 65_536] {
        let mut state = Snapshot::FREE.open(Ready::READABLE);
        let seen = state.look(READ);
        for _ in 0..events {
            state = state.set_ready(0, Ready::READABLE).0;
        }
        assert_eq!(state.clear_ready(seen), state, "after {events} events");
        let fresh = state.look(READ);
        assert!(state.clear_ready(fresh).ready().is_empty());
    }
}

#[test]
fn r143_tick_wraps_without_touching_its_neighbours() {
    let state = Snapshot::FREE.open(Ready::EMPTY).with_tick(u32::MAX);
    let (next, _) = state.set_ready(0, Ready::READABLE);
    assert_eq!((next.tick(), next.generation()), (0, 0));
    assert_eq!(next.ready(), Ready::READABLE);
}

#[test]
fn r74_clear_keeps_closed_sides_and_shutdown() {
    for state in valid_states() {
        for mask in all_ready() {
            let next = state.clear_ready(state.look(mask));
            assert_eq!(next.is_shutdown(), state.is_shutdown());
            assert_eq!(next.ready() & Ready::CLOSED, state.ready() & Ready::CLOSED);
            assert_eq!(
                next.ready() - mask,
                state.ready() - mask,
                "only what was seen"
            );
            assert_eq!(next.wanted(), state.wanted());
        }
    }
}

#[test]
fn r74_shutdown_outlives_the_owner_and_later_events() {
    let (state, _) = Snapshot::FREE.open(Ready::EMPTY).shutdown();
    assert_eq!(state.set_ready(0, Ready::READABLE), (state, OnReady::Stale));
    let reused = state.close().open(Ready::EMPTY);
    assert!(reused.look(READ).is_due());
}

#[test]
fn r145_events_of_former_owners_are_stale() {
    let mut state = Snapshot::FREE;
    for owner in 0..=u16::MAX {
        state = state.open(Ready::EMPTY);
        assert_eq!(state.generation(), owner);
        let former = owner.wrapping_sub(1);
        assert_eq!(state.set_ready(former, Ready::ALL), (state, OnReady::Stale));
        state = state.close();
        assert_eq!(state.set_ready(owner, Ready::ALL), (state, OnReady::Stale));
    }
    assert_eq!(state.generation(), 0, "the generation wraps");
}

#[test]
fn debug_decodes_the_word() {
    let (state, _) = Snapshot::FREE.open(Ready::WRITABLE).want(READ);
    assert_eq!(
        format!("{state:?}"),
        "Snapshot { generation: 0, tick: 0, open: true, shutdown: false, \
         wanted: READABLE | READ_CLOSED, ready: WRITABLE }",
    );
}
