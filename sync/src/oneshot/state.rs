//! The state of a oneshot channel as a plain value: who owns which part of the allocation.

use std::fmt;

/// A value was sent.
const VALUE: usize = 1;
/// How far the bits of a side are from those of the sender.
const SENDER_SHIFT: u32 = 1;
const RECEIVER_SHIFT: u32 = SENDER_SHIFT + 3;
/// The side has decided how the channel ends for it.
const DONE: usize = 1;
/// The side never touches the allocation again.
const GONE: usize = 1 << 1;
/// The waker of the side is in its slot, for the other side to take.
const WAKER: usize = 1 << 2;

/// One end of the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Sender,
    Receiver,
}

impl Side {
    pub(super) const fn peer(self) -> Self {
        match self {
            Self::Sender => Self::Receiver,
            Self::Receiver => Self::Sender,
        }
    }

    const fn bit(self, bit: usize) -> usize {
        bit << match self {
            Self::Sender => SENDER_SHIFT,
            Self::Receiver => RECEIVER_SHIFT,
        }
    }

    /// The bits that [`Snapshot::leave`] sets.
    pub(super) const fn left_bits(self) -> usize {
        self.bit(DONE) | self.bit(GONE)
    }
}

/// The state word.
///
/// | Bits | Receiver | Sender | |
/// |---|---|---|---|
/// | | 6 | 3 | `WAKER`: its waker is in its slot |
/// | | 5 | 2 | `GONE`: it never touches the allocation again |
/// | | 4 | 1 | `DONE`: closed, or dropped; sent, or dropped |
/// | 0 | | | `VALUE` |
///
/// Valid: `GONE` only with `DONE`; `VALUE` only with the sender's `DONE`; no `WAKER` once a side is
/// `DONE`; a value is never sent after the receiver is `DONE`.
///
/// | Part | Whose it is |
/// |---|---|
/// | value | the sender's until `VALUE`, the receiver's from then on |
/// | waker of a side, `WAKER` set | shared: both may compare it, who clears the bit owns it |
/// | waker of a side, `WAKER` clear | its side's; nobody's once the peer is `DONE` |
/// | allocation | the last one's to set `GONE`, who frees it |
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Snapshot(pub(super) usize);

/// What a side has to do that is done with the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnFinish {
    /// Take these wakers out, drop its own, wake the peer; it has not left.
    TakeWakers { own: bool, peer: bool },
    /// Nothing: there were no wakers, and it has left as well.
    Left(OnLeave),
}

/// What a side has to do that has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnLeave {
    /// Never touch the allocation again.
    Forget,
    /// Free it: the peer left before.
    Free,
}

impl Snapshot {
    /// A new channel.
    pub(super) const OPEN: Self = Self(0);

    const fn has(self, side: Side, bit: usize) -> bool {
        self.0 & side.bit(bit) != 0
    }

    /// A value was sent.
    pub(super) const fn has_value(self) -> bool {
        self.0 & VALUE != 0
    }

    pub(super) const fn is_done(self, side: Side) -> bool {
        self.has(side, DONE)
    }

    pub(super) const fn is_gone(self, side: Side) -> bool {
        self.has(side, GONE)
    }

    pub(super) const fn has_waker(self, side: Side) -> bool {
        self.has(side, WAKER)
    }

    /// No value, and none will come; or nobody to take one.
    pub(super) const fn is_over(self) -> bool {
        self.is_done(Side::Sender) || self.is_done(Side::Receiver)
    }

    const fn is_valid(self) -> bool {
        let (tx, rx) = (Side::Sender, Side::Receiver);
        let gone_is_done =
            (self.is_done(tx) || !self.is_gone(tx)) && (self.is_done(rx) || !self.is_gone(rx));
        let wakers = self.has_waker(tx) || self.has_waker(rx);
        gone_is_done && (self.is_done(tx) || !self.has_value()) && !(self.is_over() && wakers)
    }

    /// The side shares the waker in its slot; `None` if a side is done.
    pub(super) const fn share_waker(self, side: Side) -> Option<Self> {
        debug_assert!(self.is_valid() && !self.has_waker(side));
        if self.is_over() {
            None
        } else {
            Some(Self(self.0 | side.bit(WAKER)))
        }
    }

    /// The side takes back its waker; `None` if a side is done, which has taken it.
    pub(super) const fn unshare_waker(self, side: Side) -> Option<Self> {
        debug_assert!(self.is_valid());
        if self.is_over() {
            None
        } else {
            Some(Self(self.0 & !side.bit(WAKER)))
        }
    }

    /// The sender leaves a value; `None` if the receiver does not want it.
    pub(super) const fn send(self) -> Option<(Self, OnFinish)> {
        debug_assert!(self.is_valid() && !self.is_done(Side::Sender));
        if self.is_done(Side::Receiver) {
            return None;
        }
        let (next, duty) = self.finish_and_leave(Side::Sender);
        Some((Self(next.0 | VALUE), duty))
    }

    /// The side is done; it leaves in the same step if there are no wakers to take.
    pub(super) const fn finish_and_leave(self, side: Side) -> (Self, OnFinish) {
        debug_assert!(self.is_valid() && !self.is_done(side));
        let (own, peer) = (self.has_waker(side), self.has_waker(side.peer()));
        if own || peer {
            let next = self.close(side);
            (next, OnFinish::TakeWakers { own, peer })
        } else {
            let next = Self(self.0 | side.left_bits());
            let duty = if next.is_gone(side.peer()) {
                OnLeave::Free
            } else {
                OnLeave::Forget
            };
            (next, OnFinish::Left(duty))
        }
    }

    /// The side is done, and takes the wakers that are there.
    pub(super) const fn close(self, side: Side) -> Self {
        debug_assert!(self.is_valid());
        let wakers = side.bit(WAKER) | side.peer().bit(WAKER);
        Self((self.0 | side.bit(DONE)) & !wakers)
    }

    /// What it means to leave in this state; the transition itself sets [`Side::left_bits`].
    ///
    /// Only when the channel is over: then there are no wakers to take.
    pub(super) const fn leave(self, side: Side) -> OnLeave {
        debug_assert!(self.is_valid() && self.is_over() && !self.is_gone(side));
        if self.is_gone(side.peer()) {
            OnLeave::Free
        } else {
            OnLeave::Forget
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tx, rx) = (Side::Sender, Side::Receiver);
        f.write_str(
            match (self.has_value(), self.is_done(tx), self.is_done(rx)) {
                (true, _, _) => "sent",
                (_, true, false) => "sender dropped",
                (_, false, true) => "closed by the receiver",
                (_, true, true) => "closed by both",
                (_, false, false) => "open",
            },
        )?;
        for (side, waits) in [(tx, ", sender waits"), (rx, ", receiver waits")] {
            if self.has_waker(side) {
                f.write_str(waits)?;
            }
        }
        Ok(())
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
