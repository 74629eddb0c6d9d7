//! Values, versions, who is woken, and what user code under the lock of the value can do.

use std::cell::Cell;
use std::future::Future;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::thread;

use super::error::SendError;
use super::*;
use crate::context::{self, BUDGET_PER_POLL, Budget, WaitKind, WaitNote};
use crate::counting_waker::{CountingWaker, idle_context};
use crate::wake_batch::WAKE_BATCH_CAP;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

/// What `changed` says now.
fn change<T>(rx: &mut Receiver<T>) -> Poll<bool> {
    poll(pin!(rx.changed())).map(|end| end.is_ok())
}

#[test]
fn a_receiver_is_told_once_of_each_value_it_sees() {
    let (tx, mut rx) = channel("one");
    assert_eq!(change(&mut rx), Poll::Pending);
    tx.send("two").unwrap();
    tx.send("three").unwrap();
    assert!(rx.has_changed().unwrap() && rx.borrow().has_changed());
    assert_eq!(change(&mut rx), Poll::Ready(true));
    assert_eq!(*rx.borrow(), "three");
    assert!(!rx.borrow().has_changed());
    assert_eq!(change(&mut rx), Poll::Pending);
    tx.send("four").unwrap();
    let seen = rx.borrow_and_update();
    assert!(seen.has_changed() && *seen == "four");
    drop(seen);
    assert!(!rx.has_changed().unwrap());
    assert_eq!(change(&mut rx), Poll::Pending);
    assert!(!tx.borrow().has_changed());
}

#[test]
fn the_unseen_value_comes_before_the_end() {
    let (tx, mut rx) = channel(1);
    let other = tx.clone();
    assert_eq!((tx.sender_count(), rx.is_closed()), (2, false));
    tx.send(2).unwrap();
    drop((tx, other));
    assert!(rx.is_closed() && rx.has_changed().is_err());
    assert_eq!(change(&mut rx), Poll::Ready(true));
    assert_eq!(change(&mut rx), Poll::Ready(false));
    assert_eq!(*rx.borrow(), 2);
    assert_eq!(change(&mut rx.clone()), Poll::Ready(false));
    rx.mark_changed();
    assert_eq!(change(&mut rx), Poll::Ready(true));
}

#[test]
fn without_receivers_only_send_replace_changes_the_value() {
    let tx = Sender::new(1);
    assert!(tx.is_closed());
    assert_eq!(tx.send(2), Err(SendError(2)));
    assert_eq!(tx.send_replace(3), 1);
    let mut rx = tx.subscribe();
    assert_eq!((*rx.borrow(), rx.has_changed().unwrap()), (3, false));
    tx.send(4).unwrap();
    assert_eq!(*rx.borrow_and_update(), 4);
    assert_eq!(*Sender::<u8>::default().borrow(), 0);
}

#[test]
fn versions_wrap() {
    let mut version = Version::INITIAL;
    for _ in 0..3 {
        version = version.before();
    }
    let (tx, mut rx) = channel_from(0, version);
    rx.mark_changed();
    assert_eq!(change(&mut rx), Poll::Ready(true));
    for value in 1..6 {
        assert_eq!(change(&mut rx), Poll::Pending);
        tx.send(value).unwrap();
        assert!(rx.borrow().has_changed());
        assert_eq!(change(&mut rx), Poll::Ready(true));
        assert_eq!(*rx.borrow(), value);
    }
    assert!(!rx.is_closed());
}

