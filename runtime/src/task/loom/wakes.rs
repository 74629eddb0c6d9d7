//! Wakes against polls, against the end of the task, and against the end of its references.

use super::*;
use selvedge_sync::model_check::{THREE, UNBOUNDED, check, spawn, start};

/// Two threads, and this one if there are three flags, open a flag each and wake the task. Whoever
/// makes its runnable polls it, so polls race with wakes: it must pass in the end.
fn every_waker_is_answered(name: &str, flags: usize, bound: Option<usize>) {
    check(name, bound, move || {
        let (gate, fate, scheduler) = (Gate::new(flags), Fate::new(), OnTheSpot::new());
        let (handle, waker) = waiting_at(&gate, &fate, &scheduler);
        let threads: Vec<_> = (0..2)
            .map(|flag| {
                let (gate, waker) = (gate.clone(), waker.clone());
                spawn(move || {
                    gate.open(flag);
                    waker.wake();
                })
            })
            .collect();
        start();
        if flags == 3 {
            gate.open(2);
            waker.wake_by_ref();
        }
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
        assert!(handle.is_finished(), "a wake was lost");
        fate.assert_dropped(1, 0);
        drop((handle, waker));
        fate.assert_dropped(1, 1);
    });
}

/// L-17. A poller and two wakers: no wake is lost (I1).
///
/// Bound 3: 2 418 executions.
#[test]
fn l17_two_wakers_against_a_poller() {
    every_waker_is_answered("L-17", 2, THREE);
}

/// L-18. The same with three wakers.
///
/// Bound 3: 52 630 executions.
#[test]
fn l18_three_wakers_against_a_poller() {
    every_waker_is_answered("L-18", 3, THREE);
}

/// The task is scheduled already when it is woken, by value or by reference: the poll that is
/// about to start must see what the waker wrote, or there must be another poll.
///
/// Unbounded: 289 and 1 935 executions.
#[test]
fn r26_wake_of_a_scheduled_task_publishes() {
    for by_ref in [false, true] {
        check(&format!("R-26 by_ref={by_ref}"), UNBOUNDED, move || {
            let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), OnTheSpot::new());
            let (handle, waker) = waiting_at(&gate, &fate, &scheduler);
            let task = scheduler.hold(|| waker.wake_by_ref());
            let opener = {
                let gate = gate.clone();
                spawn(move || {
                    gate.open(0);
                    if by_ref {
                        waker.wake_by_ref()
                    } else {
                        waker.wake()
                    }
                })
            };
            start();
            run(task);
            opener.join().unwrap();
            assert!(
                handle.is_finished(),
                "the poll saw neither the flag nor the wake"
            );
        });
    }
}

/// L-19. The task completes on this thread while one thread wakes it and another drops its waker;
/// nobody has a handle: whoever is last frees it (I2), and the finisher drops the output (I3).
///
/// Bound 3: 3 906 executions.
#[test]
fn l19_wake_against_complete_against_drop_of_the_last_waker() {
    check("L-19", THREE, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), OnTheSpot::new());
        let (handle, waker) = waiting_at(&gate, &fate, &scheduler);
        drop(handle);
        gate.open(0);
        let task = scheduler.hold(|| waker.wake_by_ref());
        let other = waker.clone();
        let wakes = spawn(move || waker.wake());
        let drops = spawn(move || drop(other));
        start();
        run(task);
        wakes.join().unwrap();
        drops.join().unwrap();
        fate.assert_dropped(1, 1);
    });
}

/// L-25. The last waker goes on a foreign thread while the finisher releases the task: one of them
/// frees it, after the other's last access (I2).
///
/// Unbounded: 119 executions.
#[test]
fn l25_last_waker_dropped_by_a_foreign_thread() {
    check("L-25", UNBOUNDED, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), OnTheSpot::new());
        let (handle, waker) = waiting_at(&gate, &fate, &scheduler);
        drop(handle);
        gate.open(0);
        let task = scheduler.hold(|| waker.wake_by_ref());
        let drops = spawn(move || drop(waker));
        start();
        run(task);
        drops.join().unwrap();
        fate.assert_dropped(1, 1);
    });
}

/// L-25, variant: the last waker and the handle, which takes the output, go at once.
///
/// Unbounded: 119 executions.
#[test]
fn l25_last_waker_against_the_handle() {
    check("L-25 handle", UNBOUNDED, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), OnTheSpot::new());
        let (mut handle, waker) = waiting_at(&gate, &fate, &scheduler);
        gate.open(0);
        let other = waker.clone();
        waker.wake();
        let drops = spawn(move || drop(other));
        start();
        assert!(matches!(
            poll_once(&mut handle, Waker::noop()),
            Poll::Ready(Ok(_))
        ));
        drops.join().unwrap();
        fate.assert_dropped(1, 1);
    });
}

/// Wakers are cloned and dropped on two threads while the task runs: the count stays exact (I2).
///
/// Bound 3: 614 executions.
#[test]
fn clones_against_drops_against_complete() {
    check("waker clones", THREE, || {
        let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), OnTheSpot::new());
        let (handle, waker) = waiting_at(&gate, &fate, &scheduler);
        drop(handle);
        let other = waker.clone();
        let clones = spawn(move || drop((other.clone(), other)));
        start();
        gate.open(0);
        waker.wake();
        clones.join().unwrap();
        fate.assert_dropped(1, 1);
    });
}

/// The task goes idle on this thread while another wakes it and has its runnable refused: it drops
/// the future, which was polled here, without a look at the word in between (I1).
///
/// Unbounded: 25 and 80 executions.
#[test]
fn refused_runnable_against_the_end_of_a_poll() {
    for by_ref in [false, true] {
        check(&format!("refused by_ref={by_ref}"), UNBOUNDED, move || {
            let (gate, fate, scheduler) = (Gate::new(1), Fate::new(), OnTheSpot::new());
            let (handle, waker) = waiting_at(&gate, &fate, &scheduler);
            let task = scheduler.hold(|| waker.wake_by_ref());
            scheduler.refuse();
            let wakes = spawn(move || {
                if by_ref {
                    waker.wake_by_ref()
                } else {
                    waker.wake()
                }
            });
            start();
            run(task);
            wakes.join().unwrap();
            // The poll may have answered the wake; nobody but the handle can reach the task then.
            handle.abort();
            drop(handle);
            fate.assert_dropped(1, 0);
        });
    }
}
