//! What all wrappers of the bridges have in common: one stream, and the ways to it.

/// Declares a wrapper of one stream, which may keep something beside it.
macro_rules! wrapper {
    (
        $(#[$attribute:meta])*
        $name:ident $(, $field:ident: $type:ty)*
    ) => {
        pin_project_lite::pin_project! {
            $(#[$attribute])*
            #[derive(Debug)]
            pub struct $name<T> {
                #[pin]
                stream: T,
                $($field: $type,)*
            }
        }

        impl<T> $name<T> {
            /// Wraps a stream.
            pub fn new(stream: T) -> Self {
                Self {
                    stream,
                    $($field: Default::default(),)*
                }
            }

            /// The stream.
            pub fn get_ref(&self) -> &T {
                &self.stream
            }

            /// The stream.
            pub fn get_mut(&mut self) -> &mut T {
                &mut self.stream
            }

            /// The stream, pinned.
            pub fn get_pin_mut(self: std::pin::Pin<&mut Self>) -> std::pin::Pin<&mut T> {
                self.project().stream
            }

            /// The stream.
            pub fn into_inner(self) -> T {
                self.stream
            }
        }
    };
}

pub(super) use wrapper;

/// A writer as nothing but a writer of ours, when its type has the traits of several worlds and a method
/// call would be ambiguous.
pub(super) mod only_ours {
    use std::pin::Pin;

    use crate::io::AsyncWrite;

    pub(in crate::bridge) fn pinned<W: AsyncWrite>(
        writer: Pin<&mut W>,
    ) -> Pin<&mut impl AsyncWrite> {
        writer
    }

    pub(in crate::bridge) fn shared<W: AsyncWrite>(writer: &W) -> &impl AsyncWrite {
        writer
    }
}
