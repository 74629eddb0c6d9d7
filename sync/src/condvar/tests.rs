//! Who is told, who is woken, and what a wait that is dropped leaves behind.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use super::*;
use crate::counting_waker::CountingWaker;
use crate::{Mutex, MutexGuard, OwnedMutexGuard};

/// A future whose wakes are counted.
struct Seat<F> {
    future: Pin<Box<F>>,
    count: Arc<CountingWaker>,
    waker: Waker,
}

impl<F: Future> Seat<F> {
    fn new(future: F) -> Self {
        let (count, waker) = CountingWaker::pair();
        let future = Box::pin(future);
        Self {
            future,
            count,
            waker,
        }
    }

    fn waiting(future: F) -> Self {
        let mut seat = Self::new(future);
        assert!(seat.poll().is_none());
        seat
    }

    fn poll(&mut self) -> Option<F::Output> {
        let mut cx = Context::from_waker(&self.waker);
        match self.future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn wakes(&self) -> usize {
        self.count.wakes()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.try_lock().expect("free")
}

fn wakes<F: Future>(seats: &[Seat<F>]) -> Vec<usize> {
    seats.iter().map(Seat::wakes).collect()
}

#[test]
fn a_wait_gives_up_the_lock_and_takes_it_again() {
    let (mutex, condvar) = (Mutex::new(1), Condvar::new());
    let mut wait = Seat::waiting(condvar.wait(lock(&mutex)));
    *lock(&mutex) = 2;
    assert!(wait.poll().is_none(), "nobody said so");
    condvar.notify_one();
    assert_eq!(wait.wakes(), 1);
    assert_eq!(*wait.poll().unwrap(), 2);
    condvar.notify_one();
    condvar.notify_all();
    assert_eq!(wait.wakes(), 1, "nobody waits, and nothing is left behind");
}

#[test]
fn a_wait_that_was_not_polled_has_the_guard() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let wait = condvar.wait(lock(&mutex));
    assert!(mutex.try_lock().is_err());
    drop(wait);
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn notify_one_tells_in_order() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let mut waits = [0, 1, 2].map(|_| Seat::waiting(condvar.wait(lock(&mutex))));
    condvar.notify_one();
    assert_eq!(wakes(&waits), [1, 0, 0]);
    condvar.notify_one();
    assert_eq!(wakes(&waits), [1, 1, 0]);
    assert!(waits[2].poll().is_none());
    drop(waits[1].poll().unwrap());
    drop(waits[0].poll().unwrap());
    assert!(waits[2].poll().is_none());
}

#[test]
fn notify_all_wakes_one_and_the_others_as_the_lock_comes() {
    for fair in [false, true] {
        let (mutex, condvar) = (Mutex::new(()), Condvar::new());
        let mutex = if fair { mutex.fair() } else { mutex };
        let mut waits = [0, 1, 2].map(|_| Seat::waiting(condvar.wait(lock(&mutex))));
        let mut later = None;
        {
            let _held = lock(&mutex);
            condvar.notify_all();
            assert_eq!(wakes(&waits), [1, 0, 0]);
            assert!(waits[0].poll().is_none(), "the notifier has the lock");
        }
        assert_eq!(wakes(&waits), [2, 0, 0]);
        for (turn, count) in [2, 1, 1].into_iter().enumerate() {
            assert_eq!(waits[turn].wakes(), count, "turn {turn}");
            let guard = waits[turn].poll().expect("its turn");
            later.get_or_insert_with(|| Seat::waiting(condvar.wait(guard)));
        }
        assert!(later.unwrap().poll().is_none(), "it began after the call");
        assert!(mutex.try_lock().is_ok());
    }
}

#[test]
fn notify_all_with_the_lock_free_needs_no_second_wake() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let mut waits = [0, 1, 2].map(|_| Seat::waiting(condvar.wait(lock(&mutex))));
    condvar.notify_all();
    for wait in &mut waits {
        assert_eq!(wait.wakes(), 1);
        drop(wait.poll().expect("its turn"));
    }
}

