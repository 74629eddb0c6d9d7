//! The futures of `ready`, `readable` and `writable`.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::io::Ready;
use crate::reactor::ReadinessWait;

pin_project! {
    /// Waits until a socket is ready, and says for what.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses nothing: readiness stays until an operation finds otherwise.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct ReadyWait<'a> {
        #[pin]
        wait: ReadinessWait<'a>,
    }
}

pin_project! {
    /// Waits until a socket is readable, or writable.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses nothing: readiness stays until an operation finds otherwise.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct DirectionWait<'a> {
        #[pin]
        wait: ReadinessWait<'a>,
    }
}

impl<'a> ReadyWait<'a> {
    pub(super) fn new(wait: ReadinessWait<'a>) -> Self {
        Self { wait }
    }
}

impl<'a> DirectionWait<'a> {
    pub(super) fn new(wait: ReadinessWait<'a>) -> Self {
        Self { wait }
    }
}

impl Future for ReadyWait<'_> {
    type Output = io::Result<Ready>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project()
            .wait
            .poll_ready(cx)
            .map_ok(|event| event.ready)
    }
}

impl Future for DirectionWait<'_> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().wait.poll_ready(cx).map_ok(drop)
    }
}
