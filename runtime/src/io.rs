//! Asynchronous reading and writing: traits, adapters, buffers and in-memory pipes.

mod interest;
mod memory;
mod read_buf;
mod ready;
mod traits;

pub use interest::Interest;
pub use read_buf::ReadBuf;
pub use ready::Ready;
pub use traits::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
