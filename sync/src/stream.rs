//! Receivers as streams: thin wrappers that implement `futures_core::Stream`.
//!
//! | Receiver | Stream |
//! |---|---|
//! | [`mpsc::Receiver`](crate::mpsc::Receiver) | [`ReceiverStream`] |
//! | [`mpsc::UnboundedReceiver`](crate::mpsc::UnboundedReceiver) | [`UnboundedReceiverStream`] |
//! | [`mpmc::Receiver`](crate::mpmc::Receiver) | [`MpmcReceiverStream`] |
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

mod mpmc;
mod mpsc;

pub use self::mpmc::MpmcReceiverStream;
pub use self::mpsc::{ReceiverStream, UnboundedReceiverStream};

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
