//! The lock, the order of those who wait for it, and what a dropped future leaves behind.

use std::future::Future;
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;

use super::wait::LOSSES_MAX;
use super::*;
use crate::context::{self, Budget, WaitKind, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};
use crate::thread_block::Foresees;

/// A future whose wakes are counted.
struct Seat<F> {
    future: Pin<Box<F>>,
    count: Arc<CountingWaker>,
    waker: Waker,
}

impl<F: Future> Seat<F> {
    fn new(future: F) -> Self {
        let (count, waker) = CountingWaker::pair();
        let future = Box::pin(future);
        Self {
            future,
            count,
            waker,
        }
    }

    fn poll(&mut self) -> Option<F::Output> {
        let mut cx = Context::from_waker(&self.waker);
        match self.future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    /// A future that has a place in the queue.
    fn waiting(future: F) -> Self {
        let mut seat = Self::new(future);
        assert!(seat.poll().is_none());
        seat
    }

    fn wakes(&self) -> usize {
        self.count.wakes()
    }
}

/// The first in the queue, after others have overtaken it as often as it allows.
fn out_of_patience<'a>(mutex: &'a Mutex<()>) -> (MutexGuard<'a, ()>, Seat<Lock<'a, ()>>) {
    let mut held = mutex.try_lock().unwrap();
    let mut waits = Seat::waiting(mutex.lock());
    for losses in 0..=LOSSES_MAX as usize {
        drop(held);
        held = mutex.try_lock().expect("overtakes who was woken");
        assert!(waits.poll().is_none());
        assert_eq!(waits.wakes(), losses + 1);
        if mutex.raw.state().hands_off() {
            return (held, waits);
        }
    }
    panic!("it never asked for a handoff");
}

#[test]
fn one_at_a_time_gets_at_the_value() {
    let mutex = Mutex::new(1);
    let mut guard = Seat::new(mutex.lock()).poll().unwrap();
    *guard += 1;
    assert_eq!(mutex.try_lock().unwrap_err(), TryLockError(()));
    assert!(ptr_eq(MutexGuard::mutex(&guard), &mutex));
    drop(guard);
    assert_eq!(*mutex.try_lock().unwrap(), 2);
    assert_eq!(mutex.into_inner(), 2);
    assert_eq!(*Mutex::from(3).get_mut(), 3);
    assert_eq!(*Mutex::<u8>::default().get_mut(), 0);
}

fn ptr_eq<T: ?Sized>(one: &Mutex<T>, other: &Mutex<T>) -> bool {
    std::ptr::addr_eq(one, other)
}

#[test]
fn the_first_in_the_queue_is_woken_and_competes() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let mut first = Seat::waiting(mutex.lock());
    let mut second = Seat::waiting(mutex.lock());
    drop(held);
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    let barged = mutex.try_lock().expect("free until it looks");
    assert!(first.poll().is_none());
    drop(barged);
    assert_eq!((first.wakes(), second.wakes()), (2, 0), "it kept its place");
    let taken = first.poll().unwrap();
    drop(taken);
    assert!(second.poll().is_some());
    assert_eq!(mutex.raw.state(), state::Snapshot::FREE);
}

#[test]
fn one_wake_is_in_flight_at_a_time() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let mut first = Seat::waiting(mutex.lock());
    let second = Seat::waiting(mutex.lock());
    drop(held);
    for _ in 0..3 {
        drop(mutex.try_lock().unwrap());
    }
    assert_eq!((first.wakes(), second.wakes()), (1, 0));
    assert!(first.poll().is_some());
    assert_eq!(second.wakes(), 1, "its guard was dropped");
}

#[test]
fn who_was_overtaken_too_often_is_handed_the_lock() {
    let mutex = Mutex::new(());
    let (held, mut waits) = out_of_patience(&mutex);
    let mut later = Seat::waiting(mutex.lock());
    drop(held);
    assert!(mutex.try_lock().is_err(), "it has the lock");
    assert!(later.poll().is_none());
    let granted = waits.poll().unwrap();
    drop(granted);
    assert_eq!(later.wakes(), 1);
    drop(mutex.try_lock().expect("barging again"));
    assert!(later.poll().is_some());
}

