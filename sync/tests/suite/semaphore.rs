//! `Semaphore`: permits in order, also past those who left; hostile wakers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;

use selvedge_sync::Semaphore;

use crate::executors::{any_executor, spawn, watched, yield_now};
use crate::support::cancel::{cancels, ready, seat};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Bell, panics, poll};

any_executor! {
    async fn never_more_than_the_permits_at_once() {
        let semaphore = Arc::new(Semaphore::new(2));
        let inside = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..6).map(|_| {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            spawn(async move {
                for _ in 0..50 {
                    let permit = semaphore.acquire().await.unwrap();
                    assert!(inside.fetch_add(1, Ordering::SeqCst) < 2);
                    yield_now().await;
                    inside.fetch_sub(1, Ordering::SeqCst);
                    drop(permit);
                }
            })
        }).collect();
        for task in tasks {
            task.await;
        }
        assert_eq!(semaphore.available_permits(), 2);
    }

    async fn closing_ends_all_waits() {
        let semaphore = Arc::new(Semaphore::new(0));
        let tasks: Vec<_> = (0..3).map(|_| spawn(semaphore.clone().acquire_owned())).collect();
        semaphore.close();
        for task in tasks {
            assert!(task.await.is_err());
        }
    }
}

watched! {
    fn permits_of_the_dropped_go_to_the_next_in_line() {
        for victim in 0..3 {
            for cancel in cancels(3) {
                let semaphore = Semaphore::new(1);
                let mut seats = seat(3, victim, cancel, || {
                    let wait = semaphore.acquire_many(2);
                    async { wait.await.unwrap().forget() }
                });
                // One permit is gathered by the first in the queue, 2 for everybody but one are
                // missing; so the victim goes while it has none, a part, or all.
                let queued = cancel.polls > 0;
                let before = if queued { victim } else { 0 };
                semaphore.add_permits(2 * before);
                if cancel.woken {
                    semaphore.add_permits(1);
                }
                drop(seats.remove(victim));
                let total = 1 + 2 * before + usize::from(cancel.woken);
                let expected: Vec<_> = (0..2.min(total / 2)).collect();
                assert_eq!(ready(&mut seats), expected, "victim {victim}, {cancel:?}");
                // What is left is gathered by the next, or free.
                let left = total - 2 * expected.len();
                drop(seats);
                assert_eq!(semaphore.available_permits(), left, "{victim} {cancel:?}");
            }
        }
    }
}

fn works(semaphore: &Semaphore, permits: usize) {
    assert_eq!(semaphore.available_permits(), permits);
    let held = semaphore.try_acquire_many(permits as u32).unwrap();
    let count = Arc::new(Bell::default());
    let mut wait = Box::pin(semaphore.acquire());
    assert!(poll(wait.as_mut(), &Waker::from(count.clone())).is_pending());
    drop(held);
    assert_eq!(count.rings(), 1, "normal use works: {semaphore:?}");
}

