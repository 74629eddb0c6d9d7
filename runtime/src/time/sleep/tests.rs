//! Sleeps from poll to wake, on timers driven by hand.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use selvedge_sync::context::{Budget, WaitNote};

use super::super::test_world::{Polled, World, run};
use super::*;

const MS: Duration = Duration::from_millis(1);

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    panic
        .downcast::<String>()
        .map(|text| *text)
        .or_else(|panic| panic.downcast::<&str>().map(|text| text.to_string()))
        .expect("a panic message")
}

#[test]
fn a_sleep_is_ready_at_its_deadline_and_not_before() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut sleep = Polled::new(sleep(100 * MS));
    assert!(sleep.poll().is_pending());
    world.advance(99 * MS);
    assert_eq!(sleep.wakes(), 0);
    assert!(sleep.poll().is_pending());
    assert!(!sleep.future.is_elapsed());
    world.advance(MS);
    assert_eq!(sleep.wakes(), 1);
    assert!(sleep.future.is_elapsed());
    assert!(sleep.poll().is_ready());
    assert!(sleep.poll().is_ready(), "it stays ready");
}

#[test]
fn r138_small_sleeps_are_exact_in_paused_time() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut total = Duration::ZERO;
    for nanos in [0, 1, 2, 999, 1000, 131_071, 131_072, 131_073, 1_000_000] {
        let duration = Duration::from_nanos(nanos);
        run(&world, sleep(duration));
        total += duration;
        assert_eq!(world.elapsed(), total);
    }
}

#[test]
fn a_deadline_in_the_past_is_ready_without_a_timer() {
    let world = World::new(1);
    let _here = world.enter(0);
    for deadline in [Instant::now(), Instant::now() - MS] {
        let mut sleep = Polled::new(sleep_until(deadline));
        assert!(!sleep.future.is_elapsed(), "it has not begun");
        assert!(sleep.poll().is_ready());
        assert!(sleep.future.is_elapsed());
        assert!(!world.timers.has_timers(0));
    }
}

#[test]
fn dropping_a_sleep_leaves_nothing_behind() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut dropped = Polled::new(sleep(MS));
    assert!(dropped.poll().is_pending());
    assert!(world.timers.has_timers(0));
    drop(dropped);
    assert!(!world.timers.has_timers(0));
    assert_eq!(world.advance(MS), 0);
}

#[test]
fn r131_a_sleep_may_be_dropped_when_it_fires() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut polled: Vec<_> = (0..100).map(|_| Polled::new(sleep(MS))).collect();
    for sleep in &mut polled {
        assert!(sleep.poll().is_pending());
    }
    world.timers.clock().advance(MS);
    // Half are dropped when due, half when fired; some share neighbours.
    let rest = polled.split_off(50);
    drop(polled);
    assert_eq!(world.fire(), 50);
    assert!(rest.iter().all(|sleep| sleep.wakes() == 1));
}

#[test]
fn the_last_waker_is_the_one_woken() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut sleep = Polled::new(sleep(MS));
    assert!(sleep.poll().is_pending());
    sleep.change_waker();
    assert!(sleep.poll().is_pending());
    world.advance(MS);
    assert_eq!(sleep.wakes(), 1);
}

#[test]
fn reset_to_later_and_to_earlier() {
    let world = World::new(1);
    let _here = world.enter(0);
    let start = Instant::now();
    let mut sleep = Polled::new(sleep_until(start + 50 * MS));
    assert!(sleep.poll().is_pending());
    sleep.future.as_mut().reset(start + 100 * MS);
    assert_eq!(sleep.future.deadline(), start + 100 * MS);
    world.advance(99 * MS);
    assert_eq!(sleep.wakes(), 0);
    sleep.future.as_mut().reset(start + 200 * MS);
    sleep.future.as_mut().reset(start + 110 * MS);
    world.advance(11 * MS);
    assert_eq!(sleep.wakes(), 1, "woken without another poll");
    assert!(sleep.poll().is_ready());
}

