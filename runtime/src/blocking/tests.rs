//! The pool with real threads.

mod take_back;

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use super::launch::{ThreadPlan, start_os_thread};
use super::{BlockingConfig, BlockingMetrics, BlockingPool, Job, Rejected, Rejection};

/// Long enough for a thread to stay for the whole test.
const STAY: Duration = Duration::from_secs(600);
/// Generous limit for what must happen; only a defect waits this long.
const LIMIT: Duration = Duration::from_secs(60);

/// A closure for `run`; a message for `cancel`.
struct Work {
    run: Box<dyn FnOnce() + Send>,
    cancelled: Option<Sender<&'static str>>,
    is_mandatory: bool,
}

impl Job for Work {
    fn run(self) {
        (self.run)();
    }

    fn cancel(self) {
        let Self { run, cancelled, .. } = self;
        drop(run);
        if let Some(cancelled) = cancelled {
            cancelled.send("cancelled").expect("the test still listens");
        }
    }

    fn is_mandatory(&self) -> bool {
        self.is_mandatory
    }
}

fn work(run: impl FnOnce() + Send + 'static) -> Work {
    Work {
        run: Box::new(run),
        cancelled: None,
        is_mandatory: false,
    }
}

fn mandatory_work(run: impl FnOnce() + Send + 'static) -> Work {
    Work {
        is_mandatory: true,
        ..work(run)
    }
}

fn config(threads_max: usize) -> BlockingConfig {
    BlockingConfig {
        threads_max,
        keep_alive: STAY,
        thread_name: Arc::new(|| "blocking-test".to_owned()),
        stack_size: None,
        enter: Arc::new(|| Box::new(())),
        on_start: None,
        on_stop: None,
    }
}

fn pool(threads_max: usize) -> BlockingPool<Work> {
    BlockingPool::new(config(threads_max))
}

/// A job that reports that it runs and then holds its thread until the returned sender is dropped.
fn hold(pool: &BlockingPool<Work>) -> Sender<()> {
    let (release, released) = channel::<()>();
    let (entered, has_entered) = channel();
    let job = work(move || {
        entered.send(()).expect("the test waits for it");
        let _ = released.recv();
    });
    accept(pool, job);
    receive(&has_entered);
    release
}

fn accept(pool: &BlockingPool<Work>, job: Work) {
    if let Err(Rejected { cause, .. }) = pool.submit(job) {
        panic!("rejected: {cause}");
    }
}

fn receive<T>(messages: &Receiver<T>) -> T {
    messages.recv_timeout(LIMIT).expect("a message in time")
}

/// Waits for the metrics to become what only other threads can make them.
fn await_metrics(pool: &BlockingPool<Work>, wanted: impl Fn(&BlockingMetrics) -> bool) {
    let start = std::time::Instant::now();
    while !wanted(&pool.metrics()) {
        assert!(start.elapsed() < LIMIT, "stuck at {:?}", pool.metrics());
        thread::yield_now();
    }
}

/// A pool whose threads the "operating system" refuses while the flag is set.
fn refusing_pool(config: BlockingConfig) -> (BlockingPool<Work>, Arc<AtomicBool>) {
    let refuse = Arc::new(AtomicBool::new(true));
    let refused = Arc::clone(&refuse);
    let start = move |plan: ThreadPlan| {
        if refused.load(Ordering::SeqCst) {
            return Err(io::Error::from(io::ErrorKind::WouldBlock));
        }
        start_os_thread(plan)
    };
    (BlockingPool::with_start(config, Box::new(start)), refuse)
}

#[test]
fn thousands_of_jobs_run_once_each() {
    const SUBMITTERS: usize = 4;
    const JOBS: usize = 5_000;
    let pool = pool(7);
    let runs: Arc<Vec<AtomicUsize>> = Arc::new(
        (0..SUBMITTERS * JOBS)
            .map(|_| AtomicUsize::new(0))
            .collect(),
    );
    thread::scope(|scope| {
        for submitter in 0..SUBMITTERS {
            let (pool, runs) = (&pool, &runs);
            scope.spawn(move || {
                for job in 0..JOBS {
                    let runs = Arc::clone(runs);
                    let index = submitter * JOBS + job;
                    accept(
                        pool,
                        work(move || {
                            runs[index].fetch_add(1, Ordering::Relaxed);
                        }),
                    );
                }
            });
        }
    });
    await_metrics(&pool, |now| now.queued == 0);
    assert!(pool.shutdown(None));
    assert!(runs.iter().all(|run| run.load(Ordering::Relaxed) == 1));
}

