//! The short lock under the scheduler of the system.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::*;

#[test]
fn no_section_is_lost_with_far_more_threads_than_processors() {
    const THREADS: u64 = 64;
    const SECTIONS: u64 = 1000;
    let lock = ShortLock::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..SECTIONS {
                    *lock.lock() += 1;
                }
            });
        }
    });
    assert_eq!(*lock.lock(), THREADS * SECTIONS);
}

#[test]
fn a_holder_that_sleeps_is_waited_for() {
    let lock = Arc::new(ShortLock::new(0));
    let mut guard = lock.lock();
    let other = {
        let lock = lock.clone();
        thread::spawn(move || *lock.lock() += 1)
    };
    // Long enough for the other one to come to its own sleeps.
    thread::sleep(Duration::from_millis(10));
    *guard += 1;
    drop(guard);
    other.join().unwrap();
    assert_eq!(*lock.lock(), 2);
}

#[test]
fn a_panic_gives_the_lock_back() {
    let lock = ShortLock::new(());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _guard = lock.lock();
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(panicked.is_err());
    let _free = lock.lock();
}
