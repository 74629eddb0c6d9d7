//! Asynchronous reading and writing: traits, adapters, buffers and in-memory pipes.

mod memory;
mod read_buf;
mod traits;

pub use read_buf::ReadBuf;
pub use traits::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
