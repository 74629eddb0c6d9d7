//! Several locks at once: the order, what a dropped wait gives back, and what is refused.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread;

use super::*;
use crate::Mutex;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn ready<F: Future>(future: F) -> F::Output {
    match poll(pin!(future)) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the locks are not free"),
    }
}

fn all_free<T>(locks: &[Mutex<T>]) -> bool {
    locks.iter().all(|lock| lock.try_lock().is_ok())
}

#[test]
fn guards_come_in_the_order_in_which_the_locks_are_named() {
    let locks = [0, 1, 2].map(Mutex::new);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let named = order.map(|index| &locks[index]);
        assert_eq!(ready(lock_all(named)).map(|guard| *guard), order);
        let guards = ready(lock_all(named.to_vec()));
        assert!(guards.iter().map(|guard| **guard).eq(order));
        drop(guards);
        let guards = try_lock_all(&named[..]).unwrap();
        assert!(guards.iter().map(|guard| **guard).eq(order));
        drop(guards);
        assert!(all_free(&locks));
    }
    assert_eq!(ready(lock_all([&locks[0]; 0])).len(), 0);
}

#[test]
fn tuples_have_different_values() {
    let (number, word) = (Mutex::new(1), Mutex::new("one"));
    let (number_guard, word_guard) = ready(lock_all((&number, &word)));
    assert_eq!((*number_guard, *word_guard), (1, "one"));
    assert!(try_lock_all((&word,)).is_err());
    drop((number_guard, word_guard));
    assert!(try_lock_all((&word, &number)).is_ok());
}

#[test]
fn a_wait_that_is_dropped_gives_back_what_it_took() {
    let locks = [0, 1, 2].map(Mutex::new);
    let [first, second, third] = &locks;
    for held in &locks {
        let guard = held.try_lock().unwrap();
        let mut wait = Box::pin(lock_all([third, first, second]));
        assert!(poll(wait.as_mut()).is_pending());
        drop(wait);
        drop(guard);
        assert!(all_free(&locks));
    }
    drop(lock_all([first, second]));
    assert!(all_free(&locks));
}

#[test]
fn a_wait_takes_the_rest_when_it_is_free() {
    let locks = [0, 1].map(Mutex::new);
    let [first, second] = &locks;
    let guard = second.try_lock().unwrap();
    let mut wait = pin!(lock_all([second, first]));
    assert!(poll(wait.as_mut()).is_pending());
    assert!(first.try_lock().is_err(), "taken, and held meanwhile");
    drop(guard);
    assert!(poll(wait.as_mut()).is_ready());
    assert!(all_free(&locks));
}

#[test]
fn a_try_takes_all_or_none() {
    let locks = [0, 1, 2].map(Mutex::new);
    for held in &locks {
        let guard = held.try_lock().unwrap();
        assert!(try_lock_all(locks.each_ref()).is_err());
        drop(guard);
        assert!(all_free(&locks));
    }
}

#[test]
fn a_waker_that_panics_does_not_keep_the_other_locks() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("wanted");
        }
    }
    let locks = [0, 1, 2].map(Mutex::new);
    let [first, second, third] = &locks;
    let held = third.try_lock().unwrap();
    let mut wait = Box::pin(lock_all([first, second, third]));
    assert!(poll(wait.as_mut()).is_pending());
    let waker = Waker::from(Arc::new(Panics));
    let mut hostile = pin!(second.lock());
    let polled = hostile.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(wait))).is_err());
    drop(held);
    assert!(all_free(&locks));
}

#[test]
#[should_panic(expected = "a lock is named twice")]
fn a_lock_named_twice_is_refused() {
    let (one, other) = (Mutex::new(0), Mutex::new(0));
    drop(lock_all([&one, &other, &one]));
}

#[test]
fn transfers_in_both_directions_do_not_wait_in_a_circle() {
    let accounts = Arc::new([Mutex::new(1000), Mutex::new(1000)]);
    let transfers = [(0, 1), (1, 0)].map(|(from, to)| {
        let accounts = accounts.clone();
        thread::spawn(move || {
            for _ in 0..500 {
                let pair = [&accounts[from], &accounts[to]];
                let [mut from, mut to] = blocking_lock_all(pair);
                *from -= 1;
                *to += 1;
            }
        })
    });
    for transfer in transfers {
        transfer.join().unwrap();
    }
    let [one, other] = ready(lock_all(accounts.each_ref()));
    assert_eq!((*one, *other), (1000, 1000));
}
