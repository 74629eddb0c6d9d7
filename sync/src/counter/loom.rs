//! Models of the striped counter: no addition is lost, none is given twice, and sums are what the head
//! of the module says.

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::Arc;

/// Adds as a thread of its own.
fn adds(counter: &Arc<Counter>, thread: usize, n: i64) -> crate::primitive::thread::JoinHandle<()> {
    let counter = counter.clone();
    spawn(move || counter.add_as(thread, n))
}

/// A sum is between the counts at its beginning and its end; and it is exact after the threads.
#[test]
fn additions_race_sums() {
    check("additions_race_sums", THREE, || {
        let counter = Arc::new(Counter::new());
        let threads = [adds(&counter, 0, 1), adds(&counter, 1, 2)];
        start();
        let (first, second) = (counter.sum(), counter.sum());
        assert!(0 <= first && first <= second && second <= 3);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(counter.sum(), 3);
    });
}

/// No addition is lost between reading a stripe and emptying it.
#[test]
fn additions_race_take() {
    check("additions_race_take", UNBOUNDED, || {
        let counter = Arc::new(Counter::new());
        counter.add_as(1, 4);
        let thread = adds(&counter, 0, 1);
        start();
        let taken = counter.take();
        thread.join().unwrap();
        assert!(taken >= 4);
        assert_eq!(taken + counter.sum(), 5);
    });
}

/// None is given twice.
#[test]
fn two_takes_race_an_addition() {
    check("two_takes_race_an_addition", THREE, || {
        let counter = Arc::new(Counter::new());
        counter.add_as(1, 4);
        let thread = adds(&counter, 0, 1);
        let taker = {
            let counter = counter.clone();
            spawn(move || counter.take())
        };
        start();
        let taken = counter.take();
        thread.join().unwrap();
        assert_eq!(taken + taker.join().unwrap() + counter.sum(), 5);
    });
}