#[test]
fn a_notification_that_nobody_will_see_goes_to_the_next() {
    for polled_since in [false, true] {
        let (mutex, condvar) = (Mutex::new(()), Condvar::new());
        let mut leaves = Seat::waiting(condvar.wait(lock(&mutex)));
        let mut stays = Seat::waiting(condvar.wait(lock(&mutex)));
        let held = lock(&mutex);
        condvar.notify_one();
        if polled_since {
            assert!(leaves.poll().is_none(), "waits for the lock");
        }
        drop(leaves);
        assert_eq!(stays.wakes(), 1);
        drop(held);
        assert!(stays.poll().is_some());
    }
}

#[test]
fn the_first_of_all_that_is_dropped_calls_up_the_others() {
    for polled_since in [false, true] {
        let (mutex, condvar) = (Mutex::new(()), Condvar::new());
        let mut waits = [0, 1, 2].map(|_| Seat::waiting(condvar.wait(lock(&mutex))));
        let held = lock(&mutex);
        condvar.notify_all();
        if polled_since {
            assert!(waits[0].poll().is_none());
        }
        let [first, mut second, mut third] = waits;
        drop(first);
        drop(held);
        drop(second.poll().expect("called up"));
        assert_eq!((second.wakes(), third.wakes()), (1, 1));
        assert!(third.poll().is_some());
    }
}

#[test]
fn a_wait_dropped_before_it_is_told_changes_nothing_for_others() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let [first, mut second] = [0, 1].map(|_| Seat::waiting(condvar.wait(lock(&mutex))));
    drop(first);
    assert_eq!(second.wakes(), 0);
    condvar.notify_one();
    drop(second.poll().expect("it was told"));
    drop(second);
    assert_eq!(condvar.word.load(Ordering::Relaxed), 0, "nobody waits");
}

#[test]
fn wait_while_looks_before_and_after_each_wait() {
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    let mut looks = 0;
    let mut wait = Seat::new(condvar.wait_while(lock(&mutex), |value| {
        looks += 1;
        *value < 2
    }));
    assert!(wait.poll().is_none());
    for _ in 0..2 {
        *lock(&mutex) += 1;
        condvar.notify_one();
        if let Some(guard) = wait.poll() {
            assert_eq!(*guard, 2);
        }
    }
    drop(wait);
    assert_eq!(looks, 3);
    let at_once = Seat::new(condvar.wait_while(lock(&mutex), |_| false)).poll();
    assert!(at_once.is_some());
}

#[test]
fn a_condition_that_panics_gives_the_lock_back() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let mut wait = Seat::new(condvar.wait_while(lock(&mutex), |()| panic!("wanted")));
    assert!(catch_unwind(AssertUnwindSafe(|| wait.poll().is_some())).is_err());
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn owned_guards_wait_too_and_keep_the_mutex() {
    let mutex = Arc::new(Mutex::new(1));
    let condvar = Condvar::new();
    let guard = mutex.clone().try_lock_owned().unwrap();
    let mut wait = Seat::waiting(condvar.wait(guard));
    let mutex = {
        let weak = Arc::downgrade(&mutex);
        drop(mutex);
        weak.upgrade().expect("the wait keeps it")
    };
    let mut borrowed = Seat::waiting(condvar.wait(lock(&mutex)));
    condvar.notify_all();
    let guard: OwnedMutexGuard<_> = wait.poll().unwrap();
    assert_eq!(*guard, 1);
    drop(guard);
    assert!(borrowed.poll().is_some());
}

#[test]
#[should_panic(expected = "use one condition variable per mutex")]
fn waits_with_two_mutexes_are_refused() {
    let (one, other, condvar) = (Mutex::new(()), Mutex::new(()), Condvar::new());
    let _waits = Seat::waiting(condvar.wait(lock(&one)));
    let mut refused = Seat::new(condvar.wait(lock(&other)));
    assert!(refused.poll().is_none());
}

