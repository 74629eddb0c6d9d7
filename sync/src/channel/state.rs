//! What a channel's lock protects besides the messages themselves, as a plain value: who holds the
//! places of the buffer, and which side has ended.

/// The counts and ends of a channel.
///
/// A place of the buffer is free, reserved by a sender that has not sent yet, holds a message, or is kept
/// for one that the only receiver has [in hand](super::hand). A message is free, or promised to a receiver that was woken for it and has not come yet.
///
/// Valid: there are no more promises than messages; an abandoned channel is closed and holds no
/// message.
///
/// Messages, here and in hand, and reserved places are together at most `capacity`, but for messages that were [taken
/// back](Self::take_back).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    capacity: usize,
    messages: usize,
    promised: usize,
    reserved: usize,
    /// Messages that the only receiver has taken together and not given out, at the last look; so never
    /// fewer than there are.
    in_hand: usize,
    /// Nobody gets a place any more.
    closed: bool,
    /// No sender is left.
    disconnected: bool,
    /// No receiver is left.
    abandoned: bool,
}

/// Why there is no place for a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Closed,
    Full,
}

/// What somebody who waits for places got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnReserve {
    /// All of them.
    Granted,
    /// Nothing, and never will.
    Closed,
    /// All that were free; so many are missing.
    Enqueue { missing: usize },
}

/// What there is for a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnTake {
    /// A message: take it out.
    Message,
    /// None yet.
    Wait,
    /// None any more.
    Over,
}

impl State {
    /// The capacity of a channel without bound.
    pub(super) const UNBOUNDED: usize = usize::MAX;

    pub(super) const fn new(capacity: usize) -> Self {
        Self {
            capacity,
            messages: 0,
            promised: 0,
            reserved: 0,
            in_hand: 0,
            closed: false,
            disconnected: false,
            abandoned: false,
        }
    }

    #[cfg(all(test, not(selvedge_loom)))]
    const fn is_valid(self) -> bool {
        self.promised <= self.messages && (!self.abandoned || (self.closed && self.messages == 0))
    }

    /// How many messages are in the buffer.
    #[inline]
    pub(crate) const fn messages(&self) -> usize {
        self.messages
    }

    /// How many places are free.
    #[inline]
    pub(crate) const fn room(&self) -> usize {
        self.capacity
            .saturating_sub(self.messages + self.reserved + self.in_hand)
    }

    /// True if there is no room, and the receiver makes none without the lock.
    #[inline]
    pub(super) const fn is_full(&self) -> bool {
        self.in_hand == 0 && self.room() == 0
    }

    /// True if nobody gets a place any more.
    #[inline]
    pub(crate) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// True if there is no message, and none can come any more.
    #[inline]
    pub(crate) const fn is_over(&self) -> bool {
        self.messages == 0 && (self.disconnected || (self.closed && self.reserved == 0))
    }

    /// True if there is a message that is not promised.
    #[inline]
    pub(super) const fn has_free_message(&self) -> bool {
        self.messages > self.promised
    }

    /// Reserves `count` places if they are free.
    #[inline]
    pub(super) const fn reserve(&mut self, count: usize) -> Result<(), Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        if self.room() < count {
            return Err(Refused::Full);
        }
        self.reserved += count;
        Ok(())
    }

    /// Reserves `count` places, or all that are free and a place in the queue.
    pub(super) const fn reserve_or_wait(&mut self, count: usize) -> OnReserve {
        match self.reserve(count) {
            Ok(()) => OnReserve::Granted,
            Err(Refused::Closed) => OnReserve::Closed,
            Err(Refused::Full) => {
                let missing = count - self.room();
                self.reserved += self.room();
                OnReserve::Enqueue { missing }
            }
        }
    }

    /// Gives back reserved places.
    pub(super) const fn release(&mut self, count: usize) {
        self.reserved -= count;
    }

    /// Puts a message into a place that is free.
    #[inline]
    pub(super) const fn put_now(&mut self) -> Result<(), Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        if self.room() == 0 {
            return Err(Refused::Full);
        }
        self.messages += 1;
        Ok(())
    }

    /// Puts a message into a reserved place; false if nobody is left to receive it.
    #[inline]
    pub(super) const fn put(&mut self) -> bool {
        self.reserved -= 1;
        if self.abandoned {
            return false;
        }
        self.messages += 1;
        true
    }

    /// Takes a message that is not promised.
    #[inline]
    pub(super) const fn take(&mut self) -> OnTake {
        if self.has_free_message() {
            self.messages -= 1;
            OnTake::Message
        } else if self.is_over() {
            OnTake::Over
        } else {
            OnTake::Wait
        }
    }

    /// Takes at most `count` messages that are not promised; gives how many.
    pub(super) const fn take_many(&mut self, count: usize) -> usize {
        let free = self.messages - self.promised;
        let taken = if count < free { count } else { free };
        self.messages -= taken;
        taken
    }

    /// The only receiver takes messages in hand; it had given out all it had before.
    pub(super) const fn take_in_hand(&mut self, count: usize) {
        self.messages -= count;
        self.in_hand = count;
    }

    /// So many messages are in hand now.
    #[inline]
    pub(super) const fn note_in_hand(&mut self, count: usize) {
        self.in_hand = count;
    }

    /// Puts a message back that nobody got in the end; false if nobody is left to receive it.
    pub(super) const fn take_back(&mut self) -> bool {
        if self.abandoned {
            return false;
        }
        self.messages += 1;
        true
    }

    /// Promises a message to a receiver.
    #[inline]
    pub(super) const fn promise(&mut self) {
        self.promised += 1;
    }

    /// The receiver has come, or will not: its message is free, and the receiver's if it takes it.
    #[inline]
    pub(super) const fn end_promise(&mut self) {
        // Without receivers the messages are gone, and the promises with them.
        if !self.abandoned {
            self.promised -= 1;
        }
    }

    /// Nobody gets a place any more; false if that is so already.
    pub(super) const fn close(&mut self) -> bool {
        let first = !self.closed;
        self.closed = true;
        first
    }

    /// No sender is left.
    pub(super) const fn disconnect(&mut self) {
        self.disconnected = true;
    }

    /// No receiver is left: the messages are to be dropped.
    pub(super) const fn abandon(&mut self) {
        self.closed = true;
        self.abandoned = true;
        self.messages = 0;
        self.promised = 0;
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
