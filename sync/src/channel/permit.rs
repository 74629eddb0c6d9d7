//! Reserved places of a buffer, which give themselves back.

use std::fmt;
use std::iter::FusedIterator;

use super::Channel;

/// Room for one message, given back when this is dropped.
///
/// While it is out the channel does not end: after a close, receivers wait until it is used or dropped.
/// One that is [forgotten](std::mem::forget) takes its place out of the buffer for good.
#[must_use = "the room is given back when the permit is dropped"]
pub struct Permit<'a, T> {
    channel: &'a Channel<T>,
}

/// Room for some messages, as permits for one each; what is left is given back when this is dropped.
#[must_use = "the room is given back when the iterator is dropped"]
pub struct PermitIterator<'a, T> {
    channel: &'a Channel<T>,
    left: usize,
}

impl<'a, T> Permit<'a, T> {
    /// A permit for a place that the caller has reserved.
    pub(crate) fn new(channel: &'a Channel<T>) -> Self {
        Self { channel }
    }

    /// Sends a message; never waits.
    ///
    /// Also into a channel that was closed after the permit was given out. If the receiving side is
    /// gone, the message is dropped.
    pub fn send(self, value: T) {
        let channel = self.channel;
        std::mem::forget(self);
        channel.send_reserved(value);
    }
}

impl<T> Drop for Permit<'_, T> {
    fn drop(&mut self) {
        self.channel.release(1);
    }
}

impl<'a, T> PermitIterator<'a, T> {
    /// Permits for places that the caller has reserved.
    pub(crate) fn new(channel: &'a Channel<T>, left: usize) -> Self {
        Self { channel, left }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Permit<'a, T>> {
        self.left = self.left.checked_sub(1)?;
        Some(Permit::new(self.channel))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}
impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> Drop for PermitIterator<'_, T> {
    fn drop(&mut self) {
        self.channel.release(self.left);
    }
}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Permit").field(self.channel).finish()
    }
}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitIterator")
            .field("channel", self.channel)
            .field("left", &self.left)
            .finish()
    }
}
