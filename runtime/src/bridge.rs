//! Bridges to other worlds of asynchronous I/O: one module for each, behind a Cargo feature of that name.
//!
//! | Feature and module | World | Who lives there |
//! |---|---|---|
//! | `futures-io`, `bridge::futures_io` | the traits of `futures-io` | `futures`, `smol`, `async-tungstenite`, `futures-rustls` |
//! | `tokio-io`, `bridge::tokio_io` | the traits of `tokio::io` | `tokio-util`, `tokio-rustls`, `tokio-tungstenite` |
//! | `hyper`, `bridge::hyper` | `hyper::rt` | `hyper`, `hyper-util` |
//!
//! With the feature, the stream sockets of `net`, their halves and the pipes in memory of [`io`](crate::io) implement
//! the traits of that world and can be given to its libraries as they are. Everything else goes through
//! a wrapper: `To…` makes what reads and writes here do so there, `From…` the other way round. Wrapping costs
//! no buffer and no copy.
//!
//! The traits of two worlds have methods of the same name. Where both are imported, a call is ambiguous:
//! import the extension traits of one of them.
//!
//! None of these features starts another runtime: `tokio-io` brings tokio's traits and nothing else of it.

#![allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "which of these are used depends on the worlds that the features choose"
)]

#[cfg(feature = "futures-io")]
pub mod futures_io;
#[cfg(feature = "hyper")]
pub mod hyper;
#[cfg(feature = "tokio-io")]
pub mod tokio_io;

mod streams;
mod wrapper;
