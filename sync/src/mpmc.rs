//! A channel whose both ends can be cloned: each message goes to one of many receivers.
//!
//! [`channel`] is bounded: sending waits while the buffer is full. [`unbounded_channel`] has no bound, and
//! sending never waits. Both make the same [`Sender`] and [`Receiver`]. All functions take `&self`, so an
//! end can be shared as well as cloned.
//!
//! # The end
//!
//! The channel is closed by [`Sender::close`] or [`Receiver::close`], or when all receivers are gone. Then
//! sending fails, also for those that wait for room. What is in the buffer, and what senders with a
//! [`Permit`] still send, can be received; then comes `None`. It comes too when all senders are gone.
//!
//! When the last receiver is dropped, so are the messages in the buffer.
//!
//! A [weak sender](WeakSender) can be upgraded while there is a sender, also if the channel is closed; so
//! can a [weak receiver](WeakReceiver) while there is a receiver.
//!
//! # Fairness
//!
//! Messages leave the buffer in the order in which they were sent. Who waits is served in order of arrival,
//! on both ends: nobody who comes later overtakes, not even with [`try_send`](Sender::try_send) or
//! [`try_recv`](Receiver::try_recv). A receiver that is woken has a message promised; if it is dropped
//! instead of polled, the promise goes to the next. Which of two receivers woken together gets the older
//! message is up to who comes first.
//!
//! # Forgotten futures
//!
//! A future or permit that is [forgotten](std::mem::forget) while it holds room takes that out of the
//! buffer for good. A `recv` that is forgotten after it was woken takes one message out of circulation:
//! others receive what is beyond it, the last message of the buffer stays there. The channel does not end
//! by [`close`](Receiver::close) then, but drops its messages with the last receiver.
//!
//! # As a mailbox
//!
//! An actor is a loop around [`recv`](Receiver::recv); its address is a [`Sender`]. Several workers behind
//! one address each clone the [`Receiver`].
//!
//! ```
//! use selvedge::sync::{mpmc, oneshot};
//!
//! enum Request {
//!     Add(u64),
//!     Get(oneshot::Sender<u64>),
//! }
//!
//! async fn counter(mailbox: mpmc::Receiver<Request>) {
//!     let mut sum = 0;
//!     while let Some(request) = mailbox.recv().await {
//!         match request {
//!             Request::Add(n) => sum += n,
//!             // Who asked may have gone.
//!             Request::Get(reply) => drop(reply.send(sum)),
//!         }
//!     }
//! }
//!
//! # #[selvedge::main(flavor = "current_thread")]
//! # async fn main() {
//! let (address, mailbox) = mpmc::channel(16);
//! let actor = selvedge::spawn(counter(mailbox));
//! address.send(Request::Add(40)).await.unwrap();
//! address.send(Request::Add(2)).await.unwrap();
//! let (reply, sum) = oneshot::channel();
//! address.send(Request::Get(reply)).await.unwrap();
//! assert_eq!(sum.await, Ok(42));
//! drop(address);
//! actor.await.unwrap();
//! # }
//! ```

mod ends;
pub mod error;
mod receiver;
mod sender;

pub use self::receiver::{Receiver, Recv, RecvMany, RecvTimeout, WeakReceiver};
pub use self::sender::{Sender, WeakSender};
use crate::channel;
pub use crate::channel::{
    Closed, Permit, PermitIterator, Reserve, ReserveMany, SendMessage, SendTimeout,
};

/// Makes a channel for at most `capacity` messages at a time.
///
/// # Panics
///
/// If `capacity` is zero, or more than [`Semaphore::MAX_PERMITS`](crate::Semaphore::MAX_PERMITS).
///
/// # Examples
///
/// ```
/// use selvedge::sync::mpmc;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let (tx, rx) = mpmc::channel(4);
/// let workers: Vec<_> = (0..3)
///     .map(|_| {
///         let rx = rx.clone();
///         selvedge::spawn(async move {
///             let mut sum = 0;
///             while let Some(n) = rx.recv().await {
///                 sum += n;
///             }
///             sum
///         })
///     })
///     .collect();
/// for n in 1..=100 {
///     tx.send(n).await.unwrap();
/// }
/// drop(tx);
/// let mut sum = 0;
/// for worker in workers {
///     sum += worker.await.unwrap();
/// }
/// assert_eq!(sum, 5050);
/// # }
/// ```
#[track_caller]
pub fn channel<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = channel::bounded(capacity, "an `mpmc` channel");
    (Sender::new(sender), Receiver::new(receiver))
}

/// Makes a channel without bound: sending never waits.
///
/// Receivers that are slower than the senders let the buffer grow as long as there is memory. The memory
/// of a long queue is given back when it has been received.
pub fn unbounded_channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = channel::unbounded();
    (Sender::new(sender), Receiver::new(receiver))
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
