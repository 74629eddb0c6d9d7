//! Whose turn it is, and what a failed, panicked or cancelled initialiser leaves behind.

use std::future::{pending, ready};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::thread;

use super::*;
use crate::context::{self, Budget};
use crate::counting_waker::{CountingWaker, idle_context};

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

/// An initialiser that waits for ever, and one that is ready.
type Boxed<'a> = Pin<Box<dyn Future<Output = u32> + 'a>>;

fn waits() -> Boxed<'static> {
    Box::pin(pending())
}

fn makes(number: u32) -> Boxed<'static> {
    Box::pin(ready(number))
}

#[test]
fn the_first_one_makes_the_value() {
    let cell = OnceCell::new();
    assert!(!cell.initialized());
    assert_eq!(poll(pin!(cell.get_or_init(|| makes(1)))), Poll::Ready(&1));
    let unused = || -> Boxed<'static> { panic!("there is a value") };
    assert_eq!(poll(pin!(cell.get_or_init(unused))), Poll::Ready(&1));
    let again = cell.get_or_try_init(|| ready(Err::<u32, _>("unused")));
    assert_eq!(poll(pin!(again)), Poll::Ready(Ok(&1)));
    assert!(cell.set(2).unwrap_err().is_already_init_err());
}

#[test]
fn set_waits_for_nobody() {
    let mut cell = OnceCell::new();
    {
        let mut running = Box::pin(cell.get_or_init(waits));
        assert_eq!(cell.set(0), Ok(()));
        assert_eq!(poll(running.as_mut()), Poll::Ready(&0));
    }
    assert_eq!(cell.take(), Some(0));
    {
        let mut running = Box::pin(cell.get_or_init(waits));
        assert!(poll(running.as_mut()).is_pending());
        let refused = cell.set(1).unwrap_err();
        assert!(refused.is_initializing_err());
        assert_eq!(refused.into_inner(), 1);
    }
    assert_eq!(cell.set(2), Ok(()), "the turn came back");
    *cell.get_mut().unwrap() += 1;
    assert_eq!(cell.into_inner(), Some(3));
}

/// three wait, the initialiser of the first ends in each of the bad ways.
#[test]
fn r_093_the_next_in_line_takes_over_one_at_a_time() {
    for end in ["fails", "panics", "is cancelled", "panics when called"] {
        let cell = OnceCell::new();
        let started = AtomicUsize::new(0);
        let start = |who: usize| started.fetch_add(who, Ordering::Relaxed);
        let (counts, wakers): (Vec<_>, Vec<_>) = (0..3).map(|_| CountingWaker::pair()).unzip();
        let mut first = Box::pin(cell.get_or_try_init(|| {
            start(1);
            let mut waited = false;
            std::future::poll_fn(move |_cx| {
                if !mem::replace(&mut waited, true) {
                    return Poll::Pending;
                }
                match end {
                    "panics" => resume_unwind(Box::new("initialiser")),
                    _ => Poll::Ready(Err::<u32, _>("refused")),
                }
            })
        }));
        assert!(poll(first.as_mut()).is_pending());
        let mut others: Vec<_> = [10, 100]
            .map(|who| {
                Box::pin(cell.get_or_init(move || {
                    start(who);
                    if end == "panics when called" && who == 10 {
                        resume_unwind(Box::new("call"));
                    }
                    makes(who as u32)
                }))
            })
            .into();
        for (other, waker) in others.iter_mut().zip(&wakers) {
            assert!(
                other
                    .as_mut()
                    .poll(&mut Context::from_waker(waker))
                    .is_pending()
            );
        }
        assert_eq!(started.load(Ordering::Relaxed), 1, "one at a time");
        match end {
            "fails" => assert_eq!(poll(first.as_mut()), Poll::Ready(Err("refused"))),
            "panics" => {
                let polled = catch_unwind(AssertUnwindSafe(|| poll(first.as_mut())));
                assert!(polled.is_err());
            }
            _ => drop(first),
        }
        assert_eq!((counts[0].wakes(), counts[1].wakes()), (1, 0), "in order");
        if end == "panics when called" {
            let called = catch_unwind(AssertUnwindSafe(|| poll(others[0].as_mut())));
            assert!(called.is_err());
            assert_eq!(poll(others[1].as_mut()), Poll::Ready(&100));
            assert_eq!(started.load(Ordering::Relaxed), 111);
        } else {
            assert_eq!(poll(others[0].as_mut()), Poll::Ready(&10));
            assert_eq!(counts[1].wakes(), 1, "there is a value");
            assert_eq!(poll(others[1].as_mut()), Poll::Ready(&10));
            assert_eq!(started.load(Ordering::Relaxed), 11);
        }
    }
}

#[test]
fn the_future_of_an_initialiser_ends_before_the_next_one_starts() {
    struct Running<'a>(&'a AtomicUsize);
    impl Drop for Running<'_> {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let running = AtomicUsize::new(0);
    let start = || {
        assert_eq!(running.fetch_add(1, Ordering::Relaxed), 0);
        let guard = Running(&running);
        async move {
            let _guard = guard;
            pending().await
        }
    };
    let cell = OnceCell::<u32>::new();
    let mut first = Box::pin(cell.get_or_init(start));
    let mut second = Box::pin(cell.get_or_init(start));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    drop(first);
    assert!(poll(second.as_mut()).is_pending());
    assert_eq!(running.load(Ordering::Relaxed), 1);
    drop(second);
    assert_eq!(running.load(Ordering::Relaxed), 0);
}

