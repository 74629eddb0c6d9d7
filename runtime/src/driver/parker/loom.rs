//! Models of the parker: a wake-up that gets lost is a deadlock of the model, and what was written
//! before the wake-up must be seen after the park.
//!
//! The reactor is modelled as what it promises: a wait that ends by an unpark, which is remembered if
//! nobody waits.

use selvedge_sync::primitive::atomic::AtomicBool;
use selvedge_sync::primitive::{Arc, thread};

use super::*;
use selvedge_sync::model_check::{THREE, UNBOUNDED, check, spawn, start};

/// The reactor, as far as a parker knows it.
#[derive(Default)]
struct Reactor {
    unparked: Mutex<bool>,
    condvar: Condvar,
}

impl Reactor {
    fn turn(&self) {
        let mut unparked = self.unparked.lock();
        while !*unparked {
            unparked = self.condvar.wait(unparked);
        }
        *unparked = false;
    }

    fn unpark(&self) {
        *self.unparked.lock() = true;
        self.condvar.notify_one();
    }
}

/// Workers that wait for a flag each, and share a reactor.
struct Sleepers {
    parkers: Vec<Parker>,
    flags: Vec<AtomicBool>,
    reactor: Reactor,
    /// Set by the thread that is in the reactor. Not a mutex: loom's `try_lock` waits for a lock that
    /// was taken just before.
    driver_taken: AtomicBool,
}

impl Sleepers {
    fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            parkers: (0..count).map(|_| Parker::new()).collect(),
            flags: (0..count).map(|_| AtomicBool::new(false)).collect(),
            reactor: Reactor::default(),
            driver_taken: AtomicBool::new(false),
        })
    }

    fn wake(&self, index: usize) {
        // Ordering: Relaxed; the parker has to make it visible.
        self.flags[index].store(true, Ordering::Relaxed);
        self.parkers[index].unpark(|| self.reactor.unpark());
    }

    fn is_woken(&self, index: usize) -> bool {
        // Ordering: Relaxed; see `wake`.
        self.flags[index].load(Ordering::Relaxed)
    }

    /// `Driver::park`.
    fn park(&self, index: usize) {
        // Ordering: Acquire; pairs with the Release below, as a lock's.
        if self.driver_taken.swap(true, Ordering::Acquire) {
            return self.parkers[index].park(None);
        }
        self.parkers[index].park_in_driver(|| self.reactor.turn());
        // Ordering: Release; pairs with the Acquire above.
        self.driver_taken.store(false, Ordering::Release);
    }

    fn sleep_until_woken(&self, index: usize, park: impl Fn(&Self, usize)) {
        while !self.is_woken(index) {
            park(self, index);
        }
    }
}

fn waker(sleepers: &Arc<Sleepers>, index: usize) -> thread::JoinHandle<()> {
    let sleepers = sleepers.clone();
    spawn(move || sleepers.wake(index))
}

/// L-11. An unpark before, during or after the park on the condition variable.
///
/// Unbounded: 156 executions.
#[test]
fn l11_unpark_against_park() {
    check("L-11", UNBOUNDED, || {
        let sleepers = Sleepers::new(1);
        let waker = waker(&sleepers, 0);
        start();
        sleepers.sleep_until_woken(0, |sleepers, index| sleepers.parkers[index].park(None));
        waker.join().unwrap();
    });
}

/// L-11, in the driver.
///
/// Unbounded: 150 executions.
#[test]
fn l11_unpark_against_park_in_the_driver() {
    check("L-11 driver", UNBOUNDED, || {
        let sleepers = Sleepers::new(1);
        let waker = waker(&sleepers, 0);
        start();
        sleepers.sleep_until_woken(0, Sleepers::park);
        waker.join().unwrap();
    });
}

/// L-11, variant: one park must follow one unpark without a look at anything else.
///
/// Unbounded: 51 executions.
#[test]
fn l11_one_park_takes_one_unpark() {
    check("L-11 one", UNBOUNDED, || {
        let sleepers = Sleepers::new(1);
        let waker = waker(&sleepers, 0);
        start();
        sleepers.parkers[0].park(None);
        assert!(
            sleepers.is_woken(0),
            "the park returned without the unpark, or does not see it"
        );
        waker.join().unwrap();
        assert!(
            !sleepers.parkers[0].is_notified(),
            "the park used the wake-up up"
        );
    });
}

/// L-11, variant: two unparks while the sleeper parks twice, once in each place.
///
/// Bound 3: 8 318 executions.
#[test]
fn l11_two_unparks_against_two_places() {
    check("L-11 places", THREE, || {
        let sleepers = Sleepers::new(1);
        let first = waker(&sleepers, 0);
        let second = waker(&sleepers, 0);
        start();
        sleepers.sleep_until_woken(0, |sleepers, index| sleepers.parkers[index].park(None));
        // A wake-up that is pending still, or comes now, ends this one; or both came before.
        first.join().unwrap();
        second.join().unwrap();
        sleepers.parkers[0].unpark(|| sleepers.reactor.unpark());
        sleepers.park(0);
    });
}

/// L-12. Two workers share the reactor: whoever finds it taken sleeps on its condition variable. Both
/// are woken, wherever each of them happens to sleep.
///
/// Bound 3: 5 670 executions.
#[test]
fn l12_driver_hand_off_against_wakes() {
    check("L-12", THREE, || {
        let sleepers = Sleepers::new(2);
        let other = {
            let sleepers = sleepers.clone();
            spawn(move || sleepers.sleep_until_woken(1, Sleepers::park))
        };
        let waker = {
            let sleepers = sleepers.clone();
            spawn(move || {
                sleepers.wake(0);
                sleepers.wake(1);
            })
        };
        start();
        sleepers.sleep_until_woken(0, Sleepers::park);
        other.join().unwrap();
        waker.join().unwrap();
    });
}

/// L-12, variant: the worker that leaves the reactor wakes the other, which may just be moving in.
///
/// Bound 3: 4 702 executions.
#[test]
fn l12_leaver_wakes_the_other() {
    check("L-12 leaver", THREE, || {
        let sleepers = Sleepers::new(2);
        let other = {
            let sleepers = sleepers.clone();
            spawn(move || sleepers.sleep_until_woken(1, Sleepers::park))
        };
        let waker = waker(&sleepers, 0);
        start();
        sleepers.sleep_until_woken(0, Sleepers::park);
        sleepers.wake(1);
        other.join().unwrap();
        waker.join().unwrap();
    });
}

/// L-13. The shutdown sets its flag and unparks everybody once, while they park.
///
/// Bound 3: 4 334 executions.
#[test]
fn l13_shutdown_against_parking() {
    check("L-13", THREE, || {
        let sleepers = Sleepers::new(2);
        let workers = [0, 1].map(|index| {
            let sleepers = sleepers.clone();
            // Both look at the one flag.
            spawn(move || {
                while !sleepers.is_woken(0) {
                    sleepers.park(index);
                }
            })
        });
        start();
        sleepers.wake(0);
        sleepers.parkers[1].unpark(|| sleepers.reactor.unpark());
        workers
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    });
}
