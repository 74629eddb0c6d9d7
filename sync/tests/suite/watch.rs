//! `watch`: the latest value reaches everybody; hostile wakers.

use std::sync::atomic::Ordering;
use std::task::Poll;

use selvedge_sync::watch::channel;

use crate::executors::{any_executor, spawn, watched, yield_now};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Seat, panics, poll};

any_executor! {
    async fn everybody_sees_the_last_value() {
        let (tx, rx) = channel(0);
        let watchers: Vec<_> = (0..4)
            .map(|_| {
                let mut rx = rx.clone();
                spawn(async move {
                    let mut last = 0;
                    while rx.changed().await.is_ok() {
                        let value = *rx.borrow_and_update();
                        assert!(value > last);
                        last = value;
                    }
                    last
                })
            })
            .collect();
        for value in 1..=200 {
            tx.send(value).unwrap();
            if value % 7 == 0 {
                yield_now().await;
            }
        }
        drop(tx);
        for watcher in watchers {
            assert_eq!(watcher.await, 200);
        }
    }

    async fn a_condition_is_met_by_several_senders() {
        let (tx, mut rx) = channel(0);
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let tx = tx.clone();
                spawn(async move {
                    for _ in 0..25 {
                        tx.send_modify(|value| *value += 1);
                        yield_now().await;
                    }
                })
            })
            .collect();
        assert_eq!(*rx.wait_for(|value| *value == 100).await.unwrap(), 100);
        for sender in senders {
            sender.await;
        }
        drop(tx);
        assert!(rx.wait_for(|value| *value == 101).await.is_err());
    }

    async fn senders_wait_for_the_last_receiver() {
        let (tx, rx) = channel(0);
        let waits = spawn({
            let tx = tx.clone();
            async move { tx.closed().await }
        });
        let leaves: Vec<_> = (0..3)
            .map(|_| {
                let rx = rx.clone();
                spawn(async move {
                    yield_now().await;
                    drop(rx);
                })
            })
            .collect();
        drop(rx);
        for leaver in leaves {
            leaver.await;
        }
        waits.await;
        assert!(tx.send(1).is_err());
    }
}

watched! {
    fn a_waker_may_use_its_channel() {
        for when in EVENTS {
            let (tx, mut rx) = channel(0);
            let hooked = reentrant({
                let tx = tx.clone();
                move |event| {
                    if event == when {
                        tx.send_modify(|value| *value += 1);
                        drop((tx.subscribe(), *tx.borrow(), format!("{tx:?}")));
                    }
                }
            });
            let waker = hooked.waker();
            for _ in 0..3 {
                let mut wait = Box::pin(rx.changed());
                // The second one waits, unless the clone of its waker has sent something.
                let ready = [(); 2].map(|()| poll(wait.as_mut(), &waker).is_ready());
                assert!(!ready[1] || when == Event::Clone, "{when:?}");
                tx.send(1).unwrap();
                drop(wait);
            }
            drop((waker, tx, rx));
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    fn a_waker_that_panics_leaves_the_others_woken() {
        for when in EVENTS {
            let (tx, mut first) = channel(0);
            let mut second = first.clone();
            let (hooked, armed) = bomb(when);
            let waker = hooked.waker();
            let mut hostile = Box::pin(first.changed());
            armed.store(true, Ordering::Relaxed);
            let at_poll = panics(|| drop(poll(hostile.as_mut(), &waker)));
            assert_eq!(at_poll, when == Event::Clone, "{when:?}");
            let mut waits = Seat::waiting(second.changed());
            let at_send = panics(|| {
                let _refused = tx.send(1);
            });
            assert_eq!(at_send, when == Event::Wake, "{when:?}");
            armed.store(false, Ordering::Relaxed);
            assert!(waits.woken().is_ok());
            drop((hostile, waits));
            assert_eq!((*first.borrow(), first.has_changed().unwrap()), (1, true));
            drop((waker, tx));
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    /// As R-106: the second waker is the one to be woken.
    fn r_106_the_waker_of_the_last_poll_is_woken() {
        let (tx, mut rx) = channel(0);
        let mut wait = Box::pin(rx.changed());
        let mut first = Seat::new(&mut wait);
        assert!(first.poll().is_pending());
        let before = first.wakes();
        drop(first);
        let mut second = Seat::new(&mut wait);
        assert!(second.poll().is_pending());
        tx.send(1).unwrap();
        assert_eq!((before, second.wakes()), (0, 1));
        assert!(matches!(second.poll(), Poll::Ready(Ok(()))));
    }
}
