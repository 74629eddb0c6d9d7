//! Wakers that panic, use the lock, or own a guard of it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use selvedge_sync::RwLock;

use super::assert_free;
use crate::executors::watched;
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
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

    /// A waker that panics when it is dropped, by the poll that learns that its future has the lock.
    fn a_panic_while_it_learns_of_its_lock_loses_nothing() {
        for poll_again in [true, false] {
            let (hooked, armed) = bomb(Event::Drop);
            let lock = Arc::new(RwLock::new(()));
            let held = Mutex::new(Some(lock.clone().try_write_owned().unwrap()));
            // It is let in while its new waker is cloned, and then has no use for that one.
            let releases = reentrant(move |event| {
                if event == Event::Clone {
                    drop(held.lock().unwrap().take());
                }
            });
            let mut wait = Box::pin(lock.write());
            assert!(poll(wait.as_mut(), &hooked.waker()).is_pending());
            drop(releases);
            let both = {
                let (armed, hooked) = (armed.clone(), hooked.clone());
                let held = lock.clone();
                let _ = held;
                move || {
                    armed.store(true, Ordering::Relaxed);
                    drop(hooked);
                }
            };
            both();
            armed.store(false, Ordering::Relaxed);
            if poll_again {
                let _ = matches!(poll(wait.as_mut(), Waker::noop()), Poll::Ready(_));
            }
            drop(wait);
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
        let (hooked, armed) = bomb_always(Event::Wake);
        let (lock, waker) = (RwLock::new(()), hooked.waker());
        let held = lock.try_write().unwrap();
        let mut wait = Box::pin(lock.read());
        assert!(poll(wait.as_mut(), &waker).is_pending());
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| {
            let _held = held;
            panic!("planted");
        }));
        armed.store(false, Ordering::Relaxed);
        assert!(poll(wait.as_mut(), &waker).is_ready());
        drop(wait);
        assert_free(&lock);
    }

    fn wakers_may_own_guards_and_use_the_lock() {
        for when in EVENTS {
            for reads in [true, false] {
                let lock = Arc::new(RwLock::new(()));
                let held = lock.clone().try_read_owned().unwrap();
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
                let mut first = Box::pin(lock.write());
                for waker in [&waker, Waker::noop(), &waker] {
                    let _ = poll(first.as_mut(), waker).is_ready();
                }
                let mut second = Box::pin(lock.read());
                if reads {
                    let _ = poll(second.as_mut(), &waker).is_ready();
                }
                drop(held);
                drop(first);
                drop(second);
                drop(waker);
                assert_eq!(hooked.alive(), 0);
                if when != Event::Wake {
                    assert_free(&lock);
                }
            }
        }
    }
}
