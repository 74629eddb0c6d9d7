//! `mpmc`: each message to one receiver, in order of arrival on both ends; promises are conserved.

use std::sync::atomic::Ordering;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use selvedge_sync::mpmc::error::{RecvTimeoutError, SendTimeoutError, TryRecvError};
use selvedge_sync::mpmc::{channel, unbounded_channel};

use crate::executors::{any_executor, spawn, watched, yield_now};
use crate::support::cancel::{cancels, ready, seat};
use crate::support::hooked::{EVENTS, Event, bomb};
use crate::support::{Bell, Census, Seat, catch, panics, poll, without_budget};

any_executor! {
    async fn each_message_goes_to_one_receiver() {
        for capacity in [1, 4, 1000] {
            let (tx, rx) = channel(capacity);
            let senders: Vec<_> = (0..3).map(|sender| {
                let tx = tx.clone();
                spawn(async move {
                    for n in 0..200 {
                        tx.send(sender * 200 + n).await.unwrap();
                    }
                })
            }).collect();
            drop(tx);
            let receivers: Vec<_> = (0..3).map(|many| {
                let rx = rx.clone();
                spawn(async move {
                    let mut got = Vec::new();
                    if many == 0 {
                        while rx.recv_many(&mut got, 5).await > 0 {}
                    } else {
                        while let Some(n) = rx.recv().await {
                            got.push(n);
                        }
                    }
                    got
                })
            }).collect();
            drop(rx);
            let mut all = Vec::new();
            for receiver in receivers {
                let got = receiver.await;
                // What one receiver gets of one sender is in order.
                for sender in 0..3 {
                    assert!(got.iter().filter(|n| **n / 200 == sender).is_sorted());
                }
                all.extend(got);
            }
            all.sort_unstable();
            assert_eq!(all, (0..600).collect::<Vec<_>>());
            for sender in senders {
                sender.await;
            }
        }
    }

    async fn receivers_that_give_up_lose_nothing() {
        let (tx, rx) = channel(2);
        let receivers: Vec<_> = (0..3).map(|_| {
            let rx = rx.clone();
            spawn(async move {
                let mut count = 0;
                loop {
                    match rx.recv_timeout(Duration::from_micros(50)).await {
                        Ok(()) => count += 1,
                        Err(RecvTimeoutError::Timeout) => yield_now().await,
                        Err(RecvTimeoutError::Disconnected) => return count,
                    }
                }
            })
        }).collect();
        for _ in 0..300 {
            tx.send(()).await.unwrap();
        }
        drop(tx);
        let mut count = 0;
        for receiver in receivers {
            count += receiver.await;
        }
        assert_eq!(count, 300);
    }

    async fn close_comes_from_either_end() {
        for by_sender in [false, true] {
            let (tx, rx) = unbounded_channel();
            let receivers: Vec<_> = (0..3).map(|_| {
                let rx = rx.clone();
                spawn(async move { rx.recv().await })
            }).collect();
            tx.send(1).await.unwrap();
            assert!(if by_sender { tx.close() } else { rx.close() });
            assert!(tx.send(2).await.is_err());
            let mut got = Vec::new();
            for receiver in receivers {
                got.extend(receiver.await);
            }
            assert_eq!(got, [1]);
            assert!(tx.is_closed() && rx.is_closed() && rx.recv().await.is_none());
        }
    }
}

