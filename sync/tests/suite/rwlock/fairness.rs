//! Who starves under which policy, by schedules that could go on for ever.

use selvedge_sync::{RwLock, RwLockPolicy};

use super::{POLICIES, assert_free};
use crate::executors::watched;
use crate::support::Seat;

/// Long enough to see that nothing changes from round to round.
const ROUNDS: usize = 100;

/// Readers that overlap: in each round one comes before the last one leaves. Gives the round in which a
/// writer that came at the beginning enters.
fn writer_among_overlapping_readers(policy: RwLockPolicy) -> Option<usize> {
    let lock = RwLock::new(()).with_policy(policy);
    let mut inside = Some(lock.try_read().unwrap());
    let mut writer = Seat::waiting(lock.write());
    let mut entered = None;
    for round in 0..ROUNDS {
        let mut next = Seat::new(lock.read());
        let next_inside = next.poll();
        drop(inside.take());
        if writer.wakes() > 0 {
            drop(writer.woken());
            entered = Some(round);
            break;
        }
        match next_inside {
            std::task::Poll::Ready(guard) => inside = Some(guard),
            std::task::Poll::Pending => panic!("{policy:?}: nobody enters"),
        }
    }
    if let Some(last) = inside {
        drop(last);
        drop(writer.woken());
    }
    drop(writer);
    assert_free(&lock);
    entered
}

/// Writers that follow each other: in each round one comes before the last one leaves. Gives the round
/// in which a reader that came at the beginning enters.
fn reader_among_writers(policy: RwLockPolicy) -> Option<usize> {
    let lock = RwLock::new(()).with_policy(policy);
    let mut inside = Some(lock.try_write().unwrap());
    let mut reader = Seat::waiting(lock.read());
    let mut entered = None;
    for round in 0..ROUNDS {
        let mut next = Seat::waiting(lock.write());
        drop(inside.take());
        if reader.wakes() > 0 {
            drop(reader.woken());
            drop(next.woken());
            entered = Some(round);
            break;
        }
        inside = Some(next.woken());
    }
    if let Some(last) = inside {
        drop(last);
        drop(reader.woken());
    }
    drop(reader);
    assert_free(&lock);
    entered
}

/// As for the writer, for a reader that waits for its upgrade.
fn upgrade_among_overlapping_readers(policy: RwLockPolicy) -> Option<usize> {
    let lock = RwLock::new(()).with_policy(policy);
    let mut inside = Some(lock.try_read().unwrap());
    let mut upgrade = Seat::waiting(lock.try_upgradable_read().unwrap().upgrade());
    for round in 0..ROUNDS {
        let next = lock.try_read();
        drop(inside.take());
        if upgrade.wakes() > 0 {
            drop(upgrade.woken());
            return Some(round);
        }
        inside = Some(next.expect("somebody enters"));
    }
    drop(inside);
    drop(upgrade.woken());
    None
}

watched! {
    fn writers_starve_where_readers_are_preferred() {
        let at_once = Some(0);
        assert_eq!(writer_among_overlapping_readers(RwLockPolicy::Fair), at_once);
        assert_eq!(writer_among_overlapping_readers(RwLockPolicy::PreferWriters), at_once);
        assert_eq!(writer_among_overlapping_readers(RwLockPolicy::PreferReaders), None);
    }

    fn readers_starve_where_writers_are_preferred() {
        let at_once = Some(0);
        assert_eq!(reader_among_writers(RwLockPolicy::Fair), at_once);
        assert_eq!(reader_among_writers(RwLockPolicy::PreferReaders), at_once);
        assert_eq!(reader_among_writers(RwLockPolicy::PreferWriters), None);
    }

    fn upgrades_starve_where_readers_are_preferred() {
        let at_once = Some(0);
        assert_eq!(upgrade_among_overlapping_readers(RwLockPolicy::Fair), at_once);
        assert_eq!(upgrade_among_overlapping_readers(RwLockPolicy::PreferWriters), at_once);
        assert_eq!(upgrade_among_overlapping_readers(RwLockPolicy::PreferReaders), None);
    }

    /// R1 and R2, W3, R4 and R5, W6 wait for a writer: each policy has its order.
    fn the_order_of_a_mixed_queue() {
        for policy in POLICIES {
            let lock = RwLock::new(()).with_policy(policy);
            let (held, lock) = (lock.try_write().unwrap(), &lock);
            let mut waits: Vec<_> = [false, false, true, false, false, true]
                .map(|writes| Seat::waiting(async move {
                    if writes {
                        (None, Some(lock.write().await))
                    } else {
                        (Some(lock.read().await), None)
                    }
                }))
                .into();
            drop(held);
            let mut order = Vec::new();
            let mut left: Vec<usize> = (0..waits.len()).collect();
            while !left.is_empty() {
                let woken: Vec<_> = left.iter().copied().filter(|it| waits[*it].wakes() > 0).collect();
                assert!(!woken.is_empty(), "{policy:?}: nobody enters");
                left.retain(|it| !woken.contains(it));
                // All of them are inside at once; then they leave.
                let guards: Vec<_> = woken.iter().map(|it| waits[*it].woken()).collect();
                drop(guards);
                order.push(woken.iter().map(|it| it + 1).collect::<Vec<_>>());
            }
            let expected: &[&[usize]] = match policy {
                RwLockPolicy::PreferReaders => &[&[1, 2, 4, 5], &[3], &[6]],
                RwLockPolicy::PreferWriters => &[&[3], &[6], &[1, 2, 4, 5]],
                _ => &[&[1, 2], &[3], &[4, 5], &[6]],
            };
            assert_eq!(order, expected, "{policy:?}");
        }
    }

    fn who_tries_passes_nobody_it_may_not_pass() {
        for policy in POLICIES {
            let lock = RwLock::new(()).with_policy(policy);
            let held = lock.try_read().unwrap();
            let writer = Seat::waiting(lock.write());
            let passes = policy == RwLockPolicy::PreferReaders;
            assert_eq!(lock.try_read().is_ok(), passes, "{policy:?}");
            assert!(lock.try_upgradable_read().is_err(), "it counts as a write");
            assert!(lock.try_write().is_err());
            drop(held);
            // The turn is the writer's, though nobody has polled it yet.
            assert!(lock.try_read().is_err() && lock.try_write().is_err());
            drop(writer);
            assert_free(&lock);
        }
    }
}
