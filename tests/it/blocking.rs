//! Blocking work.

use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use selvedge::runtime::Handle;

use crate::support::{Drops, Gate, both_flavors, current_thread, panic_of, wait_until, watched};

both_flavors! {
    fn work_runs_on_other_threads_inside_the_runtime(flavor) {
        let runtime = flavor.build();
        let here = thread::current().id();
        let there = runtime.block_on(async {
            selvedge::task::spawn_blocking(move || {
                assert!(Handle::try_current().is_ok());
                thread::current().id()
            }).await.unwrap()
        });
        assert_ne!(here, there);
    }

    /// there was no context inside blocking work.
    fn r62_blocking_work_spawns_blocking_work(flavor) {
        let runtime = flavor.build();
        let sum = runtime.block_on(async {
            selvedge::task::spawn_blocking(|| {
                let inner = selvedge::task::spawn_blocking(|| {
                    let task = selvedge::spawn(async { 2 });
                    Handle::current().block_on(task).unwrap()
                });
                40 + Handle::current().block_on(inner).unwrap()
            }).await.unwrap()
        });
        assert_eq!(sum, 42);
    }

    fn a_panic_in_blocking_work_reaches_its_joiner(flavor) {
        let runtime = flavor.build();
        runtime.block_on(async {
            let error = selvedge::task::spawn_blocking(|| panic!("blocked")).await.unwrap_err();
            assert!(error.to_string().contains("blocked"), "{error}");
            assert_eq!(selvedge::task::spawn_blocking(|| 42).await.unwrap(), 42);
        });
    }

    fn many_at_a_time_up_to_the_limit(flavor) {
        let runtime = flavor.builder().max_blocking_threads(8).build().unwrap();
        let meeting = Arc::new(Barrier::new(8));
        runtime.block_on(async {
            let works: Vec<_> = (0..64).map(|_| {
                let meeting = Arc::clone(&meeting);
                selvedge::task::spawn_blocking(move || { meeting.wait(); })
            }).collect();
            for work in works {
                work.await.unwrap();
            }
        });
        assert!(runtime.metrics().num_blocking_threads() <= 8);
    }

    fn results_of_ten_thousand_small_works(flavor) {
        let runtime = flavor.build();
        let sum = runtime.block_on(async {
            let works: Vec<_> =
                (0..10_000_u64).map(|n| selvedge::task::spawn_blocking(move || n)).collect();
            let mut sum = 0;
            for work in works {
                sum += work.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 9_999 * 10_000 / 2);
    }

    fn the_closure_is_dropped_once_it_has_run(flavor) {
        let runtime = flavor.build();
        let drops = Drops::new();
        let guard = drops.counted();
        let work = runtime.spawn_blocking(move || { let _guard = &guard; 42 });
        assert_eq!(runtime.block_on(work).unwrap(), 42);
        assert_eq!(drops.count(), 1);
    }

    fn threads_that_rest_too_long_end(flavor) {
        let runtime = flavor.builder().thread_keep_alive(Duration::from_millis(5)).build().unwrap();
        let meeting = Arc::new(Barrier::new(4));
        let works: Vec<_> = (0..4).map(|_| {
            let meeting = Arc::clone(&meeting);
            runtime.spawn_blocking(move || { meeting.wait(); })
        }).collect();
        runtime.block_on(async {
            for work in works {
                work.await.unwrap();
            }
        });
        let metrics = runtime.metrics();
        wait_until("the threads end", || metrics.num_blocking_threads() == 0);
        assert_eq!(runtime.block_on(runtime.spawn_blocking(|| 42)).unwrap(), 42);
    }

    fn the_task_id_is_there_as_in_any_task(flavor) {
        let runtime = flavor.build();
        let work = runtime.spawn_blocking(selvedge::task::id);
        let id = work.id();
        assert_eq!(runtime.block_on(work).unwrap(), id);
    }
}

watched! {
    /// work was queued although no thread could be started for it, and waited for ever.
    fn r61_work_for_which_there_is_no_thread_is_refused_aloud() {
        let runtime = selvedge::runtime::Builder::new_current_thread()
            .thread_stack_size(1 << 46)
            .build()
            .unwrap();
        let drops = Drops::new();
        for _ in 0..3 {
            let guard = drops.counted();
            let message = panic_of(|| runtime.spawn_blocking(move || drop(guard)));
            assert!(message.contains("refuses a thread"), "{message}");
        }
        assert_eq!(drops.count(), 3);
        assert_eq!(runtime.block_on(async { selvedge::spawn(async { 42 }).await }).unwrap(), 42);
    }

    fn work_spawned_from_a_plain_thread() {
        let runtime = current_thread();
        let (send, receive) = mpsc::channel();
        runtime.handle().spawn_blocking(move || send.send(42).unwrap());
        assert_eq!(receive.recv(), Ok(42));
    }

    fn the_metrics_count_the_threads() {
        let runtime = current_thread();
        let metrics = runtime.metrics();
        assert_eq!(metrics.num_blocking_threads(), 0);
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let (begun, has_begun) = mpsc::channel();
        let waits = gate.clone();
        let work = runtime.spawn_blocking(move || { begun.send(()).unwrap(); waits.pass() });
        has_begun.recv().unwrap();
        assert_eq!((metrics.num_blocking_threads(), metrics.num_idle_blocking_threads()), (1, 0));
        gate.open();
        runtime.block_on(work).unwrap();
        wait_until("the thread rests", || metrics.num_idle_blocking_threads() == 1);
        assert_eq!(metrics.blocking_queue_depth(), 0);
    }
}