watched! {
    fn threads_at_both_ends() {
        let (tx, rx) = channel(2);
        let senders: Vec<_> = (0..2).map(|_| {
            let tx = tx.clone();
            thread::spawn(move || (0..500).for_each(|n| tx.blocking_send(n).unwrap()))
        }).collect();
        drop(tx);
        let receivers: Vec<_> = (0..2).map(|_| {
            let rx = rx.clone();
            thread::spawn(move || std::iter::from_fn(|| rx.blocking_recv()).count())
        }).collect();
        let count: usize = receivers.into_iter().map(|it| it.join().unwrap()).sum();
        assert_eq!(count, 1000);
        for sender in senders {
            sender.join().unwrap();
        }
        let (tx, rx) = channel(1);
        let limit = Duration::from_millis(1);
        assert_eq!(rx.blocking_recv_timeout(limit), Err(RecvTimeoutError::Timeout));
        assert_eq!(tx.blocking_send_timeout(1, limit), Ok(()));
        assert_eq!(tx.blocking_send_timeout(2, limit), Err(SendTimeoutError::Timeout(2)));
        assert_eq!(rx.blocking_recv_timeout(limit), Ok(1));
        rx.close();
        assert_eq!(rx.blocking_recv_timeout(limit), Err(RecvTimeoutError::Disconnected));
        assert_eq!(tx.blocking_send_timeout(3, limit), Err(SendTimeoutError::Closed(3)));
        let mut none = Vec::new();
        assert_eq!(rx.blocking_recv_many(&mut none, 1), 0);
    }

    fn r_122_r_123_promises_of_the_dropped_go_to_the_next_in_line() {
        for victim in 0..3 {
            for cancel in cancels(3) {
                let (tx, rx) = unbounded_channel();
                let rx = &rx;
                let mut seats = seat(3, victim, cancel, || async move {
                    rx.recv().await.unwrap();
                });
                let queued = cancel.polls > 0;
                let before = if queued { victim } else { 0 };
                (0..before).for_each(|n| tx.try_send(n).unwrap());
                if cancel.woken {
                    tx.try_send(before).unwrap();
                }
                drop(seats.remove(victim));
                let total = before + usize::from(cancel.woken);
                let expected: Vec<_> = (0..total.min(2)).collect();
                assert_eq!(ready(&mut seats), expected, "victim {victim}, {cancel:?}");
                drop(seats);
                assert_eq!(rx.len(), total - expected.len());
                assert_eq!(rx.try_recv().is_ok(), total > expected.len());
            }
        }
    }

    fn r_122_spurious_polls_keep_one_place_in_the_queue() {
        let (tx, rx) = channel(2);
        let mut first = Seat::waiting(rx.recv());
        let mut second = Seat::waiting(rx.recv());
        for _ in 0..10 {
            assert!(first.poll().is_pending() && second.poll().is_pending());
        }
        tx.try_send(1).unwrap();
        assert_eq!((first.wakes(), second.wakes()), (1, 0));
        tx.try_send(2).unwrap();
        assert_eq!((first.wakes(), second.wakes()), (1, 1));
        assert_eq!((first.ready(), second.ready()), (Some(1), Some(2)));
    }

    fn who_comes_later_does_not_overtake() {
        let (tx, rx) = channel(2);
        let mut first = Seat::waiting(rx.recv());
        tx.try_send(1).unwrap();
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        let mut later = Seat::waiting(rx.recv());
        tx.try_send(2).unwrap();
        assert_eq!(later.woken(), Some(1), "who comes first takes the older");
        assert_eq!(first.woken(), Some(2));
    }

    fn without_budget_a_promise_is_kept_and_passed_on() {
        for drops in [false, true] {
            let (tx, rx) = channel(2);
            tx.try_send(1).unwrap();
            let mut first = Seat::new(rx.recv());
            without_budget(|| assert!(first.poll().is_pending()));
            let mut later = Seat::waiting(rx.recv());
            if drops {
                drop(first);
                assert_eq!(later.woken(), Some(1));
            } else {
                assert_eq!(first.ready(), Some(1));
                assert!(later.poll().is_pending());
            }
        }
    }

    fn what_is_forgotten_keeps_one_message_and_no_more() {
        let census = Census::new();
        let (tx, rx) = channel(3);
        let mut recv = Box::pin(rx.recv());
        let (bell, waker) = Bell::new();
        assert!(poll(recv.as_mut(), &waker).is_pending());
        tx.try_send(census.value(1)).unwrap();
        assert_eq!(bell.rings(), 1);
        std::mem::forget(recv);
        // Its promise is lost: one message stays in the buffer, whichever comes last.
        tx.try_send(census.value(2)).unwrap();
        assert_eq!(rx.try_recv().map(|it| it.number), Ok(1));
        assert!(matches!(rx.try_recv(), Err(TryRecvError::Empty)));
        tx.try_send(census.value(3)).unwrap();
        assert_eq!(rx.try_recv().map(|it| it.number), Ok(2));
        assert_eq!(census.alive(), 1);
        drop((tx, rx));
        assert_eq!(census.alive(), 0);
    }

    fn r_118_messages_go_with_the_last_receiver() {
        let census = Census::new();
        let (tx, rx) = channel(3);
        let other = rx.clone();
        let late = tx.try_reserve().unwrap();
        tx.try_send(census.value(1)).unwrap();
        drop(rx);
        assert_eq!(census.alive(), 1);
        drop(other);
        assert_eq!(census.alive(), 0);
        late.send(census.value(2));
        assert_eq!(census.alive(), 0);
    }

    fn r_125_ends_cannot_be_upgraded_when_their_side_has_gone() {
        let (tx, rx) = channel::<()>(1);
        let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
        assert_eq!((tx.weak_sender_count(), tx.weak_receiver_count()), (1, 1));
        drop(weak_tx.upgrade().unwrap());
        drop(weak_rx.upgrade().unwrap());
        assert!(!rx.is_closed() && (rx.sender_count(), rx.receiver_count()) == (1, 1));
        drop(tx);
        assert!(weak_tx.upgrade().is_none() && weak_rx.upgrade().is_some());
        drop(rx);
        assert!(weak_rx.upgrade().is_none());
    }

    fn panics_of_wakers_lose_nothing() {
        for when in EVENTS {
            let (hooked, armed) = bomb(when);
            let (tx, rx) = channel(2);
            let waker = hooked.waker();
            let mut hostile = Box::pin(rx.recv());
            armed.store(true, Ordering::Relaxed);
            let panicked = panics(|| {
                for waker in [&waker, Waker::noop(), &waker] {
                    assert!(poll(hostile.as_mut(), waker).is_pending());
                }
                tx.try_send(1).unwrap();
            });
            armed.store(false, Ordering::Relaxed);
            assert!(panicked, "{when:?}");
            let sent = when == Event::Wake;
            assert_eq!(rx.len(), usize::from(sent), "{when:?}");
            drop(hostile);
            tx.try_send(2).unwrap();
            let expected: &[u32] = if sent { &[1, 2] } else { &[2] };
            let mut got = Vec::new();
            assert_eq!(rx.try_recv_many(&mut got, 9), Ok(expected.len()));
            assert_eq!(got, expected, "{when:?}");
            drop(waker);
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    fn a_message_stays_if_the_end_panics_on_the_way() {
        // The last message of a closed channel is the end for the others, one of which panics.
        let (hooked, armed) = bomb(Event::Wake);
        let (tx, rx) = channel(2);
        let waker = hooked.waker();
        let mut promised = Seat::waiting(rx.recv());
        let mut hostile = Box::pin(rx.recv());
        assert!(poll(hostile.as_mut(), &waker).is_pending());
        tx.try_send(1).unwrap();
        rx.close();
        armed.store(true, Ordering::Relaxed);
        assert!(catch(|| promised.poll()).is_err());
        armed.store(false, Ordering::Relaxed);
        assert_eq!(poll(hostile.as_mut(), Waker::noop()), Poll::Ready(None));
        drop(promised);
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(rx.try_recv(), Err(TryRecvError::Disconnected));
    }
}
