//! `Event` and `OneShotEvent`: who goes on, and when.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use selvedge_sync::{Event, OneShotEvent};

use crate::executors::{any_executor, spawn, until, watched};
use crate::support::hooked::{EVENTS, Event as Happens, bomb, reentrant};
use crate::support::{Seat, panics, poll, poll_once};

any_executor! {
    /// As Python's: a `clear` that follows at once does not hold anybody who waited.
    async fn set_then_clear_releases_all_who_waited() {
        let event = Arc::new(Event::new());
        let waiting = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..4).map(|_| {
            let (event, waiting) = (event.clone(), waiting.clone());
            spawn(async move {
                let mut wait = Box::pin(event.wait());
                poll_fn(|cx| {
                    assert!(wait.as_mut().poll(cx).is_pending());
                    Poll::Ready(())
                }).await;
                waiting.fetch_add(1, Ordering::SeqCst);
                wait.await;
            })
        }).collect();
        until(|| waiting.load(Ordering::SeqCst) == 4).await;
        event.set();
        event.clear();
        for task in tasks {
            task.await;
        }
        assert!(!event.is_set());
    }

    async fn tasks_and_threads_wait_for_one_event() {
        let event = Arc::new(OneShotEvent::new());
        let threads = [(); 2].map(|()| {
            let event = event.clone();
            thread::spawn(move || event.blocking_wait())
        });
        let task = {
            let event = event.clone();
            spawn(async move { event.wait().await })
        };
        assert!(event.set());
        task.await;
        for thread in threads {
            thread.join().unwrap();
        }
    }

    async fn a_wait_gives_up_when_its_time_is_over() {
        let event = Event::new();
        let soon = Duration::from_millis(1);
        assert!(event.wait_timeout(soon).await.is_err());
        event.set();
        assert!(event.wait_timeout(Duration::MAX).await.is_ok());
    }
}

watched! {
    fn a_thread_gives_up_when_its_time_is_over() {
        let event = Event::new();
        assert!(event.blocking_wait_timeout(Duration::from_millis(1)).is_err());
        event.set();
        assert!(event.blocking_wait_timeout(Duration::MAX).is_ok());
    }

    fn wakers_may_use_the_event() {
        for when in EVENTS {
            for way in 0..4 {
                let event = Arc::new(Event::new());
                let hooked = reentrant({
                    let event = event.clone();
                    move |happens| if happens == when {
                        match way {
                            0 => event.set(),
                            1 => drop(event.clear()),
                            2 => drop(poll_once(event.wait())),
                            _ => drop(format!("{event:?}")),
                        }
                    }
                });
                let waker = hooked.waker();
                let mut wait = Box::pin(event.wait());
                let _ = poll(wait.as_mut(), &waker);
                event.set();
                assert!(poll(wait.as_mut(), Waker::noop()).is_ready());
                drop((wait, waker));
                assert_eq!(hooked.alive(), 0);
            }
        }
    }

    fn a_panicking_waker_does_not_keep_the_others() {
        let (hooked, armed) = bomb(Happens::Wake);
        let (event, waker) = (Event::new(), hooked.waker());
        let mut hostile = Box::pin(event.wait());
        assert!(poll(hostile.as_mut(), &waker).is_pending());
        let mut friendly = Seat::waiting(event.wait());
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| event.set()));
        armed.store(false, Ordering::Relaxed);
        friendly.woken();
        event.clear();
        let mut again = Seat::waiting(event.wait());
        event.set();
        again.woken();
    }
}
