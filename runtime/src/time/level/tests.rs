//! Each tick has one place, and places are in order of time.

use super::*;
use crate::time::test_world::Random;

fn near_powers_of_two() -> impl Iterator<Item = u64> {
    (0..TICK_BITS).flat_map(|bits| {
        let power = 1_u64 << bits;
        [power.wrapping_sub(2), power - 1, power, power + 1]
            .into_iter()
            .filter(|&tick| tick <= Tick::MAX.get())
    })
}

#[test]
fn a_place_starts_after_the_present_and_by_its_ticks() {
    for elapsed in near_powers_of_two().map(Tick::new) {
        for tick in near_powers_of_two().map(Tick::new) {
            match Place::of(tick, elapsed) {
                None => assert!(tick <= elapsed),
                Some(place) => {
                    assert!(place.index() < Place::COUNT);
                    let start = place.start(elapsed);
                    assert!(elapsed < start && start <= tick, "{elapsed:?} {tick:?}");
                    assert!(!place.is_exact() || start == tick);
                }
            }
        }
    }
}

#[test]
fn places_are_in_order_of_time() {
    let mut random = Random::new();
    for _ in 0..200_000 {
        let elapsed = Tick::new(random.of_any_size());
        let [a, b] = [0; 2].map(|_| elapsed.get().saturating_add(random.of_any_size()));
        let [a, b] = [Tick::new(a.min(b)), Tick::new(a.max(b))];
        let places = Place::of(a, elapsed).zip(Place::of(b, elapsed));
        if let Some((first, second)) = places {
            assert!(first.index() <= second.index(), "{elapsed:?} {a:?} {b:?}");
        }
    }
}

#[test]
fn the_first_occupied_place_has_the_lowest_number() {
    let mut occupancy = Occupancy::default();
    assert_eq!(occupancy.first(), None);
    let place = |tick| Place::of(Tick::new(tick), Tick::ZERO).unwrap();
    for tick in [1 << 61, 4096, 70, 65, 3] {
        occupancy.insert(place(tick));
        assert_eq!(occupancy.first(), Some(place(tick)));
    }
    // 65 and 70 share a place.
    for (removed, first) in [
        (3, Some(65)),
        (65, Some(4096)),
        (4096, Some(1 << 61)),
        (1 << 61, None),
    ] {
        occupancy.remove(place(removed));
        assert_eq!(occupancy.first(), first.map(place));
    }
}
