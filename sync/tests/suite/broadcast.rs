//! `broadcast`: every message to every receiver; lag; hostile wakers and payloads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use selvedge_sync::broadcast::error::{RecvError, TryRecvError};
use selvedge_sync::broadcast::{Receiver, channel};

use crate::executors::{any_executor, spawn, until, watched, yield_now};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Census, Seat, panics, poll};

/// Receives until the end; how many messages were lost, and the others.
async fn receive_all(mut rx: Receiver<u64>) -> (u64, Vec<u64>) {
    let (mut lost, mut got) = (0, Vec::new());
    loop {
        match rx.recv().await {
            Ok(number) => got.push(number),
            Err(RecvError::Lagged(missed)) => lost += missed,
            Err(RecvError::Closed) => return (lost, got),
        }
    }
}

any_executor! {
    async fn each_receiver_gets_all_or_is_told_how_many_it_lost() {
        const MESSAGES: u64 = 500;
        let (tx, rx) = channel(8);
        let receivers: Vec<_> = (0..4).map(|_| spawn(receive_all(rx.resubscribe()))).collect();
        drop(rx);
        for number in 0..MESSAGES {
            tx.send(number).unwrap();
            if number % 5 == 0 {
                yield_now().await;
            }
        }
        drop(tx);
        for receiver in receivers {
            let (lost, got) = receiver.await;
            assert_eq!(lost + got.len() as u64, MESSAGES);
            assert!(got.is_sorted() && got.last() == Some(&(MESSAGES - 1)));
        }
    }

    async fn messages_of_two_senders_come_in_one_order() {
        let (tx, rx) = channel(256);
        let receivers = [rx.resubscribe(), rx].map(|rx| spawn(receive_all(rx)));
        let senders = [0, 100].map(|first| {
            let tx = tx.clone();
            spawn(async move {
                for number in first..first + 100 {
                    tx.send(number).unwrap();
                    yield_now().await;
                }
            })
        });
        drop(tx);
        for sender in senders {
            sender.await;
        }
        let [one, other] = receivers;
        let (one, other) = (one.await, other.await);
        assert_eq!((one.0, one.1.len()), (0, 200));
        assert_eq!(one, other);
    }

    async fn r_111_closed_and_opened_again() {
        let (tx, rx) = channel::<u8>(1);
        drop(rx);
        for _ in 0..20 {
            let rx = tx.subscribe();
            let waits = spawn({
                let tx = tx.clone();
                async move { tx.closed().await }
            });
            yield_now().await;
            drop(rx);
            waits.await;
        }
    }
}

any_executor! {
    /// While one receiver clones, the sender goes round, and another receiver lets other tasks run.
    async fn a_slow_clone_holds_up_no_sender() {
        struct Slow(Arc<AtomicUsize>);
        impl Clone for Slow {
            fn clone(&self) -> Self {
                // 1: in the clone; 2: go on.
                if self.0.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                    while self.0.load(Ordering::SeqCst) == 1 {
                        std::thread::yield_now();
                    }
                }
                Self(self.0.clone())
            }
        }
        let (tx, mut rx) = channel(1);
        let stage = Arc::new(AtomicUsize::new(0));
        assert!(tx.send(Slow(stage.clone())).is_ok());
        let slow = std::thread::spawn(move || {
            assert!(rx.blocking_recv().is_ok());
            rx
        });
        until(|| stage.load(Ordering::SeqCst) == 1).await;
        let fast = Slow(Arc::new(AtomicUsize::new(2)));
        assert!(tx.send(fast.clone()).is_ok());
        assert!(tx.send(fast).is_ok());
        stage.store(2, Ordering::SeqCst);
        let mut rx = slow.join().unwrap();
        assert!(matches!(rx.try_recv(), Err(TryRecvError::Lagged(1))));
        assert!(rx.try_recv().is_ok());
        assert!(tx.is_empty());
    }
}

watched! {
    fn r_005_a_waker_may_be_dropped_with_the_last_sender() {
        let (tx, mut rx) = channel::<u8>(2);
        let owned = Mutex::new(Some(tx.clone()));
        let hooked = reentrant(move |event| {
            if event == Event::Wake {
                drop(owned.lock().unwrap().take());
            }
        });
        let waker = hooked.waker();
        let mut wait = Box::pin(rx.recv());
        assert!(poll(wait.as_mut(), &waker).is_pending());
        tx.send(1).unwrap();
        drop(tx);
        assert_eq!(poll(wait.as_mut(), &waker), Poll::Ready(Ok(1)));
        assert_eq!(poll(wait.as_mut(), &waker), Poll::Ready(Err(RecvError::Closed)));
    }

    fn a_waker_that_panics_leaves_the_others_woken() {
        for when in EVENTS {
            let census = Census::new();
            let (tx, mut first) = channel(2);
            let mut second = tx.subscribe();
            let (hooked, armed) = bomb(when);
            let waker = hooked.waker();
            let mut hostile = Box::pin(first.recv());
            armed.store(true, Ordering::Relaxed);
            let at_poll = panics(|| drop(poll(hostile.as_mut(), &waker)));
            assert_eq!(at_poll, when == Event::Clone, "{when:?}");
            let mut waits = Seat::waiting(second.recv());
            let at_send = panics(|| drop(tx.send(census.value(1))));
            assert_eq!(at_send, when == Event::Wake, "{when:?}");
            armed.store(false, Ordering::Relaxed);
            assert_eq!(waits.woken().map(|value| value.number), Ok(1));
            drop((hostile, waits));
            assert_eq!(first.try_recv().map(|value| value.number), Ok(1));
            drop((waker, tx));
            assert_eq!((hooked.alive(), census.alive()), (0, 0), "{when:?}");
        }
    }
}
