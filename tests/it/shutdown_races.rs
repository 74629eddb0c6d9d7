//! Shutting down while other threads wake, spawn, abort and join.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::Waker;
use std::thread;
use std::time::Duration;

use selvedge::sync::oneshot;

use crate::support::{Drops, both_flavors, current_thread, my_waker};

both_flavors! {
    /// a waker fired while the executor was being dropped.
    fn r30_foreign_threads_wake_tasks_that_wake_each_other(flavor) {
        for _ in 0..30 {
            let runtime = flavor.build();
            let drops = Drops::new();
            let wakers = Arc::new(Mutex::new(Vec::<Waker>::new()));
            for _ in 0..16 {
                let (guard, wakers) = (drops.counted(), Arc::clone(&wakers));
                runtime.spawn(async move {
                    let _guard = guard;
                    let mine = my_waker().await;
                    wakers.lock().unwrap().push(mine);
                    let mut turn = 0;
                    std::future::poll_fn(|_| {
                        let next = wakers.lock().unwrap().get(turn % 16).cloned();
                        turn += 1;
                        if let Some(next) = next {
                            next.wake();
                        }
                        std::task::Poll::<()>::Pending
                    }).await;
                });
            }
            let stop = Arc::new(AtomicBool::new(false));
            let start = Arc::new(Barrier::new(3));
            let hammers = [(); 2].map(|()| {
                let (wakers, stop) = (Arc::clone(&wakers), Arc::clone(&stop));
                let start = Arc::clone(&start);
                thread::spawn(move || {
                    start.wait();
                    while !stop.load(Ordering::Relaxed) {
                        let wakers = wakers.lock().unwrap().clone();
                        wakers.iter().for_each(Waker::wake_by_ref);
                    }
                })
            });
            start.wait();
            runtime.block_on(async {
                for _ in 0..50 {
                    selvedge::task::yield_now().await;
                }
            });
            drop(runtime);
            assert_eq!(drops.count(), 16);
            stop.store(true, Ordering::Relaxed);
            for it in hammers {
                it.join().unwrap();
            }
        }
    }

    fn foreign_threads_spawn_and_every_future_is_dropped_once(flavor) {
        for _ in 0..30 {
            let runtime = flavor.build();
            let drops = Drops::new();
            let start = Arc::new(Barrier::new(3));
            let spawners = [(); 2].map(|()| {
                let (handle, drops) = (runtime.handle().clone(), drops.clone());
                let start = Arc::clone(&start);
                thread::spawn(move || {
                    start.wait();
                    let tasks: Vec<_> = (0..200).map(|number| {
                        let guard = drops.counted();
                        handle.spawn(async move {
                            let _guard = guard;
                            if number % 2 == 0 {
                                std::future::pending::<()>().await;
                            }
                        })
                    }).collect();
                    // Every handle resolves.
                    current_thread().block_on(async {
                        for task in tasks {
                            let _ = task.await;
                        }
                    });
                })
            });
            start.wait();
            if flavor == crate::support::Flavor::CurrentThread {
                runtime.block_on(async { selvedge::task::yield_now().await });
            }
            drop(runtime);
            for it in spawners {
                it.join().unwrap();
            }
            assert_eq!(drops.count(), 400);
        }
    }

    fn aborts_and_joins_race_with_the_shutdown(flavor) {
        for _ in 0..30 {
            let runtime = flavor.build();
            let drops = Drops::new();
            let tasks: Vec<_> = (0..50).map(|_| {
                let guard = drops.counted();
                runtime.spawn(async move { let _guard = guard; std::future::pending::<()>().await })
            }).collect();
            let aborts: Vec<_> = tasks.iter().map(|task| task.abort_handle()).collect();
            let aborter = thread::spawn(move || aborts.iter().for_each(|abort| abort.abort()));
            let joiner = thread::spawn(move || current_thread().block_on(async {
                for task in tasks {
                    assert!(task.await.unwrap_err().is_cancelled());
                }
            }));
            drop(runtime);
            aborter.join().unwrap();
            joiner.join().unwrap();
            assert_eq!(drops.count(), 50);
        }
    }

    fn timers_fire_and_are_armed_during_the_shutdown(flavor) {
        for _ in 0..20 {
            let runtime = flavor.build();
            let drops = Drops::new();
            for number in 0..100_u64 {
                let guard = drops.counted();
                runtime.spawn(async move {
                    let _guard = guard;
                    loop {
                        selvedge::time::sleep(Duration::from_micros(number * 20)).await;
                    }
                });
            }
            runtime.block_on(async { selvedge::time::sleep(Duration::from_millis(1)).await });
            drop(runtime);
            assert_eq!(drops.count(), 100);
        }
    }

    fn blocking_work_is_submitted_during_the_shutdown(flavor) {
        for _ in 0..30 {
            let runtime = flavor.build();
            let drops = Drops::new();
            let start = Arc::new(Barrier::new(2));
            let submitter = thread::spawn({
                let (handle, drops) = (runtime.handle().clone(), drops.clone());
                let start = Arc::clone(&start);
                move || {
                    start.wait();
                    let tasks: Vec<_> = (0..50).map(|_| {
                        let guard = drops.counted();
                        handle.spawn_blocking(move || drop(guard))
                    }).collect();
                    current_thread().block_on(async {
                        for task in tasks {
                            let _ = task.await;
                        }
                    });
                }
            });
            start.wait();
            drop(runtime);
            submitter.join().unwrap();
            assert_eq!(drops.count(), 50);
        }
    }

    /// A build and a drop with nothing in between, which leaves every start-up window open.
    fn runtimes_come_and_go(flavor) {
        for _ in 0..100 {
            let runtime = flavor.build();
            let (send, receive) = oneshot::channel::<()>();
            runtime.spawn(async move { let _ = receive.await; });
            drop(runtime);
            assert!(send.is_closed());
        }
    }
}
