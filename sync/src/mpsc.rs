//! A channel from many senders to one receiver.
//!
//! | | Makes | Sending |
//! |---|---|---|
//! | bounded | [`channel`] | waits while the buffer is full: backpressure |
//! | unbounded | [`unbounded_channel`] | never waits: the buffer takes what memory there is |
//!
//! # The end
//!
//! When all senders are gone, the receiver gets what is in the buffer, and then `None`.
//!
//! [`Receiver::close`] refuses further messages: the senders get an error, and those that wait too. What
//! is in the buffer, and what senders with a [`Permit`] still send, can be received; then comes `None`.
//!
//! Dropping the receiver closes the channel and drops the messages.
//!
//! # Fairness
//!
//! Messages arrive in the order in which they were sent. Who waits for room gets it in order of arrival:
//! nobody who sends later overtakes, not even with [`try_send`](Sender::try_send).
//!
//! # Forgotten futures
//!
//! A future or permit that is [forgotten](std::mem::forget) while it holds room takes that out of the
//! buffer for good. The channel does not end by [`close`](Receiver::close) then, but does when the senders
//! are gone.
//!
//! # Between tasks and threads
//!
//! Both ends have `blocking_*` twins for plain threads.
//!
//! # Examples
//!
//! ```
//! use selvedge::sync::mpsc;
//!
//! # #[selvedge::main(flavor = "current_thread")]
//! # async fn main() {
//! let (tx, mut rx) = mpsc::channel(8);
//! for id in 0..3 {
//!     let tx = tx.clone();
//!     selvedge::spawn(async move { tx.send(id).await });
//! }
//! drop(tx);
//! let mut sum = 0;
//! while let Some(id) = rx.recv().await {
//!     sum += id;
//! }
//! assert_eq!(sum, 3);
//! # }
//! ```

mod bounded;
pub mod error;
mod receiver;
mod unbounded;

pub use self::bounded::{OwnedPermit, ReserveOwned, Sender, WeakSender, channel};
pub use self::receiver::{Receiver, Recv, RecvMany, UnboundedReceiver};
pub use self::unbounded::{UnboundedSender, WeakUnboundedSender, unbounded_channel};
pub use crate::channel::{
    Closed, Permit, PermitIterator, Reserve, ReserveMany, SendMessage, SendTimeout,
};

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
