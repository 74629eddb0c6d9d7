//! Owners, how often they hold it, and the order of the others.

use std::num::NonZeroU64;
use std::pin::pin;

use super::state::Holding;
use super::*;
use crate::context::{self, Budget, WaitKind, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};
use crate::primitive::Mutex;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

/// Runs `f` as a part of a task.
fn in_task<R>(number: u64, f: impl FnOnce() -> R) -> R {
    let task = NonZeroU64::new(number).unwrap();
    context::enter(task, None, Budget::initial(), f)
}

#[test]
fn the_owner_is_the_task_or_else_the_thread() {
    let lock = ReentrantMutex::new(()).named("it");
    assert_eq!(lock.name(), Some("it"));
    let outer = in_task(1, || lock.try_lock().unwrap());
    assert_eq!(lock.holder().and_then(Owner::task), NonZeroU64::new(1));
    assert!(lock.try_lock().is_err(), "not of the thread that runs it");
    assert!(in_task(2, || lock.try_lock()).is_err());
    let inner = in_task(1, || lock.try_lock().unwrap());
    assert_eq!(lock.depth(), 2);
    drop((inner, outer));
    assert_eq!((lock.holder(), lock.depth()), (None, 0));
    let mine = lock.try_lock().unwrap();
    assert!(std::thread::scope(|scope| scope
        .spawn(|| lock.try_lock().is_err())
        .join()
        .unwrap()));
    drop(mine);
}

#[test]
fn a_guard_counts_for_who_took_it_wherever_it_is_dropped() {
    let lock = ReentrantMutex::new(7);
    let guard = in_task(1, || lock.try_lock().unwrap());
    let again = in_task(1, || lock.try_lock().unwrap());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(*guard, 7);
            assert!(lock.try_lock().is_err(), "a guard does not make an owner");
            drop(guard);
        });
    });
    assert_eq!(lock.holder().and_then(Owner::task), NonZeroU64::new(1));
    in_task(2, || drop(again));
    assert!(in_task(2, || lock.try_lock()).is_ok());
}

