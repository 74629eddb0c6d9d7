//! A thread looks for a few microseconds whether a poll would get it on, and polls then.
//!
//! For locks that are held for less than it takes to queue and to be woken. The pauses between the looks
//! are long and grow: each look takes the cache line away from who uses the lock meanwhile, and a thread
//! that finds the lock free takes it away altogether.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::primitive::{LOOKS_BEFORE_POLL, keep_away};

/// A future that can tell whether a poll would get it on.
pub(crate) trait Foresees: Future {
    /// Cheap, and may be wrong: whoever asks polls in the end.
    fn would_get_on(&self) -> bool;
}

pin_project! {
    /// The same future, which looks before each poll; for a thread that has nothing else to do.
    pub(crate) struct Looking<F> {
        #[pin]
        future: F,
    }
}

impl<F: Foresees> Looking<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Foresees> Future for Looking<F> {
    type Output = F::Output;

    /// It is woken: as the future inside, which is polled each time.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        for look in 0..LOOKS_BEFORE_POLL {
            if self.future.would_get_on() {
                break;
            }
            keep_away(look);
        }
        self.project().future.poll(cx)
    }
}
