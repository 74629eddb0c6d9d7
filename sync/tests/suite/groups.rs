//! `WaitGroup` and `TaskTracker`: the end of many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use selvedge_sync::{TaskTracker, WaitGroup};

use crate::executors::{any_executor, spawn, watched};
use crate::support::hooked::{EVENTS, reentrant};
use crate::support::{Seat, poll, poll_once};

any_executor! {
    async fn a_group_waits_for_tasks_and_threads() {
        let group = WaitGroup::new();
        let done = Arc::new(AtomicUsize::new(0));
        for number in 0..8 {
            let (member, done) = (group.clone(), done.clone());
            let work = move || {
                done.fetch_add(1, Ordering::Relaxed);
                drop(member);
            };
            if number % 2 == 0 {
                thread::spawn(work);
            } else {
                drop(spawn(async move { work() }));
            }
        }
        let blocks = group.clone();
        let thread = thread::spawn(move || blocks.blocking_wait());
        group.await;
        assert_eq!(done.load(Ordering::Relaxed), 8);
        thread.join().unwrap();
    }

    async fn a_tracker_waits_for_what_it_tracks() {
        let tracker = TaskTracker::new();
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..8 {
            let done = done.clone();
            drop(spawn(tracker.track_future(async move {
                done.fetch_add(1, Ordering::Relaxed);
            })));
        }
        let token = tracker.token();
        let thread = {
            let tracker = tracker.clone();
            thread::spawn(move || tracker.blocking_wait())
        };
        tracker.close();
        drop(token);
        tracker.wait().await;
        assert_eq!(done.load(Ordering::Relaxed), 8);
        thread.join().unwrap();
    }
}

watched! {
    fn a_wait_of_a_tracker_that_is_dropped_keeps_nobody() {
        let tracker = TaskTracker::new();
        let token = tracker.token();
        let leaves = Seat::waiting(tracker.wait());
        let mut stays = Seat::waiting(tracker.wait());
        tracker.close();
        drop(leaves);
        drop(token);
        stays.woken();
    }

    fn wakers_may_use_the_tracker() {
        for when in EVENTS {
            let tracker = TaskTracker::new();
            let hooked = reentrant({
                let tracker = tracker.clone();
                move |event| if event == when {
                    drop(tracker.token());
                    tracker.reopen();
                    tracker.close();
                    let _over_or_not = poll_once(tracker.wait());
                }
            });
            let waker = hooked.waker();
            let mut wait = Box::pin(tracker.wait());
            let _ = poll(wait.as_mut(), &waker);
            tracker.close();
            assert!(poll(wait.as_mut(), std::task::Waker::noop()).is_ready());
            drop((wait, waker));
            assert_eq!(hooked.alive(), 0);
        }
    }

    fn wakers_may_own_members() {
        let group = WaitGroup::new();
        let member = std::sync::Mutex::new(Some(group.clone()));
        let other = group.clone();
        let hooked = reentrant(move |_| drop(member.lock().unwrap().take()));
        let waker = hooked.waker();
        let mut wait = Box::pin(group.wait());
        // The clone of the waker ends the membership.
        let _ = poll(wait.as_mut(), &waker);
        drop(other);
        assert!(poll(wait.as_mut(), std::task::Waker::noop()).is_ready());
        drop((wait, waker));
        assert_eq!(hooked.alive(), 0);
    }
}
