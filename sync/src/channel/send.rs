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
use crate::thread_block::{block_thread_on_peer, check_may_block};
use crate::time_limit::{Elapsed, TimeLimit};

impl<T> Channel<T> {
    /// Blocks the thread until the message is sent. While there is room that needs no future.
    #[track_caller]
    pub(crate) fn blocking_send(&self, message: T) -> Result<(), SendError<T>> {
        let (what, instead) = ("blocking_send", "await `send`");
        check_may_block(what, instead);
        match self.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(message)) => Err(SendError(message)),
            Err(TrySendError::Full(message)) => {
                let wait = SendMessage::new(self, message, Location::caller());
                block_thread_on_peer(wait, what, instead)
            }
        }
    }
}

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
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.wait.is_some() {
            return self.poll_wait(cx);
        }
        let this = self.as_mut().project();
        assert!(this.message.is_some(), "{POLLED_AGAIN}");
        if !context::budget().has_remaining() {
            // The room is reserved, and used when the task comes again.
            self.as_mut().make_wait();
            return self.poll_wait(cx);
        }
        if this.channel.level.is_full() {
            return self.send_or_wait(cx);
        }
        let message = this.message.take().expect(POLLED_AGAIN);
        let refused = match this.channel.try_send(message) {
            Ok(()) => None,
            Err(TrySendError::Closed(message)) => Some(SendError(message)),
            Err(TrySendError::Full(message)) => {
                *this.message = Some(message);
                return self.send_or_wait(cx);
            }
        };
        ready!(context::poll_proceed(cx)).made_progress();
        Poll::Ready(refused.map_or(Ok(()), Err))
    }
}

impl<'a, T> SendMessage<'a, T> {
    fn make_wait(self: Pin<&mut Self>) {
        let mut this = self.project();
        let wait = RoomWait::new(*this.channel, 1, this.place);
        this.wait.set(Some(wait));
    }

    /// Sends the message, or joins the queue.
    fn send_or_wait(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<T>>> {
        self.as_mut().make_wait();
        let this = self.project();
        let Some(wait) = this.wait.as_pin_mut() else {
            unreachable!("it was just made");
        };
        let sent = ready!(wait.send_or_wait(this.message, cx.waker()));
        ready!(context::poll_proceed(cx)).made_progress();
        Poll::Ready(sent)
    }

    /// The part of `poll` that waits, or may have to.
    fn poll_wait(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        let this = self.project();
        let Some(wait) = this.wait.as_pin_mut() else {
            unreachable!("who waits has made it before");
        };
        let granted = ready!(wait.poll_room(cx));
        let message = this.message.take().expect(POLLED_AGAIN);
        Poll::Ready(match granted {
            Err(SendError(())) => Err(SendError(message)),
            Ok(_) => this.channel.send_granted(message),
        })
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