#[test]
fn a_condvar_serves_one_mutex_after_the_other() {
    let (one, other, condvar) = (Mutex::new(()), Mutex::new(()), Condvar::new());
    drop(Seat::waiting(condvar.wait(lock(&one))));
    let mut wait = Seat::waiting(condvar.wait(lock(&other)));
    condvar.notify_one();
    assert!(wait.poll().is_some());
}

#[test]
fn two_condvars_of_one_mutex_call_up_their_own() {
    let mutex = Mutex::new(());
    let (full, empty) = (Condvar::new(), Condvar::new());
    let mut waits_full = Seat::waiting(full.wait(lock(&mutex)));
    let mut waits_empty = [0, 1].map(|_| Seat::waiting(empty.wait(lock(&mutex))));
    empty.notify_all();
    for wait in &mut waits_empty {
        drop(wait.poll().unwrap());
    }
    assert!(waits_full.poll().is_none());
    assert_eq!(waits_full.wakes(), 0);
    full.notify_all();
    assert!(waits_full.poll().is_some());
}

#[test]
fn the_wakers_of_the_last_poll_are_woken() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let mut waits = [0, 1].map(|_| Seat::waiting(condvar.wait(lock(&mutex))));
    let mut former = Vec::new();
    for wait in &mut waits {
        let (count, waker) = CountingWaker::pair();
        former.push(std::mem::replace(&mut wait.count, count));
        wait.waker = waker;
        assert!(wait.poll().is_none());
    }
    condvar.notify_all();
    drop(waits[0].poll().unwrap());
    assert_eq!(wakes(&waits), [1, 1]);
    assert!(former.iter().all(|count| count.wakes() == 0));
}

#[test]
fn a_forgotten_wait_loses_what_it_was_told() {
    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let [forgotten, mut behind] = [0, 1].map(|_| Seat::waiting(condvar.wait(lock(&mutex))));
    std::mem::forget(forgotten.future);
    condvar.notify_one();
    assert_eq!(behind.wakes(), 0);
    condvar.notify_one();
    drop(behind.poll().expect("the second is for it"));

    let (mutex, condvar) = (Mutex::new(()), Condvar::new());
    let [forgotten, mut behind] = [0, 1].map(|_| Seat::waiting(condvar.wait(lock(&mutex))));
    std::mem::forget(forgotten.future);
    condvar.notify_all();
    assert_eq!(behind.wakes(), 0, "the forgotten one was to call it up");
    assert!(behind.poll().is_some(), "it was told all the same");
}

#[test]
fn threads_pass_a_value_to_and_fro() {
    let table = Arc::new((Mutex::new(0), Condvar::new()));
    let players = [0, 1].map(|player| {
        let table = table.clone();
        thread::spawn(move || {
            let (mutex, condvar) = &*table;
            for _ in 0..200 {
                let guard = mutex.blocking_lock();
                let mut turn = condvar.blocking_wait_while(guard, |turn| *turn % 2 != player);
                *turn += 1;
                condvar.notify_all();
            }
        })
    });
    for player in players {
        player.join().unwrap();
    }
    assert_eq!(*table.0.blocking_lock(), 400);
}

#[test]
fn waits_with_a_limit_come_back_with_the_guard() {
    let (mutex, condvar) = (Mutex::new(0), Condvar::new());
    let millisecond = Duration::from_millis(1);
    let (guard, result) = condvar.blocking_wait_timeout(mutex.blocking_lock(), millisecond);
    assert!(result.timed_out());
    let (guard, result) = condvar.blocking_wait_while_timeout(guard, millisecond, |n| *n == 0);
    assert!(result.timed_out());
    let (guard, result) = condvar.blocking_wait_while_timeout(guard, millisecond, |n| *n > 0);
    assert!(!result.timed_out());
    drop(guard);
    assert_eq!(condvar.word.load(Ordering::Relaxed), 0, "nobody waits");
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<Condvar>();
    check::<Wait<'_, MutexGuard<'_, u8>>>();
    check::<Wait<'_, OwnedMutexGuard<u8>>>();
}
