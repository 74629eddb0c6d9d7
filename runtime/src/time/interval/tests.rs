//! Schedules after ticks on time, late ticks, and absurd periods.

use std::num::NonZeroU64;
use std::panic::catch_unwind;

use selvedge_sync::context::{self as task_context, Budget, WaitKind, WaitNote};

use super::super::test_world::{Polled, World, run};
use super::*;

const MS: Duration = Duration::from_millis(1);
const TEN_YEARS: Duration = Duration::from_secs(10 * 365 * 86_400);

/// When the next `count` ticks came, and when they were due, in milliseconds.
fn ticks(world: &World, interval: &mut Interval, count: usize) -> Vec<(u128, u128)> {
    let start = Instant::from_std(world.start);
    (0..count)
        .map(|_| {
            let due = run(world, interval.tick());
            (world.elapsed().as_millis(), (due - start).as_millis())
        })
        .collect()
}

/// The example of `MissedTickBehavior`: three ticks on time, 120 ms of work, then more ticks.
fn after_a_stall(behavior: MissedTickBehavior) -> Vec<u128> {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut interval = interval(50 * MS);
    interval.set_missed_tick_behavior(behavior);
    assert_eq!(interval.missed_tick_behavior(), behavior);
    assert_eq!(ticks(&world, &mut interval, 2), [(0, 0), (50, 50)]);
    world.advance(130 * MS);
    let ticks = ticks(&world, &mut interval, 5);
    ticks.into_iter().map(|(came, _)| came).collect()
}

#[test]
fn r139_burst_makes_up_for_what_was_missed() {
    let came = after_a_stall(MissedTickBehavior::Burst);
    assert_eq!(came, [180, 180, 200, 250, 300]);
}

#[test]
fn r139_delay_starts_anew() {
    let came = after_a_stall(MissedTickBehavior::Delay);
    assert_eq!(came, [180, 230, 280, 330, 380]);
}

#[test]
fn r139_skip_keeps_to_the_multiples() {
    let came = after_a_stall(MissedTickBehavior::Skip);
    assert_eq!(came, [180, 200, 250, 300, 350]);
}

#[test]
fn r139_behaviors_survive_a_ten_year_jump() {
    for behavior in [
        MissedTickBehavior::Burst,
        MissedTickBehavior::Delay,
        MissedTickBehavior::Skip,
    ] {
        let world = World::new(1);
        let _here = world.enter(0);
        let mut interval = interval(7 * MS);
        interval.set_missed_tick_behavior(behavior);
        run(&world, interval.tick());
        world.advance(TEN_YEARS);
        let due = run(&world, interval.tick());
        assert_eq!(
            due.into_std(),
            world.start + 7 * MS,
            "the tick that was missed"
        );
        let next = run(&world, interval.tick()).into_std() - world.start;
        match behavior {
            MissedTickBehavior::Burst => assert_eq!(next, 14 * MS),
            MissedTickBehavior::Delay => assert_eq!(next, TEN_YEARS + 7 * MS),
            MissedTickBehavior::Skip => {
                assert_eq!(next.as_millis() % 7, 0);
                assert!(next > TEN_YEARS && next <= TEN_YEARS + 7 * MS);
            }
        }
    }
}

#[test]
fn r139_the_longest_period_does_not_overflow() {
    for behavior in [
        MissedTickBehavior::Burst,
        MissedTickBehavior::Delay,
        MissedTickBehavior::Skip,
    ] {
        let world = World::new(1);
        let _here = world.enter(0);
        let mut interval = interval(Duration::MAX);
        interval.set_missed_tick_behavior(behavior);
        world.advance(10 * MS);
        run(&world, interval.tick());
        let mut next = Polled::new(interval.tick());
        assert!(next.poll().is_pending());
    }
}

#[test]
fn remainders_agree_with_integers() {
    for (duration, period) in [(0, 1), (1, 1), (7, 3), (1 << 63, 1_000_000_007)] {
        assert_eq!(
            remainder(Duration::from_nanos(duration), Duration::from_nanos(period)),
            Duration::from_nanos(duration % period)
        );
    }
    let almost = Duration::MAX - Duration::from_nanos(1);
    assert_eq!(remainder(almost, Duration::MAX), almost);
}

#[test]
fn a_slightly_late_tick_keeps_the_schedule() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut interval = interval(50 * MS);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    run(&world, interval.tick());
    world.advance(55 * MS);
    assert_eq!(ticks(&world, &mut interval, 2), [(55, 50), (100, 100)]);
}

#[test]
fn starts_when_it_is_told_to() {
    let world = World::new(1);
    let _here = world.enter(0);
    let start = Instant::from_std(world.start) + 30 * MS;
    let mut interval = interval_at(start, 20 * MS);
    assert_eq!(interval.period(), 20 * MS);
    assert_eq!(
        ticks(&world, &mut interval, 3),
        [(30, 30), (50, 50), (70, 70)]
    );
}

#[test]
fn resets() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut interval = interval(50 * MS);
    assert_eq!(ticks(&world, &mut interval, 1), [(0, 0)]);
    world.advance(20 * MS);
    interval.reset();
    assert_eq!(ticks(&world, &mut interval, 2), [(70, 70), (120, 120)]);
    interval.reset_immediately();
    assert_eq!(ticks(&world, &mut interval, 2), [(120, 120), (170, 170)]);
    interval.reset_after(5 * MS);
    assert_eq!(ticks(&world, &mut interval, 2), [(175, 175), (225, 225)]);
    interval.reset_at(Instant::from_std(world.start) + 300 * MS);
    assert_eq!(ticks(&world, &mut interval, 2), [(300, 300), (350, 350)]);
}

#[test]
fn a_dropped_tick_is_not_lost() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut interval = interval(50 * MS);
    run(&world, interval.tick());
    let mut dropped = Polled::new(interval.tick());
    assert!(dropped.poll().is_pending());
    drop(dropped);
    assert_eq!(ticks(&world, &mut interval, 1), [(50, 50)]);
}

#[test]
fn the_wait_is_noted_with_the_place_of_the_tick() {
    let world = World::new(1);
    let _here = world.enter(0);
    let note = WaitNote::new();
    let mut interval = interval_at(Instant::now() + MS, MS);
    let mut polled = Polled::new(interval.tick());
    let line = line!() - 1;
    task_context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(polled.poll().is_pending());
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Timer, line));
}

#[test]
fn a_period_of_zero_is_misuse() {
    let world = World::new(1);
    let _here = world.enter(0);
    assert!(catch_unwind(|| drop(interval(Duration::ZERO))).is_err());
}