#[test]
fn a_wait_foresees_whether_a_poll_gets_it_on() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let mut waits = Seat::new(mutex.lock());
    assert!(!waits.future.would_get_on(), "not queued");
    assert!(waits.poll().is_none());
    assert!(!waits.future.would_get_on(), "queued");
    drop(held);
    assert!(waits.future.would_get_on(), "woken, and the lock is free");
    assert!(waits.poll().is_some());

    let (held, waits) = out_of_patience(&mutex);
    assert!(!waits.future.would_get_on());
    drop(held);
    assert!(mutex.try_lock().is_err());
    assert!(waits.future.would_get_on(), "it was handed the lock");

    let fair = Mutex::new(()).fair();
    let _held = fair.try_lock();
    assert!(
        fair.lock().would_get_on(),
        "who does not queue gets nothing"
    );
}

#[test]
fn a_fair_mutex_is_served_in_order() {
    let mutex = Mutex::new(()).fair();
    let held = mutex.try_lock().unwrap();
    let mut first = Seat::waiting(mutex.lock());
    let mut second = Seat::waiting(mutex.lock());
    drop(held);
    assert!(mutex.try_lock().is_err());
    assert!(second.poll().is_none());
    drop(first.poll().unwrap());
    assert!(mutex.try_lock().is_err());
    drop(second.poll().unwrap());
    assert_eq!((first.wakes(), second.wakes()), (1, 1));
    assert!(mutex.is_fair() && mutex.try_lock().is_ok());
}

#[test]
fn a_woken_waiter_that_is_dropped_passes_the_wake_on() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let first = Seat::waiting(mutex.lock());
    let mut second = Seat::waiting(mutex.lock());
    drop(held);
    drop(first);
    assert_eq!(second.wakes(), 1);
    assert!(second.poll().is_some());
}

#[test]
fn a_waiter_that_was_handed_the_lock_and_is_dropped_passes_it_on() {
    let mutex = Mutex::new(()).fair();
    let held = mutex.try_lock().unwrap();
    let first = Seat::waiting(mutex.lock());
    let mut second = Seat::waiting(mutex.lock());
    drop(held);
    drop(first);
    assert_eq!(second.wakes(), 1);
    drop(second.poll().unwrap());
    assert_eq!(mutex.raw.state(), state::Snapshot::FREE);
}

#[test]
fn who_asked_for_a_handoff_and_is_dropped_takes_the_request_along() {
    let mutex = Mutex::new(());
    let (held, waits) = out_of_patience(&mutex);
    let later = Seat::waiting(mutex.lock());
    drop(waits);
    drop(held);
    assert_eq!(later.wakes(), 1);
    assert!(mutex.try_lock().is_ok(), "nobody was handed the lock");
}

#[test]
fn r_077_the_lock_survives_waiters_dropped_after_any_number_of_polls() {
    for fair in [false, true] {
        for (polls, woken) in (0..3).flat_map(|polls| [(polls, false), (polls, true)]) {
            let mutex = Mutex::new(());
            let mutex = if fair { mutex.fair() } else { mutex };
            let mut held = Some(mutex.try_lock().unwrap());
            let mut leaves = Seat::new(mutex.lock());
            for _ in 0..polls {
                assert!(leaves.poll().is_none());
            }
            let mut stays = Seat::waiting(mutex.lock());
            if woken {
                held = None;
            }
            drop(leaves);
            drop(held);
            assert_eq!(stays.wakes(), 1);
            drop(stays.poll().expect("free"));
            assert!(mutex.try_lock().is_ok());
        }
    }
}

#[test]
fn r_082_a_task_without_budget_keeps_its_place() {
    for fair in [false, true] {
        let mutex = Mutex::new(());
        let mutex = if fair { mutex.fair() } else { mutex };
        let held = mutex.try_lock().unwrap();
        let mut first = Seat::new(mutex.lock());
        without_budget(|| assert!(first.poll().is_none()));
        let mut second = Seat::waiting(mutex.lock());
        drop(held);
        assert_eq!((first.wakes(), second.wakes()), (1, 0));
        without_budget(|| assert!(first.poll().is_none()));
        assert_eq!(first.wakes(), 2, "it has the lock and comes again for it");
        assert!(second.poll().is_none(), "not overtaken");
        drop(first);
        assert!(second.poll().is_some());
    }
}

