//! The packed word: transitions keep it valid, and nobody gets in beside a writer.

use super::*;

const ACCESSES: [Access; 3] = [Access::Read, Access::Upgradable, Access::Write];
const WISHES: [Wish; 4] = [Wish::Read, Wish::Upgradable, Wish::Write, Wish::Upgrade];

fn valid() -> impl Iterator<Item = Snapshot> {
    let counts = [
        0,
        1,
        2,
        3,
        4,
        READERS_MAX as usize - 1,
        READERS_MAX as usize,
    ];
    counts
        .into_iter()
        .flat_map(|count| (0..READER).map(move |bits| Snapshot((count * READER) | bits)))
        .filter(|state| state.is_valid())
}

fn limits() -> [u32; 5] {
    [1, 2, 3, 4, READERS_MAX]
}

/// Could somebody have this access in this state?
fn contains(state: Snapshot, access: Access) -> bool {
    match access {
        Access::Write => state.has_writer(),
        Access::Upgradable => state.has_upgradable(),
        Access::Read => state.readers() > usize::from(state.has_upgradable()),
    }
}

/// What `RawRwLock` does to the word without asking.
fn given_up(state: Snapshot, access: Access) -> Snapshot {
    Snapshot(state.0.wrapping_sub(access.weight()))
}

fn changed(state: Snapshot, from: Access, to: Access) -> Snapshot {
    Snapshot(
        state
            .0
            .wrapping_add(to.weight().wrapping_sub(from.weight())),
    )
}

fn queue_of(state: Snapshot) -> (bool, bool) {
    (state.is_queued(), state.is_barred())
}

#[test]
fn who_is_admitted_is_inside_and_keeps_the_rules() {
    for state in valid() {
        for (limit, wish) in limits()
            .map(|limit| WISHES.map(|wish| (limit, wish)))
            .concat()
        {
            if state.readers() > limit as usize {
                continue;
            }
            let Some(next) = state.admit(wish, limit) else {
                continue;
            };
            assert!(next.is_valid(), "{state:?} {wish:?}");
            assert!(contains(next, wish.access()));
            assert_eq!(queue_of(next), queue_of(state));
            assert!(next.readers() <= limit as usize, "no overflow");
            match wish {
                Wish::Read => assert_eq!(next.readers(), state.readers() + 1),
                Wish::Upgradable => assert!(!state.has_upgradable()),
                Wish::Write => assert!(next.has_writer() && state.readers() == 0),
                Wish::Upgrade => {
                    assert!(next.has_writer() && !next.has_upgradable());
                    assert!(contains(state, Access::Upgradable) && state.readers() == 1);
                }
            }
            let back = given_up(next, wish.access());
            match wish.instead_of() {
                None => assert_eq!(back, state),
                Some(access) => assert_eq!(back, given_up(state, access)),
            }
        }
    }
}

#[test]
fn who_arrives_passes_nobody_whom_it_may_not_pass() {
    for state in valid() {
        for (limit, wish) in limits()
            .map(|limit| WISHES.map(|wish| (limit, wish)))
            .concat()
        {
            let arrives = state.arrive(wish, limit);
            let has_to_queue = match wish {
                Wish::Read => state.is_barred(),
                Wish::Write | Wish::Upgradable => state.is_queued(),
                Wish::Upgrade => false,
            };
            let expected = state.admit(wish, limit).filter(|_| !has_to_queue);
            assert_eq!(arrives, expected, "{state:?} {wish:?}");
        }
    }
    assert_eq!(Snapshot(0).arrive(Wish::Write, 1), Some(Snapshot(WRITER)));
}

#[test]
fn giving_up_or_keeping_less_leaves_a_valid_state() {
    for state in valid() {
        for access in ACCESSES.into_iter().filter(|it| contains(state, *it)) {
            let next = given_up(state, access);
            assert!(next.is_valid(), "{state:?} {access:?}");
            assert_eq!(queue_of(next), queue_of(state));
        }
        for (from, to) in [
            (Access::Write, Access::Read),
            (Access::Write, Access::Upgradable),
            (Access::Upgradable, Access::Read),
        ] {
            if contains(state, from) {
                let next = changed(state, from, to);
                assert!(
                    next.is_valid() && contains(next, to),
                    "{state:?} {from:?} {to:?}"
                );
                assert_eq!(queue_of(next), queue_of(state));
            }
        }
    }
}

#[test]
fn who_makes_room_knows_it() {
    for state in valid().filter(|state| state.is_queued()) {
        for (limit, wish) in limits()
            .map(|limit| WISHES.map(|wish| (limit, wish)))
            .concat()
        {
            for access in ACCESSES.into_iter().filter(|it| contains(state, *it)) {
                let next = given_up(state, access);
                if next.has_room(wish, limit) && !state.has_room(wish, limit) {
                    // An upgrade is waited for by who has the upgradable access.
                    assert!(
                        state.makes_room(access, limit) || state.readers() > limit as usize,
                        "{state:?} {wish:?} {access:?} {limit}"
                    );
                }
            }
        }
    }
    let ten_readers = Snapshot((10 * READER) | QUEUED);
    assert!(
        !ten_readers.makes_room(Access::Read, READERS_MAX),
        "others will"
    );
    assert!(ten_readers.makes_room(Access::Read, 10));
}

#[test]
fn the_queue_is_noted_beside_the_holders() {
    for state in valid() {
        for bars in [true, false] {
            let next = state.queue(bars);
            assert!(next.is_valid() && next.is_queued());
            assert_eq!(next.is_barred(), bars || state.is_barred());
            assert_eq!(
                next.with_queue(false, false),
                state.with_queue(false, false)
            );
        }
        let (queued, barred) = queue_of(state);
        assert_eq!(state.with_queue(queued, barred), state);
    }
}

#[test]
fn the_state_shows_itself_in_words() {
    let shown = |word| format!("{:?}", Snapshot(word));
    assert_eq!(shown(0), "free");
    assert_eq!(shown(READER), "1 reader");
    assert_eq!(shown((2 * READER) | UPGRADABLE), "2 readers, upgradable");
    assert_eq!(shown(WRITER | QUEUED), "writer, waited for");
    assert_eq!(shown(QUEUED | BARRED), "free, waited for, readers barred");
}
