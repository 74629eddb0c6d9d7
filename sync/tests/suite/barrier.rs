//! `Barrier`: rounds of tasks and threads, with some who leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use selvedge_sync::Barrier;

use crate::executors::{any_executor, spawn, watched};
use crate::support::Seat;
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{panics, poll_once};

any_executor! {
    /// Nobody begins a round before all have ended the one before, and each has one leader.
    async fn rounds_do_not_mix() {
        const TASKS: usize = 5;
        const ROUNDS: usize = 20;
        let barrier = Arc::new(Barrier::new(TASKS));
        let arrived = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..TASKS).map(|_| {
            let (barrier, arrived) = (barrier.clone(), arrived.clone());
            spawn(async move {
                let mut led = 0;
                for round in 1..=ROUNDS {
                    arrived.fetch_add(1, Ordering::Relaxed);
                    led += usize::from(barrier.wait().await.is_leader());
                    assert!(arrived.load(Ordering::Relaxed) >= round * TASKS);
                    barrier.wait().await;
                    assert!(arrived.load(Ordering::Relaxed) <= (round + 1) * TASKS);
                }
                led
            })
        }).collect();
        let mut leaders = 0;
        for task in tasks {
            leaders += task.await;
        }
        assert_eq!(leaders, ROUNDS);
    }

    async fn tasks_and_threads_meet() {
        let barrier = Arc::new(Barrier::new(2));
        let thread = {
            let barrier = barrier.clone();
            thread::spawn(move || barrier.blocking_wait().is_leader())
        };
        let led = barrier.wait().await.is_leader();
        assert_ne!(thread.join().unwrap(), led);
    }
}

watched! {
    /// With tokio's barrier the round would be complete with a member that is not there.
    fn who_leaves_does_not_break_the_round() {
        for leaves in 0..2 {
            let barrier = Barrier::new(3);
            let mut waits = vec![Seat::waiting(barrier.wait()), Seat::waiting(barrier.wait())];
            drop(waits.remove(leaves));
            let mut second = Seat::waiting(barrier.wait());
            assert!(poll_once(barrier.wait()).unwrap().is_leader());
            assert!(!waits[0].woken().is_leader());
            assert!(!second.woken().is_leader());
        }
    }

    fn who_leaves_after_the_round_has_counted() {
        let barrier = Barrier::new(2);
        let leaves = Seat::waiting(barrier.wait());
        assert!(poll_once(barrier.wait()).unwrap().is_leader());
        drop(leaves);
        let mut next = Seat::waiting(barrier.wait());
        assert!(poll_once(barrier.wait()).unwrap().is_leader());
        assert!(!next.woken().is_leader());
    }

    fn who_is_forgotten_has_arrived() {
        let barrier: &'static Barrier = Box::leak(Box::new(Barrier::new(2)));
        std::mem::forget(Seat::waiting(barrier.wait()));
        assert!(poll_once(barrier.wait()).unwrap().is_leader());
        assert!(poll_once(barrier.wait()).is_none());
    }

    fn wakers_may_use_the_barrier() {
        for when in EVENTS {
            let barrier = Arc::new(Barrier::new(3));
            let hooked = reentrant({
                let barrier = barrier.clone();
                move |event| if event == when {
                    let _arrived_or_not = poll_once(barrier.wait());
                }
            });
            let waker = hooked.waker();
            let mut waits: Vec<_> = (0..2).map(|_| Box::pin(barrier.wait())).collect();
            for wait in &mut waits {
                assert!(crate::support::poll(wait.as_mut(), &waker).is_pending());
            }
            assert!(poll_once(barrier.wait()).unwrap().is_leader());
            drop((waits, waker));
            assert_eq!(hooked.alive(), 0);
            assert!(poll_once(barrier.wait()).is_none(), "a new round");
        }
    }

    /// The leader panics; its round is complete all the same.
    fn a_panicking_waker_does_not_keep_the_round() {
        let (hooked, armed) = bomb(Event::Wake);
        let (barrier, waker) = (Barrier::new(3), hooked.waker());
        let mut hostile = Box::pin(barrier.wait());
        assert!(crate::support::poll(hostile.as_mut(), &waker).is_pending());
        let mut friendly = Seat::waiting(barrier.wait());
        armed.store(true, Ordering::Relaxed);
        let mut leads = Seat::new(barrier.wait());
        assert!(panics(|| drop(leads.poll())));
        armed.store(false, Ordering::Relaxed);
        assert!(leads.ready().is_leader(), "it has arrived once");
        assert!(!friendly.woken().is_leader());
        drop(hostile);
        assert!(poll_once(barrier.wait()).is_none());
    }
}
