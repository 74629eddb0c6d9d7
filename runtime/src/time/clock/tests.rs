//! Pausing, moving and holding time.

use std::time::Duration;

use super::super::instant::now;
use super::super::test_world::World;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_paused_clock_moves_by_hand_only() {
    let clock = Clock::new(true, true);
    let start = clock.now();
    assert_eq!(clock.now(), start);
    clock.advance(SECOND);
    assert_eq!(clock.now(), start + SECOND);
    assert!(clock.is_paused());
}

#[test]
fn time_never_goes_backwards() {
    let clock = Clock::new(true, false);
    let mut last = clock.now();
    let mut check = || {
        let now = clock.now();
        assert!(now >= last);
        last = now;
    };
    for _ in 0..3 {
        clock.pause();
        check();
        clock.advance(SECOND);
        check();
        assert!(clock.auto_advance(clock.now() - SECOND / 2));
        check();
        clock.resume();
        check();
    }
    assert!(
        last >= clock.origin + 3 * SECOND,
        "what was moved stays moved"
    );
}

#[test]
fn the_driver_moves_time_unless_it_is_held() {
    let clock = Clock::new(true, true);
    let later = clock.now() + SECOND;
    clock.hold();
    assert!(!clock.auto_advance(later));
    clock.hold();
    assert!(
        !clock.release(),
        "the driver need not know: time is held once more"
    );
    assert!(clock.release(), "the driver waits for this");
    assert!(clock.auto_advance(later));
    assert_eq!(clock.now(), later);
}

#[test]
fn a_running_clock_is_not_moved_by_the_driver() {
    let clock = Clock::new(true, false);
    assert!(!clock.can_auto_advance());
    assert!(!clock.auto_advance(clock.now() + SECOND));
}

#[test]
fn instants_come_from_the_runtime_this_thread_is_in() {
    let world = World::new(1);
    world.timers.clock().advance(1000 * SECOND);
    {
        let _here = world.enter(0);
        assert_eq!(now(), world.start + 1000 * SECOND);
    }
    assert!(now() < world.start + 999 * SECOND);
}

#[test]
#[should_panic(expected = "new_current_thread")]
fn a_clock_for_many_threads_cannot_start_paused() {
    Clock::new(false, true);
}

#[test]
#[should_panic(expected = "new_current_thread")]
fn a_clock_for_many_threads_cannot_be_paused() {
    Clock::new(false, false).pause();
}

#[test]
#[should_panic(expected = "already paused")]
fn pausing_twice_is_misuse() {
    Clock::new(true, true).pause();
}

#[test]
#[should_panic(expected = "not paused")]
fn resuming_running_time_is_misuse() {
    Clock::new(true, false).resume();
}

#[test]
#[should_panic(expected = "not paused")]
fn moving_running_time_is_misuse() {
    Clock::new(true, false).advance(SECOND);
}

#[test]
fn moving_too_far_panics_and_leaves_the_clock_usable() {
    let clock = Clock::new(true, true);
    let start = clock.now();
    let moved = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        clock.advance(Duration::MAX);
    }));
    assert!(moved.is_err());
    assert_eq!(clock.now(), start);
}
