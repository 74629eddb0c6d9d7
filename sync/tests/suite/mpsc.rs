//! `mpsc`: order, backpressure, the ends; messages and room are conserved, also past foreign code that
//! panics or comes back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use selvedge_sync::mpsc::error::{SendError, SendTimeoutError, TryRecvError, TrySendError};
use selvedge_sync::mpsc::{channel, unbounded_channel};

use crate::executors::{any_executor, spawn, watched, yield_now};
use crate::support::cancel::{cancels, ready, seat};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Bell, Census, Counted, Seat, catch, panic_of, panics, poll, without_budget};

any_executor! {
    async fn each_sender_keeps_its_order() {
        for capacity in [1, 3, 1000] {
            let (tx, mut rx) = channel(capacity);
            let senders: Vec<_> = (0..4).map(|sender| {
                let tx = tx.clone();
                spawn(async move {
                    for n in 0..100 {
                        tx.send((sender, n)).await.unwrap();
                    }
                })
            }).collect();
            drop(tx);
            let mut next = [0; 4];
            while let Some((sender, n)) = rx.recv().await {
                assert_eq!(n, next[sender]);
                next[sender] += 1;
            }
            assert_eq!(next, [100; 4]);
            for sender in senders {
                sender.await;
            }
        }
    }

    async fn without_bound_nothing_is_lost() {
        let (tx, mut rx) = unbounded_channel();
        let senders: Vec<_> = (0..4_u64).map(|sender| {
            let tx = tx.clone();
            spawn(async move {
                for n in 0..1000 {
                    tx.send(sender * 1000 + n).unwrap();
                    if n % 100 == 0 {
                        yield_now().await;
                    }
                }
            })
        }).collect();
        drop(tx);
        let mut got = Vec::new();
        while rx.recv_many(&mut got, 64).await > 0 {}
        got.sort_unstable();
        assert_eq!(got, (0..4000).collect::<Vec<_>>());
        for sender in senders {
            sender.await;
        }
    }

    async fn never_more_messages_than_there_is_room_for() {
        let (tx, mut rx) = channel(3);
        let senders: Vec<_> = (0..5).map(|_| {
            let tx = tx.clone();
            spawn(async move {
                for n in 0..40 {
                    if n % 3 == 0 {
                        for permit in tx.reserve_many(2).await.unwrap().take(1) {
                            permit.send(());
                        }
                    } else {
                        tx.send(()).await.unwrap();
                    }
                }
            })
        }).collect();
        drop(tx);
        let mut count = 0;
        while rx.recv().await.is_some() {
            assert!(rx.len() <= 3);
            count += 1;
        }
        assert_eq!((count, rx.capacity()), (200, 3));
        for sender in senders {
            sender.await;
        }
    }

    async fn closed_is_told_to_all_who_ask() {
        let (tx, rx) = channel::<()>(1);
        let asked: Vec<_> = (0..3).map(|_| {
            let tx = tx.clone();
            spawn(async move { tx.closed().await })
        }).collect();
        yield_now().await;
        drop(rx);
        for task in asked {
            task.await;
        }
        assert_eq!(tx.send(()).await, Err(SendError(())));
    }

    async fn a_time_limit_gives_the_message_back() {
        let (tx, mut rx) = channel(1);
        assert_eq!(tx.send_timeout(1, Duration::MAX).await, Ok(()));
        let late = tx.send_timeout(2, Duration::from_millis(1)).await;
        assert_eq!(late, Err(SendTimeoutError::Timeout(2)));
        assert_eq!(rx.recv().await, Some(1));
        drop(rx);
        let closed = tx.send_timeout(3, Duration::MAX).await;
        assert_eq!(closed, Err(SendTimeoutError::Closed(3)));
    }
}

