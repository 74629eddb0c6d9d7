//! `Notify`: whom a notification reaches, also past those who left; hostile wakers.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Waker;

use selvedge_sync::Notify;

use crate::executors::{any_executor, spawn, until, watched};
use crate::support::cancel::{cancels, ready, seat};
use crate::support::hooked::{EVENTS, Event, Hooked, bomb, reentrant};
use crate::support::{Bell, Seat, panics, poll};

any_executor! {
    async fn one_notification_wakes_one_task() {
        let notify = Arc::new(Notify::new());
        let woken = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..4).map(|_| {
            let (notify, woken) = (notify.clone(), woken.clone());
            spawn(async move {
                notify.notified().await;
                woken.fetch_add(1, Ordering::SeqCst);
            })
        }).collect();
        for number in 1..=4 {
            notify.notify_one();
            until(|| woken.load(Ordering::SeqCst) >= number).await;
            // A permit for one that does not wait yet is as good.
            assert_eq!(woken.load(Ordering::SeqCst), number);
        }
        for task in tasks {
            task.await;
        }
    }

    async fn a_broadcast_reaches_all_futures_that_exist() {
        let notify = Arc::new(Notify::new());
        let tasks: Vec<_> = (0..4).map(|_| spawn(notify.clone().notified_owned())).collect();
        notify.notify_waiters();
        for task in tasks {
            task.await;
        }
    }
}

watched! {
    fn notify_one_reaches_the_next_one_in_line() {
        for victim in 0..3 {
            for cancel in cancels(3) {
                let notify = Notify::new();
                let mut seats = seat(3, victim, cancel, || notify.notified());
                let queued = cancel.polls > 0;
                // Everybody up to the victim is notified, so that it is its turn.
                let before = if queued { victim } else { 0 };
                for _ in 0..before {
                    notify.notify_one();
                }
                if cancel.woken {
                    notify.notify_one();
                }
                drop(seats.remove(victim));
                let expected: Vec<_> = (0..before + usize::from(cancel.woken)).collect();
                let reached = expected.iter().copied().filter(|index| *index < 2);
                assert!(
                    ready(&mut seats).into_iter().eq(reached),
                    "victim {victim}, {cancel:?}"
                );
                // With nobody left to pass it on to, the notification is the permit.
                let permit = Seat::new(notify.notified()).poll().is_ready();
                assert_eq!(permit, expected.len() > 2, "victim {victim}, {cancel:?}");
            }
        }
    }

    fn notify_last_goes_to_the_one_before() {
        for cancel in cancels(3).filter(|cancel| cancel.polls > 0) {
            let notify = Notify::new();
            let mut seats = seat(3, 2, cancel, || notify.notified());
            if cancel.woken {
                notify.notify_last();
            }
            seats.pop();
            let expected: &[usize] = if cancel.woken { &[1] } else { &[] };
            assert_eq!(ready(&mut seats), expected, "{cancel:?}");
            assert!(Seat::new(notify.notified()).poll().is_pending());
        }
    }

    fn notify_waiters_owes_nothing_to_the_dropped() {
        for victim in 0..3 {
            for cancel in cancels(3) {
                let notify = Notify::new();
                let mut seats = seat(3, victim, cancel, || notify.notified());
                if cancel.woken {
                    notify.notify_waiters();
                }
                drop(seats.remove(victim));
                let expected: &[usize] = if cancel.woken { &[0, 1] } else { &[] };
                assert_eq!(ready(&mut seats), expected, "{cancel:?}");
                assert!(Seat::new(notify.notified()).poll().is_pending());
            }
        }
    }
}

fn works(notify: &Notify) {
    let count = Arc::new(Bell::default());
    let mut wait = pin!(notify.notified());
    let waker = Waker::from(count.clone());
    if poll(wait.as_mut(), &waker).is_ready() {
        // A permit was left; the next one has to wait.
        wait.set(notify.notified());
        assert!(poll(wait.as_mut(), &waker).is_pending());
    }
    notify.notify_one();
    assert_eq!(count.rings(), 1, "normal use works: {notify:?}");
    assert!(poll(wait, &waker).is_ready());
}

