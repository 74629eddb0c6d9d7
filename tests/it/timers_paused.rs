//! Timers in virtual time: years pass, and nothing fires early, late or twice.

use std::sync::mpsc;
use std::task::Waker;
use std::time::Duration;

use selvedge::runtime::{Builder, Runtime};
use selvedge::time::{self, Instant, MissedTickBehavior, advance, sleep, timeout};

use crate::support::{multi_thread, panic_of, poll_with, watched};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

fn paused() -> Runtime {
    Builder::new_current_thread()
        .start_paused(true)
        .build()
        .unwrap()
}

watched! {
    fn sleeping_takes_no_real_time() {
        let real = std::time::Instant::now();
        paused().block_on(async {
            let start = Instant::now();
            for days in 1..100 {
                sleep(Duration::from_secs(days * 24 * 3600)).await;
            }
            assert_eq!(start.elapsed(), Duration::from_secs(99 * 100 / 2 * 24 * 3600));
        });
        assert!(real.elapsed() < Duration::from_secs(20));
    }

    /// a very long sleep corrupted the wheel once the runtime had been up for days.
    fn r130_one_very_long_sleep_and_many_years() {
        paused().block_on(async {
            let start = Instant::now();
            let long = selvedge::spawn(async move {
                sleep(20 * YEAR).await;
                start.elapsed()
            });
            selvedge::task::yield_now().await;
            // Across the boundary of every level.
            for bits in 0..40 {
                let step = Duration::from_millis((1 << bits) + 1);
                let before = Instant::now();
                sleep(step).await;
                assert_eq!(before.elapsed(), step);
            }
            assert!(start.elapsed() > 20 * YEAR);
            assert_eq!(long.await.unwrap(), 20 * YEAR);
        });
    }

    fn a_hundred_years_of_uptime() {
        paused().block_on(async {
            for year in 0..100 {
                let before = Instant::now();
                sleep(YEAR + Duration::from_millis(year)).await;
                assert_eq!(before.elapsed(), YEAR + Duration::from_millis(year));
                let mut short = Box::pin(sleep(Duration::from_millis(1)));
                assert!(poll_with(&mut short, Waker::noop()).is_pending());
                short.await;
            }
        });
    }

    fn sleeps_end_in_the_order_of_their_deadlines() {
        let (send, receive) = mpsc::channel();
        paused().block_on(async {
            let tasks: Vec<_> = (0..500_u64).map(|n| {
                let send = send.clone();
                let length = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                selvedge::spawn(async move {
                    let start = Instant::now();
                    sleep(Duration::from_millis(length)).await;
                    assert_eq!(start.elapsed(), Duration::from_millis(length));
                    send.send(length).unwrap();
                })
            }).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        drop(send);
        let ends: Vec<_> = receive.iter().collect();
        assert_eq!(ends.len(), 500);
        assert!(ends.is_sorted());
    }

    fn advancing_fires_what_is_due_and_nothing_else() {
        paused().block_on(async {
            let due = selvedge::spawn(sleep(Duration::from_millis(10)));
            let not_due = selvedge::spawn(sleep(Duration::from_millis(11)));
            selvedge::task::yield_now().await;
            advance(Duration::from_millis(10)).await;
            assert!(due.is_finished() && !not_due.is_finished());
            advance(Duration::from_millis(1)).await;
            assert!(not_due.is_finished());
        });
    }

    fn advancing_past_many_deadlines_at_once() {
        paused().block_on(async {
            let seconds = (0..1_000).map(Duration::from_secs);
            let tasks: Vec<_> = seconds.map(|length| selvedge::spawn(sleep(length))).collect();
            selvedge::task::yield_now().await;
            advance(10 * YEAR).await;
            for task in tasks {
                task.await.unwrap();
            }
        });
    }

    fn blocking_work_holds_the_time() {
        paused().block_on(async {
            let start = Instant::now();
            let work = selvedge::task::spawn_blocking(|| {
                std::thread::sleep(Duration::from_millis(20));
                42
            });
            let output = timeout(Duration::from_secs(1), work).await;
            assert_eq!(output.unwrap().unwrap(), 42, "the timeout must not jump ahead");
            assert!(start.elapsed() < Duration::from_secs(1));
        });
    }

    /// a large period overflowed, and ticks were missed by a jump.
    fn r139_intervals_after_a_jump_of_ten_years() {
        use MissedTickBehavior::{Burst, Delay, Skip};
        for behavior in [Burst, Delay, Skip] {
            paused().block_on(async {
                let day = Duration::from_secs(24 * 3600);
                let start = Instant::now();
                let mut interval = time::interval(day);
                interval.set_missed_tick_behavior(behavior);
                assert_eq!(interval.tick().await, start);
                let jump = 10 * YEAR + day / 2;
                advance(jump).await;
                assert_eq!(interval.tick().await - start, day, "the one that was missed first");
                let next = interval.tick().await - start;
                match behavior {
                    Burst => assert_eq!(next, 2 * day),
                    Delay => assert_eq!(next, jump + day),
                    _ => assert_eq!(next, 10 * YEAR + day),
                }
            });
        }
        paused().block_on(async {
            let mut interval = time::interval(Duration::MAX);
            interval.tick().await;
            assert!(timeout(YEAR, interval.tick()).await.is_err());
            interval.reset_immediately();
            interval.tick().await;
        });
    }

    fn a_timeout_prefers_the_future_that_is_ready_at_the_same_moment() {
        paused().block_on(async {
            let together = timeout(Duration::from_secs(1), async {
                sleep(Duration::from_secs(1)).await;
                42
            });
            assert_eq!(together.await.unwrap(), 42);
        });
    }

    fn time_runs_again_after_resume() {
        paused().block_on(async {
            time::resume();
            let (start, real) = (Instant::now(), std::time::Instant::now());
            sleep(Duration::from_millis(5)).await;
            assert!(start.elapsed() >= Duration::from_millis(5));
            assert!(real.elapsed() >= Duration::from_millis(5));
            time::pause();
            let start = Instant::now();
            std::thread::sleep(Duration::from_millis(2));
            assert!(start.elapsed().is_zero());
        });
    }

    fn only_a_current_thread_runtime_has_virtual_time() {
        let message = panic_of(|| multi_thread().block_on(async { time::pause() }));
        assert!(message.contains("current"), "{message}");
        let message = panic_of(|| paused().block_on(async { time::pause() }));
        assert!(message.contains("paused"), "{message}");
        assert!(!panic_of(time::pause).is_empty());
    }
}
