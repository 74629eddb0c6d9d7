//! Receivers as streams: thin wrappers that implement `futures_core::Stream`.
//!
//! | Receiver | Stream |
//! |---|---|
//! | [`mpsc::Receiver`](crate::mpsc::Receiver) | [`ReceiverStream`] |
//! | [`mpsc::UnboundedReceiver`](crate::mpsc::UnboundedReceiver) | [`UnboundedReceiverStream`] |
//! | [`mpmc::Receiver`](crate::mpmc::Receiver) | [`MpmcReceiverStream`] |
//! | [`broadcast::Receiver`](crate::broadcast::Receiver) | [`BroadcastStream`] |
//! | [`watch::Receiver`](crate::watch::Receiver) | [`WatchStream`] |
//!
//! A stream ends where its receiver gives `None`, and may be polled again after that. Dropping the future
//! of a `next()` loses nothing.
//!
//! # Examples
//!
//! ```
//! use futures_util::StreamExt;
//! use selvedge::sync::{mpsc, stream::ReceiverStream};
//!
//! # #[selvedge::main(flavor = "current_thread")]
//! # async fn main() {
//! let (tx, rx) = mpsc::channel(4);
//! selvedge::spawn(async move {
//!     for n in 0..10 {
//!         tx.send(n).await.unwrap();
//!     }
//! });
//! let even: Vec<u32> = ReceiverStream::new(rx)
//!     .filter(|n| std::future::ready(n % 2 == 0))
//!     .collect()
//!     .await;
//! assert_eq!(even, [0, 2, 4, 6, 8]);
//! # }
//! ```

mod broadcast;
mod mpmc;
mod mpsc;
mod watch;

pub use self::broadcast::{BroadcastStream, BroadcastStreamRecvError};
pub use self::mpmc::MpmcReceiverStream;
pub use self::mpsc::{ReceiverStream, UnboundedReceiverStream};
pub use self::watch::WatchStream;

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
