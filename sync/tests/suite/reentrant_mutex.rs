//! `ReentrantMutex`: tasks keep each other out, and not themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Waker;
use std::thread;

use selvedge_sync::{Owner, ReentrantMutex, ReentrantMutexGuard};

use crate::executors::{any_executor, spawn, watched, yield_now};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Seat, panic_of, panics, poll};

/// Adds one in two steps that only the lock holds together, with another holder of the same owner.
async fn add(lock: &ReentrantMutex<AtomicU32>) {
    let outer = lock.lock().await;
    let before = outer.load(Ordering::Relaxed);
    yield_now().await;
    let inner = lock.lock().await;
    assert_eq!(inner.load(Ordering::Relaxed), before);
    drop(outer);
    yield_now().await;
    inner.store(before + 1, Ordering::Relaxed);
}

any_executor! {
    /// Also where tasks move between threads while they hold it; under the small executor each task has
    /// a thread of its own.
    async fn tasks_take_turns_and_may_enter_again() {
        let lock = Arc::new(ReentrantMutex::new(AtomicU32::new(0)));
        let tasks: Vec<_> = (0..4).map(|_| {
            let lock = lock.clone();
            spawn(async move {
                for _ in 0..30 {
                    add(&lock).await;
                }
            })
        }).collect();
        for task in tasks {
            task.await;
        }
        assert_eq!(lock.lock().await.load(Ordering::Relaxed), 120);
        assert_eq!((lock.holder(), lock.depth()), (None, 0));
    }

    async fn a_guard_may_end_in_another_task() {
        let lock = Arc::new(ReentrantMutex::new(AtomicU32::new(0)));
        let me = Owner::unique();
        let guards = [lock.lock_as(me).await, lock.lock_as(me).await];
        // Owned guards do not exist: the lock outlives them as a static would.
        thread::scope(|scope| {
            for guard in guards {
                scope.spawn(move || guard.fetch_add(1, Ordering::Relaxed));
            }
        });
        assert_eq!((lock.holder(), lock.depth()), (None, 0));
        assert_eq!(lock.lock().await.load(Ordering::Relaxed), 2);
    }
}

watched! {
    fn r_097_owners_named_by_the_caller_keep_each_other_out_on_one_thread() {
        let lock = ReentrantMutex::new(());
        let (one, other) = (Owner::unique(), Owner::unique());
        let outer = lock.try_lock_as(one).unwrap();
        assert!(lock.try_lock_as(other).is_err());
        assert!(lock.try_lock().is_err(), "the thread is another owner still");
        let mut waits = Seat::waiting(lock.lock_as(other));
        let inner = Seat::new(lock.lock_as(one)).ready();
        drop(outer);
        assert_eq!(waits.wakes(), 0);
        drop(inner);
        assert_eq!(lock.holder(), Some(other));
        drop(waits.woken());
        assert_eq!(lock.holder(), None);
    }

    fn plain_threads_block() {
        let lock = Arc::new(ReentrantMutex::new(AtomicU32::new(0)));
        let (outer, inner) = (lock.blocking_lock(), lock.blocking_lock());
        let other = {
            let lock = lock.clone();
            thread::spawn(move || lock.blocking_lock().load(Ordering::Relaxed))
        };
        drop(outer);
        inner.store(3, Ordering::Relaxed);
        drop(inner);
        assert_eq!(other.join().unwrap(), 3);
        let refused = panic_of(|| {
            selvedge_sync::context::enter_main(|| drop(lock.blocking_lock()));
        });
        assert!(refused.contains("await `lock`"), "{refused}");
        let held = lock.blocking_lock();
        let late = thread::spawn({
            let lock = lock.clone();
            move || lock.blocking_lock_timeout(std::time::Duration::ZERO).is_err()
        });
        assert!(late.join().unwrap());
        drop(held);
    }

    fn a_panic_with_guards_releases_the_lock() {
        let lock = ReentrantMutex::new(());
        assert!(panics(|| {
            let _both = (lock.try_lock(), lock.try_lock());
            panic!("planted");
        }));
        assert_eq!((lock.holder(), lock.depth()), (None, 0));
    }

    fn panics_of_wakers_lose_no_lock() {
        for when in EVENTS {
            for granted in [true, false] {
                let (hooked, armed) = bomb(when);
                let (lock, waker) = (ReentrantMutex::new(()), hooked.waker());
                let held = lock.try_lock_as(Owner::unique()).unwrap();
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    let held = held;
                    let mut wait = Box::pin(lock.lock());
                    for waker in [&waker, Waker::noop(), &waker] {
                        assert!(poll(wait.as_mut(), waker).is_pending());
                    }
                    if granted {
                        drop(held);
                    }
                });
                armed.store(false, Ordering::Relaxed);
                assert_eq!(panicked, when != Event::Wake || granted, "{when:?}");
                drop(waker);
                assert_eq!(hooked.alive(), 0, "{when:?}");
                assert_eq!((lock.holder(), lock.depth()), (None, 0), "{when:?}");
            }
        }
    }

    fn wakers_may_use_the_lock() {
        let lock = Arc::new(ReentrantMutex::new(()));
        let hooked = reentrant({
            let lock = lock.clone();
            move |_| drop((lock.try_lock(), format!("{lock:?}")))
        });
        let waker = hooked.waker();
        let held = lock.try_lock_as(Owner::unique()).unwrap();
        let mut wait = Box::pin(lock.lock());
        for waker in [&waker, Waker::noop(), &waker] {
            assert!(poll(wait.as_mut(), waker).is_pending());
        }
        drop(held);
        assert!(poll(wait.as_mut(), &waker).is_ready());
        drop(wait);
        drop(waker);
        assert_eq!(hooked.alive(), 0);
    }
}

/// A guard crosses threads if its value may be seen from several.
const _: () = {
    const fn crosses<T: Send + Sync>() {}
    crosses::<ReentrantMutex<AtomicU32>>();
    crosses::<ReentrantMutexGuard<'static, AtomicU32>>();
};
