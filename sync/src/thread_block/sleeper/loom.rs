//! Models of a sleeping thread: each attacks "no wake is lost" (a lost one deadlocks the model), and that
//! what came before a wake is seen after the sleep.

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc as ModelArc;
use crate::primitive::atomic::AtomicUsize;

/// The condition is a Relaxed number, so that only the sleeper's word can make it visible.
fn waker(sleeper: &Arc<Sleeper>, number: &ModelArc<AtomicUsize>) -> impl FnOnce() + use<> {
    let (sleeper, number) = (sleeper.clone(), number.clone());
    move || {
        number.fetch_add(1, Ordering::Relaxed);
        sleeper.wake();
    }
}

/// A wake before, in and after the step to `ASLEEP` (I2). Unbounded: 51 executions.
#[test]
fn sleep_races_wake() {
    check("sleeper: sleep races wake", UNBOUNDED, || {
        let (sleeper, number) = (Arc::new(Sleeper::new()), ModelArc::default());
        let other = spawn(waker(&sleeper, &number));
        start();
        assert!(sleeper.sleep(None, None));
        assert_eq!(number.load(Ordering::Relaxed), 1);
        other.join().unwrap();
    });
}

/// Two wakes may end one sleep; then both are seen. Bound 3: 10 483 executions.
#[test]
fn sleeps_race_two_wakes() {
    check("sleeper: sleeps race two wakes", THREE, || {
        let (sleeper, number) = (Arc::new(Sleeper::new()), ModelArc::default());
        let others = [
            spawn(waker(&sleeper, &number)),
            spawn(waker(&sleeper, &number)),
        ];
        start();
        // As many sleeps as it takes; two at most are ended.
        while number.load(Ordering::Relaxed) < 2 {
            assert!(sleeper.sleep(None, None));
        }
        for other in others {
            other.join().unwrap();
        }
    });
}

/// A sleep that is given up takes a wake with it, or leaves it to the next (I1). Unbounded: 13 executions.
#[test]
fn giving_up_races_wake() {
    check("sleeper: giving up races wake", UNBOUNDED, || {
        let (sleeper, number) = (Arc::new(Sleeper::new()), ModelArc::default());
        let other = spawn(waker(&sleeper, &number));
        start();
        let woken = sleeper.give_up();
        other.join().unwrap();
        if woken {
            assert_eq!(number.load(Ordering::Relaxed), 1);
        } else {
            assert!(sleeper.sleep(None, None), "the wake is still there");
        }
    });
}
