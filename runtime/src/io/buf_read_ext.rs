//! `AsyncBufReadExt`: the methods of every reader with a buffer.

use std::pin::Pin;

use super::AsyncBufRead;
use super::fill_buf::FillBuf;
use super::lines::Lines;
use super::read_line::ReadLine;
use super::read_until::ReadUntil;
use super::segments::Split;

/// The methods of every [reader with a buffer](AsyncBufRead).
///
/// Reads that the operating system interrupted are repeated, except by
/// [`fill_buf`](Self::fill_buf).
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncBufReadExt, BufReader};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut lines = BufReader::new(&b"one\r\ntwo"[..]).lines();
/// assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
/// assert_eq!(lines.next_line().await?.as_deref(), Some("two"));
/// assert_eq!(lines.next_line().await?, None);
/// # Ok(())
/// # }
/// ```
pub trait AsyncBufReadExt: AsyncBufRead {
    /// Appends everything up to and including `byte`, or up to the end, to `buf`, and returns how
    /// many bytes that was; zero is the end.
    ///
    /// # Errors
    ///
    /// As the reader; what was read before the error is in `buf`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, what was read is in `buf`, and another call
    /// goes on from there. It counts only what it reads itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::io::{self, AsyncBufReadExt};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut reader = &b"key=value"[..];
    /// let mut key = Vec::new();
    /// assert_eq!(reader.read_until(b'=', &mut key).await?, 4);
    /// assert_eq!(key, b"key=");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    fn read_until<'a>(&'a mut self, byte: u8, buf: &'a mut Vec<u8>) -> ReadUntil<'a, Self>
    where
        Self: Unpin,
    {
        ReadUntil::new(self, byte, buf)
    }

    /// Appends everything up to and including the next line feed, or up to the end, to `buf`, and
    /// returns how many bytes that was; zero is the end.
    ///
    /// # Errors
    ///
    /// `InvalidData` if the line is not valid UTF-8: then `buf` is as it was, and the line is lost.
    /// Otherwise as the reader: then what was read before the error is in `buf` as under *Cancel
    /// safety*.
    ///
    /// # Cancel safety
    ///
    /// Not quite cancel safe: if the future is dropped early, what was read is in `buf`, except a
    /// character of which only a part was read, or all of it if it is not valid UTF-8.
    /// [`lines`](Self::lines) loses nothing.
    #[track_caller]
    fn read_line<'a>(&'a mut self, buf: &'a mut String) -> ReadLine<'a, Self>
    where
        Self: Unpin,
    {
        ReadLine::new(self, buf)
    }

    /// The buffered bytes, after reading some if there were none. Empty means the end.
    ///
    /// [`consume`](Self::consume) those that were used: the others are there the next time.
    ///
    /// # Errors
    ///
    /// As the reader.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, what was read is in the buffer.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::io::{self, AsyncBufReadExt};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut reader = &b"    indented"[..];
    /// let spaces = reader.fill_buf().await?.iter().take_while(|b| **b == b' ').count();
    /// reader.consume(spaces);
    /// assert_eq!(reader, b"indented");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    fn fill_buf(&mut self) -> FillBuf<'_, Self>
    where
        Self: Unpin,
    {
        FillBuf::new(self)
    }

    /// Drops the first `amt` buffered bytes; they have been used.
    ///
    /// `amt` must not exceed what [`fill_buf`](Self::fill_buf) returned.
    fn consume(&mut self, amt: usize)
    where
        Self: Unpin,
    {
        Pin::new(self).consume(amt);
    }

    /// The parts between bytes that equal `byte`.
    fn split(self, byte: u8) -> Split<Self>
    where
        Self: Sized + Unpin,
    {
        Split::new(self, byte)
    }

    /// The lines, without their ends.
    fn lines(self) -> Lines<Self>
    where
        Self: Sized,
    {
        Lines::new(self)
    }
}

impl<R: AsyncBufRead + ?Sized> AsyncBufReadExt for R {}
