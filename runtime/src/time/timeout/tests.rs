//! Values, limits, and values that use up the budget.

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use selvedge_sync::context::{WaitKind, WaitNote};

use super::super::test_world::{Polled, World, run};
use super::super::{advance, sleep};
use super::*;

const MS: Duration = Duration::from_millis(1);

#[test]
fn the_value_wins_if_it_is_ready_in_time() {
    let world = World::new(1);
    let _here = world.enter(0);
    let answer = run(
        &world,
        timeout(2 * MS, async {
            sleep(MS).await;
            7
        }),
    );
    assert_eq!(answer, Ok(7));
    assert_eq!(world.elapsed(), MS);
    assert!(!world.timers.has_timers(0));
}

#[test]
fn the_limit_wins_otherwise() {
    let world = World::new(1);
    let _here = world.enter(0);
    let answer = run(&world, timeout(2 * MS, sleep(3 * MS)));
    let error = answer.unwrap_err();
    assert_eq!(error.to_string(), "deadline has elapsed");
    assert_eq!(
        std::io::Error::from(error).kind(),
        std::io::ErrorKind::TimedOut
    );
    assert_eq!(world.elapsed(), 2 * MS);
}

#[test]
fn a_value_that_is_ready_files_no_timer() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut done = Polled::new(timeout(MS, ready(7)));
    assert_eq!(done.poll(), Poll::Ready(Ok(7)));
    assert!(!world.timers.has_timers(0));
}

#[test]
fn the_value_is_polled_first_even_if_the_time_is_up() {
    let world = World::new(1);
    let _here = world.enter(0);
    assert_eq!(run(&world, timeout(Duration::ZERO, ready(7))), Ok(7));
    let past = Instant::now() - MS;
    assert_eq!(run(&world, timeout_at(past, ready(7))), Ok(7));
    assert!(run(&world, timeout_at(past, pending::<()>())).is_err());
}

#[test]
fn no_limit_if_it_cannot_be_expressed() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut endless = Polled::new(timeout(Duration::MAX, pending::<()>()));
    assert!(endless.poll().is_pending());
    assert!(!world.timers.has_timers(0));
}

#[test]
fn the_time_runs_from_the_call() {
    let world = World::new(1);
    let _here = world.enter(0);
    let limited = timeout(2 * MS, pending::<()>());
    run(&world, async {
        advance(2 * MS).await;
        assert!(limited.await.is_err());
    });
    assert_eq!(world.elapsed(), 2 * MS);
}

#[test]
fn a_value_that_uses_up_the_budget_cannot_outlast_the_limit() {
    let world = World::new(1);
    let _here = world.enter(0);
    let greedy = poll_fn(|cx| {
        while let Poll::Ready(unit) = task_context::poll_proceed(cx) {
            unit.made_progress();
        }
        Poll::<()>::Pending
    });
    let mut limited = Polled::new(timeout(MS, greedy));
    let mut poll =
        || task_context::enter(NonZeroU64::MIN, None, Budget::initial(), || limited.poll());
    assert!(poll().is_pending());
    world.advance(MS);
    assert!(poll().is_ready());
}

#[test]
fn a_value_that_begins_without_budget_is_not_cut_short() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut limited = Polled::new(timeout(MS, pending::<()>()));
    world.advance(MS);
    let empty = || {
        while task_context::budget().has_remaining() {
            let mut cx = Context::from_waker(std::task::Waker::noop());
            if let Poll::Ready(unit) = task_context::poll_proceed(&mut cx) {
                unit.made_progress();
            }
        }
        limited.poll()
    };
    let poll = task_context::enter(NonZeroU64::MIN, None, Budget::initial(), empty);
    assert!(poll.is_pending());
    assert_eq!(limited.wakes(), 1, "it comes back with a new budget");
}

#[test]
fn the_wait_of_the_value_is_the_one_noted() {
    let world = World::new(1);
    let _here = world.enter(0);
    let note = WaitNote::new();
    let place = Location::caller();
    let locked = poll_fn(|_| {
        task_context::note_wait(WaitKind::Lock, place);
        Poll::<()>::Pending
    });
    let mut limited = Polled::new(timeout(MS, locked));
    task_context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(limited.poll().is_pending());
    });
    assert_eq!(note.get(), Some((WaitKind::Lock, place)));
}

#[test]
fn gives_access_to_the_value() {
    let world = World::new(1);
    let _here = world.enter(0);
    let mut limited = timeout(MS, ready(7));
    assert!(format!("{:?}", limited.get_ref()).contains('7'));
    *limited.get_mut() = ready(8);
    assert_eq!(run(&world, limited.into_inner()), 8);
}

#[test]
fn dropping_it_drops_the_value() {
    let world = World::new(1);
    let _here = world.enter(0);
    let value = Rc::new(Cell::new(0));
    let held = Rc::clone(&value);
    let mut limited = Polled::new(timeout(MS, async move {
        pending::<()>().await;
        drop(held);
    }));
    assert!(limited.poll().is_pending());
    drop(limited);
    assert_eq!(Rc::strong_count(&value), 1);
    assert!(!world.timers.has_timers(0));
}

#[test]
fn panics_outside_of_a_runtime_whatever_the_limit() {
    for duration in [MS, Duration::MAX] {
        let made = catch_unwind(AssertUnwindSafe(|| drop(timeout(duration, ready(())))));
        assert!(made.is_err());
    }
}
