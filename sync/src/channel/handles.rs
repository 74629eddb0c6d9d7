//! The ends of a channel as counted references: what ends with the last of them.
//!
//! A weak reference keeps the allocation alive, and none of the two sides.

// Waiters hold their channel through this one, in models too.
use std::sync::Arc;

use super::Channel;
use super::state::State;
use crate::primitive::atomic::{AtomicUsize, Ordering};

/// Makes a channel for at most `capacity` messages.
///
/// # Panics
///
/// If `what`'s capacity is zero or too large.
#[track_caller]
pub(crate) fn bounded<T>(capacity: usize, what: &str) -> (SenderRef<T>, ReceiverRef<T>) {
    assert!(capacity > 0, "{what} needs a capacity of at least 1");
    assert!(
        capacity <= crate::Semaphore::MAX_PERMITS,
        "{what} has a capacity of at most `Semaphore::MAX_PERMITS`"
    );
    pair(Channel::new(capacity))
}

/// Makes a channel without bound.
pub(crate) fn unbounded<T>() -> (SenderRef<T>, ReceiverRef<T>) {
    pair(Channel::new(State::UNBOUNDED))
}

fn pair<T>(channel: Channel<T>) -> (SenderRef<T>, ReceiverRef<T>) {
    let channel = Arc::new(channel);
    (SenderRef(channel.clone()), ReceiverRef(channel))
}

/// Keeps the sending side going; the last one disconnects.
pub(crate) struct SenderRef<T>(Arc<Channel<T>>);

/// Keeps the receiving side going; the last one abandons the channel.
pub(crate) struct ReceiverRef<T>(Arc<Channel<T>>);

/// Can become a [`SenderRef`] while there is one.
pub(crate) struct WeakSenderRef<T>(Arc<Channel<T>>);

/// Can become a [`ReceiverRef`] while there is one.
pub(crate) struct WeakReceiverRef<T>(Arc<Channel<T>>);

/// Counts one more, of which the caller has one.
fn add(count: &AtomicUsize) {
    // Ordering: Relaxed; the count cannot reach zero meanwhile.
    let before = count.fetch_add(1, Ordering::Relaxed);
    assert!(
        before < isize::MAX as usize,
        "too many handles of a channel"
    );
}

/// Counts one less; true if that was the last.
fn remove(count: &AtomicUsize) -> bool {
    // Ordering: AcqRel; Release publishes what this handle did to who removes the last one, which
    // acquires it.
    count.fetch_sub(1, Ordering::AcqRel) == 1
}

/// Counts one more unless there is none.
fn add_unless_none(count: &AtomicUsize) -> bool {
    let more = |count: usize| (count > 0).then(|| count + 1);
    // Ordering: Relaxed; what the channel holds is published by its lock.
    count
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
        .is_ok()
}

fn get(count: &AtomicUsize) -> usize {
    // Ordering: Acquire; pairs with the Release of `remove`: who sees that the last handle has gone
    // sees what it did.
    count.load(Ordering::Acquire)
}

macro_rules! counted {
    ($strong:ident, $count:ident, $weak:ident, $weak_count:ident, $last:ident) => {
        impl<T> $strong<T> {
            /// The channel.
            #[inline]
            pub(crate) fn channel(&self) -> &Arc<Channel<T>> {
                &self.0
            }

            pub(crate) fn same_channel(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.0, &other.0)
            }

            pub(crate) fn downgrade(&self) -> $weak<T> {
                add(&self.0.$weak_count);
                $weak(self.0.clone())
            }
        }

        impl<T> Clone for $strong<T> {
            fn clone(&self) -> Self {
                add(&self.0.$count);
                Self(self.0.clone())
            }
        }

        impl<T> Drop for $strong<T> {
            fn drop(&mut self) {
                if remove(&self.0.$count) {
                    self.0.$last();
                }
            }
        }

        impl<T> $weak<T> {
            /// The channel.
            pub(crate) fn channel(&self) -> &Arc<Channel<T>> {
                &self.0
            }

            /// A strong one, if there is one still.
            pub(crate) fn upgrade(&self) -> Option<$strong<T>> {
                add_unless_none(&self.0.$count).then(|| $strong(self.0.clone()))
            }
        }

        impl<T> Clone for $weak<T> {
            fn clone(&self) -> Self {
                add(&self.0.$weak_count);
                Self(self.0.clone())
            }
        }

        impl<T> Drop for $weak<T> {
            fn drop(&mut self) {
                remove(&self.0.$weak_count);
            }
        }
    };
}

counted!(SenderRef, senders, WeakSenderRef, weak_senders, disconnect);
counted!(
    ReceiverRef,
    receivers,
    WeakReceiverRef,
    weak_receivers,
    abandon
);

impl<T> Channel<T> {
    pub(crate) fn sender_count(&self) -> usize {
        get(&self.senders)
    }

    pub(crate) fn weak_sender_count(&self) -> usize {
        get(&self.weak_senders)
    }

    pub(crate) fn receiver_count(&self) -> usize {
        get(&self.receivers)
    }

    pub(crate) fn weak_receiver_count(&self) -> usize {
        get(&self.weak_receivers)
    }
}
