//! Models of the condition variable: each attacks "nobody is forgotten" (one who is deadlocks the
//! model) or I4 and I5.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ::loom::future::block_on;

use super::*;
use crate::model_check::{THREE, UNBOUNDED, check, spawn, start};
use crate::primitive::thread::JoinHandle;
use crate::{Mutex, OwnedMutexGuard};

type Table = Arc<(Arc<Mutex<u32>>, Condvar)>;
type Waits<'c> = Pin<Box<Wait<'c, OwnedMutexGuard<u32>>>>;

fn table(fair: bool) -> Table {
    let mutex = Mutex::new(0);
    let mutex = if fair { mutex.fair() } else { mutex };
    Arc::new((Arc::new(mutex), Condvar::new()))
}

/// A wait that has begun.
fn waits(table: &Table) -> Waits<'_> {
    let guard = table.0.clone().try_lock_owned().unwrap();
    let mut wait = Box::pin(table.1.wait(guard));
    let polled = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
    wait
}

/// As [`waits`], for another thread.
fn begun(table: Table) -> Pin<Box<impl Future<Output = ()>>> {
    let mut wait = Box::pin(async move {
        let guard = table.0.clone().try_lock_owned().unwrap();
        drop(table.1.wait(guard).await);
    });
    let polled = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
    wait
}

fn poll(wait: &mut Waits<'_>) -> Poll<OwnedMutexGuard<u32>> {
    wait.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Sets the value, then notifies, with the lock held or not.
fn set(table: &Table, value: u32, held: bool, notify: fn(&Condvar)) -> JoinHandle<()> {
    let table = table.clone();
    spawn(move || {
        let mut guard = block_on(table.0.lock());
        *guard = value;
        if !held {
            drop(guard);
            notify(&table.1);
        } else {
            notify(&table.1);
        }
    })
}

async fn wait_until_set(table: &Table) {
    let guard = table.0.lock().await;
    drop(table.1.wait_while(guard, |value| *value == 0).await);
}

/// The notification comes before, between or after giving up the lock and waiting. At bound 3: 3312, 2359,
/// 608 and 567 executions; without one they are more than half a million.
#[test]
fn notify_one_races_the_start_of_a_wait() {
    for held in [true, false] {
        for fair in [true, false] {
            check("condvar: notify_one races wait", THREE, move || {
                let table = table(fair);
                let notifier = set(&table, 1, held, Condvar::notify_one);
                start();
                block_on(wait_until_set(&table));
                notifier.join().unwrap();
            });
        }
    }
}

/// Everybody is told, one is woken, the other is called up, on threads of their own (I5). At bound 3: 49829
/// executions.
#[test]
fn notify_all_races_two_waits() {
    check("condvar: notify_all races two waits", THREE, || {
        let table = table(false);
        let [mut first, mut second] = [0, 1].map(|_| begun(table.clone()));
        let notifier = spawn(move || table.1.notify_all());
        let other = spawn(move || block_on(first.as_mut()));
        start();
        block_on(second.as_mut());
        notifier.join().unwrap();
        other.join().unwrap();
    });
}

/// A notification that a dropped wait was given goes to the next (I4). Unbounded: 804 executions.
#[test]
fn notify_one_races_cancel_with_a_waiter_behind() {
    check("condvar: notify_one races cancel", UNBOUNDED, || {
        let table = table(false);
        let leaves = waits(&table);
        let mut behind = waits(&table);
        let notifier = {
            let table = table.clone();
            spawn(move || table.1.notify_one())
        };
        start();
        drop(leaves);
        drop(block_on(behind.as_mut()));
        notifier.join().unwrap();
    });
}

/// The first of those who were told together leaves before it has called up the other (I5). Unbounded: 429
/// executions.
#[test]
fn notify_all_races_cancel_of_the_first() {
    check("condvar: notify_all races cancel", UNBOUNDED, || {
        let table = table(false);
        let leaves = waits(&table);
        let mut behind = waits(&table);
        let notifier = {
            let table = table.clone();
            spawn(move || table.1.notify_all())
        };
        start();
        drop(leaves);
        drop(block_on(behind.as_mut()));
        notifier.join().unwrap();
    });
}

/// A wait whose time is up and one that was told: exactly one of them has the notification. Unbounded: 162
/// executions.
#[test]
fn notify_one_races_the_end_of_a_limit() {
    check("condvar: notify_one races timeout", UNBOUNDED, || {
        let table = table(false);
        let guard = table.0.clone().try_lock_owned().unwrap();
        let place = Location::caller();
        let mut limited = Box::pin(wait::CondWait::new(&table.1, guard, place));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(limited.as_mut().poll_wait(&mut cx, false).is_pending());
        let mut behind = waits(&table);
        let notifier = {
            let table = table.clone();
            spawn(move || table.1.notify_one())
        };
        start();
        let (guard, told) = block_on(std::future::poll_fn(|cx| {
            limited.as_mut().poll_wait(cx, true)
        }));
        drop(guard);
        notifier.join().unwrap();
        let told_behind = poll(&mut behind).is_ready();
        assert_eq!(told_behind, told == wait::Told::ByNobody);
    });
}

/// The lock is given back while the first is calling up the other. Unbounded: 49705 and 7461 executions.
#[test]
fn unlock_races_the_call_of_the_others() {
    for fair in [true, false] {
        check("condvar: unlock races call up", UNBOUNDED, move || {
            let table = table(fair);
            let mut first = waits(&table);
            let mut second = waits(&table);
            let held = table.0.clone().try_lock_owned().unwrap();
            table.1.notify_all();
            let holder = spawn(move || drop(held));
            start();
            drop(block_on(first.as_mut()));
            drop(block_on(second.as_mut()));
            holder.join().unwrap();
        });
    }
}
