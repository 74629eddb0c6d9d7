//! `stdin`, `stdout` and `stderr`: the standard streams of the process.
//!
//! Reading from and writing to them blocks, and on most systems nothing tells when it would not: so they
//! are read and written on the blocking pool.

#[cfg(unix)]
mod fd;

use std::io;
use std::pin::Pin;

use super::background_read::BackgroundReader;
use super::background_write::BackgroundWriter;
use super::traits::{read_methods, write_methods};
use super::{AsyncRead, AsyncWrite};

/// The standard input of the process.
///
/// Each handle reads on its own, through the buffer that [`std::io::stdin`] shares with the whole
/// process. A read that was begun cannot be stopped: if its future is dropped, what it brings is there
/// for the next read of the same handle; and the shutdown of the runtime waits for it, unless it is told
/// not to ([`shutdown_timeout`](crate::runtime::Runtime::shutdown_timeout)). For a conversation with a
/// person a thread of its own, with [`std::io::stdin`] and a channel, is the better choice.
///
/// # Examples
///
/// ```no_run
/// use selvedge::io::{self, AsyncBufReadExt, BufReader};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut lines = BufReader::new(io::stdin()).lines();
/// while let Some(line) = lines.next_line().await? {
///     println!("{} bytes", line.len());
/// }
/// # Ok(())
/// # }
/// ```
pub fn stdin() -> Stdin {
    Stdin(BackgroundReader::new(io::stdin()))
}

/// The standard output of the process.
///
/// A write takes the bytes and returns; they are written in the background, in order. At most 2 MiB
/// wait, then a write waits as well. What was taken is written before the runtime has shut down, whether
/// the handle is still there or not. An error is reported by the next call, and what was taken and not
/// written yet is lost then. [`flush`](super::AsyncWriteExt::flush) waits until all of it is out, the last
/// line included if it has not ended.
///
/// Each handle has a queue of its own: for the order of what several of them write, flush in between. A
/// write of at most 2 MiB is not mixed with others.
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncWriteExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut stdout = io::stdout();
/// stdout.write_all(b"> ").await?;
/// stdout.flush().await?;
/// # Ok(())
/// # }
/// ```
pub fn stdout() -> Stdout {
    Stdout(BackgroundWriter::new(io::stdout()))
}

/// The standard error output of the process.
///
/// As [`stdout`], except that nothing waits for the end of a line.
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncWriteExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// io::stderr().write_all(b"out of paper\n").await?;
/// # Ok(())
/// # }
/// ```
pub fn stderr() -> Stderr {
    Stderr(BackgroundWriter::new(io::stderr()))
}

/// The standard input of the process; made by [`stdin`].
#[derive(Debug)]
pub struct Stdin(BackgroundReader<io::Stdin>);

/// The standard output of the process; made by [`stdout`].
#[derive(Debug)]
pub struct Stdout(BackgroundWriter<io::Stdout>);

/// The standard error output of the process; made by [`stderr`].
#[derive(Debug)]
pub struct Stderr(BackgroundWriter<io::Stderr>);

impl AsyncRead for Stdin {
    read_methods!(|this| Pin::new(&mut this.get_mut().0));
}

/// Shutting it down flushes it: the stream of the process stays open.
impl AsyncWrite for Stdout {
    write_methods!(|this| Pin::new(&mut this.get_mut().0), |this| this.0);
}

/// Shutting it down flushes it: the stream of the process stays open.
impl AsyncWrite for Stderr {
    write_methods!(|this| Pin::new(&mut this.get_mut().0), |this| this.0);
}
