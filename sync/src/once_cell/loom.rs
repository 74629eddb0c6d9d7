//! Models of the cell: each attacks I1 (two initialisers at once make loom's cell panic), I2, or "no
//! waiter is forgotten" (one that is deadlocks the model).

use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{Arc, UnsafeCell};

/// A cell, and what its initialisers may touch one at a time.
struct Tested {
    cell: OnceCell<Arc<usize>>,
    turn: UnsafeCell<()>,
    initialisers: AtomicUsize,
}

impl Tested {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            cell: OnceCell::new(),
            turn: UnsafeCell::new(()),
            initialisers: AtomicUsize::new(0),
        })
    }

    /// Notes that an initialiser runs; gives its number, from one on.
    fn enter(&self) -> usize {
        // Without the turn to order them, two of these make the cell panic.
        self.turn.with_mut(|_| ());
        self.initialisers.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn get_or_init(&self) -> usize {
        **block_on(self.cell.get_or_init(|| ready(Arc::new(self.enter()))))
    }
}

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// I1; the value is visible to who did not make it.
/// Unbounded: 36547 executions.
#[test]
fn init_races_init_and_get() {
    check("once_cell::init_races_init_and_get", UNBOUNDED, || {
        let tested = Tested::new();
        let other = {
            let tested = tested.clone();
            spawn(move || tested.get_or_init())
        };
        start();
        if let Some(value) = tested.cell.get() {
            assert_eq!(**value, 1);
        }
        assert_eq!(tested.get_or_init(), 1);
        assert_eq!(other.join().unwrap(), 1);
    });
}

/// I2: R-93, L-71. Main runs an initialiser and gives up; two others are in line or come.
/// Bound 3: 205980 executions.
#[test]
fn cancel_of_an_initialiser_races_two_waiters() {
    check(
        "once_cell::cancel_of_an_initialiser_races_two_waiters",
        THREE,
        || {
            let tested = Tested::new();
            let mut cancelled = Box::pin(tested.cell.get_or_init(|| {
                tested.enter();
                pending()
            }));
            assert!(poll_once(cancelled.as_mut()).is_pending());
            let others = [(); 2].map(|()| {
                let tested = tested.clone();
                spawn(move || tested.get_or_init())
            });
            start();
            drop(cancelled);
            for other in others {
                assert_eq!(other.join().unwrap(), 2, "one more initialiser ran");
            }
        },
    );
}

/// I2: the turn of one that fails goes to who waits for it, or comes.
/// Unbounded: 12248 executions.
#[test]
fn failure_races_init() {
    check("once_cell::failure_races_init", UNBOUNDED, || {
        let tested = Tested::new();
        let other = {
            let tested = tested.clone();
            spawn(move || tested.get_or_init())
        };
        start();
        let failed = block_on(tested.cell.get_or_try_init(|| {
            tested.enter();
            ready(Err("refused"))
        }));
        let expected = if failed.is_err() { 2 } else { 1 };
        assert_eq!(other.join().unwrap(), expected);
    });
}

/// I2: R-93, L-72. The initialiser panics while two others are in line or come.
/// Bound 3: 205980 executions.
#[test]
fn panic_races_two_waiters() {
    check("once_cell::panic_races_two_waiters", THREE, || {
        let tested = Tested::new();
        let mut panics = Box::pin(tested.cell.get_or_init(|| {
            tested.enter();
            let mut polled = false;
            poll_fn(move |_cx| {
                if std::mem::replace(&mut polled, true) {
                    resume_unwind(Box::new("initialiser"));
                }
                Poll::Pending
            })
        }));
        assert!(poll_once(panics.as_mut()).is_pending());
        let others = [(); 2].map(|()| {
            let tested = tested.clone();
            spawn(move || tested.get_or_init())
        });
        start();
        let polled = catch_unwind(AssertUnwindSafe(|| poll_once(panics.as_mut())));
        assert!(polled.is_err());
        for other in others {
            assert_eq!(other.join().unwrap(), 2, "one more initialiser ran");
        }
    });
}

/// I2: the one who is next in line leaves, while the turn comes to it: the turn goes on.
/// Bound 3: 676 executions.
#[test]
fn cancel_of_the_next_races_failure() {
    check("once_cell::cancel_of_the_next_races_failure", THREE, || {
        let tested = Tested::new();
        let mut first = Box::pin(tested.cell.get_or_init(pending));
        assert!(poll_once(first.as_mut()).is_pending());
        let mut leaves = Box::pin(tested.cell.get_or_init(pending));
        assert!(poll_once(leaves.as_mut()).is_pending());
        let heir = {
            let tested = tested.clone();
            spawn(move || tested.get_or_init())
        };
        start();
        drop(first);
        drop(leaves);
        assert_eq!(heir.join().unwrap(), 1);
    });
}

/// I1, and the value is dropped once: by the cell, which ends on one of two threads.
/// Unbounded: 55473 executions.
#[test]
fn set_races_init_and_drop() {
    check("once_cell::set_races_init_and_drop", UNBOUNDED, || {
        let tested = Tested::new();
        let other = {
            let tested = tested.clone();
            spawn(move || tested.get_or_init())
        };
        start();
        let set = tested.cell.set(Arc::new(9));
        drop(tested);
        let value = other.join().unwrap();
        assert_eq!(value == 9, set.is_ok());
    });
}
