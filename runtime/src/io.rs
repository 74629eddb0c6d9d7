//! Asynchronous reading and writing: traits, adapters, buffers and in-memory pipes.
//!
//! | Wanted | Look at |
//! |---|---|
//! | read from or write to something | [`AsyncReadExt`], [`AsyncWriteExt`], [`AsyncBufReadExt`], [`AsyncSeekExt`] |
//! | do so in small pieces | [`BufReader`], [`BufWriter`], [`BufStream`] |
//! | pass everything on | [`copy`](copy()), [`copy_buf`](copy_buf()), [`copy_bidirectional`](copy_bidirectional()) |
//! | give reading and writing to two tasks | [`split`](split()) and, back again, [`join`](join()) |
//! | talk to the terminal, or to whatever the process is connected to | [`stdin`], [`stdout`], [`stderr`] |
//! | test without a socket | [`duplex`](duplex()), [`simplex`](simplex()), [`empty`](empty()), [`repeat`](repeat()), [`sink`](sink()) |
//! | make something readable or writable | [`AsyncRead`], [`AsyncWrite`], [`AsyncBufRead`], [`AsyncSeek`], [`ReadBuf`] |
//!
//! What `std::io` has that does not wait is here as well, under the same name.
//!
//! # Examples
//!
//! ```
//! use selvedge::io::{self, AsyncBufReadExt, AsyncWriteExt, BufReader};
//!
//! # #[selvedge::main]
//! # async fn main() -> io::Result<()> {
//! let (mut client, server) = io::duplex(64);
//! client.write_all(b"hello\n").await?;
//! let mut lines = BufReader::new(server).lines();
//! assert_eq!(lines.next_line().await?.as_deref(), Some("hello"));
//! # Ok(())
//! # }
//! ```

mod background_read;
mod background_write;
mod buf_read_ext;
mod buf_reader;
mod buf_stream;
mod buf_writer;
mod chain;
pub(crate) mod checked;
mod copy;
mod copy_bidirectional;
mod copy_buf;
mod duplex;
mod empty;
mod fill_buf;
mod interest;
mod join;
mod lines;
mod memory;
mod pipe;
mod read;
mod read_buf;
mod read_ext;
mod read_into_buf;
mod read_line;
mod read_number;
mod read_to_end;
mod read_to_string;
mod read_until;
mod ready;
mod repeat;
mod seek;
mod segments;
mod simplex;
mod sink;
mod split;
mod stdio;
mod take;
mod text;
pub(crate) mod traits;
mod transfer;
#[cfg(all(unix, feature = "net"))]
pub mod unix;
mod window;
mod write;
mod write_buf;
mod write_ext;
mod write_number;

#[cfg(all(test, not(selvedge_loom)))]
pub(crate) mod conformance;

pub use std::io::{Cursor, Error, ErrorKind, IoSlice, IoSliceMut, Result, SeekFrom};

pub use buf_read_ext::AsyncBufReadExt;
pub use buf_reader::BufReader;
pub use buf_stream::BufStream;
pub use buf_writer::BufWriter;
pub use chain::Chain;
pub use copy::copy;
pub use copy_bidirectional::{copy_bidirectional, copy_bidirectional_with_sizes};
pub use copy_buf::copy_buf;
pub use duplex::{DuplexStream, duplex};
pub use empty::{Empty, empty};
pub use interest::Interest;
pub use join::{Join, join};
pub use lines::Lines;
pub use read_buf::ReadBuf;
pub use read_ext::AsyncReadExt;
pub use ready::Ready;
pub use repeat::{Repeat, repeat};
pub use seek::AsyncSeekExt;
pub use segments::Split;
pub use simplex::{SimplexStream, simplex};
pub use sink::{Sink, sink};
pub use split::{ReadHalf, WriteHalf, split};
pub use stdio::{Stderr, Stdin, Stdout, stderr, stdin, stdout};
pub use take::Take;
pub use traits::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
pub use write_ext::AsyncWriteExt;

/// The futures that the functions and methods of [`io`](self) return.
pub mod futures {
    pub use super::copy::CopyBytes;
    pub use super::copy_bidirectional::CopyBidirectional;
    pub use super::copy_buf::CopyBuf;
    pub use super::fill_buf::FillBuf;
    pub use super::lines::NextLine;
    pub use super::read::{Read, ReadExact};
    pub use super::read_into_buf::ReadIntoBuf;
    pub use super::read_line::ReadLine;
    pub use super::read_number::ReadNumber;
    pub use super::read_to_end::ReadToEnd;
    pub use super::read_to_string::ReadToString;
    pub use super::read_until::ReadUntil;
    pub use super::seek::Seek;
    pub use super::segments::NextSegment;
    pub use super::write::{Flush, Shutdown, Write, WriteAll, WriteVectored};
    pub use super::write_buf::{WriteAllBuf, WriteBuf};
    pub use super::write_number::WriteNumber;
}
