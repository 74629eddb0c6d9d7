//! Models of the waker cell: each attacks "no wake-up is lost" (a lost one deadlocks the model)
//! and I1 (two sides at the slot make loom's cell panic).

use std::future::poll_fn;
use std::task::Poll;

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;

/// The condition is a Relaxed flag, so that only the cell can make it visible.
#[derive(Default)]
struct Event {
    cell: WakerCell,
    flags: [AtomicUsize; 2],
}

impl Event {
    fn set(&self, flag: usize) {
        self.flags[flag].store(1, Ordering::Relaxed);
        self.cell.wake();
    }

    fn poll(&self, waker: &Waker) -> Poll<()> {
        self.cell.register(waker);
        if self
            .flags
            .iter()
            .all(|flag| flag.load(Ordering::Relaxed) == 1)
        {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

/// Bound 2, for the time it takes: 12 574 executions; bound 3 has more than 440 000.
#[test]
fn register_races_two_wakes() {
    check("register_races_two_wakes", Some(2), || {
        let event = Arc::new(Event::default());
        let notifiers = [0, 1].map(|flag| {
            let event = event.clone();
            spawn(move || event.set(flag))
        });
        start();
        block_on(poll_fn(|cx| event.poll(cx.waker())));
        for notifier in notifiers {
            notifier.join().unwrap();
        }
    });
}

#[test]
fn register_of_another_waker_races_wake() {
    check("register_of_another_waker_races_wake", UNBOUNDED, || {
        let event = Arc::new(Event::default());
        event.flags[1].store(1, Ordering::Relaxed);
        assert!(event.poll(Waker::noop()).is_pending());
        let notifier = {
            let event = event.clone();
            spawn(move || event.set(0))
        };
        start();
        block_on(poll_fn(|cx| event.poll(cx.waker())));
        notifier.join().unwrap();
    });
}

#[test]
fn two_registrations_race_a_wake() {
    check("two_registrations_race_a_wake", THREE, || {
        let event = Arc::new(Event::default());
        event.flags[1].store(1, Ordering::Relaxed);
        let other = {
            let event = event.clone();
            spawn(move || event.cell.register(Waker::noop()))
        };
        let notifier = {
            let event = event.clone();
            spawn(move || event.set(0))
        };
        start();
        // Whoever registers last has the cell, so only freedom from data races is shown here.
        event.cell.register(Waker::noop());
        other.join().unwrap();
        notifier.join().unwrap();
        assert!(event.poll(Waker::noop()).is_ready());
    });
}

#[test]
fn take_races_wake() {
    check("take_races_wake", UNBOUNDED, || {
        let cell = Arc::new(WakerCell::new());
        cell.register(Waker::noop());
        let taker = {
            let cell = cell.clone();
            spawn(move || usize::from(cell.take().is_some()))
        };
        start();
        let taken = usize::from(cell.take().is_some());
        assert_eq!(taken + taker.join().unwrap(), 1, "exactly one side gets it");
    });
}
