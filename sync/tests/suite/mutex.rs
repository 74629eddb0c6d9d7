//! `Mutex`, `Condvar` and `lock_all` as programs use them; hostile wakers.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};

use selvedge_sync::{Condvar, Mutex, MutexGuard, lock_all};

use crate::executors::{any_executor, spawn, watched, yield_now};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Seat, panics, poll};

fn policies<T>(make: impl Fn() -> Mutex<T>) -> [Arc<Mutex<T>>; 2] {
    [Arc::new(make()), Arc::new(make().fair())]
}

any_executor! {
    async fn one_at_a_time_also_over_an_await() {
        for mutex in policies(|| Mutex::new(0)) {
            let inside = Arc::new(AtomicUsize::new(0));
            let tasks: Vec<_> = (0..6).map(|_| {
                let (mutex, inside) = (mutex.clone(), inside.clone());
                spawn(async move {
                    for _ in 0..50 {
                        let mut guard = mutex.lock().await;
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        yield_now().await;
                        *guard += 1;
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                })
            }).collect();
            for task in tasks {
                task.await;
            }
            assert_eq!(*mutex.lock().await, 300);
        }
    }

    async fn who_takes_the_lock_again_and_again_does_not_starve_others() {
        let mutex = Arc::new(Mutex::new(false));
        let greedy = {
            let mutex = mutex.clone();
            spawn(async move {
                loop {
                    let guard = mutex.lock().await;
                    yield_now().await;
                    if *guard {
                        break;
                    }
                }
            })
        };
        *mutex.lock().await = true;
        greedy.await;
    }

    async fn a_guard_may_end_in_another_task() {
        let mutex = Arc::new(Mutex::new(0));
        let mut guard = mutex.clone().lock_owned().await;
        let task = spawn(async move { *guard += 1 });
        assert_eq!(*mutex.lock().await, 1);
        task.await;
    }

    async fn a_queue_with_room_for_two() {
        struct Queue {
            jobs: Mutex<VecDeque<u32>>,
            room: Condvar,
            arrival: Condvar,
        }
        let queue = Arc::new(Queue {
            jobs: Mutex::new(VecDeque::new()),
            room: Condvar::new(),
            arrival: Condvar::new(),
        });
        let producers: Vec<_> = (0..3).map(|_| {
            let queue = queue.clone();
            spawn(async move {
                for job in 0..40 {
                    let jobs = queue.jobs.lock().await;
                    let mut jobs = queue.room.wait_while(jobs, |jobs| jobs.len() >= 2).await;
                    jobs.push_back(job);
                    queue.arrival.notify_one();
                }
            })
        }).collect();
        let consumers: Vec<_> = (0..2).map(|_| {
            let queue = queue.clone();
            spawn(async move {
                let mut sum = 0;
                for _ in 0..60 {
                    let jobs = queue.jobs.lock().await;
                    let mut jobs = queue.arrival.wait_while(jobs, |jobs| jobs.is_empty()).await;
                    sum += jobs.pop_front().unwrap();
                    drop(jobs);
                    queue.room.notify_one();
                }
                sum
            })
        }).collect();
        for producer in producers {
            producer.await;
        }
        let mut sum = 0;
        for consumer in consumers {
            sum += consumer.await;
        }
        assert_eq!(sum, 3 * (0..40).sum::<u32>());
    }

    async fn notify_all_reaches_everybody() {
        for mutex in policies(|| Mutex::new(0)) {
            let open = Arc::new(Condvar::new());
            let tasks: Vec<_> = (0..8).map(|_| {
                let (mutex, open) = (mutex.clone(), open.clone());
                spawn(async move {
                    let guard = mutex.lock_owned().await;
                    let mut guard = open.wait_while(guard, |passed| *passed == 0).await;
                    *guard += 1;
                })
            }).collect();
            yield_now().await;
            *mutex.lock().await = 1;
            open.notify_all();
            for task in tasks {
                task.await;
            }
            assert_eq!(*mutex.lock().await, 9);
        }
    }

    async fn transfers_between_accounts() {
        let accounts: Arc<Vec<_>> = Arc::new((0..4).map(|_| Mutex::new(100)).collect());
        let tasks: Vec<_> = (0..4).map(|number: usize| {
            let accounts = accounts.clone();
            spawn(async move {
                for step in 1..60 {
                    let pair = [&accounts[number], &accounts[(number + 1 + step % 3) % 4]];
                    let [mut from, mut to] = lock_all(pair).await;
                    yield_now().await;
                    *from -= 1;
                    *to += 1;
                }
            })
        }).collect();
        for task in tasks {
            task.await;
        }
        let all: Vec<_> = accounts.iter().collect();
        let sum: i32 = lock_all(all).await.iter().map(|account| **account).sum();
        assert_eq!(sum, 400);
    }
}

fn works(mutex: &Mutex<()>) {
    let held = mutex.try_lock().expect("free");
    let mut wait = Seat::waiting(mutex.lock());
    drop(held);
    drop(wait.woken());
}

watched! {
    fn panics_leave_the_mutex_usable() {
        for when in EVENTS {
            for mutex in policies(|| Mutex::new(())) {
                let (hooked, armed) = bomb(when);
                let waker = hooked.waker();
                let held = mutex.try_lock().unwrap();
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    let mut wait = Box::pin(mutex.lock());
                    for waker in [&waker, Waker::noop(), &waker] {
                        assert!(poll(wait.as_mut(), waker).is_pending());
                    }
                    drop(held);
                });
                assert!(panicked, "{when:?}");
                armed.store(false, Ordering::Relaxed);
                works(&mutex);
                drop(waker);
                assert_eq!(hooked.alive(), 0, "{when:?}");
            }
        }
    }

    fn wakers_may_use_the_mutex() {
        for when in EVENTS {
            for mutex in policies(|| Mutex::new(())) {
                let inner = mutex.clone();
                let hooked = reentrant(move |event| {
                    if event == when {
                        drop(inner.try_lock());
                        let mut bell = Box::pin(inner.lock());
                        let _dropped = poll(bell.as_mut(), Waker::noop());
                    }
                });
                let waker = hooked.waker();
                let held = mutex.try_lock().unwrap();
                let mut wait = Box::pin(mutex.lock());
                for waker in [&waker, Waker::noop(), &waker] {
                    assert!(poll(wait.as_mut(), waker).is_pending());
                }
                drop(held);
                assert!(poll(wait.as_mut(), &waker).is_ready(), "{when:?}");
                drop((wait, waker));
                works(&mutex);
                assert_eq!(hooked.alive(), 0);
            }
        }
    }

    fn a_waker_may_own_a_guard() {
        for when in EVENTS {
            let mutex = Arc::new(Mutex::new(()));
            let guard = std::sync::Mutex::new(Some(mutex.clone().try_lock_owned().unwrap()));
            let hooked = reentrant(move |event| {
                if event == when {
                    drop(guard.lock().unwrap().take());
                }
            });
            let waker = hooked.waker();
            let mut wait = Box::pin(mutex.lock());
            let mut polled = Poll::Pending;
            for waker in [&waker, Waker::noop(), &waker] {
                if polled.is_pending() {
                    polled = poll(wait.as_mut(), waker).map(drop);
                }
            }
            // A wake comes only from the guard, which only a wake would drop.
            let expected = when != Event::Wake;
            assert_eq!(polled.is_ready() || poll(wait.as_mut(), Waker::noop()).is_ready(), expected);
        }
    }

    fn panics_leave_the_condvar_usable() {
        for when in EVENTS {
            for all in [false, true] {
                let (hooked, armed) = bomb(when);
                let waker = hooked.waker();
                let (mutex, condvar) = (Mutex::new(()), Condvar::new());
                let lock = || mutex.try_lock().expect("free");
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    let mut wait = Box::pin(condvar.wait(lock()));
                    for waker in [&waker, Waker::noop(), &waker] {
                        assert!(poll(wait.as_mut(), waker).is_pending());
                    }
                    if all {
                        condvar.notify_all();
                    } else {
                        condvar.notify_one();
                    }
                    assert!(poll(wait.as_mut(), Waker::noop()).is_ready());
                });
                assert!(panicked, "{when:?} {all}");
                armed.store(false, Ordering::Relaxed);
                works(&mutex);
                let mut waits = [0, 1].map(|_| Seat::waiting(condvar.wait(lock())));
                condvar.notify_all();
                for wait in &mut waits {
                    drop::<MutexGuard<'_, ()>>(wait.woken());
                }
                drop((waits, waker));
                assert_eq!(hooked.alive(), 0, "{when:?} {all}");
            }
        }
    }

    fn wakers_may_use_the_condvar() {
        for when in EVENTS {
            let pair = Arc::new((Mutex::new(()), Condvar::new()));
            let inner = pair.clone();
            let hooked = reentrant(move |event| {
                if event == when {
                    inner.1.notify_one();
                    inner.1.notify_all();
                    if let Ok(guard) = inner.0.try_lock() {
                        let mut wait = Box::pin(inner.1.wait(guard));
                        let _dropped = poll(wait.as_mut(), Waker::noop());
                    }
                }
            });
            let waker = hooked.waker();
            let mut done = [false; 2];
            // A wait gives the lock back at its first poll, so the next one can take it.
            let mut waits = done.each_mut().map(|done| {
                let mut wait = Box::pin(pair.1.wait(pair.0.try_lock().unwrap()));
                *done = poll(wait.as_mut(), &waker).is_ready();
                wait
            });
            for waker in [Waker::noop(), &waker] {
                for (wait, done) in waits.iter_mut().zip(&mut done) {
                    *done = *done || poll(wait.as_mut(), waker).is_ready();
                }
            }
            pair.1.notify_all();
            for (wait, done) in waits.iter_mut().zip(&mut done) {
                *done = *done || poll(wait.as_mut(), &waker).is_ready();
            }
            assert_eq!(done, [true; 2], "{when:?}");
            drop((waits, waker));
            works(&pair.0);
            assert_eq!(hooked.alive(), 0);
        }
    }

    fn a_fair_mutex_is_handed_over_in_order() {
        let mutex = Mutex::new(()).fair();
        let held = mutex.try_lock().unwrap();
        let mut waits: Vec<_> = (0..5).map(|_| Seat::waiting(mutex.lock())).collect();
        drop(held);
        for turn in 0..waits.len() {
            for (place, wait) in waits.iter().enumerate() {
                assert_eq!(wait.wakes(), usize::from(place <= turn));
            }
            drop(waits[turn].woken());
        }
    }
}
