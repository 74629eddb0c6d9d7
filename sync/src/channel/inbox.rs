//! The receiving end with one receiver: it takes the messages that are there together, and gives them out
//! one by one.
//!
//! Those it has [in hand](super::hand) are older than all in the shared buffer, and need no lock.
#![allow(
    unsafe_code,
    reason = "shared references to the end do not reach the messages in hand"
)]

use std::collections::VecDeque;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::task::{Context, Poll, ready};

use super::error::TryRecvError;
use super::messages::Messages;
use super::{Channel, Locked, ReceiverRef, SENDERS, grant_one};
use crate::context::{self, WaitKind};
use crate::primitive::thread;
use crate::wake_batch::FirstPanic;

/// The only receiver of a channel.
pub(crate) struct Inbox<T> {
    /// The messages in hand.
    hand: VecDeque<T>,
    end: ReceiverRef<T>,
}

// SAFETY: a shared reference to this gives access to the number of messages in hand and to the channel,
// which is `Sync` for messages that may be sent.
unsafe impl<T: Send> Sync for Inbox<T> {}

// Messages are never pinned in the inbox.
impl<T> Unpin for Inbox<T> {}
impl<T> UnwindSafe for Inbox<T> {}
impl<T> RefUnwindSafe for Inbox<T> {}

impl<T> Inbox<T> {
    pub(crate) fn new(end: ReceiverRef<T>) -> Self {
        Self {
            hand: VecDeque::new(),
            end,
        }
    }

    /// The channel.
    #[inline]
    pub(crate) fn channel(&self) -> &Channel<T> {
        self.end.channel()
    }

    /// How many messages there are.
    pub(crate) fn len(&self) -> usize {
        self.hand.len() + self.channel().state().messages()
    }

    /// Takes the oldest message; never waits.
    #[inline]
    pub(crate) fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let Some(message) = self.hand.pop_front() else {
            let Self { hand, end } = self;
            return take(hand, end.channel(), end.channel().queue.lock());
        };
        if self.hand.is_empty() {
            Messages::trim(&mut self.hand);
        }
        let channel = self.end.channel();
        if channel.is_bounded() && channel.hand.give_out(1) {
            return Ok(serve(&mut self.hand, channel, message));
        }
        Ok(message)
    }

    /// Receives a message; `None` says that none will come.
    ///
    /// It is woken: by who puts the next message, or ends the channel, with the waker in the slot; or at
    /// once without budget.
    #[inline]
    pub(crate) fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        place: &'static Location<'static>,
    ) -> Poll<Option<T>> {
        let unit = ready!(context::poll_proceed(cx));
        let received = if self.hand.is_empty() && self.channel().level.is_empty() {
            ready!(self.poll_empty(cx, place))
        } else {
            match self.try_recv() {
                Err(TryRecvError::Empty) => ready!(self.poll_empty(cx, place)),
                other => other.ok(),
            }
        };
        unit.made_progress();
        Poll::Ready(received)
    }

    /// The part of [`poll_recv`](Self::poll_recv) that may leave a waker.
    fn poll_empty(
        &mut self,
        cx: &mut Context<'_>,
        place: &'static Location<'static>,
    ) -> Poll<Option<T>> {
        // Cloned before the lock: it is foreign code.
        let fresh = cx.waker().clone();
        let channel = self.end.channel();
        let mut queue = channel.queue.lock();
        let core = queue.state();
        if core.state.messages() > 0 || core.state.is_over() {
            drop(queue);
            // Before a message is taken: it may panic. What was seen stays: nobody else receives.
            drop(fresh);
            return Poll::Ready(self.try_recv().ok());
        }
        let stale = core.receiver.replace(fresh);
        drop(queue);
        drop(stale);
        context::note_wait(WaitKind::Channel, place);
        Poll::Pending
    }

    /// Receives at most `limit` messages; zero says that none will come.
    ///
    /// It is woken: as [`poll_recv`](Self::poll_recv).
    pub(crate) fn poll_recv_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<T>,
        limit: usize,
        place: &'static Location<'static>,
    ) -> Poll<usize> {
        let unit = ready!(context::poll_proceed(cx));
        let mut received = 0;
        if limit > 0 {
            received = match self.try_recv_many(buffer, limit) {
                Err(TryRecvError::Empty) => match ready!(self.poll_empty(cx, place)) {
                    // It came in between.
                    Some(message) => {
                        buffer.push(message);
                        1
                    }
                    None => 0,
                },
                other => other.unwrap_or(0),
            };
        }
        unit.made_progress();
        Poll::Ready(received)
    }

    /// Moves at most `limit` messages, first those in hand, to the end of `buffer`; gives how many.
    fn try_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> Result<usize, TryRecvError> {
        let channel = self.end.channel();
        let from_hand = limit.min(self.hand.len());
        if from_hand > 0 {
            buffer.extend(self.hand.drain(..from_hand));
            Messages::trim(&mut self.hand);
            if channel.is_bounded() && channel.hand.give_out(from_hand) {
                channel.settle(channel.queue.lock());
            }
        }
        let rest = limit - from_hand;
        if rest == 0 {
            return Ok(from_hand);
        }
        match channel.take_many(buffer, rest, false) {
            Ok(count) => Ok(from_hand + count),
            Err(_) if from_hand > 0 => Ok(from_hand),
            Err(none) => Err(none),
        }
    }
}

