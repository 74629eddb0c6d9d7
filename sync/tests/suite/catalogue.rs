//! Bugs that other libraries had, tried on ours: those that belong to no single primitive's tests, or
//! are about values and wakers that misbehave.
//!
//! Each test is named after the line of the catalogue it comes from. Where two threads race, the
//! models explore the orders; here the same race runs on the real thing, for the memory checkers.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::Waker;
use std::thread;

use selvedge_sync::{Mutex, Notify, RwLock, Semaphore, TaskTracker, WaitGroup};
use selvedge_sync::{broadcast, oneshot, watch};

use crate::executors::{block_on, watched};
use crate::support::hooked::{EVENTS, Event, reentrant};
use crate::support::{Bell, Census, Seat, panics, poll};

/// How often threads meet.
const ROUNDS: usize = 200;

/// Runs both at the same time.
fn race(one: impl FnOnce() + Send, other: impl FnOnce() + Send) {
    let start = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            one();
        });
        start.wait();
        other();
    });
}

watched! {
    fn r_001_a_waker_may_notify_while_it_is_cloned() {
        let notify = Arc::new(Notify::new());
        let inner = notify.clone();
        let hooked = reentrant(move |event| if event == Event::Clone { inner.notify_one() });
        let waker = hooked.waker();
        let mut wait = Box::pin(notify.notified());
        // What the clone notified is seen, at once or as a wake.
        let ready = poll(wait.as_mut(), &waker).is_ready();
        assert!(ready || poll(wait.as_mut(), &waker).is_ready());
    }

    fn r_002_a_waker_may_own_the_last_of_what_uses_the_notify() {
        struct Notifies(Arc<Notify>);
        impl Drop for Notifies {
            fn drop(&mut self) {
                self.0.notify_waiters();
                self.0.notify_one();
            }
        }
        let notify = Arc::new(Notify::new());
        let owned = std::sync::Mutex::new(Some(Notifies(notify.clone())));
        let hooked = reentrant(move |event| {
            if event == Event::Drop {
                drop(owned.lock().unwrap().take());
            }
        });
        let waker = hooked.waker();
        let mut wait = Box::pin(notify.notified());
        assert!(poll(wait.as_mut(), &waker).is_pending());
        // The held waker is replaced and dropped.
        let _ = poll(wait.as_mut(), Waker::noop());
        drop((wait, waker));
        assert_eq!(hooked.alive(), 0);
    }

    fn r_005_wakers_may_use_the_broadcast_channel() {
        for when in EVENTS {
            let (tx, mut rx) = broadcast::channel::<u32>(4);
            let inner = tx.clone();
            let hooked = reentrant(move |event| {
                if event == when {
                    inner.len();
                    drop(inner.subscribe());
                    let _ = inner.send(9);
                }
            });
            let waker = hooked.waker();
            let mut wait = Box::pin(rx.recv());
            for waker in [&waker, Waker::noop(), &waker] {
                if poll(wait.as_mut(), waker).is_ready() {
                    break;
                }
            }
            drop(wait);
            tx.send(1).expect("a receiver");
            drop((waker, rx));
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    fn r_006_who_waits_for_the_last_receiver_may_use_the_channel() {
        let (tx, rx) = broadcast::channel::<u32>(4);
        let (inner, woken) = (tx.clone(), Arc::new(AtomicBool::new(false)));
        let seen = woken.clone();
        let hooked = reentrant(move |event| {
            if event == Event::Wake {
                assert_eq!(inner.receiver_count(), 0);
                assert!(inner.is_empty() && inner.send(1).is_err());
                seen.store(true, Ordering::SeqCst);
            }
        });
        let waker = hooked.waker();
        let mut closed = Box::pin(tx.closed());
        assert!(poll(closed.as_mut(), &waker).is_pending());
        drop(rx);
        assert!(woken.load(Ordering::SeqCst));
        assert!(poll(closed.as_mut(), &waker).is_ready());
    }

    fn r_081_forgetting_permits_does_not_open_a_closed_semaphore() {
        let semaphore = Semaphore::new(3);
        semaphore.close();
        assert_eq!(semaphore.forget_permits(2), 2);
        semaphore.add_permits(1);
        assert_eq!(semaphore.forget_permits(9), 2);
        assert!(semaphore.is_closed());
        assert!(block_on(semaphore.acquire()).is_err());
    }

    fn r_095_wakes_drops_and_attempts_at_once_give_out_no_permit_twice() {
        let (semaphore, inside) = (Arc::new(Semaphore::new(1)), AtomicUsize::new(0));
        let enter = |permit| {
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "one permit");
            inside.fetch_sub(1, Ordering::SeqCst);
            drop(permit);
        };
        for _ in 0..ROUNDS {
            let held = semaphore.try_acquire().expect("it is free");
            let mut cancelled = Seat::waiting(semaphore.acquire());
            let mut kept = Box::pin(semaphore.acquire());
            assert!(poll(kept.as_mut(), Waker::noop()).is_pending());
            let tries = || (0..4).for_each(|_| semaphore.try_acquire().into_iter().for_each(enter));
            race(tries, || drop(held));
            let _ = cancelled.poll().map(|permit| enter(permit.expect("open")));
            drop(cancelled);
            enter(block_on(kept).expect("open"));
        }
        assert_eq!(semaphore.available_permits(), 1);
    }

    fn r_098_the_last_two_of_a_group_may_leave_at_once() {
        for _ in 0..ROUNDS {
            let group = WaitGroup::new();
            let (one, other) = (group.clone(), group.clone());
            let mut wait = Box::pin(group.wait());
            race(|| drop(one), || drop(other));
            block_on(wait.as_mut());

            let tracker = TaskTracker::new();
            let (one, other) = (tracker.token(), tracker.token());
            race(|| drop(one), || {
                drop(other);
                tracker.close();
            });
            block_on(tracker.wait());
        }
    }

    fn r_109_a_receiver_that_moves_on_keeps_no_old_waker() {
        let (tx, rx) = oneshot::channel::<u8>();
        let mut rx = Box::pin(rx);
        let (first, waker) = Bell::new();
        assert!(poll(rx.as_mut(), &waker).is_pending());
        drop(waker);
        let (second, waker) = Bell::new();
        assert!(poll(rx.as_mut(), &waker).is_pending());
        assert_eq!(Arc::strong_count(&first), 1, "the first waker is gone");
        tx.send(1).expect("a receiver");
        assert_eq!((first.rings(), second.rings()), (0, 1));
    }

    fn r_110_values_that_are_not_sync_are_cloned_by_one_at_a_time() {
        /// `Send` only: two clones at once would be a data race on the cell.
        struct Counts {
            clones: Cell<usize>,
            inside: Arc<AtomicUsize>,
            most: Arc<AtomicUsize>,
        }
        impl Clone for Counts {
            fn clone(&self) -> Self {
                let others = self.inside.fetch_add(1, Ordering::SeqCst);
                self.most.fetch_max(others, Ordering::SeqCst);
                self.clones.set(self.clones.get() + 1);
                thread::yield_now();
                self.inside.fetch_sub(1, Ordering::SeqCst);
                Self {
                    clones: Cell::new(0),
                    inside: self.inside.clone(),
                    most: self.most.clone(),
                }
            }
        }
        let (tx, rx) = broadcast::channel(ROUNDS);
        let receivers = [rx, tx.subscribe(), tx.subscribe()];
        let most = Arc::new(AtomicUsize::new(0));
        thread::scope(|scope| {
            for mut rx in receivers {
                scope.spawn(move || while block_on(rx.recv()).is_ok() {});
            }
            for _ in 0..ROUNDS {
                // Each value has its own count of those inside.
                let value = Counts {
                    clones: Cell::new(0),
                    inside: Arc::default(),
                    most: most.clone(),
                };
                assert!(tx.send(value).is_ok());
            }
            drop(tx);
        });
        assert_eq!(most.load(Ordering::SeqCst), 0, "never two in the same value");
    }

    fn r_111_receivers_come_and_go_and_the_channel_goes_on() {
        let (tx, rx) = broadcast::channel::<usize>(2);
        drop(rx);
        for round in 0..ROUNDS {
            assert!(tx.send(round).is_err(), "closed for lack of receivers");
            let mut rx = tx.subscribe();
            let given_up = Seat::waiting(rx.recv()).wakes();
            assert_eq!((given_up, tx.receiver_count()), (0, 1));
            let mut seat = Seat::waiting(rx.recv());
            tx.send(round).expect("open again");
            assert_eq!(seat.woken(), Ok(round));
        }
    }

    fn r_113_a_value_sent_to_a_receiver_that_closes_is_had_by_one_side() {
        let census = Census::new();
        for _ in 0..ROUNDS {
            let (tx, mut rx) = oneshot::channel();
            let value = census.value(1);
            let came_back = AtomicBool::new(false);
            let mut received = false;
            race(
                || came_back.store(tx.send(value).is_err(), Ordering::SeqCst),
                || {
                    rx.close();
                    received = rx.try_recv().is_ok();
                },
            );
            // Sent just before the close, it may be seen only now.
            received = received || !rx.is_terminated() && block_on(rx).is_ok();
            assert_ne!(came_back.into_inner(), received);
            assert_eq!(census.alive(), 0);
        }
    }

    fn r_114_a_polled_receiver_goes_while_the_value_comes() {
        let census = Census::new();
        for _ in 0..ROUNDS {
            let (tx, rx) = oneshot::channel();
            let value = census.value(1);
            let (bell, waker) = Bell::new();
            let mut rx = Box::pin(rx);
            assert!(poll(rx.as_mut(), &waker).is_pending());
            race(|| drop(tx.send(value)), || drop(rx));
            drop(waker);
            assert_eq!((census.alive(), Arc::strong_count(&bell)), (0, 1));
        }
    }

    fn values_whose_debug_panics_hold_no_lock() {
        struct Hostile;
        impl fmt::Debug for Hostile {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("debug")
            }
        }
        let mutex = Mutex::new(Hostile);
        assert!(panics(|| drop(format!("{mutex:?}"))));
        assert!(mutex.try_lock().is_ok());
        let lock = RwLock::new(Hostile);
        assert!(panics(|| drop(format!("{lock:?}"))));
        assert!(lock.try_write().is_ok());
        let (tx, rx) = watch::channel(Hostile);
        let _ = panics(|| drop(format!("{tx:?} {rx:?}")));
        assert!(tx.send(Hostile).is_ok());
    }

    fn values_whose_clone_panics_end_no_broadcast() {
        struct Hostile(bool, Arc<AtomicUsize>);
        impl Clone for Hostile {
            fn clone(&self) -> Self {
                assert!(!self.0, "clone");
                self.1.fetch_add(1, Ordering::SeqCst);
                Self(self.0, self.1.clone())
            }
        }
        let clones = Arc::new(AtomicUsize::new(0));
        let (tx, mut rx) = broadcast::channel(4);
        let mut other = tx.subscribe();
        assert!(tx.send(Hostile(true, clones.clone())).is_ok());
        assert!(tx.send(Hostile(false, clones.clone())).is_ok());
        for rx in [&mut rx, &mut other] {
            let failed = panics(|| drop(rx.try_recv()));
            // Received again or passed over: the next one comes in any case.
            let next = || rx.try_recv().is_ok();
            assert!(failed);
            let mut next = next;
            let mut came = false;
            let _ = panics(|| came = next());
            assert!(came || next(), "the channel goes on");
        }
        assert!(tx.send(Hostile(false, clones)).is_ok());
    }

    fn closures_that_panic_leave_a_watch_usable() {
        let (tx, mut rx) = watch::channel(1);
        assert!(panics(|| tx.send_modify(|_| panic!("modify"))));
        assert!(panics(|| {
            tx.send_if_modified(|_| panic!("modify"));
        }));
        tx.send_modify(|value| *value += 1);
        assert_eq!(*rx.borrow_and_update(), 2);
        let asked = panics(|| drop(block_on(rx.wait_for(|_| panic!("condition")))));
        assert!(asked);
        assert!(tx.send(3).is_ok());
        assert_eq!(*rx.borrow(), 3);
    }

    fn values_whose_drop_panics_leave_channels_usable() {
        struct Hostile;
        impl Drop for Hostile {
            fn drop(&mut self) {
                if !thread::panicking() {
                    panic!("drop");
                }
            }
        }
        let (tx, mut rx) = broadcast::channel(1);
        for _ in 0..3 {
            // The value that is pushed out ends here.
            let _ = panics(|| drop(tx.send(Arc::new(Hostile))));
        }
        let _ = panics(|| drop(rx.try_recv()));
        let _ = panics(|| drop(rx.try_recv()));
        assert_eq!(tx.receiver_count(), 1);
        let _ = panics(|| drop((tx, rx)));
        let (tx, rx) = watch::channel(Arc::new(Hostile));
        assert!(panics(|| drop(tx.send(Arc::new(Hostile)))));
        assert!(!rx.is_closed());
        assert!(panics(|| drop((tx, rx))));
    }
}