fn without_budget(f: impl FnOnce()) {
    context::enter(NonZeroU64::MIN, None, Budget::initial(), || {
        while context::budget().has_remaining() {
            if let Poll::Ready(unit) = context::poll_proceed(&mut idle_context()) {
                unit.made_progress();
            }
        }
        f();
    });
}

#[test]
fn r_083_two_lock_futures_of_one_task() {
    // As documented: a fair mutex hands the lock to the future that is no longer polled.
    let mutex = Mutex::new(()).fair();
    let held = mutex.try_lock().unwrap();
    let abandoned = Seat::waiting(mutex.lock());
    let mut awaited = Seat::waiting(mutex.lock());
    drop(held);
    assert!(awaited.poll().is_none());
    drop(abandoned);
    assert!(awaited.poll().is_some());

    // One that barges is only woken, and the task that comes may take it through the other future.
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let abandoned = Seat::waiting(mutex.lock());
    let mut awaited = Seat::waiting(mutex.lock());
    let other_task = Seat::waiting(mutex.lock());
    drop(held);
    assert_eq!((abandoned.wakes(), other_task.wakes()), (1, 0));
    drop(awaited.poll().unwrap());
    assert_eq!(other_task.wakes(), 0, "held up by the abandoned one");
    drop(abandoned);
    assert_eq!(other_task.wakes(), 1);

    // Unless it was overtaken for too long before it was abandoned.
    let mutex = Mutex::new(());
    let (held, abandoned) = out_of_patience(&mutex);
    let mut awaited = Seat::waiting(mutex.lock());
    drop(held);
    assert!(awaited.poll().is_none());
    drop(abandoned);
    assert!(awaited.poll().is_some());
}

#[test]
fn a_forgotten_future_loses_what_it_was_given() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let woken = Seat::waiting(mutex.lock());
    let mut behind = Seat::waiting(mutex.lock());
    drop(held);
    std::mem::forget(woken.future);
    drop(mutex.try_lock().expect("free all the same"));
    assert_eq!(behind.wakes(), 0);
    drop(behind.poll().expect("free, but nobody says so"));

    let mutex = Mutex::new(()).fair();
    let held = mutex.try_lock().unwrap();
    let granted = Seat::waiting(mutex.lock());
    drop(held);
    std::mem::forget(granted.future);
    assert!(mutex.try_lock().is_err(), "as with a guard");
}

#[test]
fn a_panic_gives_the_lock_back() {
    let mutex = Mutex::new(0);
    let mut waits = pin!(mutex.lock());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let mut guard = mutex.try_lock().unwrap();
        assert!(waits.as_mut().poll(&mut idle_context()).is_pending());
        *guard = 1;
        panic!("wanted");
    }));
    assert!(panicked.is_err());
    let Poll::Ready(guard) = waits.poll(&mut idle_context()) else {
        panic!("the lock was not given back");
    };
    assert_eq!(*guard, 1);
}

#[test]
fn guards_are_narrowed() {
    let mutex = Mutex::new((1, [2, 3]));
    let array = MutexGuard::map(mutex.try_lock().unwrap(), |value| &mut value.1);
    let array = MappedMutexGuard::try_map(array, |array| array.get_mut(7)).unwrap_err();
    let mut last = MappedMutexGuard::map(array, |array| &mut array[1]);
    *last = 4;
    assert_eq!(format!("{last} {last:?}"), "4 4");
    assert!(mutex.try_lock().is_err());
    drop(last);
    let whole = MutexGuard::try_map(mutex.try_lock().unwrap(), |_| None::<&mut u8>).unwrap_err();
    assert_eq!(*whole, (1, [2, 4]));
    drop(whole);
    assert!(MutexGuard::try_map(mutex.try_lock().unwrap(), |value| Some(&mut value.0)).is_ok());
    assert!(mutex.try_lock().is_ok());
}