#[test]
fn others_come_in_order_when_the_last_guard_is_gone() {
    let lock = ReentrantMutex::new(());
    let [a, b, c] = [(); 3].map(|()| Owner::unique());
    let (outer, inner) = (lock.try_lock_as(a).unwrap(), lock.try_lock_as(a).unwrap());
    let mut second = pin!(lock.lock_as(b));
    let mut third = pin!(lock.lock_as(c));
    let (count, waker) = CountingWaker::pair();
    assert!(
        second
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert!(poll(third.as_mut()).is_pending());
    drop(outer);
    assert_eq!(count.wakes(), 0, "once more");
    drop(inner);
    assert_eq!((count.wakes(), lock.holder()), (1, Some(b)));
    assert!(lock.try_lock_as(a).is_err(), "handed over");
    let Poll::Ready(guard) = poll(second) else {
        panic!("granted")
    };
    assert!(poll(third.as_mut()).is_pending());
    drop(guard);
    assert!(poll(third).is_ready());
}

#[test]
fn r_077_a_future_dropped_in_any_state_leaves_the_lock_to_the_next() {
    let [a, b, c] = [(); 3].map(|()| Owner::unique());
    for polls in 0..2 {
        for granted in [false, true] {
            let lock = ReentrantMutex::new(());
            let held = lock.try_lock_as(a).unwrap();
            let mut leaves = Box::pin(lock.lock_as(b));
            for _ in 0..polls {
                assert!(poll(leaves.as_mut()).is_pending());
            }
            let mut next = pin!(lock.lock_as(c));
            assert!(poll(next.as_mut()).is_pending());
            if granted {
                drop(held);
                drop(leaves);
            } else {
                drop(leaves);
                drop(held);
            }
            assert!(poll(next).is_ready(), "{polls} {granted}");
            assert_eq!(lock.depth(), 0);
        }
    }
}

#[test]
fn r_083_two_futures_of_one_owner_do_not_wait_for_each_other() {
    let lock = ReentrantMutex::new(());
    let (other, me) = (Owner::unique(), Owner::unique());
    let held = lock.try_lock_as(other).unwrap();
    let mut first = Box::pin(lock.lock_as(me));
    let mut second = Box::pin(lock.lock_as(me));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    drop(held);
    // The first was granted the lock, and is not polled any more.
    let Poll::Ready(guard) = poll(second.as_mut()) else {
        panic!("it belongs to the same owner")
    };
    assert_eq!(lock.depth(), 2);
    drop(guard);
    drop(first);
    assert_eq!(lock.depth(), 0);
}

#[test]
fn a_forgotten_future_that_was_granted_the_lock_keeps_it() {
    // Kept and never polled again, which is the same, and no leak.
    static FORGOTTEN: Mutex<Option<Pin<Box<ReentrantLock<'static, ()>>>>> = Mutex::new(None);
    static LOCK: ReentrantMutex<()> = ReentrantMutex::const_new(());
    let [a, b] = [(); 2].map(|()| Owner::unique());
    let held = LOCK.try_lock_as(a).unwrap();
    let mut forgotten = Box::pin(LOCK.lock_as(b));
    assert!(poll(forgotten.as_mut()).is_pending());
    *FORGOTTEN.lock() = Some(forgotten);
    drop(held);
    assert_eq!((LOCK.holder(), LOCK.depth()), (Some(b), 1));
    assert!(LOCK.try_lock_as(a).is_err());
    let again = LOCK.try_lock_as(b).unwrap();
    drop(again);
    assert_eq!(LOCK.depth(), 1);
}

#[test]
#[should_panic(expected = "held `u32::MAX` times by one owner")]
fn the_count_does_not_overflow() {
    let lock = ReentrantMutex::new(());
    let owner = Owner::unique();
    std::mem::forget(lock.try_lock_as(owner));
    *lock.raw.lock().state() = Holding::at_depth(owner, u32::MAX);
    drop(lock.try_lock_as(owner));
}

#[test]
fn r_082_a_task_without_budget_keeps_its_turn() {
    let lock = ReentrantMutex::new(());
    let held = lock.try_lock_as(Owner::unique()).unwrap();
    let mut first = Box::pin(lock.lock_as(Owner::unique()));
    let mut second = pin!(lock.lock_as(Owner::unique()));
    let (count, waker) = CountingWaker::pair();
    context::with_budget(Budget::initial(), || {
        while let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) {
            unit.made_progress();
        }
        assert!(poll(first.as_mut()).is_pending());
        assert!(poll(second.as_mut()).is_pending());
        drop(held);
        assert!(
            first
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    });
    assert_eq!(count.wakes(), 1, "it has the lock and comes again for it");
    assert!(poll(second.as_mut()).is_pending(), "not overtaken");
    drop(first);
    assert!(poll(second).is_ready(), "and it was given back");
}

#[test]
fn a_wait_is_noted_and_charged_when_it_ends() {
    let (lock, note) = (ReentrantMutex::new(()), WaitNote::new());
    let held = lock.try_lock().unwrap();
    let line = line!() + 1;
    let mut wait = pin!(lock.lock());
    context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(poll(wait.as_mut()).is_pending());
        assert_eq!(context::budget(), Budget::initial());
        drop(held);
        assert!(poll(wait.as_mut()).is_ready());
        assert_ne!(context::budget(), Budget::initial());
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Lock, line));
}

#[test]
fn debug_shows_the_value_to_the_owner_only() {
    let lock = ReentrantMutex::new(7);
    let guard = in_task(1, || lock.try_lock().unwrap());
    let shown = format!("{lock:?}");
    assert!(
        shown.contains("<locked>") && shown.contains("task 1"),
        "{shown}"
    );
    assert!(in_task(1, || format!("{lock:?}")).contains("data: 7"));
    drop(guard);
    assert!(format!("{lock:?}").contains("data: 7"));
}
