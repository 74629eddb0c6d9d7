//! What both ends can say about the channel.

macro_rules! common {
    ($end:ident, $weak:ident) => {
        impl<T> $end<T> {
            /// True if the channel was closed, or one of its sides is gone: no message can be added that
            /// will be received.
            ///
            /// There may be messages in the buffer.
            pub fn is_closed(&self) -> bool {
                self.sender_count() == 0 || self.end.channel().state().is_closed()
            }

            /// True if there is no message in the buffer.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// How many messages are in the buffer.
            ///
            /// Also those that receivers were woken for and have not taken yet.
            pub fn len(&self) -> usize {
                self.end.channel().state().messages()
            }

            /// How many messages could be sent now without waiting.
            ///
            /// Permits that are out count as sent.
            pub fn capacity(&self) -> usize {
                self.end.channel().room()
            }

            /// How many messages the buffer can hold; none if there is no bound.
            pub fn max_capacity(&self) -> Option<usize> {
                self.end.channel().max_capacity()
            }

            /// True if both are ends of the same channel.
            pub fn same_channel(&self, other: &Self) -> bool {
                self.end.same_channel(&other.end)
            }

            /// How many senders there are.
            pub fn sender_count(&self) -> usize {
                self.end.channel().sender_count()
            }

            /// How many weak senders there are.
            pub fn weak_sender_count(&self) -> usize {
                self.end.channel().weak_sender_count()
            }

            /// How many receivers there are.
            pub fn receiver_count(&self) -> usize {
                self.end.channel().receiver_count()
            }

            /// How many weak receivers there are.
            pub fn weak_receiver_count(&self) -> usize {
                self.end.channel().weak_receiver_count()
            }
        }

        impl<T> Clone for $end<T> {
            fn clone(&self) -> Self {
                Self {
                    end: self.end.clone(),
                }
            }
        }

        impl<T> Clone for $weak<T> {
            fn clone(&self) -> Self {
                Self {
                    end: self.end.clone(),
                }
            }
        }

        impl<T> fmt::Debug for $end<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($end))
                    .field(self.end.channel())
                    .finish()
            }
        }

        impl<T> fmt::Debug for $weak<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($weak))
                    .field(self.end.channel())
                    .finish()
            }
        }
    };
}
pub(super) use common;
