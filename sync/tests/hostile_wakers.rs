//! Wakers that use the primitive again while it clones, wakes or drops them, and wakers that panic
//! there: nothing may deadlock, leak a waker, lose a wake-up, or be unusable afterwards.
#![cfg(not(selvedge_loom))]

#[path = "hostile_wakers/hooked.rs"]
mod hooked;

use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use hooked::{EVENTS, Event, Hooked};
use selvedge_sync::waker_cell::WakerCell;
use selvedge_sync::{Notify, Semaphore, oneshot};

/// Counts wakes: the friendly waker.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// Runs `f` and swallows its panic; true if there was one.
fn panics(f: impl FnOnce()) -> bool {
    panic::catch_unwind(AssertUnwindSafe(f)).is_err()
}

/// A waker that panics at `when`, as long as the flag is up and the thread does not panic already.
fn bomb(when: Event) -> (Arc<Hooked>, Arc<AtomicBool>) {
    let armed = Arc::new(AtomicBool::new(false));
    let hooked = Hooked::new({
        let armed = armed.clone();
        move |event| {
            let spared = !armed.load(Ordering::Relaxed) || thread::panicking();
            assert!(event != when || spared, "{when:?}");
        }
    });
    (hooked, armed)
}

/// A waker that runs `enter` at each event, but not within itself.
fn reentrant(enter: impl Fn(Event) + Send + Sync + 'static) -> Arc<Hooked> {
    let inside = AtomicBool::new(false);
    Hooked::new(move |event| {
        if !inside.swap(true, Ordering::Relaxed) {
            enter(event);
            inside.store(false, Ordering::Relaxed);
        }
    })
}

mod waker_cell {
    use super::*;

    fn works(cell: &WakerCell) {
        let count = Arc::new(Count::default());
        cell.register(&Waker::from(count.clone()));
        cell.wake();
        assert_eq!(count.get(), 1, "normal use works: {cell:?}");
    }

    #[test]
    fn regression_r14_panics_do_not_block_the_cell() {
        for when in EVENTS {
            let (hooked, armed) = bomb(when);
            let (cell, waker) = (WakerCell::new(), hooked.waker());
            // Into the empty cell.
            armed.store(true, Ordering::Relaxed);
            assert_eq!(panics(|| cell.register(&waker)), when == Event::Clone);
            armed.store(false, Ordering::Relaxed);
            works(&cell);
            // Woken, and replaced by another.
            for replace in [false, true] {
                armed.store(false, Ordering::Relaxed);
                cell.register(&waker);
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    if replace {
                        cell.register(Waker::noop());
                    } else {
                        cell.wake();
                    }
                });
                let expected = if replace { Event::Drop } else { Event::Wake };
                assert_eq!(panicked, when == expected, "{when:?}");
                works(&cell);
            }
            armed.store(false, Ordering::Relaxed);
            drop(cell);
            drop(waker);
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    #[test]
    fn wakers_may_use_the_cell() {
        for way in 0..3 {
            let cell = Arc::new(WakerCell::new());
            let hooked = reentrant({
                let cell = cell.clone();
                move |_| match way {
                    0 => cell.wake(),
                    1 => cell.register(Waker::noop()),
                    _ => drop(cell.take()),
                }
            });
            let (waker, other) = (hooked.waker(), hooked.waker());
            cell.register(&waker);
            cell.register(&waker);
            cell.register(&other);
            cell.register(Waker::noop());
            cell.register(&waker);
            cell.wake();
            works(&cell);
            drop((waker, other));
            assert_eq!(hooked.alive(), 0);
        }
    }
}

mod notify {
    use super::*;

    fn works(notify: &Notify) {
        let count = Arc::new(Count::default());
        let mut wait = pin!(notify.notified());
        let waker = Waker::from(count.clone());
        if poll(wait.as_mut(), &waker).is_ready() {
            // A permit was left; the next one has to wait.
            wait.set(notify.notified());
            assert!(poll(wait.as_mut(), &waker).is_pending());
        }
        notify.notify_one();
        assert_eq!(count.get(), 1, "normal use works: {notify:?}");
        assert!(poll(wait, &waker).is_ready());
    }

