//! The streams of our own that implement the traits of other worlds themselves.

/// Calls `$apply` with the types that read, that write, and that do both.
macro_rules! own_streams {
    ($apply:ident) => {
        $apply! {
            read: crate::net::tcp::OwnedReadHalf, crate::net::tcp::ReadHalf<'_>;
            write: crate::net::tcp::OwnedWriteHalf, crate::net::tcp::WriteHalf<'_>;
            both: crate::io::DuplexStream, crate::io::SimplexStream, crate::net::TcpStream;
        }
    };
}

pub(super) use own_streams;
