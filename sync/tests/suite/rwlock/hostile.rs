//! Wakers that panic, use the lock, or own a guard of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;

use selvedge_sync::RwLock;

use super::assert_free;
use crate::executors::watched;
use crate::support::hooked::{EVENTS, Event, Hooked, bomb, reentrant};
use crate::support::{Bell, panics, poll};

watched! {
    fn panics_lose_no_lock() {
        for when in EVENTS {
            for granted in [true, false] {
                let (hooked, armed) = bomb(when);
                let (lock, waker) = (RwLock::new(()), hooked.waker());
                let held = lock.try_read().unwrap();
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    let held = held;
                    let mut wait = Box::pin(lock.write());
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
                assert_free(&lock);
            }
        }
    }

    /// A waker lets its future in while it is cloned, and panics when it is dropped for that reason.
    fn a_panic_while_it_learns_that_it_is_inside_loses_nothing() {
        for poll_again in [true, false] {
            let lock = Arc::new(RwLock::new(()));
            let held = Mutex::new(Some(lock.clone().try_write_owned().unwrap()));
            let armed = Arc::new(AtomicBool::new(true));
            let hooked = Hooked::new({
                let armed = armed.clone();
                move |event| match event {
                    Event::Clone => drop(held.lock().unwrap().take()),
                    Event::Wake => {}
                    Event::Drop => assert!(!armed.load(Ordering::Relaxed), "planted"),
                }
            });
            let waker = hooked.waker();
            let mut wait = Box::pin(lock.write());
            assert!(poll(wait.as_mut(), Waker::noop()).is_pending());
            assert!(panics(|| drop(poll(wait.as_mut(), &waker))));
            armed.store(false, Ordering::Relaxed);
            assert!(lock.try_read().is_err(), "it is inside");
            if poll_again {
                assert!(poll(wait.as_mut(), &waker).is_ready());
            }
            drop(wait);
            assert_free(&lock);
        }
    }

    fn a_panicking_waker_does_not_keep_the_others_out() {
        let (hooked, armed) = bomb(Event::Wake);
        let count = Arc::new(Bell::default());
        let friendly = Waker::from(count.clone());
        let (lock, hostile) = (RwLock::new(()), hooked.waker());
        let held = lock.try_write().unwrap();
        let mut waits: Vec<_> = (0..100).map(|_| Box::pin(lock.read())).collect();
        for (number, wait) in waits.iter_mut().enumerate() {
            let waker = if number == 0 { &hostile } else { &friendly };
            assert!(poll(wait.as_mut(), waker).is_pending());
        }
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| drop(held)));
        assert_eq!(count.rings(), 99);
        drop(waits);
        assert_free(&lock);
    }

    /// A second panic, of a waker while a guard is dropped by a first one, does not abort.
    fn a_waker_may_panic_while_a_guard_is_dropped_by_a_panic() {
        let hooked = Hooked::new(|event| assert!(event != Event::Wake, "planted"));
        let (lock, waker) = (RwLock::new(()), hooked.waker());
        let held = lock.try_write().unwrap();
        let mut wait = Box::pin(lock.read());
        assert!(poll(wait.as_mut(), &waker).is_pending());
        assert!(panics(|| {
            let _held = held;
            panic!("planted");
        }));
        assert!(poll(wait.as_mut(), &waker).is_ready());
        drop(wait);
        assert_free(&lock);
    }

    fn wakers_may_own_guards_and_use_the_lock() {
        for when in EVENTS {
            let lock = Arc::new(RwLock::new(()));
            let owned = Mutex::new(Some(lock.clone().try_read_owned().unwrap()));
            let hooked = reentrant({
                let lock = lock.clone();
                move |event| {
                    drop((lock.try_read(), lock.try_write(), format!("{lock:?}")));
                    if event == when {
                        drop(owned.lock().unwrap().take());
                    }
                }
            });
            let waker = hooked.waker();
            let mut writer = Box::pin(lock.write());
            assert!(poll(writer.as_mut(), Waker::noop()).is_pending());
            let mut reader = Box::pin(lock.read());
            for waker in [&waker, Waker::noop(), &waker] {
                assert!(poll(reader.as_mut(), waker).is_pending());
            }
            // The reader comes in, and its waker is woken.
            drop(writer);
            assert!(poll(reader.as_mut(), &waker).is_ready());
            drop(reader);
            drop(waker);
            assert_eq!(hooked.alive(), 0);
            assert_free(&lock);
        }
    }
}