#[test]
fn jobs_of_one_submitter_start_in_order() {
    let pool = pool(1);
    let (done, is_done) = channel();
    for number in 0..100 {
        let done = done.clone();
        accept(
            &pool,
            work(move || done.send(number).expect("the test listens")),
        );
    }
    let order: Vec<i32> = (0..100).map(|_| receive(&is_done)).collect();
    assert_eq!(order, (0..100).collect::<Vec<_>>());
    assert!(pool.shutdown(None));
}

#[test]
fn every_job_gets_a_thread_while_the_limit_allows() {
    const JOBS: usize = 24;
    let pool = pool(JOBS);
    // Each job holds its thread until all of them run, so one job behind another hangs this.
    let meeting = Arc::new(Barrier::new(JOBS + 1));
    for round in 0..3 {
        for _ in 0..JOBS {
            let meeting = Arc::clone(&meeting);
            accept(
                &pool,
                work(move || {
                    meeting.wait();
                }),
            );
        }
        meeting.wait();
        assert_eq!(pool.metrics().threads, JOBS, "round {round}");
    }
    assert!(pool.shutdown(None));
}

#[test]
fn limit_is_respected_and_waiting_jobs_run_later() {
    let pool = pool(2);
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (done, is_done) = channel();
    for _ in 0..200 {
        let (running, most, done) = (Arc::clone(&running), Arc::clone(&most), done.clone());
        accept(
            &pool,
            work(move || {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                thread::yield_now();
                running.fetch_sub(1, Ordering::SeqCst);
                done.send(()).expect("the test listens");
            }),
        );
        assert!(pool.metrics().threads <= 2);
    }
    for _ in 0..200 {
        receive(&is_done);
    }
    assert!(most.load(Ordering::SeqCst) <= 2);
    assert!(pool.shutdown(None));
}

#[test]
fn resting_thread_is_used_again() {
    let pool = pool(8);
    for _ in 0..50 {
        drop(hold(&pool));
        await_metrics(&pool, |now| now.idle == now.threads);
    }
    assert_eq!(pool.metrics().threads, 1);
    assert!(pool.shutdown(None));
}

#[test]
fn submit_from_a_job_is_accepted() {
    let pool = pool(1);
    let (done, is_done) = channel();
    let inner_pool = pool.clone();
    accept(
        &pool,
        work(move || {
            accept(
                &inner_pool,
                work(move || done.send(()).expect("the test listens")),
            );
        }),
    );
    receive(&is_done);
    assert!(pool.shutdown(None));
}

#[test]
fn panicking_job_costs_neither_thread_nor_count() {
    struct PanicsAgain;
    impl Drop for PanicsAgain {
        fn drop(&mut self) {
            panic!("the payload of a panic panics too");
        }
    }
    let pool = pool(1);
    accept(&pool, work(|| panic!("a job panics")));
    accept(&pool, work(|| std::panic::panic_any(PanicsAgain)));
    drop(hold(&pool));
    await_metrics(&pool, |now| now.idle == 1);
    assert_eq!(pool.metrics().threads, 1);
    assert!(pool.shutdown(None));
}

#[test]
fn threads_leave_after_keep_alive() {
    let (stopped, has_stopped) = channel();
    let pool = BlockingPool::new(BlockingConfig {
        keep_alive: Duration::from_millis(1),
        on_stop: Some(Arc::new(move || {
            stopped.send(()).expect("the test listens")
        })),
        ..config(4)
    });
    for _ in 0..20 {
        drop(hold(&pool));
        receive(&has_stopped);
    }
    await_metrics(&pool, |now| now.threads == 0);
    assert!(pool.core.lock().idle.is_empty());
    assert!(pool.shutdown(None));
    assert!(pool.core.lock().roster.is_empty());
}

#[test]
fn no_job_is_lost_between_expiry_and_submit() {
    for threads_max in [1, 3] {
        let pool = BlockingPool::new(BlockingConfig {
            keep_alive: Duration::ZERO,
            ..config(threads_max)
        });
        let (done, is_done) = channel();
        for _ in 0..2_000 {
            let done = done.clone();
            accept(
                &pool,
                work(move || done.send(()).expect("the test listens")),
            );
            receive(&is_done);
        }
        assert!(pool.shutdown(None));
    }
}

#[test]
fn endless_keep_alive_does_not_overflow() {
    let pool = BlockingPool::new(BlockingConfig {
        keep_alive: Duration::MAX,
        ..config(1)
    });
    drop(hold(&pool));
    await_metrics(&pool, |now| now.idle == 1);
    drop(hold(&pool));
    assert!(pool.shutdown(Some(Duration::MAX)));
}

