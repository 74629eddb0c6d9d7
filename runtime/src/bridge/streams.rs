//! The streams of our own that implement the traits of other worlds themselves.

/// Calls `$apply` for each of the types that read, and of those that write.
macro_rules! own_streams {
    ($apply:ident) => {
        $apply!(read [F: crate::net::generic::Family] crate::net::generic::Socket<crate::net::generic::Stream, F>);
        $apply!(write [F: crate::net::generic::Family] crate::net::generic::Socket<crate::net::generic::Stream, F>);
        $apply!(read [L] crate::net::generic::ReadSide<L>);
        $apply!(write [L] crate::net::generic::WriteSide<L>);
        $apply!(read [] crate::io::DuplexStream);
        $apply!(write [] crate::io::DuplexStream);
        $apply!(read [] crate::io::SimplexStream);
        $apply!(write [] crate::io::SimplexStream);
    };
}

pub(super) use own_streams;
