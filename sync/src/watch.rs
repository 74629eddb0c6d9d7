//! A channel that keeps the latest value, and tells those who watch it that there is a new one.
//!
//! # Picture
//!
//! ```text
//!   value     behind a lock of its own: senders change it, receivers look at it
//!   word      its version │ WAITERS │ CLOSED
//!   queue     those who wait for another version; those who wait for the last receiver to go
//! ```
//!
//! # Invariants
//!
//! I1. The version changes only while the value is locked for writing, after the value: who looks
//! at the value knows its version.
//!
//! I2. `WAITERS` is set while somebody waits for another version. It changes only under the lock
//! of the queue.
//!
//! I3. Code of the user (closures of senders, conditions of receivers, and what they do to the
//! value) runs under the lock of the value, which nothing else needs: not waiting, subscribing,
//! closing, or dropping an end. Wakers and drops of values run under no lock.
//!
//! # Why no version is missed
//!
//! A sender counts up the version, and a receiver that is about to wait sets `WAITERS`, in the same
//! word: one comes first. If the sender does, the receiver finds the new version. If the receiver
//! does, the sender finds the bit and takes the lock of the queue, which the receiver holds from
//! before it reads the word until it is queued. A receiver that finds the bit set need not set it: it
//! stays until somebody clears it under the lock, and he empties the queue. Closing is the same.
//!
//! # Rejected
//!
//! Several queues, to spread receivers over: each value sent then visits all of them. Who waits
//! takes the lock for a few instructions, and who does not have to wait does not take it.

pub mod error;
mod receiver;
mod sender;
mod state;
mod wait;
mod watched;

// Shared with users' code, in models too.
use std::sync::Arc;

pub use self::receiver::Receiver;
pub use self::sender::{Closed, Sender};
use self::state::Version;
pub(crate) use self::wait::ChangeWait;
pub use self::wait::{Changed, WaitFor};
pub use self::watched::Ref;
use self::watched::Watched;

/// Makes a channel around a first value, which the receiver has seen.
///
/// Fairness: a new value wakes all that wait, in the order in which they began to. A receiver that
/// is too slow misses values in between, never the latest.
///
/// A [`Changed`] or [`WaitFor`] that is forgotten (`mem::forget`) loses nothing: what was seen is
/// remembered in the receiver. A [`Ref`] that is forgotten blocks all senders for ever.
///
/// # Examples
///
/// ```
/// use selvedge::sync::watch;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let (config, mut rx) = watch::channel(1);
/// let worker = selvedge::spawn(async move {
///     let mut seen = Vec::new();
///     while rx.changed().await.is_ok() {
///         seen.push(*rx.borrow_and_update());
///     }
///     seen
/// });
/// config.send(2).unwrap();
/// drop(config);
/// assert_eq!(worker.await.unwrap(), [2]);
/// # }
/// ```
pub fn channel<T>(init: T) -> (Sender<T>, Receiver<T>) {
    channel_from(init, Version::INITIAL)
}

/// A channel whose first value has this version.
fn channel_from<T>(init: T, version: Version) -> (Sender<T>, Receiver<T>) {
    let watched = Arc::new(Watched::new(init, version));
    let receiver = Receiver {
        watched: watched.clone(),
        seen: version,
    };
    (Sender { watched }, receiver)
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
