//! The stream of a `watch` receiver.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::context;
use crate::watch::{ChangeWait, Receiver};

/// The values that a [`watch::Receiver`](Receiver) sees: the latest whenever it is polled, not all.
///
/// Each is cloned while senders wait.
pub struct WatchStream<T> {
    wait: ChangeWait<T>,
    receiver: Receiver<T>,
    /// Give the present value first, whether it was seen or not.
    starts: bool,
}

impl<T> WatchStream<T> {
    /// The receiver as a stream that begins with the present value.
    #[track_caller]
    pub fn new(receiver: Receiver<T>) -> Self {
        Self {
            starts: true,
            ..Self::from_changes(receiver)
        }
    }

    /// The receiver as a stream of the values it has not seen.
    #[track_caller]
    pub fn from_changes(receiver: Receiver<T>) -> Self {
        Self {
            wait: ChangeWait::new(&receiver, Location::caller()),
            receiver,
            starts: false,
        }
    }

    /// The receiver.
    pub fn into_inner(self) -> Receiver<T> {
        self.receiver
    }
}

impl<T: Clone> Stream for WatchStream<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        if this.starts {
            ready!(context::poll_proceed(cx)).made_progress();
            this.starts = false;
        } else if ready!(this.wait.poll_change(&mut this.receiver, cx)).is_err() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(this.receiver.borrow_and_update().clone()))
    }
}

impl<T> AsRef<Receiver<T>> for WatchStream<T> {
    fn as_ref(&self) -> &Receiver<T> {
        &self.receiver
    }
}

impl<T> From<Receiver<T>> for WatchStream<T> {
    #[track_caller]
    fn from(receiver: Receiver<T>) -> Self {
        Self::new(receiver)
    }
}

impl<T> fmt::Debug for WatchStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WatchStream").field(&self.receiver).finish()
    }
}
