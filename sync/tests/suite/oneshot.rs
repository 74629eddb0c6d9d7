//! `oneshot`: a wait that is cancelled and started again; hostile wakers.

use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use selvedge_sync::oneshot;

use crate::executors::{any_executor, spawn, watched};
use crate::support::cancel::cancels;
use crate::support::hooked::{EVENTS, Event, Hooked, bomb, reentrant};
use crate::support::{Seat, panics, poll};

any_executor! {
    async fn a_value_reaches_the_other_task() {
        let (tx, rx) = oneshot::channel();
        let receives = spawn(rx);
        spawn(async move { tx.send(7).unwrap() }).await;
        assert_eq!(receives.await, Ok(7));
    }

    async fn the_end_reaches_the_other_task() {
        let (tx, rx) = oneshot::channel::<u8>();
        let receives = spawn(rx);
        drop(tx);
        assert!(receives.await.is_err());
        let (mut tx, rx) = oneshot::channel::<u8>();
        let waits = spawn(async move { tx.closed().await });
        drop(rx);
        waits.await;
    }
}

watched! {
    fn a_cancelled_wait_for_a_value_can_be_started_again() {
        for cancel in cancels(3) {
            let (tx, mut rx) = oneshot::channel();
            let mut tx = Some(tx);
            let mut wait = Seat::new(&mut rx);
            for _ in 0..cancel.polls {
                assert!(wait.poll().is_pending());
            }
            if cancel.woken {
                tx.take().map(|tx| tx.send(1)).unwrap().unwrap();
                assert_eq!(wait.wakes(), cancel.polls.min(1), "{cancel:?}");
            }
            drop(wait);
            if let Some(tx) = tx {
                tx.send(1).unwrap();
            }
            assert_eq!(Seat::new(rx).poll(), Poll::Ready(Ok(1)), "{cancel:?}");
        }
    }

    fn a_cancelled_wait_for_the_end_can_be_started_again() {
        for cancel in cancels(3) {
            let (mut tx, rx) = oneshot::channel::<()>();
            let mut rx = Some(rx);
            let mut wait = Seat::new(tx.closed());
            for _ in 0..cancel.polls {
                assert!(wait.poll().is_pending());
            }
            if cancel.woken {
                rx = None;
                assert_eq!(wait.wakes(), cancel.polls.min(1), "{cancel:?}");
            }
            drop(wait);
            assert_eq!(Seat::new(tx.closed()).poll().is_ready(), rx.is_none());
            drop(rx);
            assert!(Seat::new(tx.closed()).poll().is_ready());
        }
    }
}

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

watched! {
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
