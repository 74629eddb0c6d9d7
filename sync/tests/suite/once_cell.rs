//! `OnceCell` and `SetOnce`: one value, whoever makes it, and whatever becomes of those who try.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use selvedge_sync::{OnceCell, SetOnce};

use crate::executors::{any_executor, spawn, watched, yield_now};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Census, Seat, panic_of, panics, poll};

any_executor! {
    async fn one_initialiser_at_a_time_until_one_succeeds() {
        let cell = Arc::new(OnceCell::new());
        let running = Arc::new(AtomicUsize::new(0));
        let runs = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..8).map(|_| {
            let (cell, running, runs) = (cell.clone(), running.clone(), runs.clone());
            spawn(async move {
                let init = || async {
                    assert_eq!(running.fetch_add(1, Ordering::SeqCst), 0);
                    yield_now().await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    // The third one succeeds.
                    match runs.fetch_add(1, Ordering::SeqCst) {
                        2 => Ok("value"),
                        run => Err(run),
                    }
                };
                cell.get_or_try_init(init).await.copied()
            })
        }).collect();
        let mut failed = Vec::new();
        for task in tasks {
            match task.await {
                Ok(value) => assert_eq!(value, "value"),
                Err(run) => failed.push(run),
            }
        }
        failed.sort_unstable();
        assert_eq!(failed, [0, 1]);
        assert_eq!(cell.get(), Some(&"value"));
    }

    async fn all_who_wait_get_what_was_set() {
        static ONCE: SetOnce<Arc<u32>> = SetOnce::const_new();
        let once = Arc::new(SetOnce::new());
        let tasks: Vec<_> = (0..4).map(|_| {
            let once = once.clone();
            spawn(async move { *once.wait().await })
        }).collect();
        yield_now().await;
        let setters = [1, 2].map(|number| {
            let once = once.clone();
            spawn(async move { once.set(number).is_ok() })
        });
        let mut set = 0;
        for setter in setters {
            set += usize::from(setter.await);
        }
        assert_eq!(set, 1);
        for task in tasks {
            assert_eq!(Some(&task.await), once.get());
        }
        assert!(ONCE.get().is_none());
    }
}

watched! {
    /// The one in the middle leaves after some polls; the turn goes to those who stay, in order.
    fn r_093_turns_of_the_cancelled_go_on_in_order() {
        for victim in 0..3 {
            for polls in 0..3 {
                let cell = OnceCell::<usize>::new();
                let mut seats: Vec<_> = (0..3)
                    .map(|number| {
                        let wait = cell.get_or_try_init(move || async move { Err::<usize, _>(number) });
                        Seat::new(async move { wait.await.copied() })
                    })
                    .collect();
                let mut first = Seat::waiting(cell.get_or_init(pending));
                for (number, seat) in seats.iter_mut().enumerate() {
                    for _ in 0..if number == victim { polls } else { 1 } {
                        assert!(seat.poll().is_pending());
                    }
                }
                assert!(first.poll().is_pending());
                drop(first);
                drop(seats.remove(victim));
                let left = (0..3).filter(|number| *number != victim);
                for (seat, number) in seats.iter_mut().zip(left) {
                    assert_eq!(seat.woken(), Err(number));
                }
                assert_eq!(cell.set(7), Ok(()), "the turn is free again");
            }
        }
    }

    fn an_initialiser_that_asks_for_its_own_cell_waits() {
        let cell = OnceCell::<u32>::new();
        let mut own = Seat::waiting(cell.get_or_init(|| async { *cell.get_or_init(|| async { 1 }).await }));
        assert!(own.poll().is_pending());
        drop(own);
        assert_eq!(cell.set(2), Ok(()));
    }

    fn blocking_in_a_task_is_refused_with_advice() {
        let inside = |f: fn()| panic_of(|| {
            selvedge_sync::context::enter(
                std::num::NonZeroU64::MIN,
                None,
                selvedge_sync::context::Budget::initial(),
                f,
            )
        });
        let message = inside(|| { OnceCell::new().blocking_get_or_init(|| 1); });
        assert!(message.contains("await `get_or_init`"), "{message}");
        let message = inside(|| { SetOnce::<u32>::new().blocking_wait(); });
        assert!(message.contains("await `wait`"), "{message}");
    }

    fn hostile_wakers_do_not_keep_the_value_from_the_others() {
        for when in EVENTS {
            let (hooked, armed) = bomb(when);
            let census = Census::new();
            let (once, waker) = (SetOnce::new(), hooked.waker());
            let mut hostile = Box::pin(once.wait());
            assert!(poll(hostile.as_mut(), &waker).is_pending());
            let mut friendly = Seat::waiting(once.wait());
            armed.store(true, Ordering::Relaxed);
            let panicked = panics(|| once.set(census.value(1)).unwrap());
            armed.store(false, Ordering::Relaxed);
            assert_eq!(panicked, when == Event::Wake, "{when:?}");
            assert_eq!(friendly.woken().number, 1);
            assert!(poll(hostile.as_mut(), Waker::noop()).is_ready());
            drop((hostile, friendly, waker));
            drop(once);
            assert_eq!((census.alive(), hooked.alive()), (0, 0));
        }
    }

    fn wakers_may_use_the_cell_they_wait_for() {
        let shared = Arc::new((OnceCell::new(), SetOnce::new()));
        let hooked = reentrant({
            let shared = shared.clone();
            move |_| {
                let _ = shared.0.set(1);
                let _ = shared.1.set(1);
                assert_eq!(shared.1.get(), Some(&1));
            }
        });
        let waker = hooked.waker();
        let mut init = Box::pin(shared.0.get_or_init(pending));
        let mut wait = Box::pin(shared.1.wait());
        // The clone sets the values.
        assert!(poll(wait.as_mut(), &waker).is_ready());
        assert!(poll(init.as_mut(), &waker).is_ready());
    }
}
