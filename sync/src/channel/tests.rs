//! What only shows inside: between two steps of an operation.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use super::*;

struct PanicsOnWake;

impl Wake for PanicsOnWake {
    fn wake(self: Arc<Self>) {
        panic!("a waker");
    }
}

#[test]
fn a_message_stays_if_the_waker_of_a_sender_panics() {
    // As one receiver of many.
    let (tx, rx) = super::bounded(1, "a channel");
    let channel = rx.channel();
    channel.try_send(1).unwrap();
    let waker = Waker::from(Arc::new(PanicsOnWake));
    let mut send = pin!(SendMessage::new(
        tx.channel(),
        2,
        std::panic::Location::caller()
    ));
    let mut cx = Context::from_waker(&waker);
    assert!(std::future::Future::poll(send.as_mut(), &mut cx).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| channel.try_recv())).is_err());
    assert_eq!((channel.state().messages(), channel.state().room()), (1, 0));
    assert!(
        std::future::Future::poll(send.as_mut(), &mut cx).is_ready(),
        "it has room"
    );
    assert_eq!(
        channel.state().messages(),
        2,
        "one more than there is room for"
    );
    assert_eq!(channel.try_recv(), Ok(1));
    assert!(channel.try_send(3).is_err());
    assert_eq!(channel.try_recv(), Ok(2));
    assert!(channel.try_send(3).is_ok());
}

#[test]
fn a_place_that_is_being_given_out_belongs_to_who_waits() {
    let (tx, rx) = super::bounded(2, "a channel");
    let mut inbox = Inbox::new(rx);
    let channel = tx.channel();
    channel.try_send(1).unwrap();
    channel.try_send(2).unwrap();
    assert_eq!(inbox.try_recv(), Ok(1));
    channel.try_send(3).unwrap();
    assert_eq!(channel.hand.count(), 1);
    let place = std::panic::Location::caller();
    let mut waits = pin!(SendMessage::new(channel, 4, place));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(std::future::Future::poll(waits.as_mut(), &mut cx).is_pending());
    // The receiver gives out a message, and has not come to serve the queue.
    assert!(channel.hand.give_out(1), "it is told");
    assert_eq!(channel.try_send(5), Err(TrySendError::Full(5)));
    assert_eq!(channel.room(), 0);
    channel.settle(channel.queue.lock());
    assert!(std::future::Future::poll(waits.as_mut(), &mut cx).is_ready());
    // As if it had been another message.
    channel.hand.take(1);
    assert_eq!(inbox.try_recv(), Ok(2));
    assert_eq!(inbox.try_recv(), Ok(3));
    assert_eq!(inbox.try_recv(), Ok(4));
}

#[test]
fn a_message_that_is_in_hand_again_after_a_panic_leaves_its_place_to_who_waits() {
    let (tx, rx) = super::bounded(2, "a channel");
    let mut inbox = Inbox::new(rx);
    let channel = tx.channel();
    channel.try_send(1).unwrap();
    channel.try_send(2).unwrap();
    let place = std::panic::Location::caller();
    let waker = Waker::from(Arc::new(PanicsOnWake));
    let mut first = Box::pin(SendMessage::new(channel, 3, place));
    let mut second = pin!(SendMessage::new(channel, 4, place));
    let mut cx = Context::from_waker(&waker);
    assert!(std::future::Future::poll(first.as_mut(), &mut cx).is_pending());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(std::future::Future::poll(second.as_mut(), &mut cx).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| inbox.try_recv())).is_err());
    assert_eq!(channel.hand.count(), 1);
    drop(first);
    assert_eq!(channel.room(), 0, "one is in hand, and one in the buffer");
    assert_eq!(inbox.try_recv(), Ok(1));
    assert!(std::future::Future::poll(second.as_mut(), &mut cx).is_ready());
    assert_eq!(inbox.try_recv(), Ok(2));
    assert_eq!(inbox.try_recv(), Ok(4));
}