#[test]
fn owned_guards_keep_the_mutex_and_are_narrowed() {
    let mutex = Arc::new(Mutex::new((1, [2, 3])));
    let guard = Seat::new(mutex.clone().lock_owned()).poll().unwrap();
    assert!(Arc::ptr_eq(OwnedMutexGuard::mutex(&guard), &mutex));
    assert!(mutex.clone().try_lock_owned().is_err());
    let mut waits = Seat::waiting(mutex.clone().lock_owned());
    let array = OwnedMutexGuard::map(guard, |value| &mut value.1);
    let array = OwnedMappedMutexGuard::try_map(array, |array| array.get_mut(7)).unwrap_err();
    let mut last = OwnedMappedMutexGuard::map(array, |array| &mut array[1]);
    *last = 4;
    assert_eq!(format!("{last} {last:?}"), "4 4");
    drop(last);
    assert_eq!(waits.wakes(), 1);
    let mut guard = waits.poll().unwrap();
    drop(waits);
    guard.0 = 5;
    assert_eq!(Arc::strong_count(&mutex), 2);
    drop(mutex);
    let guard = OwnedMutexGuard::try_map(guard, |_| None::<&mut u8>).unwrap_err();
    assert_eq!(format!("{guard:?}"), "(5, [2, 4])");
    let first = OwnedMutexGuard::try_map(guard, |value| Some(&mut value.0)).unwrap();
    assert_eq!(*first, 5);
}

#[test]
fn values_without_a_size_are_locked() {
    let mutex: Arc<Mutex<[u8]>> = Arc::new(Mutex::new([1, 2]));
    mutex.try_lock().unwrap()[0] = 3;
    assert_eq!(*Seat::new(mutex.lock_owned()).poll().unwrap(), [3, 2]);
}