watched! {
    fn threads_at_both_ends() {
        let (tx, mut rx) = channel(2);
        let sender = thread::spawn(move || (0..1000).for_each(|n| tx.blocking_send(n).unwrap()));
        for n in 0..500 {
            assert_eq!(rx.blocking_recv(), Some(n));
        }
        let mut rest = Vec::new();
        while rx.blocking_recv_many(&mut rest, 7) > 0 {}
        assert_eq!(rest, (500..1000).collect::<Vec<_>>());
        sender.join().unwrap();
    }

    fn room_of_the_dropped_goes_to_the_next_in_line() {
        for victim in 0..3 {
            for cancel in cancels(3) {
                let (tx, mut rx) = channel(1);
                tx.try_send(9).unwrap();
                let (sent, tx) = (&AtomicUsize::new(0), &tx);
                let mut seats = seat(3, victim, cancel, || async move {
                    tx.send(sent.fetch_add(1, Ordering::Relaxed)).await.unwrap();
                });
                // Room for all before the victim, and for the victim if it is to be woken.
                let queued = cancel.polls > 0;
                let before = if queued { victim } else { 0 };
                let mut received = 0;
                for index in 0..before {
                    assert!(rx.try_recv().is_ok());
                    let index = if !queued && index >= victim { index + 1 } else { index };
                    assert!(seats[index].poll().is_ready());
                    received += 1;
                }
                if cancel.woken {
                    assert!(rx.try_recv().is_ok());
                    received += 1;
                }
                drop(seats.remove(victim));
                let rest: Vec<_> = seats.drain(before.min(seats.len())..).collect();
                drop(seats);
                let mut rest = rest;
                let expected: Vec<_> = (0..usize::from(cancel.woken).min(rest.len())).collect();
                assert_eq!(ready(&mut rest), expected, "victim {victim}, {cancel:?}");
                drop(rest);
                let left = rx.len();
                assert_eq!(tx.capacity(), 1 - left, "{victim} {cancel:?} {received}");
            }
        }
    }

    fn who_comes_later_does_not_overtake() {
        let (tx, mut rx) = channel(2);
        let held = tx.try_reserve_many(2).unwrap();
        let mut two = Seat::waiting(tx.reserve_many(2));
        let mut one = Seat::waiting(tx.reserve());
        let mut held = held;
        held.next().unwrap().send(1);
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!((tx.capacity(), two.wakes(), one.wakes()), (0, 0, 0), "gathered by the first");
        assert!(matches!(tx.try_reserve(), Err(TrySendError::Full(()))));
        drop(held);
        let permits = two.woken().unwrap();
        assert_eq!(permits.len(), 2);
        drop(permits);
        drop(one.woken().unwrap());
        assert_eq!(tx.capacity(), 2);
    }

    fn each_message_that_is_received_lets_one_sender_in() {
        let (tx, mut rx) = channel(3);
        (1..4).for_each(|n| tx.try_send(n).unwrap());
        // The receiver has taken all three, and given out one.
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!((rx.len(), tx.capacity()), (2, 1));
        tx.try_send(4).unwrap();
        assert_eq!(tx.try_send(9), Err(TrySendError::Full(9)));
        let mut seats: Vec<_> = (5..8).map(|n| Seat::waiting(tx.send(n))).collect();
        for n in 2..5 {
            assert_eq!(rx.try_recv(), Ok(n));
            let woken: Vec<_> = seats.iter().map(Seat::wakes).collect();
            assert_eq!(woken.iter().sum::<usize>(), n - 1, "one for each");
            assert!(woken.is_sorted_by(|one, next| one >= next), "in order");
        }
        assert_eq!(tx.capacity(), 0);
        seats.iter_mut().for_each(|seat| assert_eq!(seat.woken(), Ok(())));
        (5..8).for_each(|n| assert_eq!(rx.try_recv(), Ok(n)));
        assert_eq!(tx.capacity(), 3);
    }

    fn without_budget_a_sender_keeps_its_turn() {
        let (tx, mut rx) = channel(1);
        let mut first = Seat::new(tx.send(1));
        without_budget(|| assert!(first.poll().is_pending()));
        assert_eq!(first.wakes(), 1);
        assert_eq!(tx.try_send(2), Err(TrySendError::Full(2)), "the room is the first's");
        let mut dropped = Seat::waiting(tx.send(3));
        assert_eq!(first.ready(), Ok(()));
        assert_eq!(rx.try_recv(), Ok(1));
        without_budget(|| assert!(dropped.poll().is_pending()));
        drop(dropped);
        assert_eq!(tx.capacity(), 1, "what it was given came back");
    }

    fn misuse_is_told() {
        assert!(panic_of(|| channel::<()>(0)).contains("capacity of at least 1"));
        assert!(panic_of(|| channel::<()>(usize::MAX)).contains("MAX_PERMITS"));
        let (tx, _rx) = channel(1);
        let mut send = Seat::new(tx.send(1));
        assert_eq!(send.ready(), Ok(()));
        assert!(panic_of(|| send.poll()).contains("polled after"));
    }

    fn what_is_forgotten_is_gone_and_nothing_else() {
        let census = Census::new();
        let (tx, mut rx) = channel(2);
        tx.try_send(census.value(1)).unwrap();
        tx.try_send(census.value(2)).unwrap();
        let mut send = Box::pin(tx.send(census.value(3)));
        let (bell, waker) = Bell::new();
        assert!(poll(send.as_mut(), &waker).is_pending());
        assert_eq!(rx.try_recv().map(|it| it.number), Ok(1));
        assert_eq!(bell.rings(), 1);
        // Its room and its message are lost; the memory is leaked, as the list is done with it.
        std::mem::forget(send);
        assert_eq!(tx.capacity(), 0);
        assert_eq!(rx.try_recv().map(|it| it.number), Ok(2));
        assert_eq!(tx.capacity(), 1);
        std::mem::forget(tx.try_reserve().unwrap());
        assert_eq!(tx.capacity(), 0);
        rx.close();
        assert!(matches!(rx.try_recv(), Err(TryRecvError::Empty)), "a permit is out");
        drop(tx);
        assert!(matches!(rx.try_recv(), Err(TryRecvError::Disconnected)));
        assert_eq!(census.alive(), 1);
    }
}