#[test]
fn a_failed_initialiser_is_dropped_before_the_next_one_starts() {
    let alive = std::sync::Arc::new(());
    let fails = || {
        let own = alive.clone();
        std::future::poll_fn(move |_| {
            Poll::Ready(Err::<u32, _>(std::sync::Arc::strong_count(&own)))
        })
    };
    let cell = OnceCell::new();
    let mut first = Box::pin(cell.get_or_try_init(fails));
    assert_eq!(poll(first.as_mut()), Poll::Ready(Err(2)));
    assert_eq!(std::sync::Arc::strong_count(&alive), 1);
    let polled = catch_unwind(AssertUnwindSafe(|| poll(first.as_mut())));
    assert!(polled.is_err(), "and not polled again");
    let mut second = Box::pin(cell.get_or_try_init(fails));
    assert_eq!(poll(second.as_mut()), Poll::Ready(Err(2)));
}

#[test]
fn a_panicked_future_is_not_polled_again() {
    let cell = OnceCell::new();
    let panics = || std::future::poll_fn(|_| -> Poll<u32> { resume_unwind(Box::new(())) });
    let mut wait = Box::pin(cell.get_or_init(panics));
    for _ in 0..2 {
        assert!(catch_unwind(AssertUnwindSafe(|| poll(wait.as_mut()))).is_err());
    }
    assert_eq!(
        cell.set(1),
        Ok(()),
        "the turn came back though it is not dropped"
    );
}

#[test]
fn a_forgotten_turn_is_lost() {
    let cell = OnceCell::new();
    let mut forgotten = Box::pin(cell.get_or_init(waits));
    assert!(poll(forgotten.as_mut()).is_pending());
    mem::forget(forgotten);
    let mut waits = Box::pin(cell.get_or_init(|| makes(1)));
    assert!(poll(waits.as_mut()).is_pending());
    assert!(cell.set(2).unwrap_err().is_initializing_err());
    assert_eq!(cell.get(), None);
}

#[test]
fn r_082_a_poll_without_budget_keeps_its_turn() {
    let cell = OnceCell::new();
    let mut spent = Budget::initial();
    context::with_budget(Budget::initial(), || {
        while let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) {
            unit.made_progress();
        }
        spent = context::budget();
    });
    let mut first = Box::pin(cell.get_or_init(|| makes(1)));
    let mut second = Box::pin(cell.get_or_init(|| makes(2)));
    context::with_budget(spent, || assert!(poll(first.as_mut()).is_pending()));
    assert!(poll(second.as_mut()).is_pending());
    assert_eq!(poll(first.as_mut()), Poll::Ready(&1));
    context::with_budget(spent, || assert!(poll(second.as_mut()).is_pending()));
    assert_eq!(poll(second.as_mut()), Poll::Ready(&1));
}

#[test]
fn values_are_dropped_once() {
    let count = std::sync::Arc::new(());
    let cell = OnceCell::new();
    cell.set(count.clone()).unwrap();
    assert!(cell.set(count.clone()).is_err());
    let copy = cell.clone();
    assert_eq!(cell, copy);
    drop(cell);
    assert_eq!(std::sync::Arc::strong_count(&count), 2);
    let mut moved = OnceCell::new_with(copy.into_inner());
    assert_eq!(std::sync::Arc::strong_count(&count), 2);
    drop(moved.take());
    assert_eq!(std::sync::Arc::strong_count(&count), 1);
    assert_eq!(moved, OnceCell::default());
}

#[test]
fn plain_threads_take_turns_with_tasks() {
    let cell = std::sync::Arc::new(OnceCell::new());
    let mut first = Box::pin(cell.get_or_init(waits));
    assert!(poll(first.as_mut()).is_pending());
    let thread = {
        let cell = cell.clone();
        thread::spawn(move || *cell.blocking_get_or_init(|| 7))
    };
    drop(first);
    assert_eq!(thread.join().unwrap(), 7);
    let failed = OnceCell::<u32>::new();
    assert_eq!(
        failed.blocking_get_or_try_init(|| Err("refused")),
        Err("refused")
    );
    assert_eq!(failed.blocking_get_or_try_init(|| Ok::<_, ()>(1)), Ok(&1));
    assert_eq!(failed.blocking_get_or_try_init(|| Err("unused")), Ok(&1));
}

#[test]
fn the_states_read_as_words() {
    let cell = OnceCell::new();
    assert_eq!(format!("{cell:?}"), "OnceCell { value: None }");
    let mut wait = Box::pin(cell.get_or_init(waits));
    assert_eq!(format!("{wait:?}"), "GetOrInit(waits for its turn)");
    assert!(poll(wait.as_mut()).is_pending());
    assert_eq!(format!("{wait:?}"), "GetOrInit(initialises)");
    assert_eq!(
        format!("{:?}", OnceCell::from(3)),
        "OnceCell { value: Some(3) }"
    );
    let refused = OnceCell::from(3).set(4).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the cell has a value, read it with `get`"
    );
}