#[test]
fn hooks_run_in_pairs_on_each_thread() {
    thread_local! { static DEPTH: std::cell::Cell<u32> = const { std::cell::Cell::new(0) }; }
    struct Entered;
    impl Drop for Entered {
        fn drop(&mut self) {
            assert_eq!(DEPTH.get(), 2, "on_stop ran after the runtime was left");
            DEPTH.set(0);
        }
    }
    let (starts, stops) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (started, stopped) = (Arc::clone(&starts), Arc::clone(&stops));
    let pool = BlockingPool::new(BlockingConfig {
        thread_name: Arc::new(|| "its-name".to_owned()),
        stack_size: Some(256 * 1024),
        enter: Arc::new(|| {
            DEPTH.set(DEPTH.get() + 1);
            Box::new(Entered) as Box<dyn Any>
        }),
        on_start: Some(Arc::new(move || {
            assert_eq!(
                DEPTH.get(),
                1,
                "on_start ran before the runtime was entered"
            );
            DEPTH.set(2);
            started.fetch_add(1, Ordering::SeqCst);
        })),
        on_stop: Some(Arc::new(move || {
            stopped.fetch_add(1, Ordering::SeqCst);
        })),
        ..config(3)
    });
    let (seen, is_seen) = channel();
    let holds = [hold(&pool), hold(&pool)];
    accept(
        &pool,
        work(move || {
            let name = thread::current().name().map(str::to_owned);
            seen.send((name, DEPTH.get())).expect("the test listens");
        }),
    );
    assert_eq!(receive(&is_seen), (Some("its-name".to_owned()), 2));
    drop(holds);
    assert!(pool.shutdown(None));
    assert_eq!(starts.load(Ordering::SeqCst), 3);
    assert_eq!(stops.load(Ordering::SeqCst), 3);
}

#[test]
fn panicking_hooks_do_not_strand_jobs() {
    let pool = BlockingPool::new(BlockingConfig {
        enter: Arc::new(|| panic!("enter panics")),
        on_start: Some(Arc::new(|| panic!("on_start panics"))),
        on_stop: Some(Arc::new(|| panic!("on_stop panics"))),
        ..config(2)
    });
    drop(hold(&pool));
    assert!(pool.shutdown(None));
}

#[test]
fn panicking_or_impossible_name_is_a_refusal() {
    let names: [fn() -> String; 2] = [|| panic!("the name panics"), || "a\0b".to_owned()];
    for name in names {
        let pool: BlockingPool<Work> = BlockingPool::new(BlockingConfig {
            thread_name: Arc::new(name),
            ..config(2)
        });
        let Err(rejected) = pool.submit(work(|| ())) else {
            panic!("accepted by a pool without threads");
        };
        assert!(matches!(rejected.cause, Rejection::NoThread(_)));
        assert_eq!(pool.metrics().threads, 0);
        assert!(pool.shutdown(None));
    }
}

#[test]
fn refused_first_thread_gives_the_job_back() {
    let (pool, refuse) = refusing_pool(config(4));
    let (ran, has_run) = channel();
    let Err(rejected) = pool.submit(work(move || ran.send(()).expect("the test listens"))) else {
        panic!("accepted by a pool without threads");
    };
    let Rejection::NoThread(refusal) = rejected.cause else {
        panic!("refused for the wrong reason");
    };
    assert_eq!(refusal.kind(), io::ErrorKind::WouldBlock);
    assert_eq!(
        pool.metrics(),
        BlockingMetrics {
            threads: 0,
            idle: 0,
            queued: 0
        }
    );

    // The pool is as good as new once the system relents, and the job as well.
    refuse.store(false, Ordering::SeqCst);
    accept(&pool, rejected.job);
    receive(&has_run);
    assert!(pool.shutdown(None));
}

#[test]
fn refused_thread_is_no_error_while_another_lives() {
    let (pool, refuse) = refusing_pool(config(4));
    refuse.store(false, Ordering::SeqCst);
    let release = hold(&pool);
    refuse.store(true, Ordering::SeqCst);
    let (ran, has_run) = channel();
    for _ in 0..10 {
        let ran = ran.clone();
        accept(&pool, work(move || ran.send(()).expect("the test listens")));
    }
    assert_eq!(
        pool.metrics(),
        BlockingMetrics {
            threads: 1,
            idle: 0,
            queued: 10
        }
    );
    drop(release);
    for _ in 0..10 {
        receive(&has_run);
    }
    assert_eq!(pool.metrics().threads, 1);
    assert!(pool.shutdown(None));
}