#[test]
fn a_value_wakes_all_who_wait_and_no_one_else() {
    let (tx, rx) = channel(0);
    let mut receivers = vec![rx; 2 * WAKE_BATCH_CAP + 1];
    let count = receivers.len();
    assert_eq!(tx.receiver_count(), count);
    let (wakes, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    let mut waits: Vec<_> = receivers
        .iter_mut()
        .map(|rx| Box::pin(rx.changed()))
        .collect();
    for wait in &mut waits {
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    assert!(!tx.send_if_modified(|_| false));
    assert_eq!(wakes.wakes(), 0);
    tx.send(1).unwrap();
    assert_eq!(wakes.wakes(), count);
    tx.send(2).unwrap();
    assert_eq!(wakes.wakes(), count, "nobody waits");
    for wait in &mut waits {
        assert!(matches!(wait.as_mut().poll(&mut cx), Poll::Ready(Ok(()))));
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    drop(tx);
    assert_eq!(wakes.wakes(), 2 * count);
    for wait in &mut waits {
        assert!(matches!(wait.as_mut().poll(&mut cx), Poll::Ready(Err(_))));
    }
}

#[test]
fn a_wait_that_is_dropped_or_forgotten_misses_nothing() {
    let (tx, mut rx) = channel(0);
    let (wakes, waker) = CountingWaker::pair();
    let mut value = 0;
    for forget in [false, true] {
        for woken in [false, true] {
            let mut wait = Box::pin(rx.changed());
            assert!(
                wait.as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
            value += 1;
            if woken {
                tx.send(value).unwrap();
            }
            if forget {
                mem::forget(wait);
            } else {
                drop(wait);
            }
            if !woken {
                tx.send(value).unwrap();
            }
            assert_eq!(change(&mut rx), Poll::Ready(true));
            assert_eq!(*rx.borrow(), value);
        }
    }
    assert_eq!(wakes.wakes(), 3, "one was dropped before");
}

#[test]
fn closed_waits_for_the_last_receiver_and_reopens() {
    let (tx, rx) = channel(());
    let other = rx.clone();
    let (wakes, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    let mut closed = pin!(tx.closed());
    assert!(closed.as_mut().poll(&mut cx).is_pending());
    drop(rx);
    assert_eq!(wakes.wakes(), 0);
    drop(other);
    assert_eq!(wakes.wakes(), 1);
    let again = tx.subscribe();
    assert!(closed.as_mut().poll(&mut cx).is_pending(), "open again");
    drop(again);
    assert_eq!(wakes.wakes(), 2);
    assert!(closed.as_mut().poll(&mut cx).is_ready());
}

#[test]
fn wait_for_looks_at_the_present_value_and_at_new_ones_once() {
    let (tx, mut rx) = channel(1);
    {
        let found = poll(pin!(rx.wait_for(|value| *value == 1)));
        let Poll::Ready(Ok(found)) = found else {
            panic!("it is so already");
        };
        assert!(!found.has_changed());
    }
    let shown = Cell::new(0);
    let (wakes, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    let mut wait = Box::pin(rx.wait_for(|value| {
        shown.set(shown.get() + 1);
        *value > 3
    }));
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    assert_eq!(shown.get(), 1);
    for value in 2..=4 {
        tx.send(value).unwrap();
        assert_eq!(wakes.wakes(), value - 1);
        assert_eq!(wait.as_mut().poll(&mut cx).is_pending(), value < 4);
        assert_eq!(shown.get(), value);
    }
    drop((wait, tx));
    let mut rx2 = rx.clone();
    assert!(matches!(
        poll(pin!(rx.wait_for(|value| *value == 4))),
        Poll::Ready(Ok(_))
    ));
    assert!(matches!(
        poll(pin!(rx2.wait_for(|value| *value == 5))),
        Poll::Ready(Err(_))
    ));
}

#[test]
fn wait_for_is_shown_the_last_value_before_the_end() {
    let (tx, mut rx) = channel(1);
    let mut wait = pin!(rx.wait_for(|value| *value == 2));
    assert!(poll(wait.as_mut()).is_pending());
    tx.send(2).unwrap();
    drop(tx);
    let Poll::Ready(Ok(found)) = poll(wait) else {
        panic!("it was sent before the end");
    };
    assert!(found.has_changed());
}

#[test]
fn code_that_panics_under_the_lock_leaves_the_value_and_the_lock() {
    let (tx, mut rx) = channel("one");
    let (wakes, waker) = CountingWaker::pair();
    let mut wait = Box::pin(rx.changed());
    assert!(
        wait.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    let caught = panic::catch_unwind(AssertUnwindSafe(|| {
        tx.send_modify(|value| {
            *value = "left";
            panic::resume_unwind(Box::new("modify"));
        });
    }));
    assert!(caught.is_err());
    assert_eq!((wakes.wakes(), *tx.borrow()), (0, "left"));
    drop(wait);

    let caught = panic::catch_unwind(AssertUnwindSafe(|| {
        let condition = |_: &&str| panic::resume_unwind(Box::new("condition"));
        poll(pin!(rx.wait_for(condition))).is_ready()
    }));
    assert!(caught.is_err());
    tx.send("two").unwrap();
    assert_eq!(*rx.borrow_and_update(), "two");
}

/// A payload whose drop looks at its channel.
struct Looks(Option<Sender<Looks>>, Rc<Cell<usize>>);

impl Drop for Looks {
    fn drop(&mut self) {
        self.1.set(self.1.get() + 1);
        if let Some(tx) = &self.0 {
            assert!(tx.borrow().0.is_some());
        }
    }
}

#[test]
fn the_old_value_is_dropped_without_a_lock() {
    let drops = Rc::new(Cell::new(0));
    let (tx, rx) = channel(Looks(None, drops.clone()));
    for sent in 0..3 {
        assert_eq!(drops.get(), sent);
        assert!(tx.send(Looks(Some(tx.clone()), drops.clone())).is_ok());
    }
    // The value keeps its own channel: let it go.
    drop(tx.send_replace(Looks(None, drops.clone())).0.take());
    drop((tx, rx));
    assert_eq!(drops.get(), 5);
}

#[test]
fn what_completes_costs_a_unit_of_budget() {
    let task = std::num::NonZeroU64::MIN;
    let (tx, mut rx) = channel(0);
    let exhausted = |f: &mut dyn FnMut(&mut Context<'_>) -> bool| {
        context::enter(task, None, Budget::initial(), || {
            let (wakes, waker) = CountingWaker::pair();
            let mut cx = Context::from_waker(&waker);
            for _ in 0..BUDGET_PER_POLL {
                assert!(f(&mut cx));
            }
            assert_eq!(wakes.wakes(), 0);
            assert!(!f(&mut cx));
            assert_eq!(wakes.wakes(), 1);
        });
    };
    exhausted(&mut |cx| {
        tx.send(1).unwrap();
        pin!(rx.changed()).poll(cx).is_ready()
    });
    assert_eq!(
        change(&mut rx),
        Poll::Ready(true),
        "not lost for want of it"
    );
    exhausted(&mut |cx| pin!(rx.wait_for(|value| *value == 1)).poll(cx).is_ready());
    drop(tx);
    exhausted(&mut |cx| pin!(rx.changed()).poll(cx).is_ready());
    exhausted(&mut |cx| pin!(rx.wait_for(|value| *value == 2)).poll(cx).is_ready());
    let tx = Sender::new(());
    exhausted(&mut |cx| pin!(tx.closed()).poll(cx).is_ready());
}

#[test]
fn a_wait_is_noted() {
    let (tx, mut rx) = channel(1);
    let note = WaitNote::new();
    let task = std::num::NonZeroU64::MIN;
    context::enter(task, Some(&note), Budget::initial(), || {
        let noted = || {
            let (kind, place) = note.get().unwrap();
            assert_eq!((kind, place.file()), (WaitKind::Channel, file!()));
            note.clear();
        };
        assert!(poll(pin!(rx.changed())).is_pending());
        noted();
        assert!(poll(pin!(rx.wait_for(|value| *value > 1))).is_pending());
        noted();
        assert!(poll(pin!(tx.closed())).is_pending());
        noted();
    });
}

#[test]
fn the_latest_value_reaches_all_threads() {
    let (tx, rx) = channel(0_u32);
    let watchers: Vec<_> = (0..4)
        .map(|_| {
            let mut rx = rx.clone();
            thread::spawn(move || {
                let mut last = 0;
                while block(rx.changed()).is_ok() {
                    let value = *rx.borrow_and_update();
                    assert!(value > last, "in order");
                    last = value;
                }
                last
            })
        })
        .collect();
    for value in 1..=1_000 {
        tx.send(value).unwrap();
    }
    drop(tx);
    for watcher in watchers {
        assert_eq!(watcher.join().unwrap(), 1_000);
    }
}

fn block<F: Future>(future: F) -> F::Output {
    crate::thread_block::block_thread_on(future, "a test", "do not")
}

#[test]
fn debug_shows_the_state_and_not_the_value() {
    let (tx, rx) = channel("secret");
    tx.send("secrets").unwrap();
    let writing = panic::catch_unwind(AssertUnwindSafe(|| {
        tx.send_if_modified(|_| panic::resume_unwind(Box::new(format!("{rx:?}"))))
    }));
    let shown = *writing.unwrap_err().downcast::<String>().unwrap();
    assert!(shown.starts_with("Receiver { state: version 1, senders: 1, receivers: 1"));
    assert!(format!("{:?}", rx.borrow()).contains("secrets"));
}