/// One wait that meets everything a waker can go through; the last step is up to the caller.
fn session(
    notify: &Notify,
    waker: &Waker,
    end: impl FnOnce(Pin<Box<dyn Future<Output = ()> + '_>>),
) {
    let mut wait: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(notify.notified());
    if poll(wait.as_mut(), waker).is_pending() && poll(wait.as_mut(), Waker::noop()).is_pending() {
        let _ = poll(wait.as_mut(), waker);
    }
    end(wait);
}

watched! {
    fn panics_do_not_block_the_queue() {
        for when in EVENTS {
            for end in 0..4 {
                let (hooked, armed) = bomb(when);
                let (notify, waker) = (Notify::new(), hooked.waker());
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    session(&notify, &waker, |wait| match end {
                        0 => notify.notify_one(),
                        1 => notify.notify_waiters(),
                        2 => notify.notify_last(),
                        _ => drop(wait),
                    });
                });
                armed.store(false, Ordering::Relaxed);
                let expected = match when {
                    Event::Clone | Event::Drop => true,
                    Event::Wake => end < 3,
                };
                assert_eq!(panicked, expected, "{when:?} {end}");
                works(&notify);
                drop(waker);
                assert_eq!(hooked.alive(), 0, "{when:?} {end}");
            }
        }
    }

    fn a_panicking_waker_does_not_keep_a_broadcast_from_the_others() {
        let (hooked, armed) = bomb(Event::Wake);
        let count = Arc::new(Bell::default());
        let (notify, hostile, friendly) = (Notify::new(), hooked.waker(), Waker::from(count.clone()));
        let mut waits: Vec<_> = (0..100).map(|_| Box::pin(notify.notified())).collect();
        for (number, wait) in waits.iter_mut().enumerate() {
            let waker = if number % 5 == 0 { &hostile } else { &friendly };
            assert!(poll(wait.as_mut(), waker).is_pending());
        }
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| notify.notify_waiters()));
        assert_eq!(count.rings(), 80, "the others were all woken");
        for wait in &mut waits {
            assert!(poll(wait.as_mut(), Waker::noop()).is_ready());
        }
        works(&notify);
    }

    fn wakers_may_use_the_notify() {
        // a clone or drop under the lock would not come back from here.
        for way in 0..4 {
            for end in 0..3 {
                let notify = Arc::new(Notify::new());
                let hooked = reentrant({
                    let notify = notify.clone();
                    move |_| match way {
                        0 => notify.notify_one(),
                        1 => notify.notify_waiters(),
                        2 => notify.notify_last(),
                        _ => drop(poll(pin!(notify.notified()), Waker::noop())),
                    }
                });
                let waker = hooked.waker();
                session(&notify, &waker, |wait| match end {
                    0 => notify.notify_one(),
                    1 => notify.notify_waiters(),
                    _ => drop(wait),
                });
                works(&notify);
                drop(waker);
                assert_eq!(hooked.alive(), 0);
            }
        }
    }

    fn a_broadcast_may_be_joined_and_left_by_its_wakers() {
        // The first batch drops waiters of the second one, adds new ones, and broadcasts again.
        type Waits = Mutex<Vec<Pin<Box<selvedge_sync::OwnedNotified>>>>;
        let notify = Arc::new(Notify::new());
        let waits: Arc<Waits> = Arc::default();
        let count = Arc::new(Bell::default());
        let hooked = Hooked::new({
            let (notify, waits, count) = (notify.clone(), waits.clone(), count.clone());
            move |event| {
                if event == Event::Wake {
                    let left = waits.lock().unwrap().pop();
                    drop(left);
                    let mut late = Box::pin(notify.clone().notified_owned());
                    assert!(poll(late.as_mut(), &Waker::from(count.clone())).is_pending());
                    waits.lock().unwrap().insert(0, late);
                    notify.notify_waiters();
                }
            }
        });
        let waker = hooked.waker();
        for _ in 0..70 {
            let mut wait = Box::pin(notify.clone().notified_owned());
            assert!(poll(wait.as_mut(), &waker).is_pending());
            waits.lock().unwrap().push(wait);
        }
        notify.notify_waiters();
        for mut wait in waits.lock().unwrap().drain(..) {
            assert!(poll(wait.as_mut(), Waker::noop()).is_ready());
        }
        works(&notify);
        drop(waker);
        assert_eq!(hooked.alive(), 0);
    }
}

watched! {
    /// Whoever was chosen and leaves unseen passes it on to the next, or leaves the permit; once.
    fn r_099_a_notification_outlives_the_one_it_was_for() {
        let notify = Notify::new();
        let (chosen, mut next) = (Seat::waiting(notify.notified()), Seat::waiting(notify.notified()));
        notify.notify_one();
        let mut late = Seat::waiting(notify.notified());
        drop(chosen);
        next.woken();
        assert!(late.poll().is_pending() && late.wakes() == 0, "not twice");
        drop(late);
        let chosen = Seat::waiting(notify.notified());
        notify.notify_one();
        drop(chosen);
        Seat::new(notify.notified()).ready();
        drop(Seat::waiting(notify.notified()));
    }

    fn r_101_a_broadcast_neither_eats_nor_leaves_a_permit() {
        let notify = Notify::new();
        let mut covered = Seat::new(notify.notified());
        notify.notify_waiters();
        notify.notify_one();
        covered.ready();
        Seat::new(notify.notified()).ready();

        notify.notify_one();
        notify.notify_waiters();
        Seat::new(notify.notified()).ready();
        drop(Seat::waiting(notify.notified()));
    }

    /// A second notification is not taken for one that is under way: both count.
    fn r_102_no_notification_is_taken_for_another() {
        let notify = Notify::new();
        let mut waits = [Seat::waiting(notify.notified()), Seat::waiting(notify.notified())];
        notify.notify_one();
        notify.notify_one();
        notify.notify_one();
        for wait in &mut waits {
            wait.woken();
        }
        Seat::new(notify.notified()).ready();
    }

    fn r_107_a_poll_for_nothing_ends_nothing() {
        let notify = Notify::new();
        let (mut first, mut second) = (Seat::waiting(notify.notified()), Seat::waiting(notify.notified()));
        for _ in 0..3 {
            assert!(second.poll().is_pending() && first.poll().is_pending());
        }
        notify.notify_one();
        assert!(second.poll().is_pending(), "it keeps its place");
        first.woken();
        notify.notify_one();
        second.woken();
    }
}

any_executor! {
    /// A condition that is checked after `enable` is not missed.
    async fn r_102_a_notification_between_check_and_wait_is_kept() {
        let (notify, flag) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        for round in 1..50 {
            let raise = {
                let (notify, flag) = (notify.clone(), flag.clone());
                spawn(async move {
                    flag.store(round, Ordering::SeqCst);
                    notify.notify_waiters();
                })
            };
            loop {
                let mut wait = pin!(notify.notified());
                wait.as_mut().enable();
                if flag.load(Ordering::SeqCst) == round {
                    break;
                }
                wait.await;
            }
            raise.await;
        }
    }
}
