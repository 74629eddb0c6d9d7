//! The promises of the order, for all numbers of entrants that matter.

use std::collections::HashMap;

use super::of_round;

/// All orders until the pattern starts over.
fn orders(entrants: usize) -> Vec<Vec<usize>> {
    (0..2 * entrants)
        .map(|round| of_round(round, entrants))
        .collect()
}

#[test]
fn everybody_runs_once_a_round() {
    for entrants in 1..8 {
        for mut order in orders(entrants) {
            order.sort_unstable();
            assert!(order.into_iter().eq(0..entrants));
        }
    }
}

#[test]
fn everybody_stands_at_every_place_twice() {
    for entrants in 1..8 {
        for place in 0..entrants {
            for who in 0..entrants {
                let times = orders(entrants).iter().filter(|o| o[place] == who).count();
                assert_eq!(times, 2);
            }
        }
    }
}

#[test]
fn everybody_follows_everybody_twice() {
    for entrants in 2..8 {
        let mut followed: HashMap<(usize, usize), usize> = HashMap::new();
        for order in orders(entrants) {
            for pair in order.windows(2) {
                *followed.entry((pair[0], pair[1])).or_default() += 1;
            }
        }
        assert_eq!(followed.len(), entrants * (entrants - 1));
        assert!(followed.values().all(|&times| times == 2));
    }
}