#[test]
fn plain_threads_block_for_the_lock() {
    let mutex = Arc::new(Mutex::new(0));
    let threads = [0, 1, 2].map(|_| {
        let mutex = mutex.clone();
        thread::spawn(move || {
            for _ in 0..100 {
                *mutex.blocking_lock() += 1;
                *mutex.clone().blocking_lock_owned() += 1;
            }
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*mutex.blocking_lock(), 600);
}

#[test]
fn a_thread_gives_up_after_a_while() {
    let mutex = Mutex::new(());
    let held = mutex.blocking_lock_timeout(Duration::MAX).unwrap();
    assert!(
        mutex
            .blocking_lock_timeout(Duration::from_millis(1))
            .is_err()
    );
    assert_eq!(
        format!("{:?}", mutex.raw.state()),
        "locked",
        "it left the queue"
    );
    drop(held);
}

#[test]
fn a_wait_with_a_limit_that_is_over_at_once_is_no_wait() {
    let mutex = Arc::new(Mutex::new(()));
    let mut wait = Seat::new(mutex.lock_timeout(Duration::ZERO));
    drop(wait.poll().unwrap().unwrap());
    let mut wait = Seat::new(mutex.clone().lock_owned_timeout(Duration::ZERO));
    assert!(wait.poll().unwrap().is_ok());
}

#[test]
fn a_lock_knows_its_name_place_and_holder() {
    let line = line!() + 1;
    let mutex = Mutex::new(7).named("accounts");
    assert_eq!(
        (mutex.name(), mutex.created_at().line()),
        (Some("accounts"), line)
    );
    assert_eq!(mutex.holder(), None);
    let guard = context::enter(NonZeroU64::MIN, None, Budget::initial(), || {
        Seat::new(mutex.lock()).poll().unwrap()
    });
    assert_eq!(mutex.holder().unwrap().task(), Some(NonZeroU64::MIN));
    let shown = format!("{mutex:?}");
    assert!(shown.contains("accounts") && shown.contains("<locked>") && shown.contains("task 1"));
    drop(guard);
    assert_eq!(mutex.holder(), None);
    assert_eq!(
        format!("{:?}", Mutex::new("data")),
        r#"Mutex { data: "data" }"#
    );
}

#[test]
fn a_lock_that_was_handed_over_is_held_by_who_will_find_it() {
    let mutex = Mutex::new(()).fair();
    let held = mutex.try_lock().unwrap();
    let mut waits = Seat::new(mutex.lock());
    context::enter(NonZeroU64::MIN, None, Budget::initial(), || {
        assert!(waits.poll().is_none());
    });
    drop(held);
    assert_eq!(mutex.holder().unwrap().task(), Some(NonZeroU64::MIN));
    drop(waits);
    assert_eq!(mutex.holder(), None);
}

#[test]
fn a_wait_is_noted_and_charged_when_it_ends() {
    let (mutex, note) = (Mutex::new(()), WaitNote::new());
    let line = line!() + 1;
    let mut wait = Seat::new(mutex.lock());
    let held = mutex.try_lock().unwrap();
    context::enter(NonZeroU64::MIN, Some(&note), Budget::initial(), || {
        assert!(wait.poll().is_none());
        assert_eq!(context::budget(), Budget::initial());
        drop(held);
        assert!(wait.poll().is_some());
        assert_ne!(context::budget(), Budget::initial());
    });
    let (kind, place) = note.get().unwrap();
    assert_eq!((kind, place.line()), (WaitKind::Lock, line));
}

#[test]
#[should_panic(expected = "polled after it had returned")]
fn a_future_returns_once() {
    let mutex = Mutex::new(());
    let mut wait = Seat::new(mutex.lock());
    drop(wait.poll().unwrap());
    let _ = wait.poll();
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let mut waits = Seat::waiting(mutex.lock());
    let (former, waker) = (waits.count.clone(), CountingWaker::pair());
    (waits.count, waits.waker) = waker;
    assert!(waits.poll().is_none());
    drop(held);
    assert_eq!((former.wakes(), waits.wakes()), (0, 1));
}

#[test]
fn a_waker_that_panics_leaves_the_mutex_usable() {
    struct Panics(AtomicU32);
    impl std::task::Wake for Panics {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
            panic!("wanted");
        }
    }
    let mutex = Mutex::new(());
    let panics = Arc::new(Panics(AtomicU32::new(0)));
    let waker = Waker::from(panics.clone());
    let mut waits = pin!(mutex.lock());
    let held = mutex.try_lock().unwrap();
    assert!(
        waits
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert!(catch_unwind(AssertUnwindSafe(|| drop(held))).is_err());

    // Also while a panic drops the guard.
    let held = mutex.try_lock().unwrap();
    assert!(
        waits
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    let both = catch_unwind(AssertUnwindSafe(|| {
        let _held = held;
        panic!("first");
    }));
    assert_eq!(both.unwrap_err().downcast_ref(), Some(&"first"));
    assert_eq!(panics.0.load(Ordering::Relaxed), 2);
    assert!(waits.poll(&mut idle_context()).is_ready());
}

#[test]
fn a_waker_that_panics_when_dropped_does_not_keep_the_lock() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("wanted");
        }
    }
    let mutex = Mutex::new(());
    let held = mutex.try_lock().unwrap();
    let first = Seat::waiting(mutex.lock());
    let mut second = Box::pin(mutex.lock());
    let waker = Waker::from(Arc::new(Panics));
    let polled = second.as_mut().poll(&mut Context::from_waker(&waker));
    assert!(polled.is_pending());
    // The queue has the last one.
    drop(waker);
    drop(held);
    let taking = AssertUnwindSafe(|| second.as_mut().poll(&mut idle_context()).is_ready());
    assert!(catch_unwind(taking).is_err(), "it took the lock");
    drop(second);
    assert!(mutex.try_lock().is_ok(), "and gave it back");
    drop(first);
}

#[test]
fn r_087_guards_cross_threads_as_their_values_may() {
    fn send<T: Send>() {}
    fn both<T: Send + Sync>() {}
    both::<Mutex<u8>>();
    both::<Mutex<std::cell::Cell<u8>>>();
    both::<MutexGuard<'_, u8>>();
    both::<MappedMutexGuard<'_, u8>>();
    both::<OwnedMutexGuard<u8>>();
    both::<OwnedMappedMutexGuard<u8, u8>>();
    both::<Lock<'_, u8>>();
    both::<LockOwned<u8>>();
    send::<MutexGuard<'_, std::cell::Cell<u8>>>();
    send::<MappedMutexGuard<'_, std::cell::Cell<u8>>>();
    send::<OwnedMutexGuard<std::cell::Cell<u8>>>();
    send::<OwnedMappedMutexGuard<u8, std::cell::Cell<u8>>>();
}