#[test]
fn r137_reset_to_the_past_wakes_at_once() {
    let world = World::new(1);
    let _here = world.enter(0);
    let start = Instant::now();
    let mut sleep = Polled::new(sleep_until(start + 100 * MS));
    assert!(sleep.poll().is_pending());
    world.advance(50 * MS);
    sleep.future.as_mut().reset(start + 40 * MS);
    assert_eq!(sleep.wakes(), 1);
    assert!(sleep.future.is_elapsed());
    assert!(sleep.poll().is_ready());
    assert!(!world.timers.has_timers(0));
}

#[test]
fn reset_before_the_first_poll_and_after_the_last() {
    let world = World::new(1);
    let _here = world.enter(0);
    let start = Instant::now();
    let mut sleep = Polled::new(sleep(MS));
    sleep.future.as_mut().reset(start + 5 * MS);
    world.advance(2 * MS);
    assert!(sleep.poll().is_pending());
    world.advance(3 * MS);
    assert!(sleep.poll().is_ready());
    sleep.future.as_mut().reset(start + 7 * MS);
    assert!(!sleep.future.is_elapsed());
    assert!(!world.timers.has_timers(0), "filed at the next poll");
    assert!(sleep.poll().is_pending());
    world.advance(2 * MS);
    assert_eq!(sleep.wakes(), 2);
    assert!(sleep.poll().is_ready());
}

#[test]
fn the_longest_sleep_is_thirty_years_and_does_not_disturb_others() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut forever = Polled::new(sleep(Duration::MAX));
    assert!(forever.poll().is_pending());
    run(&world, sleep(MS));
    assert_eq!(world.elapsed(), MS);
    // A hundred years of uptime.
    world.advance(Duration::from_secs(100 * 365 * 86_400));
    assert!(forever.poll().is_ready());
    let before = world.elapsed();
    run(&world, sleep(MS));
    assert_eq!(world.elapsed(), before + MS);
}

#[test]
fn a_sleep_is_filed_where_it_is_polled() {
    let world = World::new(2);
    let mut sleep = {
        let _worker = world.enter(0);
        Polled::new(sleep(MS))
    };
    {
        let _worker = world.enter(1);
        assert!(sleep.poll().is_pending());
    }
    assert!(!world.timers.has_timers(0));
    assert!(world.timers.has_timers(1));
    world.timers.clock().advance(MS);
    let now = world.timers.clock().now();
    assert_eq!(world.timers.fire_due_shard(0, now), 0);
    assert_eq!(world.timers.fire_due_shard(1, now), 1);
    assert!(sleep.poll().is_ready());
}

#[test]
fn r141_a_sleep_belongs_to_the_runtime_it_was_made_in() {
    let (home, away) = (World::new(1), World::new(1));
    let mut sleep = {
        let _home = home.enter(0);
        Polled::new(sleep(100 * MS))
    };
    let _away = away.enter(0);
    assert!(sleep.poll().is_pending());
    sleep
        .future
        .as_mut()
        .reset(Instant::from_std(home.start) + 50 * MS);
    assert!(home.timers.has_timers(0));
    assert!(!away.timers.has_timers(0));
    home.advance(50 * MS);
    assert_eq!(sleep.wakes(), 1);
    assert!(sleep.poll().is_ready());
}

#[test]
fn a_sleep_can_be_polled_outside_of_any_runtime() {
    let world = World::new(1);
    let mut sleep = {
        let _here = world.enter(0);
        Polled::new(sleep(MS))
    };
    assert!(sleep.poll().is_pending());
    world.advance(MS);
    assert!(sleep.poll().is_ready());
}

#[test]
fn a_sleep_that_outlives_its_runtime_is_woken_and_says_so() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut filed = Polled::new(sleep(MS));
    assert!(filed.poll().is_pending());
    let mut idle = Polled::new(sleep(MS));
    world.timers.shutdown();
    assert_eq!(filed.wakes(), 1);
    for sleep in [&mut filed, &mut idle] {
        for _ in 0..2 {
            let panic = catch_unwind(AssertUnwindSafe(|| sleep.poll())).unwrap_err();
            let text = message(panic);
            assert!(
                text.contains("has shut down") && text.contains("sleep/tests.rs"),
                "{text}"
            );
        }
    }
    filed.future.as_mut().reset(Instant::now() + 2 * MS);
    assert!(catch_unwind(AssertUnwindSafe(|| filed.poll())).is_err());
}