/// Takes the oldest message out of the shared buffer, with nothing in hand.
///
/// Takes the others in hand, unless somebody waits for their places: then each of them needs the lock.
#[inline]
fn take<'a, T>(
    hand: &mut VecDeque<T>,
    channel: &'a Channel<T>,
    mut queue: Locked<'a, T>,
) -> Result<T, TryRecvError> {
    let waited_for = queue.has_open_in(SENDERS);
    if !waited_for {
        channel.hand.stop_asking();
    }
    let core = queue.state();
    core.state.note_in_hand(0);
    let message = match core.state.messages() {
        0 if core.state.is_over() => return Err(TryRecvError::Disconnected),
        0 => return Err(TryRecvError::Empty),
        count if count == 1 || waited_for => {
            let _ = core.state.take();
            core.messages.pop()
        }
        _ => {
            core.messages.take_chunk(hand);
            let message = hand.pop_front();
            let _ = core.state.take();
            core.state.take_in_hand(hand.len());
            if channel.is_bounded() {
                channel.hand.take(hand.len());
            }
            message
        }
    };
    let message = message.expect("there are as many messages as were counted");
    channel.level.note(&queue.state().state);
    if waited_for && let Some(sender) = grant_one(&mut queue) {
        drop(queue);
        let kept = Kept::new(hand, channel, message);
        sender.wake();
        return Ok(kept.into_message());
    }
    Ok(message)
}

/// Gives the place of a message that was in hand to who waits for it.
#[cold]
fn serve<T>(hand: &mut VecDeque<T>, channel: &Channel<T>, message: T) -> T {
    let mut queue = channel.queue.lock();
    queue.state().state.note_in_hand(channel.hand.count());
    let sender = grant_one(&mut queue);
    if !queue.has_open_in(SENDERS) {
        channel.hand.stop_asking();
    }
    drop(queue);
    let Some(sender) = sender else {
        return message;
    };
    let kept = Kept::new(hand, channel, message);
    sender.wake();
    kept.into_message()
}

/// A message on its way out: stays in hand if a waker panics meanwhile.
struct Kept<'a, T> {
    hand: &'a mut VecDeque<T>,
    channel: &'a Channel<T>,
    message: Option<T>,
}

impl<'a, T> Kept<'a, T> {
    fn new(hand: &'a mut VecDeque<T>, channel: &'a Channel<T>, message: T) -> Self {
        Self {
            hand,
            channel,
            message: Some(message),
        }
    }

    fn into_message(mut self) -> T {
        self.message.take().expect("it is taken here only")
    }
}

impl<T> Drop for Kept<'_, T> {
    fn drop(&mut self) {
        if let Some(message) = self.message.take() {
            self.hand.push_front(message);
            if self.channel.is_bounded() {
                let mut queue = self.channel.queue.lock();
                self.channel.hand.take(1);
                let count = match queue.has_open_in(SENDERS) {
                    true => self.channel.hand.ask(),
                    false => self.channel.hand.count(),
                };
                queue.state().state.note_in_hand(count);
            }
        }
    }
}

impl<T> Drop for Inbox<T> {
    fn drop(&mut self) {
        if self.hand.is_empty() {
            return;
        }
        let mut panic = FirstPanic::default();
        // No sender is to find room because of the messages that are dropped.
        panic.catch(|| {
            self.channel().close();
        });
        while let Some(message) = self.hand.pop_front() {
            panic.catch(|| drop(message));
        }
        // A second panic during unwinding would abort the process.
        if thread::panicking() {
            panic.swallow();
        } else {
            panic.resume();
        }
    }
}