#[test]
fn pool_grows_again_after_a_refusal() {
    let (pool, refuse) = refusing_pool(config(4));
    refuse.store(false, Ordering::SeqCst);
    let first = hold(&pool);
    refuse.store(true, Ordering::SeqCst);
    let (ran, has_run) = channel();
    let late = ran.clone();
    accept(&pool, work(move || ran.send(()).expect("the test listens")));
    refuse.store(false, Ordering::SeqCst);
    accept(
        &pool,
        work(move || late.send(()).expect("the test listens")),
    );
    // Both run although the first thread is still held.
    receive(&has_run);
    receive(&has_run);
    drop(first);
    assert!(pool.shutdown(None));
}

#[test]
fn concurrent_first_submits_all_get_an_answer() {
    for round in 0..200 {
        let (pool, refuse) = refusing_pool(config(1));
        refuse.store(round % 2 == 0, Ordering::SeqCst);
        let (accepted, ran) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
        let gate = Barrier::new(3);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    gate.wait();
                    let ran = Arc::clone(&ran);
                    let job = work(move || {
                        ran.fetch_add(1, Ordering::SeqCst);
                    });
                    if pool.submit(job).is_ok() {
                        accepted.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        let expected = if round % 2 == 0 { 0 } else { 3 };
        assert_eq!(accepted.load(Ordering::SeqCst), expected);
        await_metrics(&pool, |now| now.queued == 0);
        assert!(pool.shutdown(None));
        assert_eq!(ran.load(Ordering::SeqCst), expected);
    }
}

#[test]
fn shutdown_cancels_queued_jobs_and_waits_for_running_ones() {
    let pool = pool(1);
    let release = hold(&pool);
    let (cancelled, is_cancelled) = channel();
    for _ in 0..5 {
        accept(
            &pool,
            Work {
                run: Box::new(|| panic!("ran although the pool was shut down")),
                cancelled: Some(cancelled.clone()),
                is_mandatory: false,
            },
        );
    }
    thread::scope(|scope| {
        let closer = scope.spawn(|| pool.shutdown(None));
        for _ in 0..5 {
            assert_eq!(receive(&is_cancelled), "cancelled");
        }
        assert!(!closer.is_finished(), "did not wait for the running job");
        drop(release);
        assert!(closer.join().expect("shutdown does not panic"));
    });
    assert_eq!(
        pool.metrics(),
        BlockingMetrics {
            threads: 0,
            idle: 0,
            queued: 0
        }
    );
}

#[test]
fn shutdown_runs_mandatory_jobs_in_order_and_waits_for_them() {
    let pool = pool(1);
    let release = hold(&pool);
    let (ran, has_run) = channel();
    for number in 0..6 {
        let ran = ran.clone();
        let run = move || ran.send(number).expect("the test listens");
        let job = if number % 2 == 0 {
            mandatory_work(run)
        } else {
            work(run)
        };
        accept(&pool, job);
    }
    thread::scope(|scope| {
        let closer = scope.spawn(|| pool.shutdown(None));
        await_metrics(&pool, |now| now.queued == 3);
        assert!(matches!(
            pool.submit(mandatory_work(|| ())),
            Err(Rejected {
                cause: Rejection::ShutDown,
                ..
            })
        ));
        drop(release);
        assert!(closer.join().expect("shutdown does not panic"));
    });
    assert_eq!(has_run.try_iter().collect::<Vec<_>>(), [0, 2, 4]);
}

#[test]
fn mandatory_jobs_run_even_if_nobody_waits_for_them() {
    let pool = pool(1);
    let release = hold(&pool);
    let (ran, has_run) = channel();
    accept(
        &pool,
        mandatory_work(move || ran.send(()).expect("the test listens")),
    );
    assert!(!pool.shutdown(Some(Duration::ZERO)));
    drop(pool);
    drop(release);
    receive(&has_run);
}

#[test]
fn shutdown_stops_waiting_at_its_timeout() {
    for timeout in [Duration::ZERO, Duration::from_millis(5)] {
        let pool = pool(2);
        let release = hold(&pool);
        assert!(!pool.shutdown(Some(timeout)));
        // The first call decided how long to wait; a drop afterwards does not wait again.
        assert!(!pool.shutdown(None));
        drop(release);
        await_metrics(&pool, |now| now.threads == 0);
    }
}

#[test]
fn shutdown_of_an_empty_pool_is_immediate_and_final() {
    for timeout in [None, Some(Duration::ZERO), Some(Duration::MAX)] {
        let pool = pool(1);
        assert!(pool.shutdown(timeout));
        assert!(pool.shutdown(timeout));
        let Err(rejected) = pool.submit(work(|| ())) else {
            panic!("accepted by a closed pool");
        };
        assert!(matches!(rejected.cause, Rejection::ShutDown));
    }
}

#[test]
fn shutdown_dismisses_resting_threads() {
    let pool = pool(4);
    drop([hold(&pool), hold(&pool), hold(&pool)]);
    await_metrics(&pool, |now| now.idle == 3);
    assert!(pool.shutdown(Some(Duration::MAX)));
}

#[test]
fn shutdown_from_a_job_does_not_wait_for_itself() {
    let pool = pool(2);
    let (result, results) = channel();
    let own = pool.clone();
    accept(
        &pool,
        work(move || {
            result.send(own.shutdown(None)).expect("the test listens");
        }),
    );
    assert!(receive(&results));
    await_metrics(&pool, |now| now.threads == 0);
}

#[test]
fn shutdown_of_another_pool_waits_for_its_threads() {
    let (outer, inner) = (pool(1), pool(1));
    let release = hold(&inner);
    let (result, results) = channel();
    let other = inner.clone();
    accept(
        &outer,
        work(move || {
            result.send(other.shutdown(None)).expect("the test listens");
        }),
    );
    await_metrics(&inner, |_| inner.core.lock().tally.is_closed());
    assert!(
        results.try_recv().is_err(),
        "did not wait for the thread of the other pool"
    );
    drop(release);
    assert!(receive(&results));
    assert!(outer.shutdown(None));
}

/// A job whose destructor submits again, as a captured value of a user may.
struct Reenters {
    pool: BlockingPool<Work>,
    dropped: Sender<()>,
}

impl Drop for Reenters {
    fn drop(&mut self) {
        assert!(
            self.pool.submit(work(|| ())).is_err(),
            "accepted by a closed pool"
        );
        assert!(self.pool.shutdown(None) || self.pool.metrics().threads > 0);
        self.dropped.send(()).expect("the test listens");
    }
}

#[test]
fn rejected_and_cancelled_jobs_may_reenter_the_pool() {
    let pool = pool(1);
    let (dropped, is_dropped) = channel();
    let reenters = || {
        let value = Reenters {
            pool: pool.clone(),
            dropped: dropped.clone(),
        };
        work(move || drop(value))
    };
    let release = hold(&pool);
    accept(&pool, reenters());
    assert!(!pool.shutdown(Some(Duration::ZERO)));
    receive(&is_dropped);
    drop(pool.submit(reenters()));
    receive(&is_dropped);
    drop(release);
}

#[test]
fn panicking_cancellation_does_not_keep_the_others() {
    struct PanicsOnDrop;
    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("a captured value panics");
        }
    }
    let pool = pool(1);
    let release = hold(&pool);
    let (cancelled, is_cancelled) = channel();
    let bomb = PanicsOnDrop;
    accept(&pool, work(move || drop(bomb)));
    accept(
        &pool,
        Work {
            run: Box::new(|| ()),
            cancelled: Some(cancelled),
            is_mandatory: false,
        },
    );
    let outcome = catch_unwind(AssertUnwindSafe(|| pool.shutdown(Some(Duration::ZERO))));
    assert!(matches!(outcome, Ok(false)));
    assert_eq!(receive(&is_cancelled), "cancelled");
    drop(release);
}