#[test]
fn a_late_sleep_does_not_end_up_with_the_next_tenant_of_its_shard() {
    let world = World::new(1);
    let mut late = {
        let _here = world.enter(0);
        Polled::new(sleep(MS))
    };
    drop(world);
    // Takes the shard from the pool, if no other test was faster.
    let next = World::new(1);
    let _next = next.enter(0);
    assert!(catch_unwind(AssertUnwindSafe(|| late.poll())).is_err());
    assert!(!next.timers.has_timers(0));
}

#[test]
fn making_a_sleep_outside_of_a_runtime_panics_with_advice() {
    for panic in [
        catch_unwind(|| drop(sleep(MS))).unwrap_err(),
        catch_unwind(|| drop(sleep_until(Instant::now()))).unwrap_err(),
    ] {
        assert!(message(panic).contains("block_on"));
    }
}

#[test]
fn a_sleep_charges_the_budget_when_it_is_ready() {
    const TASK: NonZeroU64 = NonZeroU64::MIN;
    let world = World::new(1);
    let _here = world.enter(0);
    let polls = Cell::new(0);
    task_context::enter(TASK, None, Budget::initial(), || {
        let mut past = Polled::new(sleep(Duration::ZERO));
        while past.poll().is_ready() {
            polls.set(polls.get() + 1);
        }
        assert_eq!(past.wakes(), 1, "a task without budget is woken at once");
        // A wait costs nothing.
        let before = task_context::budget();
        let mut waiting = Polled::new(sleep(MS));
        assert!(waiting.poll().is_pending());
        assert_eq!(task_context::budget(), before);
    });
    assert_eq!(polls.get(), usize::from(task_context::BUDGET_PER_POLL));
}

#[test]
fn a_wait_is_noted_with_the_place_the_sleep_was_made() {
    let world = World::new(1);
    let _here = world.enter(0);
    let note = WaitNote::new();
    let mut polled = Polled::new(sleep(MS));
    let line = line!() - 1;
    task_context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(polled.poll().is_pending());
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Timer, line));
    assert!(place.file().ends_with("sleep/tests.rs"));
}

#[test]
fn sleep_has_the_auto_traits_users_rely_on() {
    fn is_send_sync<T: Send + Sync>(_: &T) {}
    let world = World::new(1);
    let _here = world.enter(0);
    let sleep = pin!(sleep(MS));
    is_send_sync(&sleep);
    assert!(format!("{sleep:?}").contains("is_elapsed: false"));
}

#[test]
#[ignore = "a measurement: run it with --release --nocapture"]
fn measure_make_poll_drop() {
    const ROUNDS: u32 = 2_000_000;
    let world = World::with_clock(1, super::super::Clock::new(false, false));
    let _here = world.enter(0);
    let waker = std::task::Waker::noop();
    let mut cx = Context::from_waker(waker);
    // Others that wait meanwhile.
    let mut others: Vec<_> = (0..1000)
        .map(|i| Polled::new(sleep(Duration::from_secs(10) + i * MS)))
        .collect();
    for other in &mut others {
        assert!(other.poll().is_pending());
    }
    for (name, polls) in [
        ("make, drop", 0),
        ("make, poll, drop", 1),
        ("make, 2 polls, drop", 2),
    ] {
        let start = std::time::Instant::now();
        for _ in 0..ROUNDS {
            let mut sleep = pin!(sleep(Duration::from_secs(1)));
            for _ in 0..polls {
                assert!(sleep.as_mut().poll(&mut cx).is_pending());
            }
        }
        println!("{name}: {:?}", start.elapsed() / ROUNDS);
    }
    let start = std::time::Instant::now();
    for _ in 0..ROUNDS {
        std::hint::black_box(std::time::Instant::now());
    }
    println!("one clock read: {:?}", start.elapsed() / ROUNDS);
    println!("size of Sleep: {} bytes", size_of::<Sleep>());
}
