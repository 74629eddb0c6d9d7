//! A channel that gives every message to every receiver.
//!
//! # Picture
//!
//! ```text
//!   messages       ... [overwritten] [ 4 ] [ 5 ] [ 6 ] [ 7 ]  8 is next: the tail
//!                        ▲             ▲                      ▲
//!                     lags by 1     2 readers to come      at the end: waits in the queue
//! ```
//!
//! Each message has a number, and the ring keeps the last *capacity* ones. A receiver is nothing but the
//! number of its next message: receivers share no state and do not wait for each other, except
//! while they clone the same message. A message counts how many have still to read it, and is dropped with
//! the last reading.
//!
//! # Invariants
//!
//! I1. The number of the tail, and the message with that number, change only under the lock of
//! the tail.
//!
//! I2. A receiver is queued only while it is at the end: the lock is held from looking until it
//! is linked.
//!
//! I3. Each message has as many readers to come as there were receivers when it was sent, less
//! those who have read it or were dropped since. So each receiver reads each message since its own
//! beginning once, or counts it as lost.
//!
//! I4. No clone or drop of a message, and no waker, runs under the lock of the tail.
//!
//! # Why no wake-up is lost
//!
//! Sending and queueing both take the lock, so one comes first. If sending does, the receiver
//! finds itself behind. If queueing does, the sender finds it in the queue. Ending the channel is
//! the same. The queue is empty after each message (a broadcast covers all of it), and who wakes
//! and finds nothing queues again.
//!
//! # Rejected
//!
//! A lock around each message, held while it is cloned: a sender that comes round to the message
//! then waits for foreign code, while all others wait for the sender.
//!
//! Giving the last reader the message itself instead of a clone: the number of clones would depend
//! on who comes last.

pub mod error;
mod receiver;
mod recv;
mod ring;
mod sender;
mod slot;

// Shared with users' code, in models too.
use std::sync::Arc;

pub use self::receiver::Receiver;
pub(crate) use self::recv::MessageWait;
pub use self::recv::Recv;
use self::ring::Ring;
pub use self::sender::{Closed, Sender, WeakSender};

/// Makes a channel that keeps the last `capacity` messages, rounded up to a power of two.
///
/// Who receives too slowly loses messages, and is told how many; nobody else is slowed down. A
/// capacity is used up by the slowest: choose as many messages as may come while a receiver is
/// busy.
///
/// Fairness: a message wakes all receivers that wait, in the order in which they began to, and
/// each gets it whatever the others do.
///
/// A [`Recv`] that is forgotten (`mem::forget`) loses nothing: messages belong to the receiver.
/// A receiver that is forgotten holds its messages until they are overwritten.
///
/// # Panics
///
/// If the capacity is zero or more than `usize::MAX / 2`.
///
/// # Examples
///
/// ```
/// use selvedge::sync::broadcast;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let (tx, mut first) = broadcast::channel(16);
/// let mut second = tx.subscribe();
/// tx.send("to all").unwrap();
/// assert_eq!(first.recv().await, Ok("to all"));
/// assert_eq!(second.recv().await, Ok("to all"));
/// # }
/// ```
#[track_caller]
pub fn channel<T: Clone>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    channel_from(capacity, 0)
}

/// A channel whose first message has this number.
#[track_caller]
fn channel_from<T>(capacity: usize, first: u64) -> (Sender<T>, Receiver<T>) {
    let ring = Arc::new(Ring::new(capacity, 1, first));
    let receiver = Receiver {
        ring: ring.clone(),
        next: first,
    };
    (Sender { ring }, receiver)
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
