//! Pools of threads, from plain threads and from tasks.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use selvedge::pool::ThreadPool;
use selvedge::task::{self, JoinHandle};

use crate::support::{
    Drops, Flag, Gate, OnDrop, PATIENCE, both_flavors, current_thread, panic_of, watched,
};

/// A job that has begun and holds its thread until the gate opens.
fn hold(pool: &ThreadPool, gate: &Gate) -> JoinHandle<()> {
    let (begins, has_begun) = mpsc::channel();
    let gate = gate.clone();
    let job = pool.submit(move || {
        begins.send(()).unwrap();
        gate.pass();
    });
    has_begun.recv().unwrap();
    job
}

watched! {
    fn results_come_without_a_runtime() {
        let pool = ThreadPool::new(3);
        let jobs: Vec<_> = (0..1_000_u32).map(|n| pool.submit(move || n * 2)).collect();
        for (n, job) in (0..).zip(jobs) {
            assert_eq!(job.result().unwrap(), n * 2);
        }
    }

    fn jobs_run_on_the_pools_threads_and_on_no_more_than_that() {
        let pool = ThreadPool::builder().threads(3).name("fixed").build();
        assert_eq!(pool.threads(), 3);
        let meeting = Arc::new(Barrier::new(3));
        let jobs = (0..30).map(|_| {
            let meeting = Arc::clone(&meeting);
            pool.submit(move || {
                meeting.wait();
                thread::current().name().unwrap().to_owned()
            })
        });
        let mut names: Vec<_> = task::as_completed(jobs).into_iter().map(Result::unwrap).collect();
        names.sort();
        names.dedup();
        assert_eq!(names, ["fixed-0", "fixed-1", "fixed-2"]);
    }

    fn a_job_knows_no_runtime_but_its_own_id() {
        let pool = ThreadPool::new(1);
        let job = pool.submit(|| {
            assert!(selvedge::runtime::Handle::try_current().is_err());
            task::id()
        });
        let id = job.id();
        assert_eq!(job.result().unwrap(), id);
    }

    fn a_job_may_drive_a_runtime() {
        let pool = ThreadPool::new(1);
        let job = pool.submit(|| current_thread().block_on(async { selvedge::spawn(async { 7 }).await }));
        assert_eq!(job.result().unwrap().unwrap(), 7);
    }

    fn the_stack_has_the_size_asked_for() {
        fn dig(left: usize) -> usize {
            let here = std::hint::black_box([left; 512]);
            if left == 0 { 0 } else { dig(left - 1) + here[0].min(1) }
        }
        // 32 MiB or so: more than any default.
        let pool = ThreadPool::builder().threads(1).stack_size(256 << 20).build();
        assert_eq!(pool.submit(|| dig(8_000)).result().unwrap(), 8_000);
    }

    fn a_panic_stays_in_the_handle() {
        let pool = ThreadPool::new(1);
        let error = pool.submit(|| panic!("no luck")).result().unwrap_err();
        assert!(error.is_panic());
        assert!(error.to_string().contains("no luck"), "{error}");
        assert_eq!(pool.submit(|| 42).result().unwrap(), 42);
    }

    fn a_detached_job_is_done_and_its_result_dropped() {
        let pool = ThreadPool::new(2);
        let drops = Drops::new();
        for _ in 0..100 {
            let value = drops.counted();
            drop(pool.submit(move || value));
        }
        drop(pool);
        assert_eq!(drops.count(), 100);
    }

    fn what_did_not_begin_is_cancelled_what_did_is_not() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let _open = gate.open_on_drop();
        let running = hold(&pool, &gate);
        let drops = Drops::new();
        let value = drops.counted();
        let waiting = pool.submit(move || drop(value));
        assert_eq!(pool.queued(), 1);
        assert!(!running.cancel());
        assert!(waiting.cancel() && waiting.cancel());
        gate.open();
        assert!(waiting.result().unwrap_err().is_cancelled());
        assert_eq!(drops.count(), 1);
        running.result().unwrap();
    }

    fn a_result_may_take_too_long_and_come_later() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let _open = gate.open_on_drop();
        let mut job = hold(&pool, &gate);
        assert!(job.result_timeout(Duration::ZERO).is_err());
        assert!(job.result_timeout(Duration::from_millis(1)).is_err());
        assert!(!job.is_finished());
        gate.open();
        job.result_timeout(PATIENCE).expect("in time").unwrap();
        assert!(job.is_finished());
    }

    /// no job is taken for which there is no thread.
    fn r61_a_job_for_which_there_is_no_thread_comes_back() {
        let pool = ThreadPool::builder().threads(2).stack_size(1 << 46).build();
        let drops = Drops::new();
        let value = drops.counted();
        let refused = pool.try_submit(move || drop(value)).unwrap_err();
        assert!(!refused.is_shut_down());
        let cause = std::error::Error::source(&refused).expect("the refusal");
        assert!(cause.downcast_ref::<io::Error>().is_some());
        assert_eq!(drops.count(), 0);
        refused.into_work()();
        assert_eq!(drops.count(), 1);
        let value = drops.counted();
        let message = panic_of(|| pool.submit(move || drop(value)));
        assert!(message.contains("refuses a thread"), "{message}");
        assert_eq!(drops.count(), 2);
    }

    fn map_keeps_the_order() {
        let pool = ThreadPool::new(4);
        // The first job is over last.
        let ends = Arc::new((Mutex::new(0), std::sync::Condvar::new()));
        let results = pool.map(0..4, move |n| {
            let (ended, change) = &*ends;
            if n == 0 {
                drop(change.wait_while(ended.lock().unwrap(), |ended| *ended < 3).unwrap());
            }
            *ended.lock().unwrap() += 1;
            change.notify_all();
            n * 10
        });
        assert_eq!(results.len(), 4);
        let results: Vec<_> = results.into_iter().map(Result::unwrap).collect();
        assert_eq!(results, [0, 10, 20, 30]);
    }

    fn map_gives_each_panic_at_its_place() {
        let pool = ThreadPool::new(2);
        let results = pool.map(0..4, |n| if n == 2 { panic!("two") } else { n });
        let results: Vec<_> = results.into_iter().map(|it| it.map_err(|it| it.is_panic())).collect();
        assert_eq!(results, [Ok(0), Ok(1), Err(true), Ok(3)]);
    }

    fn map_with_a_timeout_ends_at_it_and_keeps_the_rest() {
        let (pool, gate) = (ThreadPool::new(2), Gate::new());
        let _open = gate.open_on_drop();
        let closed = gate.clone();
        let mut results = pool.map(0..3, move |n| {
            if n == 1 {
                closed.pass();
            }
            n
        });
        let first: Vec<_> = results.blocking_timeout(Duration::from_millis(50)).collect();
        // The first may be late on a busy machine, but the second is for sure.
        assert!(first.last().unwrap().is_err());
        assert!(first.len() <= 2);
        gate.open();
        let rest: Vec<_> = results.into_iter().map(Result::unwrap).collect();
        assert_eq!(rest.last(), Some(&2));
        assert_eq!(rest.len() + first.len(), 4);
    }

    fn results_of_map_that_nobody_wants_are_not_computed() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let _open = gate.open_on_drop();
        let running = hold(&pool, &gate);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        drop(pool.map(0..10, move |_| counted.fetch_add(1, Ordering::SeqCst)));
        gate.open();
        running.result().unwrap();
        drop(pool);
        assert_eq!(calls.load(Ordering::SeqCst), 0);
    }

    fn results_come_in_the_order_of_their_ends() {
        let pool = ThreadPool::new(2);
        let (early, late) = (Gate::new(), Gate::new());
        let _open = (early.open_on_drop(), late.open_on_drop());
        let jobs = [(1, late.clone()), (2, early.clone())].map(|(n, gate)| {
            pool.submit(move || {
                gate.pass();
                n
            })
        });
        let mut results = task::as_completed(jobs);
        assert!(results.blocking_timeout(Duration::ZERO).next().unwrap().is_err());
        assert_eq!(results.len(), 2);
        early.open();
        let first = results.blocking_timeout(PATIENCE).next().unwrap();
        assert_eq!(first.unwrap().unwrap(), 2);
        late.open();
        let mut rest = results.into_iter();
        assert_eq!(rest.next().unwrap().unwrap(), 1);
        assert!(rest.next().is_none());
    }

    fn handles_whose_results_did_not_come_are_given_back() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let _open = gate.open_on_drop();
        let mut results = task::as_completed([hold(&pool, &gate), pool.submit(|| ())]);
        assert!(results.blocking_timeout(Duration::ZERO).all(|it| it.is_err()));
        let cancelled = results.into_handles().iter().filter(|it| it.cancel()).count();
        assert_eq!(cancelled, 1);
    }

    /// Each job waits for one more: a thread that only waited would be missing for it.
    fn jobs_wait_for_jobs_on_a_single_thread() {
        fn fib(pool: &Arc<ThreadPool>, n: u32) -> u64 {
            if n < 2 {
                return u64::from(n);
            }
            let [one, two] = [n - 1, n - 2].map(|n| {
                let own = Arc::clone(pool);
                pool.submit(move || fib(&own, n))
            });
            one.result().unwrap() + two.result().unwrap()
        }
        for threads in [1, 2] {
            let pool = Arc::new(ThreadPool::new(threads));
            let own = Arc::clone(&pool);
            assert_eq!(pool.submit(move || fib(&own, 12)).result().unwrap(), 144);
        }
    }

    fn jobs_iterate_over_results_on_a_single_thread() {
        let pool = Arc::new(ThreadPool::new(1));
        let own = Arc::clone(&pool);
        let sum = pool.submit(move || {
            let sum: u32 = own.map(0..5, |n| n).into_iter().map(Result::unwrap).sum();
            let jobs = (0..5).map(|n| own.submit(move || n));
            sum + task::as_completed(jobs).into_iter().map(Result::unwrap).sum::<u32>()
        });
        assert_eq!(sum.result().unwrap(), 20);
    }

    fn a_wait_with_a_limit_inside_a_job_only_waits() {
        let pool = Arc::new(ThreadPool::new(1));
        let own = Arc::clone(&pool);
        let in_time = pool.submit(move || {
            let mut job = own.submit(|| 1);
            let late = job.result_timeout(Duration::from_millis(1)).is_err();
            (late, job.result().unwrap())
        });
        assert_eq!(in_time.result().unwrap(), (true, 1));
    }

    fn a_job_waits_for_a_job_of_another_pool_only() {
        let pool = ThreadPool::builder().threads(1).name("outer").build();
        let other = ThreadPool::builder().threads(1).name("other").build();
        let inner = other.submit(|| thread::current().name().unwrap().to_owned());
        assert_eq!(pool.submit(|| inner.result().unwrap()).result().unwrap(), "other-0");
    }

    fn dropping_the_pool_does_what_is_queued_first() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let open = gate.open_on_drop();
        hold(&pool, &gate);
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..10 {
            let done = Arc::clone(&done);
            pool.submit(move || done.fetch_add(1, Ordering::SeqCst));
        }
        assert_eq!(pool.queued(), 10);
        drop(open);
        drop(pool);
        assert_eq!(done.load(Ordering::SeqCst), 10);
    }

    fn a_pool_that_is_dropped_by_a_panic_waits_as_well() {
        let done = Flag::new();
        let seen = done.clone();
        panic_of(move || {
            let pool = ThreadPool::new(1);
            pool.submit(move || {
                thread::yield_now();
                done.set();
            });
            panic!("on the way out");
        });
        assert!(seen.is_set());
    }

    fn shutdown_cancels_what_is_queued_if_told_so() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let _open = gate.open_on_drop();
        let running = hold(&pool, &gate);
        let waiting = pool.submit(|| unreachable!("it was cancelled"));
        pool.shutdown(false, true);
        assert!(waiting.result().unwrap_err().is_cancelled());
        assert!(!running.is_finished());
        gate.open();
        pool.shutdown(true, false);
        assert!(running.is_finished());
    }

    fn a_second_shutdown_cancels_what_the_first_kept() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let _open = gate.open_on_drop();
        hold(&pool, &gate);
        let waiting = pool.submit(|| unreachable!("it was cancelled"));
        pool.shutdown(false, false);
        assert_eq!(pool.queued(), 1);
        pool.shutdown(false, true);
        assert_eq!(pool.queued(), 0);
        assert!(waiting.result().unwrap_err().is_cancelled());
    }

    fn several_threads_wait_for_the_end() {
        let (pool, gate) = (ThreadPool::new(2), Gate::new());
        let running = hold(&pool, &gate);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    pool.shutdown(true, false);
                    assert!(running.is_finished());
                });
            }
            gate.open();
        });
    }

    fn after_a_shutdown_jobs_come_back() {
        let pool = ThreadPool::new(1);
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
        pool.shutdown(true, false);
        let drops = Drops::new();
        let value = drops.counted();
        let refused = pool.try_submit(move || drop(value)).unwrap_err();
        assert!(refused.is_shut_down());
        assert_eq!(refused.to_string(), "the thread pool was shut down");
        assert_eq!(drops.count(), 0);
        drop(refused.into_work());
        let value = drops.counted();
        assert!(pool.submit(move || drop(value)).result().unwrap_err().is_cancelled());
        assert_eq!(drops.count(), 2);
    }

    fn a_pool_that_was_told_not_to_wait_does_not_wait_when_dropped() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let running = hold(&pool, &gate);
        let queued = pool.submit(|| 1);
        pool.shutdown(false, false);
        drop(pool);
        assert!(!running.is_finished());
        gate.open();
        assert_eq!(queued.result().unwrap(), 1);
    }

    fn a_job_shuts_its_own_pool_down() {
        for cancel_pending in [false, true] {
            let pool = Arc::new(ThreadPool::new(2));
            let meeting = Arc::new(Barrier::new(2));
            // Both do, so that neither may wait for the other.
            let jobs = [(); 2].map(|()| {
                let (own, meeting) = (Arc::clone(&pool), Arc::clone(&meeting));
                pool.submit(move || {
                    meeting.wait();
                    own.shutdown(true, cancel_pending);
                })
            });
            for job in jobs {
                job.result().unwrap();
            }
            assert!(pool.try_submit(|| ()).is_err());
        }
    }

    fn a_job_drops_its_own_pool() {
        let pool = Arc::new(ThreadPool::new(1));
        let gate = Gate::new();
        let (own, closed) = (Arc::clone(&pool), gate.clone());
        let last = pool.submit(move || {
            closed.pass();
            drop(own);
        });
        let queued = pool.submit(|| 1);
        drop(pool);
        gate.open();
        last.result().unwrap();
        assert_eq!(queued.result().unwrap(), 1);
    }

    fn jobs_that_are_refused_or_cancelled_may_use_the_pool_when_dropped() {
        let pool = Arc::new(ThreadPool::new(1));
        let gate = Gate::new();
        let _open = gate.open_on_drop();
        let running = hold(&pool, &gate);
        let uses = |pool: &Arc<ThreadPool>| {
            let pool = Arc::clone(pool);
            OnDrop(move || assert!(pool.try_submit(|| ()).is_err()))
        };
        let value = uses(&pool);
        let queued = pool.submit(move || drop(value));
        pool.shutdown(false, true);
        assert!(queued.result().unwrap_err().is_cancelled());
        let value = uses(&pool);
        drop(pool.submit(move || drop(value)));
        gate.open();
        running.result().unwrap();
    }

    fn threads_end_with_the_pool() {
        let pool = ThreadPool::builder().threads(4).name("leaving").build();
        pool.map(0..100, |n| n).into_iter().for_each(drop);
        drop(pool);
        #[cfg(target_os = "linux")]
        assert_eq!(crate::support::threads_named("leaving"), 0);
    }

    #[should_panic(expected = "at least one thread")]
    fn a_pool_without_threads_is_refused() {
        drop(ThreadPool::new(0));
    }
}

