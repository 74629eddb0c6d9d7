//! The receiving end.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::error::{RecvTimeoutError, TryRecvError};
use crate::channel::{Channel, MessageWait, ReceiverRef, WeakReceiverRef};
use crate::thread_block::{
    block_thread_for, block_thread_on, block_thread_on_peer, check_may_block,
};
use crate::time_limit::{Elapsed, TimeLimit};

/// The receiving end of a channel.
///
/// Dropping the last one closes the channel and drops the messages in the buffer.
pub struct Receiver<T> {
    end: ReceiverRef<T>,
}

/// A receiver that does not keep the channel going.
///
/// [Upgrade](Self::upgrade) it to receive.
pub struct WeakReceiver<T> {
    end: WeakReceiverRef<T>,
}

impl<T> Receiver<T> {
    pub(super) fn new(end: ReceiverRef<T>) -> Self {
        Self { end }
    }

    /// The channel, for a wait that owns it.
    pub(crate) fn channel(&self) -> &std::sync::Arc<Channel<T>> {
        self.end.channel()
    }

    /// Waits for the next message; `None` says that none will come.
    ///
    /// None will come when all senders are gone, or when the channel is closed and nobody holds a permit
    /// any more; and the buffer is empty.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the place in the queue; a message it was promised goes to the next.
    #[track_caller]
    #[inline]
    pub fn recv(&self) -> Recv<'_, T> {
        Recv {
            wait: MessageWait::new(self.end.channel(), Location::caller()),
        }
    }

    /// Waits for messages and moves at most `limit` to the end of `buffer`; gives how many.
    ///
    /// Waits until there is one for this receiver, and then takes those that are there for nobody else.
    /// Zero says that none will come, or that `limit` is zero.
    ///
    /// # Cancel safety
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn recv_many<'a>(&'a self, buffer: &'a mut Vec<T>, limit: usize) -> RecvMany<'a, T> {
        RecvMany {
            wait: MessageWait::new(self.end.channel(), Location::caller()),
            buffer,
            limit,
        }
    }

    /// Takes the next message if there is one for nobody else; never waits.
    ///
    /// # Errors
    ///
    /// [`Empty`](TryRecvError::Empty) if one may still come,
    /// [`Disconnected`](TryRecvError::Disconnected) if not.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.end.channel().try_recv()
    }

    /// Takes at most `limit` messages if there are some for nobody else, and moves them to the end of
    /// `buffer`; gives how many; never waits.
    ///
    /// # Errors
    ///
    /// As [`try_recv`](Self::try_recv).
    pub fn try_recv_many(&self, buffer: &mut Vec<T>, limit: usize) -> Result<usize, TryRecvError> {
        self.end.channel().try_recv_many(buffer, limit)
    }

    /// Waits for the next message for some time.
    ///
    /// # Errors
    ///
    /// If the time was up, or none will come.
    ///
    /// # Cancel safety
    ///
    /// As [`recv`](Self::recv).
    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> RecvTimeout<'_, T> {
        RecvTimeout {
            message: TimeLimit::new(self.recv(), timeout),
        }
    }

    /// Blocks the thread until there is a message; `None` says that none will come.
    ///
    /// For plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_recv(&self) -> Option<T> {
        let (what, instead) = ("blocking_recv", "await `recv`");
        check_may_block(what, instead);
        match self.try_recv() {
            Err(TryRecvError::Empty) => block_thread_on_peer(self.recv(), what, instead),
            other => other.ok(),
        }
    }

    /// Blocks the thread until there are messages and moves at most `limit` to the end of `buffer`; gives
    /// how many.
    ///
    /// For plain threads; else as [`recv_many`](Self::recv_many).
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_recv_many(&self, buffer: &mut Vec<T>, limit: usize) -> usize {
        let wait = self.recv_many(buffer, limit);
        block_thread_on(wait, "blocking_recv_many", "await `recv_many`")
    }

    /// Blocks the thread until there is a message, for some time; for plain threads.
    ///
    /// # Errors
    ///
    /// If the time was up, or none will come.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let (what, instead) = ("blocking_recv_timeout", "await `recv_timeout`");
        in_time(block_thread_for(self.recv(), timeout, what, instead))
    }

    /// Refuses further messages; those in the buffer can be received. True the first time.
    ///
    /// Senders that wait for room get an error. A permit that is out can still be used: receive until
    /// `None` to get every message.
    ///
    /// # Panics
    ///
    /// If a waker panics, the first panic goes on here after all were woken.
    pub fn close(&self) -> bool {
        self.end.channel().close()
    }

    /// A receiver that does not keep the channel going.
    #[must_use = "it does nothing to this receiver"]
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver {
            end: self.end.downgrade(),
        }
    }
}

fn in_time<T>(received: Result<Option<T>, Elapsed>) -> Result<T, RecvTimeoutError> {
    match received {
        Ok(message) => message.ok_or(RecvTimeoutError::Disconnected),
        Err(Elapsed(())) => Err(RecvTimeoutError::Timeout),
    }
}

impl<T> WeakReceiver<T> {
    /// A receiver, if there is one still.
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        self.end.upgrade().map(Receiver::new)
    }
}

super::ends::common!(Receiver, WeakReceiver);

pin_project! {
    /// The future of [`Receiver::recv`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Recv<'a, T> {
        #[pin]
        wait: MessageWait<T, &'a Channel<T>>,
    }
}

impl<T> Future for Recv<'_, T> {
    type Output = Option<T>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().wait.poll_message(cx)
    }
}

impl<T> fmt::Debug for Recv<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recv").field(&self.wait).finish()
    }
}

pin_project! {
    /// The future of [`Receiver::recv_many`].
    #[must_use = "futures do nothing unless polled"]
    pub struct RecvMany<'a, T> {
        #[pin]
        wait: MessageWait<T, &'a Channel<T>>,
        buffer: &'a mut Vec<T>,
        limit: usize,
    }
}

impl<T> Future for RecvMany<'_, T> {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.wait.poll_messages(cx, this.buffer, *this.limit)
    }
}

impl<T> fmt::Debug for RecvMany<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecvMany")
            .field("wait", &self.wait)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`Receiver::recv_timeout`].
    #[must_use = "futures do nothing unless polled"]
    pub struct RecvTimeout<'a, T> {
        #[pin]
        message: TimeLimit<Recv<'a, T>>,
    }
}

impl<T> Future for RecvTimeout<'_, T> {
    type Output = Result<T, RecvTimeoutError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(in_time(ready!(self.project().message.poll(cx))))
    }
}

impl<T> fmt::Debug for RecvTimeout<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RecvTimeout").field(&self.message).finish()
    }
}
