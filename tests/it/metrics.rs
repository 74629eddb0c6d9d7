//! Figures about a runtime.

use std::time::Duration;

use crate::support::{
    Gate, both_flavors, current_thread, multi_thread, panic_of, wait_until, watched,
};

both_flavors! {
    fn live_tasks_are_counted(flavor) {
        let runtime = flavor.build();
        let metrics = runtime.metrics();
        assert_eq!(metrics.num_alive_tasks(), 0);
        let tasks: Vec<_> = (0..10).map(|_| runtime.spawn(std::future::pending::<()>())).collect();
        assert_eq!(metrics.num_alive_tasks(), 10);
        runtime.block_on(async {
            for task in tasks {
                task.abort();
                assert!(task.await.unwrap_err().is_cancelled());
            }
        });
        assert_eq!(metrics.num_alive_tasks(), 0);
    }

    fn polls_and_parks_are_counted(flavor) {
        let runtime = flavor.build();
        let metrics = runtime.metrics();
        let sum = |figure: fn(&selvedge::runtime::RuntimeMetrics, usize) -> u64| {
            (0..metrics.num_workers()).map(|worker| figure(&metrics, worker)).sum::<u64>()
        };
        let polls = || sum(|metrics, worker| metrics.worker_poll_count(worker));
        let parks = || sum(|metrics, worker| metrics.worker_park_count(worker));
        let (polls_before, parks_before) = (polls(), parks());
        runtime.block_on(async {
            selvedge::spawn(async {
                for _ in 0..99 {
                    selvedge::task::yield_now().await;
                }
                selvedge::time::sleep(Duration::from_millis(5)).await;
            }).await.unwrap();
        });
        assert_eq!(polls() - polls_before, 101);
        assert!(parks() > parks_before);
    }

    fn a_worker_that_is_not_there_has_no_figures(flavor) {
        let metrics = flavor.build().metrics();
        let message = panic_of(|| metrics.worker_poll_count(99));
        assert!(message.contains("99"), "{message}");
    }

    fn figures_outlive_the_runtime(flavor) {
        let runtime = flavor.build();
        let metrics = runtime.metrics();
        runtime.block_on(async { selvedge::spawn(async {}).await.unwrap() });
        drop(runtime);
        let polls: u64 = (0..metrics.num_workers()).map(|it| metrics.worker_poll_count(it)).sum();
        assert_eq!((polls, metrics.num_alive_tasks(), metrics.num_blocking_threads()), (1, 0, 0));
        assert!(!format!("{metrics:?}").is_empty());
    }
}

watched! {
    fn queues_have_a_depth() {
        let runtime = current_thread();
        let metrics = runtime.metrics();
        for _ in 0..7 {
            runtime.spawn(async {});
        }
        assert_eq!(metrics.global_queue_depth(), 7);
        runtime.block_on(async { for _ in 0..10 { selvedge::task::yield_now().await } });
        assert_eq!(metrics.global_queue_depth(), 0);
    }

    fn time_asleep_is_not_busy() {
        let runtime = multi_thread();
        let metrics = runtime.metrics();
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let waits = gate.clone();
        let task = runtime.spawn(async move { waits.pass() });
        std::thread::sleep(Duration::from_millis(20));
        gate.open();
        runtime.block_on(task).unwrap();
        let busy = || (0..2).map(|it| metrics.worker_total_busy_duration(it)).sum::<Duration>();
        wait_until("the worker has gone to sleep", || busy() >= Duration::from_millis(15));
    }
}