both_flavors! {
    fn a_task_awaits_jobs(flavor) {
        let pool = ThreadPool::new(2);
        let sum = flavor.build().block_on(async {
            let mut sum = 0;
            let mut results = pool.map(0..10, |n| n);
            while let Some(result) = results.next().await {
                sum += result.unwrap();
            }
            let mut results = task::as_completed((0..10).map(|n| pool.submit(move || n)));
            while let Some(result) = results.next().await {
                sum += result.unwrap();
            }
            sum
        });
        assert_eq!(sum, 90);
    }

    /// Results arrive from threads while the runtime sleeps.
    fn as_completed_takes_tasks_and_jobs_alike(flavor) {
        let pool = ThreadPool::new(2);
        flavor.build().block_on(async {
            let gate = Gate::new();
            let closed = gate.clone();
            let job = pool.submit(move || { closed.pass(); "job" });
            let task = selvedge::spawn(async { "task" });
            let mut results = task::as_completed([job, task, task::spawn_blocking(|| "work")]);
            let mut first = [results.next().await, results.next().await].map(|it| it.unwrap().unwrap());
            first.sort_unstable();
            assert_eq!(first, ["task", "work"]);
            gate.open();
            assert_eq!(results.next().await.unwrap().unwrap(), "job");
            assert!(results.next().await.is_none());
        });
    }

    fn no_result_is_lost_with_a_wait_that_is_given_up(flavor) {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let _open = gate.open_on_drop();
        let job = hold(&pool, &gate);
        flavor.build().block_on(async {
            let mut results = task::as_completed([job]);
            let limit = Duration::from_millis(1);
            assert!(selvedge::time::timeout(limit, results.next()).await.is_err());
            gate.open();
            results.next().await.unwrap().unwrap();
        });
    }

    fn in_a_task_nothing_of_a_pool_blocks(flavor) {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let _open = gate.open_on_drop();
        let running = hold(&pool, &gate);
        let (mut one, two) = (pool.submit(|| 1), pool.submit(|| 2));
        let runtime = flavor.build();
        let task = async move {
            let advice = [
                panic_of(|| one.result_timeout(PATIENCE)),
                panic_of(|| two.result()),
                panic_of(|| task::as_completed([one]).into_iter().next()),
                panic_of(|| pool.map(0..1, |n| n).into_iter().next()),
                panic_of(|| pool.scope(|_| ())),
                panic_of(|| pool.shutdown(true, true)),
            ];
            for advice in advice {
                assert!(advice.contains("from within a runtime"), "{advice}");
                assert!(advice.contains("in a task, "), "{advice}");
            }
            assert!(pool.try_submit(|| ()).is_ok(), "the refused shutdown did something");
            drop(pool);
        };
        runtime.block_on(async { selvedge::spawn(task).await.unwrap() });
        gate.open();
        running.result().unwrap();
    }

    /// The time of a paused runtime does not run away while a job of its task runs.
    fn a_job_is_no_idle_time(flavor) {
        if flavor == crate::support::Flavor::MultiThread {
            return;
        }
        let pool = ThreadPool::new(1);
        let runtime = flavor.builder().start_paused(true).build().unwrap();
        let result = runtime.block_on(async {
            let job = pool.submit(|| { thread::sleep(Duration::from_millis(5)); 1 });
            selvedge::time::timeout(Duration::from_secs(3_600), job).await
        });
        assert_eq!(result.expect("no time has passed").unwrap(), 1);
    }
}

watched! {
    fn jobs_survive_the_runtime_that_awaits_them() {
        let (pool, gate) = (ThreadPool::new(1), Gate::new());
        let job = hold(&pool, &gate);
        let runtime = current_thread();
        let waiting = runtime.spawn(job);
        runtime.block_on(task::yield_now());
        drop(runtime);
        assert!(waiting.is_finished());
        gate.open();
        assert_eq!(pool.submit(|| 1).result().unwrap(), 1);
    }
}
