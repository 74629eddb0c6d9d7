//! The streams of our own that implement the traits of other worlds themselves, without sockets.

/// Calls `$apply` with the types that read, that write, and that do both.
macro_rules! own_streams {
    ($apply:ident) => {
        $apply! {
            read: ;
            write: ;
            both: crate::io::DuplexStream, crate::io::SimplexStream;
        }
    };
}

pub(super) use own_streams;
