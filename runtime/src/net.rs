//! TCP sockets, and the addresses they take.
//!
//! | Type | What it is |
//! |---|---|
//! | [`TcpListener`] | accepts connections |
//! | [`TcpStream`] | one connection |
//! | [`TcpSocket`] | a socket to set options on, before it becomes one of the above |
//! | [`ToSocketAddrs`], [`lookup_host`] | names to addresses |
//!
//! [`tcp`] has the halves of a split stream, and the futures of the methods.
//!
//! All of it needs a runtime: creating a socket outside one panics. A socket belongs to the runtime
//! it was created in; when that has shut down, every operation that waits fails.

mod addr;
mod nonblocking;
mod ready_wait;
mod tcp_listener;
mod tcp_socket;
mod tcp_stream;

pub use addr::{ToSocketAddrs, lookup_host};
pub use tcp_listener::TcpListener;
pub use tcp_socket::TcpSocket;
pub use tcp_stream::TcpStream;

pub mod tcp {
    //! The halves of a split [`TcpStream`](super::TcpStream), and the futures of sockets.

    pub use super::ready_wait::{DirectionWait, ReadyWait};
    pub use super::tcp_listener::Accept;
    pub use super::tcp_stream::Peek;
    pub use super::tcp_stream::split::{ReadHalf, WriteHalf};
    pub use super::tcp_stream::split_owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
