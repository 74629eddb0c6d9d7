//! Models of the short lock: exclusive access, which loom's cell watches, and that the next holder sees
//! what the last one did (I1).

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;

fn add_one(lock: &Arc<ShortLock<u32>>) -> crate::primitive::thread::JoinHandle<()> {
    let lock = lock.clone();
    spawn(move || *lock.lock() += 1)
}

/// Unbounded: 56 executions.
#[test]
fn two_sections_race() {
    check("short lock: two sections race", UNBOUNDED, || {
        let lock = Arc::new(ShortLock::new(0));
        let other = add_one(&lock);
        start();
        *lock.lock() += 1;
        other.join().unwrap();
        assert_eq!(*lock.lock(), 2);
    });
}

/// The other two look once: loom lets two that wait take turns for ever, and the holder none.
/// Bound 3: 850 executions.
#[test]
fn a_section_races_two_looks() {
    check("short lock: a section races two looks", THREE, || {
        let lock = Arc::new(ShortLock::new(0));
        let look = || {
            let lock = lock.clone();
            spawn(move || {
                if lock.take() {
                    *ShortLockGuard { lock: &lock } += 1;
                }
            })
        };
        let looks = [look(), look()];
        start();
        *lock.lock() += 1;
        for look in looks {
            look.join().unwrap();
        }
        assert!((1..=3).contains(&*lock.lock()));
    });
}

/// A panic gives the lock back. Unbounded: 56 executions.
#[test]
fn a_section_that_panics_races_another() {
    check("short lock: panic races section", UNBOUNDED, || {
        let lock = Arc::new(ShortLock::new(0));
        let other = add_one(&lock);
        start();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut guard = lock.lock();
            *guard += 1;
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(panicked.is_err());
        other.join().unwrap();
        assert_eq!(*lock.lock(), 2);
    });
}