#[test]
fn shutdown_lets_go_of_the_hooks() {
    let owner = Arc::new(());
    let owned = Arc::clone(&owner);
    let pool = BlockingPool::new(BlockingConfig {
        enter: Arc::new(move || Box::new(Arc::clone(&owned))),
        ..config(2)
    });
    drop(hold(&pool));
    assert!(pool.shutdown(None));
    assert_eq!(Arc::strong_count(&owner), 1);
}

#[test]
fn dropped_pool_still_runs_what_it_accepted() {
    let pool = pool(1);
    let release = hold(&pool);
    let (done, is_done) = channel();
    for _ in 0..10 {
        let done = done.clone();
        accept(
            &pool,
            work(move || done.send(()).expect("the test listens")),
        );
    }
    drop(pool);
    drop(release);
    for _ in 0..10 {
        receive(&is_done);
    }
}

#[test]
fn unpark_by_a_job_changes_nothing() {
    let pool = pool(1);
    let (handle, handles) = channel();
    accept(
        &pool,
        work(move || handle.send(thread::current()).expect("the test listens")),
    );
    let worker = receive(&handles);
    await_metrics(&pool, |now| now.idle == 1);
    for _ in 0..100 {
        worker.unpark();
    }
    assert_eq!(pool.metrics().idle, 1);
    drop(hold(&pool));
    assert!(pool.shutdown(None));
}
