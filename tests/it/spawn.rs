//! Spawning: where tasks run, in which order, and how often.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use crate::support::{Drops, both_flavors, current_thread, multi_thread, watched};

both_flavors! {
    fn a_task_gives_its_output(flavor) {
        let output = flavor.build().block_on(async { selvedge::spawn(async { 6 * 7 }).await });
        assert_eq!(output.unwrap(), 42);
    }

    /// a race between thieves ran one task twice and lost another.
    fn r47_every_task_runs_exactly_once(flavor) {
        const TASKS: usize = 40_000;
        let runs: Arc<[AtomicU8]> = (0..TASKS).map(|_| AtomicU8::new(0)).collect();
        let counted = Arc::clone(&runs);
        flavor.build().block_on(async move {
            // Spawners compete, so that queues overflow and workers steal from each other.
            let spawners: Vec<_> = (0..8).map(|spawner| {
                let runs = Arc::clone(&counted);
                selvedge::spawn(async move {
                    let mut tasks = Vec::new();
                    for number in (spawner..TASKS).step_by(8) {
                        let runs = Arc::clone(&runs);
                        tasks.push(selvedge::spawn(async move {
                            if number % 3 == 0 {
                                selvedge::task::yield_now().await;
                            }
                            runs[number].fetch_add(1, Ordering::Relaxed);
                        }));
                    }
                    for task in tasks {
                        task.await.unwrap();
                    }
                })
            }).collect();
            for spawner in spawners {
                spawner.await.unwrap();
            }
        });
        assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) == 1));
    }

    fn tasks_may_spawn_tasks_to_any_depth(flavor) {
        fn nest(depth: u32) -> std::pin::Pin<Box<dyn Future<Output = u32> + Send>> {
            Box::pin(async move {
                match depth {
                    0 => 0,
                    _ => 1 + selvedge::spawn(nest(depth - 1)).await.unwrap(),
                }
            })
        }
        assert_eq!(flavor.build().block_on(nest(500)), 500);
    }

    fn threads_outside_may_spawn(flavor) {
        let runtime = flavor.build();
        let threads: Vec<_> = (0..4).map(|_| {
            let handle = runtime.handle().clone();
            thread::spawn(move || {
                (0..500_u32).map(|n| handle.spawn(async move { n })).collect::<Vec<_>>()
            })
        }).collect();
        let tasks: Vec<_> = threads.into_iter().flat_map(|it| it.join().unwrap()).collect();
        let sum = runtime.block_on(async {
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 4 * 499 * 500 / 2);
    }

    /// futures that point into themselves, and large ones, stay where they are.
    fn a_large_future_with_pointers_into_itself(flavor) {
        let sum = flavor.build().block_on(async {
            selvedge::spawn(async {
                let bytes = [7_u8; 64 * 1024];
                let middle = &bytes[32 * 1024];
                let address = std::ptr::from_ref(middle).addr();
                for _ in 0..10 {
                    selvedge::task::yield_now().await;
                    assert_eq!(std::ptr::from_ref(middle).addr(), address);
                }
                bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>()
            }).await.unwrap()
        });
        assert_eq!(sum, 7 * 64 * 1024);
    }

    fn the_future_is_dropped_when_it_is_done_not_when_its_handle_is(flavor) {
        let drops = Drops::new();
        let guard = drops.counted();
        let runtime = flavor.build();
        let handle = runtime.block_on(async {
            let (done, is_done) = selvedge::sync::oneshot::channel::<()>();
            let task = selvedge::spawn(async move {
                let _guard = guard;
                selvedge::task::yield_now().await;
                drop(done);
            });
            is_done.await.unwrap_err();
            task
        });
        crate::support::wait_until("the future is dropped", || drops.count() == 1);
        drop(handle);
        assert_eq!(drops.count(), 1);
    }
}

watched! {
    /// overflow moved the wrong half of the queue, which changed the order.
    fn r59_a_current_thread_runtime_runs_tasks_in_the_order_they_were_spawned() {
        const TASKS: usize = 5_000;
        let order = Arc::new(Mutex::new(Vec::new()));
        current_thread().block_on(async {
            let tasks: Vec<_> = (0..TASKS).map(|number| {
                let order = Arc::clone(&order);
                selvedge::spawn(async move { order.lock().unwrap().push(number) })
            }).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        let order = order.lock().unwrap();
        assert!(order.iter().copied().eq(0..TASKS));
    }

    fn both_workers_of_two_take_part() {
        let runtime = multi_thread();
        let meeting = Arc::new(std::sync::Barrier::new(2));
        // Each task needs the other one to run at the same time.
        runtime.block_on(async {
            let tasks = [(); 2].map(|()| {
                let meeting = Arc::clone(&meeting);
                selvedge::spawn(async move { meeting.wait(); })
            });
            for task in tasks {
                task.await.unwrap();
            }
        });
    }

    fn a_task_runs_although_nobody_is_in_block_on() {
        let runtime = multi_thread();
        let (send, receive) = mpsc::channel();
        runtime.spawn(async move { send.send(42).unwrap() });
        assert_eq!(receive.recv().unwrap(), 42);
    }

    fn tasks_left_by_one_block_on_go_on_in_the_next() {
        let runtime = current_thread();
        let steps = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&steps);
        let task = runtime.block_on(async {
            selvedge::spawn(async move {
                for _ in 0..10 {
                    counted.fetch_add(1, Ordering::SeqCst);
                    selvedge::task::yield_now().await;
                }
            })
        });
        runtime.block_on(task).unwrap();
        assert_eq!(steps.load(Ordering::SeqCst), 10);
    }

    fn a_named_task_tells_its_name_and_the_place_of_its_spawn() {
        current_thread().block_on(async {
            let line = line!() + 1;
            let task = selvedge::task::Builder::new().name("weaver").spawn(async {}).unwrap();
            let shown = format!("{task:?}");
            assert!(shown.contains("weaver"), "{shown}");
            assert!(shown.contains(&format!("{}:{line}", file!())), "{shown}");
            assert!(shown.contains(&task.id().to_string()), "{shown}");
        });
    }

    fn every_way_to_spawn_records_the_place_of_the_caller() {
        let runtime = current_thread();
        let here = format!("{}:", file!());
        let handle = runtime.handle().clone();
        runtime.block_on(async {
            let set = selvedge::task::LocalSet::new();
            let tasks = [
                selvedge::spawn(async {}),
                handle.spawn(async {}),
                runtime.spawn(async {}),
                selvedge::task::spawn_blocking(|| {}),
                handle.spawn_blocking(|| {}),
                runtime.spawn_blocking(|| {}),
                set.spawn_local(async {}),
                set.run_until(async { selvedge::task::spawn_local(async {}) }).await,
            ];
            for task in tasks {
                let shown = format!("{task:?}");
                assert!(shown.contains(&here), "{shown}");
            }
        });
    }
}