    /// One wait that meets everything a waker can go through; the last step is up to the caller.
    fn session(
        notify: &Notify,
        waker: &Waker,
        end: impl FnOnce(Pin<Box<dyn Future<Output = ()> + '_>>),
    ) {
        let mut wait: Pin<Box<dyn Future<Output = ()> + '_>> = Box::pin(notify.notified());
        if poll(wait.as_mut(), waker).is_pending()
            && poll(wait.as_mut(), Waker::noop()).is_pending()
        {
            let _ = poll(wait.as_mut(), waker);
        }
        end(wait);
    }

    #[test]
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

    #[test]
    fn a_panicking_waker_does_not_keep_a_broadcast_from_the_others() {
        let (hooked, armed) = bomb(Event::Wake);
        let count = Arc::new(Count::default());
        let (notify, hostile, friendly) =
            (Notify::new(), hooked.waker(), Waker::from(count.clone()));
        let mut waits: Vec<_> = (0..100).map(|_| Box::pin(notify.notified())).collect();
        for (number, wait) in waits.iter_mut().enumerate() {
            let waker = if number % 5 == 0 { &hostile } else { &friendly };
            assert!(poll(wait.as_mut(), waker).is_pending());
        }
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| notify.notify_waiters()));
        assert_eq!(count.get(), 80, "the others were all woken");
        for wait in &mut waits {
            assert!(poll(wait.as_mut(), Waker::noop()).is_ready());
        }
        works(&notify);
    }

    #[test]
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

    #[test]
    fn a_broadcast_may_be_joined_and_left_by_its_wakers() {
        // The first batch drops waiters of the second one, adds new ones, and broadcasts again.
        type Waits = Mutex<Vec<Pin<Box<selvedge_sync::OwnedNotified>>>>;
        let notify = Arc::new(Notify::new());
        let waits: Arc<Waits> = Arc::default();
        let count = Arc::new(Count::default());
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

mod oneshot_channel {
    use super::*;

    /// Polls the receiver with this waker, another one, and this one again.
    fn wait(rx: &mut oneshot::Receiver<u32>, waker: &Waker) {
        for waker in [waker, Waker::noop(), waker] {
            if rx.is_terminated() || poll(Pin::new(&mut *rx), waker).is_ready() {
                return;
            }
        }
    }

    /// The same for a sender that waits for the end.
    fn wait_closed(tx: &mut oneshot::Sender<u32>, waker: &Waker) {
        for waker in [waker, Waker::noop(), waker] {
            let _ = tx.poll_closed(&mut Context::from_waker(waker));
        }
    }

    #[test]
    fn panics_on_the_receiving_side_leave_the_channel_whole() {
        for when in EVENTS {
            for send in [true, false] {
                let (hooked, armed) = bomb(when);
                let waker = hooked.waker();
                let (tx, mut rx) = oneshot::channel();
                armed.store(true, Ordering::Relaxed);
                let waiting = panics(|| wait(&mut rx, &waker));
                assert_eq!(waiting, when != Event::Wake, "{when:?}");
                let ending = panics(|| if send { tx.send(3).unwrap() } else { drop(tx) });
                assert_eq!(ending, when == Event::Wake, "{when:?}");
                let end = rx.try_recv();
                let expected = if send {
                    Ok(3)
                } else {
                    Err(oneshot::error::TryRecvError::Closed)
                };
                assert_eq!(end, expected);
                armed.store(false, Ordering::Relaxed);
                drop(waker);
                assert_eq!(hooked.alive(), 0, "{when:?}");
            }
        }
    }

    #[test]
    fn panics_on_the_sending_side_leave_the_channel_whole() {
        for when in EVENTS {
            for close in [true, false] {
                let (hooked, armed) = bomb(when);
                let waker = hooked.waker();
                let (mut tx, rx) = oneshot::channel();
                let mut rx = Some(rx);
                armed.store(true, Ordering::Relaxed);
                let waiting = panics(|| wait_closed(&mut tx, &waker));
                assert_eq!(waiting, when != Event::Wake, "{when:?}");
                let ending = panics(|| match (&mut rx, close) {
                    (Some(rx), true) => rx.close(),
                    (rx, _) => *rx = None,
                });
                assert_eq!(ending, when == Event::Wake, "{when:?}");
                assert!(tx.is_closed());
                assert_eq!(tx.send(3), Err(3));
                armed.store(false, Ordering::Relaxed);
                drop(waker);
                assert_eq!(hooked.alive(), 0, "{when:?}");
            }
        }
    }

    #[test]
    fn the_waker_of_the_receiver_may_own_the_sender() {
        for when in EVENTS {
            for send in [true, false] {
                let (tx, mut rx) = oneshot::channel();
                let owned = Mutex::new(Some(tx));
                let hooked = reentrant(move |event| {
                    if event == when {
                        let tx = owned.lock().unwrap().take();
                        match tx {
                            Some(tx) if send => tx.send(4).unwrap(),
                            tx => drop(tx),
                        }
                    }
                });
                let waker = hooked.waker();
                wait(&mut rx, &waker);
                drop(rx);
                drop(waker);
                assert_eq!(hooked.alive(), 0, "{when:?}");
            }
        }
    }

    #[test]
    fn the_waker_of_the_sender_may_own_the_receiver() {
        for when in EVENTS {
            let (mut tx, rx) = oneshot::channel();
            let owned = Mutex::new(Some(rx));
            let hooked = reentrant(move |event| {
                if event == when {
                    drop(owned.lock().unwrap().take());
                }
            });
            let waker = hooked.waker();
            wait_closed(&mut tx, &waker);
            assert_eq!(tx.is_closed(), when != Event::Wake);
            drop(tx);
            drop(waker);
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    #[test]
    fn a_woken_task_may_drop_its_receiver_at_once() {
        let (tx, rx) = oneshot::channel();
        let owned = Arc::new(Mutex::new(Some(rx)));
        let hooked = Hooked::new({
            let owned = owned.clone();
            move |event| {
                if event == Event::Wake {
                    drop(owned.lock().unwrap().take());
                }
            }
        });
        let waker = hooked.waker();
        let mut rx = owned.lock().unwrap();
        assert!(poll(Pin::new(rx.as_mut().unwrap()), &waker).is_pending());
        drop(rx);
        tx.send(7).unwrap();
        assert!(owned.lock().unwrap().is_none());
        drop(waker);
        assert_eq!(hooked.alive(), 0);
    }
}

mod semaphore {
    use super::*;

    fn works(semaphore: &Semaphore, permits: usize) {
        assert_eq!(semaphore.available_permits(), permits);
        let held = semaphore.try_acquire_many(permits as u32).unwrap();
        let count = Arc::new(Count::default());
        let mut wait = Box::pin(semaphore.acquire());
        assert!(poll(wait.as_mut(), &Waker::from(count.clone())).is_pending());
        drop(held);
        assert_eq!(count.get(), 1, "normal use works: {semaphore:?}");
    }

    #[test]
    fn panics_lose_no_permits() {
        for when in EVENTS {
            for granted in [true, false] {
                let (hooked, armed) = bomb(when);
                let (semaphore, waker) = (Semaphore::new(1), hooked.waker());
                armed.store(true, Ordering::Relaxed);
                let panicked = panics(|| {
                    let mut wait = Box::pin(semaphore.acquire_many(2));
                    for waker in [&waker, Waker::noop(), &waker] {
                        assert!(poll(wait.as_mut(), waker).is_pending());
                    }
                    if granted {
                        semaphore.add_permits(1);
                    }
                });
                armed.store(false, Ordering::Relaxed);
                assert_eq!(panicked, when != Event::Wake || granted, "{when:?}");
                // A panic while waiting comes before the release.
                let released = granted && when == Event::Wake;
                works(&semaphore, 1 + usize::from(released));
                drop(waker);
                assert_eq!(hooked.alive(), 0, "{when:?}");
            }
        }
    }

    #[test]
    fn a_panicking_waker_does_not_keep_permits_from_the_others() {
        let (hooked, armed) = bomb(Event::Wake);
        let count = Arc::new(Count::default());
        let (semaphore, hostile, friendly) = (
            Semaphore::new(0),
            hooked.waker(),
            Waker::from(count.clone()),
        );
        let mut waits: Vec<_> = (0..100).map(|_| Box::pin(semaphore.acquire())).collect();
        for (number, wait) in waits.iter_mut().enumerate() {
            let waker = if number == 0 { &hostile } else { &friendly };
            assert!(poll(wait.as_mut(), waker).is_pending());
        }
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| semaphore.add_permits(100)));
        assert_eq!(count.get(), 99);
        drop(waits);
        works(&semaphore, 100);
    }

    #[test]
    fn regression_r03_wakers_may_own_permits() {
        // The waker gives a permit back when it is cloned, woken or dropped, to a semaphore that
        // is just granting or closing with that waker in the queue.
        for when in EVENTS {
            for close in [true, false] {
                let semaphore = Arc::new(Semaphore::new(1));
                let permit = semaphore.clone().try_acquire_owned().unwrap();
                let owned = Mutex::new(Some(permit));
                let hooked = reentrant(move |event| {
                    if event == when {
                        drop(owned.lock().unwrap().take());
                    }
                });
                let waker = hooked.waker();
                let mut wait = Box::pin(semaphore.acquire_many(3));
                for waker in [&waker, Waker::noop(), &waker] {
                    assert!(poll(wait.as_mut(), waker).is_pending());
                }
                if close {
                    semaphore.close();
                } else {
                    semaphore.add_permits(3);
                }
                drop(waker);
                drop(wait);
                let expected = if close { 1 } else { 4 };
                assert_eq!(semaphore.available_permits(), expected, "{when:?} {close}");
                assert_eq!(hooked.alive(), 0);
            }
        }
    }
}