// The catalogue of bugs that other channels had.

/// A message that uses its channel when it is dropped.
struct Talks(Arc<dyn Fn() + Send + Sync>);

impl Drop for Talks {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A message whose drop panics.
struct Bomb(#[allow(dead_code, reason = "counts")] Counted);

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("planted");
    }
}

watched! {
    fn r_007_a_waker_owns_a_permit_when_the_receiver_goes() {
        for when in EVENTS {
            let (tx, rx) = channel::<u32>(2);
            let permit = tx.clone().try_reserve_owned().unwrap();
            let _other = tx.try_reserve().unwrap();
            let owned = Mutex::new(Some(permit));
            let hooked = reentrant(move |event| {
                if event == when {
                    drop(owned.lock().unwrap().take());
                }
            });
            let waker = hooked.waker();
            let mut wait = Box::pin(tx.reserve_many(2));
            for waker in [&waker, Waker::noop(), &waker] {
                // The permit that a clone gives back is not enough.
                assert!(poll(wait.as_mut(), waker).is_pending());
            }
            drop(rx);
            assert!(matches!(poll(wait.as_mut(), &waker), Poll::Ready(Err(_))));
            drop((wait, waker));
            assert_eq!(hooked.alive(), 0);
            assert_eq!(tx.strong_count(), 1, "{when:?}");
        }
    }

    fn r_115_room_that_comes_back_after_a_close_wakes_the_receiver() {
        // Given to a wait that is dropped, dropped as a permit, or refused to a wait.
        for way in 0..3 {
            let (tx, mut rx) = channel::<()>(1);
            let permit = tx.try_reserve().unwrap();
            let mut wait = Seat::waiting(tx.reserve());
            if way != 1 {
                drop(permit);
                rx.close();
                let mut recv = Seat::waiting(rx.recv());
                if way == 0 {
                    drop(wait);
                } else {
                    assert!(wait.woken().is_err());
                }
                assert_eq!(recv.woken(), None);
            } else {
                rx.close();
                let mut recv = Seat::waiting(rx.recv());
                drop(permit);
                assert_eq!(recv.woken(), None);
                assert!(wait.woken().is_err());
            }
        }
    }

    fn r_115_what_a_refused_wait_had_gathered_ends_the_channel() {
        let (tx, mut rx) = channel::<()>(2);
        let permit = tx.try_reserve().unwrap();
        let mut wait = Seat::waiting(tx.reserve_many(2));
        rx.close();
        let mut recv = Seat::waiting(rx.recv());
        drop(permit);
        assert_eq!(recv.wakes(), 0, "one place is gathered");
        assert!(wait.woken().is_err());
        assert_eq!(recv.woken(), None);
    }

    fn r_115_a_receive_that_is_given_up_leaves_the_wake_to_the_next() {
        let (tx, mut rx) = channel(1);
        drop(Seat::waiting(rx.recv()));
        tx.try_send(1).unwrap();
        assert_eq!(Seat::new(rx.recv()).ready(), Some(1));
    }

    fn r_117_long_queues_wrap_around() {
        let (tx, mut rx) = unbounded_channel();
        for round in 0..50 {
            (0..(round * 37)).for_each(|n| tx.send(n).unwrap());
            (0..(round * 37)).for_each(|n| assert_eq!(rx.try_recv(), Ok(n)));
            assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        }
    }

    fn r_118_every_message_is_dropped_once_when_sends_race_the_drop_of_the_receiver() {
        for round in 0..200 {
            let census = Census::new();
            let (tx, rx) = unbounded_channel();
            let senders: Vec<_> = (0..2).map(|_| {
                let (tx, census) = (tx.clone(), census.clone());
                thread::spawn(move || while tx.send(census.value(1)).is_ok() {})
            }).collect();
            while rx.len() < round * 10 {
                thread::yield_now();
            }
            drop(rx);
            for sender in senders {
                sender.join().unwrap();
            }
            assert_eq!(census.alive(), 0);
        }
    }

    fn r_119_big_messages_fit_on_a_small_stack() {
        let body = || {
            let (tx, mut rx) = unbounded_channel();
            for n in 0..40_u8 {
                tx.send([n; 65536]).unwrap();
            }
            for n in 0..40_u8 {
                assert_eq!(rx.try_recv().unwrap()[65535], n);
            }
        };
        // A block of 32 of them would need two mebibytes. Without optimisation each call has its copies.
        let small = thread::Builder::new().stack_size(1 << 20);
        small.spawn(body).unwrap().join().unwrap();
    }

    fn r_121_the_last_message_before_the_end_is_not_lost() {
        for _ in 0..500 {
            let (tx, mut rx) = unbounded_channel();
            let sender = thread::spawn(move || tx.send(1).unwrap());
            let mut got = None;
            loop {
                match rx.try_recv() {
                    Ok(n) => got = Some(n),
                    Err(TryRecvError::Empty) => thread::yield_now(),
                    Err(TryRecvError::Disconnected) => break,
                }
            }
            assert_eq!(got, Some(1));
            sender.join().unwrap();
        }
    }

    fn r_123_a_send_that_is_given_up_has_not_sent() {
        let (tx, mut rx) = channel(1);
        tx.try_send(1).unwrap();
        let woken = Seat::waiting(tx.send(2));
        assert_eq!(rx.try_recv(), Ok(1));
        assert_eq!(woken.wakes(), 1);
        drop(woken);
        assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(tx.capacity(), 1);
    }

    fn r_125_upgrade_fails_when_the_senders_have_gone() {
        let (tx, mut rx) = channel(1);
        let weak = tx.downgrade();
        rx.close();
        let upgraded = weak.upgrade().expect("there is a sender");
        assert_eq!(upgraded.try_send(1), Err(TrySendError::Closed(1)));
        drop((tx, upgraded));
        assert!(weak.upgrade().is_none());
        assert_eq!((rx.sender_strong_count(), rx.sender_weak_count()), (0, 1));
        drop(weak);
        assert_eq!(rx.sender_weak_count(), 0);
    }

    fn r_126_a_send_that_was_never_polled_drops_its_message() {
        let census = Census::new();
        let (tx, _rx) = channel(1);
        drop(tx.send(census.value(1)));
        drop(tx.send_timeout(census.value(2), Duration::MAX));
        assert_eq!((census.alive(), tx.capacity()), (0, 1));
    }

    fn r_127_messages_go_with_the_receiver_and_not_with_the_senders() {
        let census = Census::new();
        let (tx, rx) = channel(3);
        let late = tx.try_reserve().unwrap();
        tx.try_send(census.value(1)).unwrap();
        tx.try_send(census.value(2)).unwrap();
        drop(rx);
        assert_eq!(census.alive(), 0);
        late.send(census.value(3));
        assert_eq!(census.alive(), 0, "nobody is left to receive it");
    }

    fn messages_that_use_the_channel_when_they_are_dropped() {
        let (tx, rx) = unbounded_channel();
        let calls = Arc::new(AtomicUsize::new(0));
        let talk: Arc<dyn Fn() + Send + Sync> = {
            let (tx, calls) = (tx.downgrade(), calls.clone());
            Arc::new(move || {
                calls.fetch_add(1, Ordering::Relaxed);
                if let Some(tx) = tx.upgrade() {
                    drop(format!("{tx:?} {}", tx.is_closed()));
                    let quiet: Arc<dyn Fn() + Send + Sync> = Arc::new(|| {});
                    drop(tx.send(Talks(quiet)));
                }
            })
        };
        (0..3).for_each(|_| drop(tx.send(Talks(talk.clone()))));
        drop(rx);
        assert_eq!(calls.load(Ordering::Relaxed), 3);
        drop(tx.send(Talks(talk)));
        assert_eq!(calls.load(Ordering::Relaxed), 4, "a refused one is the sender's to drop");
    }

    fn messages_dropped_with_the_receiver_find_the_channel_closed() {
        // Those in hand, and those in the shared buffer.
        let (tx, mut rx) = unbounded_channel();
        let closed = Arc::new(AtomicUsize::new(0));
        let look: Arc<dyn Fn() + Send + Sync> = {
            let (tx, closed) = (tx.clone(), closed.clone());
            Arc::new(move || {
                closed.fetch_add(tx.is_closed().into(), Ordering::Relaxed);
            })
        };
        (0..3).for_each(|_| drop(tx.send(Talks(look.clone()))));
        drop(rx.try_recv());
        (0..2).for_each(|_| drop(tx.send(Talks(look.clone()))));
        assert_eq!((closed.load(Ordering::Relaxed), rx.len()), (0, 4));
        drop(rx);
        assert_eq!(closed.load(Ordering::Relaxed), 4);
    }

    fn messages_whose_drop_panics_do_not_keep_the_others() {
        let census = Census::new();
        let (tx, rx) = unbounded_channel();
        (0..5).for_each(|n| drop(tx.send(Bomb(census.value(n)))));
        let closed = Seat::waiting(tx.closed());
        assert!(panics(|| drop(rx)));
        assert_eq!((census.alive(), closed.wakes()), (0, 1));
        let refused = tx.send(Bomb(census.value(9)));
        assert!(catch(|| drop(refused)).is_err());
        assert_eq!(census.alive(), 0);
    }

    fn panics_of_wakers_lose_nothing() {
        for when in EVENTS {
            let (hooked, armed) = bomb(when);
            let (tx, mut rx) = channel(1);
            let waker = hooked.waker();
            tx.try_send(1).unwrap();
            let mut send = Box::pin(tx.send(2));
            armed.store(true, Ordering::Relaxed);
            let panicked = panics(|| {
                for waker in [&waker, Waker::noop(), &waker] {
                    assert!(poll(send.as_mut(), waker).is_pending());
                }
                assert_eq!(rx.try_recv(), Ok(1));
            });
            armed.store(false, Ordering::Relaxed);
            assert!(panicked, "{when:?}");
            // The message stayed, or came back; the send goes on, or is dropped.
            assert_eq!(rx.try_recv(), Ok(1), "{when:?}");
            assert_eq!(poll(send.as_mut(), &waker), Poll::Ready(Ok(())), "{when:?}");
            drop(send);
            assert_eq!((rx.try_recv(), tx.capacity()), (Ok(2), 1), "{when:?}");
            drop(waker);
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    fn a_message_in_hand_stays_if_the_waker_of_a_sender_panics() {
        let (hooked, armed) = bomb(Event::Wake);
        let (tx, mut rx) = channel(2);
        let waker = hooked.waker();
        tx.try_send(1).unwrap();
        tx.try_send(2).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        tx.try_send(3).unwrap();
        let mut send = Box::pin(tx.send(4));
        assert!(poll(send.as_mut(), &waker).is_pending());
        armed.store(true, Ordering::Relaxed);
        assert!(catch(|| rx.try_recv()).is_err());
        assert_eq!((rx.len(), tx.capacity()), (2, 0));
        assert_eq!(poll(send.as_mut(), Waker::noop()), Poll::Ready(Ok(())), "it has room");
        assert_eq!((rx.len(), tx.capacity()), (3, 0), "one more than there is room for");
        assert_eq!(rx.try_recv(), Ok(2));
        assert_eq!(tx.try_send(5), Err(TrySendError::Full(5)));
        assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(3), Ok(4)));
        assert_eq!(tx.capacity(), 2);
    }

    fn panics_of_the_receivers_waker_lose_nothing() {
        for when in EVENTS {
            let (hooked, armed) = bomb(when);
            let (tx, mut rx) = channel(2);
            let waker = hooked.waker();
            armed.store(true, Ordering::Relaxed);
            let panicked = panics(|| {
                for waker in [&waker, Waker::noop(), &waker] {
                    assert!(poll(Box::pin(rx.recv()).as_mut(), waker).is_pending());
                }
                tx.try_send(1).unwrap();
            });
            armed.store(false, Ordering::Relaxed);
            assert!(panicked, "{when:?}");
            let sent = when == Event::Wake;
            assert_eq!(rx.len(), usize::from(sent));
            tx.try_send(2).unwrap();
            if sent {
                assert_eq!(Seat::new(rx.recv()).ready(), Some(1));
            }
            assert_eq!(Seat::new(rx.recv()).ready(), Some(2));
            drop((waker, rx));
            assert_eq!(hooked.alive(), 0, "{when:?}");
        }
    }

    fn a_panicking_waker_does_not_keep_the_end_from_the_others() {
        let (hooked, armed) = bomb(Event::Wake);
        let (tx, rx) = channel(1);
        tx.try_send(0).unwrap();
        let hostile = hooked.waker();
        let mut sends: Vec<_> = (0..100).map(|n| Box::pin(tx.send(n))).collect();
        let closed = Seat::waiting(tx.closed());
        let (bell, friendly) = Bell::new();
        for (number, send) in sends.iter_mut().enumerate() {
            let waker = if number == 40 { &hostile } else { &friendly };
            assert!(poll(send.as_mut(), waker).is_pending());
        }
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| drop(rx)));
        assert_eq!((bell.rings(), closed.wakes()), (99, 1));
    }
}
