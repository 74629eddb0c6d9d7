//! The futures that send one message.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::Channel;
use super::error::{SendError, SendTimeoutError, TrySendError};
use super::reserve::{Reserve, RoomWait};
use crate::context;
use crate::time_limit::{Elapsed, TimeLimit};

const POLLED_AGAIN: &str = "a send future was polled after it had returned";

pin_project! {
    /// The future of `send`: waits for room, and then sends its message.
    #[must_use = "futures do nothing unless polled"]
    pub struct SendMessage<'a, T> {
        channel: &'a Channel<T>,
        message: Option<T>,
        place: &'static Location<'static>,
        // Made when there is something to wait for.
        #[pin]
        wait: Option<RoomWait<T, &'a Channel<T>>>,
    }
}

impl<'a, T> SendMessage<'a, T> {
    #[inline]
    pub(crate) fn new(
        channel: &'a Channel<T>,
        message: T,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            channel,
            message: Some(message),
            place,
            wait: None,
        }
    }
}

impl<T> Future for SendMessage<'_, T> {
    type Output = Result<(), SendError<T>>;

    /// It is woken: as a wait for room is.
    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.wait.is_none() {
            let message = this.message.take().expect(POLLED_AGAIN);
            // Without budget the room is reserved and used when the task comes again.
            let message = if context::budget().has_remaining() {
                match this.channel.try_send(message) {
                    Ok(()) => {
                        ready!(context::poll_proceed(cx)).made_progress();
                        return Poll::Ready(Ok(()));
                    }
                    Err(TrySendError::Closed(message)) => {
                        return Poll::Ready(Err(SendError(message)));
                    }
                    Err(TrySendError::Full(message)) => message,
                }
            } else {
                message
            };
            *this.message = Some(message);
            this.wait
                .set(Some(RoomWait::new(*this.channel, 1, this.place)));
        }
        let Some(wait) = this.wait.as_pin_mut() else {
            unreachable!("it was made above");
        };
        let room = ready!(wait.poll_room(cx));
        let message = this.message.take().expect(POLLED_AGAIN);
        if room.is_err() {
            return Poll::Ready(Err(SendError(message)));
        }
        this.channel.send_reserved(message);
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for SendMessage<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendMessage")
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of `send_timeout`: waits for room for some time, and then sends its message.
    #[must_use = "futures do nothing unless polled"]
    pub struct SendTimeout<'a, T> {
        message: Option<T>,
        #[pin]
        room: TimeLimit<Reserve<'a, T>>,
    }
}

impl<'a, T> SendTimeout<'a, T> {
    pub(crate) fn new(
        channel: &'a Channel<T>,
        message: T,
        limit: Duration,
        place: &'static Location<'static>,
    ) -> Self {
        Self {
            message: Some(message),
            room: TimeLimit::new(Reserve::new(channel, place), limit),
        }
    }
}

impl<T> Future for SendTimeout<'_, T> {
    type Output = Result<(), SendTimeoutError<T>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let room = ready!(this.room.poll(cx));
        let message = this.message.take().expect(POLLED_AGAIN);
        Poll::Ready(match room {
            Ok(Ok(permit)) => {
                permit.send(message);
                Ok(())
            }
            Ok(Err(SendError(()))) => Err(SendTimeoutError::Closed(message)),
            Err(Elapsed(())) => Err(SendTimeoutError::Timeout(message)),
        })
    }
}

impl<T> fmt::Debug for SendTimeout<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SendTimeout").field(&self.room).finish()
    }
}
