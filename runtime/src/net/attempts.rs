//! The future of most operations: attempts at it, until one does not say `WouldBlock`.

use std::fmt;
use std::future::Future;
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use mio::event::Source;
use pin_project_lite::pin_project;

use crate::io::Interest;
use crate::reactor::{ReadinessWait, Registration};

pin_project! {
    /// Waits until a socket is ready and tries an operation, as often as it takes until that does not
    /// say [`WouldBlock`](std::io::ErrorKind::WouldBlock).
    ///
    /// # Cancel safety
    ///
    /// Nothing is sent or received before the poll that says so: dropping it loses nothing.
    #[must_use = "futures do nothing unless polled"]
    pub struct Attempts<'a, F> {
        attempt: F,
        #[pin]
        wait: ReadinessWait<'a>,
    }
}

impl<'a, F> Attempts<'a, F> {
    /// Attempts at an operation on `socket`, each after a wait for `interest`.
    pub(crate) fn new<S: Source>(
        socket: &'a Registration<S>,
        interest: Interest,
        place: &'static Location<'static>,
        attempt: F,
    ) -> Self {
        Self {
            attempt,
            wait: socket.wait(interest, place),
        }
    }
}

impl<R, F: FnMut() -> io::Result<R>> Future for Attempts<'_, F> {
    type Output = io::Result<R>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<R>> {
        let this = self.project();
        this.wait.poll_io(cx, this.attempt)
    }
}

impl<F> fmt::Debug for Attempts<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts")
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}
