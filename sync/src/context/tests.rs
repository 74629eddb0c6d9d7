//! The context comes back after each poll; the budget and the note in it.

use std::num::NonZeroU64;
use std::panic::{self, AssertUnwindSafe, Location};
use std::task::{Context, Poll, Waker};

use super::*;

fn id(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).unwrap()
}

#[test]
fn nested_contexts_come_back_also_after_a_panic() {
    assert_eq!(current_task(), None);
    enter(id(1), None, Budget::initial(), || {
        let _ = panic::catch_unwind(AssertUnwindSafe(|| {
            enter(id(2), None, Budget::initial(), || {
                assert_eq!(current_task(), Some(id(2)));
                panic!("out");
            })
        }));
        assert_eq!(current_task(), Some(id(1)));
    });
    assert_eq!(current_task(), None);
}

#[test]
fn what_a_task_left_is_dropped_in_its_name() {
    enter(id(1), None, Budget::initial(), || {
        let _ = panic::catch_unwind(|| {
            on_behalf_of(id(2), || {
                assert_eq!(current_task(), Some(id(2)));
                panic!("out");
            })
        });
        assert_eq!(current_task(), Some(id(1)));
    });
}

#[test]
fn a_thread_may_block_outside_polls_and_where_others_took_over() {
    assert!(may_block());
    enter(id(1), None, Budget::initial(), || {
        assert!(!may_block());
        allow_blocking(|| {
            assert!(may_block());
            assert_eq!(current_task(), Some(id(1)));
            enter_main(|| assert!(!may_block() && current_task().is_none()));
            assert!(may_block());
        });
        assert!(!may_block());
    });
    assert!(may_block());
}

#[test]
fn the_budget_runs_out_and_wakes_the_task() {
    let mut cx = Context::from_waker(Waker::noop());
    enter(id(1), None, Budget::initial(), || {
        for _ in 0..BUDGET_PER_POLL {
            let Poll::Ready(unit) = poll_proceed(&mut cx) else {
                panic!("budget left")
            };
            unit.made_progress();
        }
        assert!(poll_proceed(&mut cx).is_pending());
    });
    assert!(poll_proceed(&mut cx).is_ready(), "no limit outside a task");
}

#[test]
fn a_unit_not_spent_comes_back() {
    let mut cx = Context::from_waker(Waker::noop());
    enter(id(1), None, Budget::initial(), || {
        let before = budget();
        let unit = poll_proceed(&mut cx);
        assert_ne!(budget(), before);
        drop(unit);
        assert_eq!(budget(), before);
    });
}

#[test]
fn a_wait_is_noted_with_kind_and_place() {
    let note = WaitNote::new();
    assert_eq!(note.get(), None);
    let place = Location::caller();
    for kind in WaitKind::ALL {
        enter(id(1), Some(&note), Budget::initial(), || {
            note_wait(kind, place)
        });
        assert_eq!(note.get(), Some((kind, place)));
    }
    note_wait(WaitKind::Lock, place);
    note.clear();
    assert_eq!(note.get(), None);
}