watched! {
    fn panics_lose_no_permits() {
        for when in EVENTS {
            for granted in [true, false] {
                let (hooked, armed) = bomb(when);
                let (semaphore, waker) = (Semaphore::new(1), hooked.waker());
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    let mut wait = Box::pin(semaphore.acquire_many(2));
                    for waker in [&waker, Waker::noop(), &waker] {
                        assert!(poll(wait.as_mut(), waker).is_pending());
                    }
                    if granted {
                        semaphore.add_permits(1);
                    }
                });
                armed.store(false, Ordering::Relaxed);
                assert_eq!(panicked, when != Event::Wake || granted, "{when:?}");
                // A panic while waiting comes before the release.
                let released = granted && when == Event::Wake;
                works(&semaphore, 1 + usize::from(released));
                drop(waker);
                assert_eq!(hooked.alive(), 0, "{when:?}");
            }
        }
    }

    fn a_panicking_waker_does_not_keep_permits_from_the_others() {
        let (hooked, armed) = bomb(Event::Wake);
        let count = Arc::new(Bell::default());
        let (semaphore, hostile, friendly) = (
            Semaphore::new(0),
            hooked.waker(),
            Waker::from(count.clone()),
        );
        let mut waits: Vec<_> = (0..100).map(|_| Box::pin(semaphore.acquire())).collect();
        for (number, wait) in waits.iter_mut().enumerate() {
            let waker = if number == 0 { &hostile } else { &friendly };
            assert!(poll(wait.as_mut(), waker).is_pending());
        }
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| semaphore.add_permits(100)));
        assert_eq!(count.rings(), 99);
        drop(waits);
        works(&semaphore, 100);
    }

    fn r_003_wakers_may_own_permits() {
        // The waker gives a permit back when it is cloned, woken or dropped, to a semaphore that
        // is just granting or closing with that waker in the queue.
        for when in EVENTS {
            for close in [true, false] {
                let semaphore = Arc::new(Semaphore::new(1));
                let permit = semaphore.clone().try_acquire_owned().unwrap();
                let owned = Mutex::new(Some(permit));
                let hooked = reentrant(move |event| {
                    if event == when {
                        drop(owned.lock().unwrap().take());
                    }
                });
                let waker = hooked.waker();
                let mut wait = Box::pin(semaphore.acquire_many(3));
                for waker in [&waker, Waker::noop(), &waker] {
                    assert!(poll(wait.as_mut(), waker).is_pending());
                }
                if close {
                    semaphore.close();
                } else {
                    semaphore.add_permits(3);
                }
                drop(waker);
                drop(wait);
                let expected = if close { 1 } else { 4 };
                assert_eq!(semaphore.available_permits(), expected, "{when:?} {close}");
                assert_eq!(hooked.alive(), 0);
            }
        }
    }
}

any_executor! {
    async fn a_wait_gives_up_when_its_time_is_over() {
        let semaphore = Arc::new(Semaphore::new(1));
        let soon = std::time::Duration::from_millis(1);
        let held = semaphore.acquire_timeout(soon).await.unwrap().unwrap();
        assert!(semaphore.acquire_many_timeout(2, soon).await.is_err());
        assert!(semaphore.clone().acquire_owned_timeout(soon).await.is_err());
        assert!(semaphore.clone().acquire_many_owned_timeout(1, soon).await.is_err());
        drop(held);
        assert_eq!(semaphore.available_permits(), 1);
        semaphore.close();
        assert!(semaphore.acquire_timeout(soon).await.unwrap().is_err());
    }
}

watched! {
    fn a_thread_gives_up_when_its_time_is_over() {
        let semaphore = Arc::new(Semaphore::new(1));
        let soon = std::time::Duration::from_millis(1);
        let held = semaphore.blocking_acquire_timeout(soon).unwrap().unwrap();
        assert!(semaphore.blocking_acquire_many_timeout(2, soon).is_err());
        assert!(semaphore.clone().blocking_acquire_owned_timeout(soon).is_err());
        assert!(semaphore.clone().blocking_acquire_many_owned_timeout(1, soon).is_err());
        drop(held);
        assert_eq!(semaphore.available_permits(), 1);
    }

    fn semaphores_say_who_they_are() {
        let semaphore = Semaphore::new(3).named("pool");
        assert_eq!((semaphore.name(), semaphore.created_at().file()), (Some("pool"), file!()));
        let shown = format!("{semaphore:?}");
        assert!(shown.contains("3 permits") && shown.contains("`pool`"), "{shown}");
    }
}

watched! {
    /// The one panic is contained, the other would be the second on a thread that unwinds.
    fn a_waker_that_panics_while_a_permit_is_dropped_by_a_panic_aborts_nothing() {
        let (hooked, armed) = bomb(Event::Wake);
        let (semaphore, waker) = (Semaphore::new(1), hooked.waker());
        let mut wait = Box::pin(semaphore.acquire());
        let unwinds = panics(|| {
            let _permit = semaphore.try_acquire().unwrap();
            assert!(poll(wait.as_mut(), &waker).is_pending());
            armed.store(true, Ordering::Relaxed);
            panic!("planted");
        });
        armed.store(false, Ordering::Relaxed);
        assert!(unwinds);
        assert!(poll(wait.as_mut(), Waker::noop()).is_ready(), "it has the permit");
    }
}
