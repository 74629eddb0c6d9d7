//! What only shows inside: a message survives a panic on its way out.

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
