//! Timers of a whole runtime, in real time: never early, never forgotten.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use selvedge::sync::oneshot;
use selvedge::time::{self, Instant, sleep, sleep_until, timeout};

use crate::support::{
    CountingWaker, both_flavors, current_thread, multi_thread, poll_with, wait_until, watched,
};

/// A number that looks random, the same in every run.
fn scatter(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

both_flavors! {
    /// a short sleep raced with the tick it was registered in. And none is ever early.
    fn r138_short_sleeps_end_and_never_early(flavor) {
        flavor.build().block_on(async {
            let tasks: Vec<_> = (0..400_u64).map(|number| selvedge::spawn(async move {
                let lengths = [0, 1, 1_000, 50_000, 999_999, 1_000_000, 1_000_001, 3_700_000];
                for round in 0..5 {
                    let length = Duration::from_nanos(lengths[((number + round) % 8) as usize]);
                    let (start, std_start) = (Instant::now(), std::time::Instant::now());
                    sleep(length).await;
                    assert!(start.elapsed() >= length);
                    assert!(std_start.elapsed() >= length);
                }
            })).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }

    fn two_hundred_thousand_sleeps_all_fire_and_none_early(flavor) {
        const SLEEPS: u64 = 200_000;
        let fired = Arc::new(AtomicUsize::new(0));
        flavor.build().block_on(async {
            let spawners: Vec<_> = (0..4).map(|spawner| {
                let fired = Arc::clone(&fired);
                selvedge::spawn(async move {
                    let tasks: Vec<_> = (0..SLEEPS / 4).map(|n| {
                        let fired = Arc::clone(&fired);
                        let length = Duration::from_micros(scatter(n * 4 + spawner) % 200_000);
                        selvedge::spawn(async move {
                            let start = Instant::now();
                            sleep(length).await;
                            assert!(start.elapsed() >= length);
                            fired.fetch_add(1, Ordering::Relaxed);
                        })
                    }).collect();
                    for task in tasks {
                        task.await.unwrap();
                    }
                })
            }).collect();
            for spawner in spawners {
                spawner.await.unwrap();
            }
        });
        assert_eq!(fired.load(Ordering::Relaxed), 200_000);
    }

    /// the driver slept past a timer that another thread had just armed.
    fn r129_a_timer_armed_elsewhere_wakes_a_sleeping_driver(flavor) {
        let runtime = flavor.build();
        let (ask, asked) = mpsc::channel::<oneshot::Sender<()>>();
        // Armed on a thread that is not the runtime's, while that sleeps until much later.
        let armer = thread::spawn({
            let handle = runtime.handle().clone();
            move || {
                let _entered = handle.enter();
                for answer in asked {
                    struct Answer(std::sync::Mutex<Option<oneshot::Sender<()>>>);
                    impl std::task::Wake for Answer {
                        fn wake(self: Arc<Self>) {
                            let answer = self.0.lock().unwrap().take();
                            if let Some(answer) = answer {
                                let _ = answer.send(());
                            }
                        }
                    }
                    let waker = Waker::from(Arc::new(Answer(std::sync::Mutex::new(Some(answer)))));
                    let mut short = Box::pin(sleep(Duration::from_millis(2)));
                    if poll_with(&mut short, &waker).is_ready() {
                        waker.wake();
                    } else {
                        // Dropping it would cancel it.
                        std::mem::forget(short);
                    }
                }
            }
        });
        runtime.block_on(async {
            let late = selvedge::spawn(sleep(Duration::from_secs(1_000)));
            for _ in 0..50 {
                let (answer, answered) = oneshot::channel();
                ask.send(answer).unwrap();
                answered.await.unwrap();
            }
            late.abort();
        });
        drop(ask);
        armer.join().unwrap();
    }

    /// any duration is a duration.
    fn r133_any_duration_is_accepted(flavor) {
        flavor.build().block_on(async {
            let short = [0_u64, 1, 63, 64, 65, 999, 1_000, 4_095, 4_096];
            for nanos in short {
                sleep(Duration::from_nanos(nanos)).await;
            }
            let mut long: Vec<Duration> = (10..64).flat_map(|bits| {
                [(1_u64 << bits) - 1, 1 << bits, (1 << bits) + 1].map(Duration::from_secs)
            }).collect();
            long.push(Duration::MAX);
            long.extend([Duration::from_millis(u64::MAX), Duration::from_nanos(u64::MAX)]);
            let mut sleeps: Vec<_> = long.iter().map(|&length| Box::pin(sleep(length))).collect();
            for sleep in &mut sleeps {
                assert!(poll_with(sleep, Waker::noop()).is_pending());
            }
            // With all of them armed, a short one still fires.
            sleep(Duration::from_millis(1)).await;
            assert!(timeout(Duration::MAX, async { 42 }).await.is_ok());
            assert!(timeout(Duration::ZERO, std::future::pending::<()>()).await.is_err());
            for sleep in &mut sleeps {
                assert!(poll_with(sleep, Waker::noop()).is_pending());
                assert!(!sleep.is_elapsed());
            }
        });
    }

    fn a_deadline_in_the_past_is_due_at_once(flavor) {
        flavor.build().block_on(async {
            let past = Instant::now();
            sleep(Duration::from_millis(3)).await;
            let mut late = Box::pin(sleep_until(past));
            assert!(poll_with(&mut late, Waker::noop()).is_ready());
        });
    }

    /// a timer that was dropped, or moved, in the millisecond it fired.
    fn r131_timers_are_dropped_and_moved_as_they_fire(flavor) {
        flavor.build().block_on(async {
            let tasks: Vec<_> = (0..50_u64).map(|number| selvedge::spawn(async move {
                for round in 0..40_u64 {
                    let length = Duration::from_micros(900 + scatter(number * 41 + round) % 300);
                    let mut it = Box::pin(sleep(length));
                    // Somebody else's end decides when this one is looked at.
                    let wait = Duration::from_micros(800 + scatter(round * 53 + number) % 500);
                    let other = sleep(wait);
                    let mut other = pin!(other);
                    let mut is_over = false;
                    std::future::poll_fn(|cx| {
                        is_over |= it.as_mut().poll(cx).is_ready();
                        other.as_mut().poll(cx)
                    }).await;
                    match round % 3 {
                        0 => drop(it),
                        1 => {
                            it.as_mut().reset(Instant::now() + Duration::from_micros(500));
                            it.await;
                        }
                        _ => {
                            it.as_mut().reset(Instant::now());
                            it.await;
                        }
                    }
                }
            })).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    }

    fn a_sleep_moved_later_does_not_fire_early_and_one_moved_earlier_does_not_wait(flavor) {
        flavor.build().block_on(async {
            let start = Instant::now();
            let mut later = Box::pin(sleep(Duration::from_millis(1)));
            assert!(poll_with(&mut later, Waker::noop()).is_pending());
            later.as_mut().reset(start + Duration::from_millis(30));
            later.await;
            assert!(start.elapsed() >= Duration::from_millis(30));

            let mut earlier = Box::pin(sleep(Duration::from_secs(1_000)));
            assert!(poll_with(&mut earlier, Waker::noop()).is_pending());
            earlier.as_mut().reset(Instant::now() + Duration::from_millis(1));
            earlier.await;
        });
    }

    /// A timer in another task's hands, reset by this one while it fires.
    fn timers_are_reset_by_one_thread_while_another_fires_them(flavor) {
        let runtime = flavor.build();
        let stop = crate::support::Flag::new();
        // Keeps the driver busy firing.
        let ticking = runtime.spawn({
            let stop = stop.clone();
            async move {
                while !stop.is_set() {
                    sleep(Duration::from_micros(200)).await;
                }
            }
        });
        let handle = runtime.handle().clone();
        let resetter = thread::spawn(move || {
            let _entered = handle.enter();
            let (counter, waker) = CountingWaker::new();
            let mut it = Box::pin(sleep(Duration::from_millis(1)));
            for round in 0..3_000_u64 {
                let deadline = Instant::now() + Duration::from_micros(scatter(round) % 2_000);
                it.as_mut().reset(deadline);
                let ready = poll_with(&mut it, &waker).is_ready();
                assert!(!ready || Instant::now() >= deadline);
                if round % 64 == 0 {
                    thread::sleep(Duration::from_millis(1));
                }
            }
            it.as_mut().reset(Instant::now() + Duration::from_millis(1));
            let before = counter.wakes();
            if poll_with(&mut it, &waker).is_pending() {
                wait_until("the last one", || counter.wakes() > before);
                assert!(poll_with(&mut it, &waker).is_ready());
            }
            stop.set();
        });
        runtime.block_on(ticking).unwrap();
        resetter.join().unwrap();
    }

    fn an_armed_timer_wakes_the_latest_waker(flavor) {
        let runtime = flavor.build();
        let (first, first_waker) = CountingWaker::new();
        let (second, second_waker) = CountingWaker::new();
        runtime.block_on(async {
            let mut it = Box::pin(sleep(Duration::from_millis(5)));
            let mut is_pending = |waker| poll_with(&mut it, waker).is_pending();
            if is_pending(&first_waker) && is_pending(&second_waker) {
                crate::support::wait_until_async("the wake", || second.wakes() == 1).await;
                assert_eq!(first.wakes(), 0);
            }
        });
    }

    fn an_interval_ticks_on_and_on(flavor) {
        flavor.build().block_on(async {
            let start = Instant::now();
            let mut interval = time::interval(Duration::from_millis(1));
            let mut last = interval.tick().await;
            for _ in 0..20 {
                let tick = interval.tick().await;
                assert_eq!(tick - last, Duration::from_millis(1), "in bursts when late");
                last = tick;
            }
            assert!(start.elapsed() >= Duration::from_millis(20));
        });
    }

    fn timeouts_that_are_met_leave_nothing_behind(flavor) {
        flavor.build().block_on(async {
            for _ in 0..20_000 {
                let output = timeout(Duration::from_secs(1_000), async { 42 }).await;
                assert_eq!(output.unwrap(), 42);
            }
            sleep(Duration::from_millis(1)).await;
        });
    }

    fn a_timeout_ends_a_future_that_never_does(flavor) {
        flavor.build().block_on(async {
            let drops = crate::support::Drops::new();
            let guard = drops.counted();
            let start = Instant::now();
            let result = timeout(Duration::from_millis(2), async move {
                let _guard = guard;
                std::future::pending::<()>().await;
            }).await;
            assert!(!result.unwrap_err().to_string().is_empty());
            assert!(start.elapsed() >= Duration::from_millis(2));
            assert_eq!(drops.count(), 1);
        });
    }
}

watched! {
    fn a_sleep_made_on_one_thread_is_awaited_on_others() {
        let runtime = multi_thread();
        runtime.block_on(async {
            let mut it = Box::pin(sleep(Duration::from_millis(5)));
            for _ in 0..4 {
                it = selvedge::spawn(async move {
                    assert!(poll_with(&mut it, Waker::noop()).is_pending() || it.is_elapsed());
                    it
                }).await.unwrap();
            }
            if !it.is_elapsed() {
                it.await;
            }
        });
    }

    fn a_sleep_of_one_runtime_is_awaited_in_another() {
        let (one, two) = (multi_thread(), current_thread());
        let it = {
            let _entered = one.enter();
            sleep(Duration::from_millis(3))
        };
        two.block_on(it);
        // A current-thread runtime has to be driven while somebody waits for its timers.
        let it = {
            let _entered = two.enter();
            sleep(Duration::from_millis(3))
        };
        let task = one.spawn(it);
        two.block_on(task).unwrap();
    }

    fn timers_that_are_all_cancelled_do_not_keep_the_runtime_awake() {
        let runtime = multi_thread();
        runtime.block_on(async {
            for _ in 0..1_000 {
                let mut it = Box::pin(sleep(Duration::from_millis(20)));
                assert!(poll_with(&mut it, Waker::noop()).is_pending());
            }
            std::future::poll_fn(|_| Poll::Ready(())).await;
            sleep(Duration::from_millis(30)).await;
        });
    }
}
