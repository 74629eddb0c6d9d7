//! The functions for tests, from inside a runtime and from outside.

use std::panic::catch_unwind;

use super::super::test_world::{Polled, World, run};
use super::super::{Clock, Instant, sleep};
use super::*;

const MS: Duration = Duration::from_millis(1);

#[test]
fn pausing_moving_and_resuming() {
    let world = World::with_clock(1, Clock::new(true, false));
    let _here = world.enter(0);
    pause();
    let start = Instant::now();
    assert_eq!(Instant::now(), start);
    run(&world, advance(MS));
    assert_eq!(start.elapsed(), MS);
    run(&world, sleep(MS));
    assert_eq!(start.elapsed(), 2 * MS);
    resume();
    assert!(!world.timers.clock().is_paused());
    assert!(start.elapsed() >= 2 * MS);
}

#[test]
fn timers_filed_before_the_pause_follow() {
    let world = World::with_clock(1, Clock::new(true, false));
    let _here = world.enter(0);
    let mut before = Polled::new(sleep(Duration::from_secs(3600)));
    assert!(before.poll().is_pending());
    pause();
    let start = Instant::now();
    run(&world, before.future.as_mut());
    assert!(start.elapsed() <= Duration::from_secs(3600));
    assert!(Instant::now() >= before.future.deadline());
}

#[test]
fn advance_fires_what_is_due_before_it_yields() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut polled: Vec<_> = [3, 1, 2].map(|ms| Polled::new(sleep(ms * MS))).into();
    for sleep in &mut polled {
        assert!(sleep.poll().is_pending());
    }
    let mut moved = Polled::new(advance(2 * MS));
    assert!(moved.poll().is_pending());
    let wakes: Vec<_> = polled.iter().map(Polled::wakes).collect();
    assert_eq!(wakes, [0, 1, 1]);
    assert_eq!(moved.wakes(), 1);
    assert!(moved.poll().is_ready());
}

#[test]
fn outside_of_a_runtime_they_panic_with_advice() {
    let mut moved = Polled::new(advance(MS));
    for panic in [
        catch_unwind(pause).unwrap_err(),
        catch_unwind(resume).unwrap_err(),
        catch_unwind(std::panic::AssertUnwindSafe(|| moved.poll())).unwrap_err(),
    ] {
        let text = panic.downcast::<&str>().expect("a panic message");
        assert!(text.contains("block_on"));
    }
}
