//! `AsyncWriteExt`: the methods of every writer.

use std::io::IoSlice;

use bytes::Buf;

use super::AsyncWrite;
use super::write::{Flush, Shutdown, Write, WriteAll, WriteVectored};
use super::write_buf::{WriteAllBuf, WriteBuf};
use super::write_number::WriteNumber;

/// Declares a method per number: its name, type, size in bytes, byte order and encoder.
macro_rules! write_numbers {
    ($($name:ident $type:ident $size:literal $order:literal $encode:ident;)*) => {$(
        #[doc = concat!("Writes a `", stringify!($type), "`, ", $order, ".")]
        ///
        /// # Errors
        ///
        /// `WriteZero` if the writer takes no more; otherwise as the writer.
        ///
        /// # Cancel safety
        ///
        #[doc = number_cancel_safety!($size)]
        #[track_caller]
        fn $name(&mut self, n: $type) -> WriteNumber<'_, Self, $size>
        where
            Self: Unpin,
        {
            WriteNumber::new(self, n.$encode())
        }
    )*};
}

macro_rules! number_cancel_safety {
    (1) => {
        "Cancel safe: if the future is dropped early, nothing was written."
    };
    ($size:literal) => {
        "Not cancel safe: if the future is dropped early, a part of it may have been written."
    };
}

/// The methods of every [writer](AsyncWrite).
///
/// Writes that the operating system interrupted are repeated, except by [`write`](Self::write),
/// [`write_vectored`](Self::write_vectored) and [`write_buf`](Self::write_buf).
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncWriteExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut writer = Vec::new();
/// writer.write_u16(2).await?;
/// writer.write_all(b"hi").await?;
/// writer.shutdown().await?;
/// assert_eq!(writer, b"\x00\x02hi");
/// # Ok(())
/// # }
/// ```
pub trait AsyncWriteExt: AsyncWrite {
    /// Writes a first part of `src` and returns its length.
    ///
    /// Zero, if `src` is not empty, says that nothing can be written any more.
    ///
    /// # Errors
    ///
    /// As the writer; then nothing of `src` was written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, nothing of `src` was written.
    #[track_caller]
    fn write<'a>(&'a mut self, src: &'a [u8]) -> Write<'a, Self>
    where
        Self: Unpin,
    {
        Write::new(self, src)
    }

    /// As [`write`](Self::write), from several buffers one after the other.
    ///
    /// # Errors
    ///
    /// As the writer; then nothing was written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, nothing was written.
    #[track_caller]
    fn write_vectored<'a, 'b>(&'a mut self, bufs: &'a [IoSlice<'b>]) -> WriteVectored<'a, 'b, Self>
    where
        Self: Unpin,
    {
        WriteVectored::new(self, bufs)
    }

    /// Writes all of `src`.
    ///
    /// # Errors
    ///
    /// `WriteZero` if the writer takes no more; otherwise as the writer. How much was written is
    /// not told.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if the future is dropped early, a first part of `src` may have been
    /// written, and how much is not told.
    #[track_caller]
    fn write_all<'a>(&'a mut self, src: &'a [u8]) -> WriteAll<'a, Self>
    where
        Self: Unpin,
    {
        WriteAll::new(self, src)
    }

    /// Writes a first part of `src`, from several of its pieces if the writer likes that, and returns its
    /// length. `src` moves on by as much.
    ///
    /// Zero, if `src` is not empty, says that nothing can be written any more.
    ///
    /// # Errors
    ///
    /// As the writer; then nothing of `src` was written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, nothing of `src` was written.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Buf;
    /// use selvedge::io::{self, AsyncWriteExt};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut writer = Vec::new();
    /// let mut message = (&b"head "[..]).chain(&b"body"[..]);
    /// while message.has_remaining() {
    ///     writer.write_buf(&mut message).await?;
    /// }
    /// assert_eq!(writer, b"head body");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    fn write_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteBuf<'a, Self, B>
    where
        Self: Unpin,
        B: Buf + ?Sized,
    {
        WriteBuf::new(self, src)
    }

    /// Writes all of `src`, which moves on as its bytes are written.
    ///
    /// # Errors
    ///
    /// `WriteZero` if the writer takes no more; otherwise as the writer. What is left in `src` was not
    /// written.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, what is left in `src` was not written, and another
    /// call goes on from there.
    #[track_caller]
    fn write_all_buf<'a, B>(&'a mut self, src: &'a mut B) -> WriteAllBuf<'a, Self, B>
    where
        Self: Unpin,
        B: Buf + ?Sized,
    {
        WriteAllBuf::new(self, src)
    }

    /// Hands everything written so far on to where it is going.
    ///
    /// # Errors
    ///
    /// As the writer.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, a part may have been handed on; the rest is
    /// where it was, and another call goes on from there.
    #[track_caller]
    fn flush(&mut self) -> Flush<'_, Self>
    where
        Self: Unpin,
    {
        Flush::new(self)
    }

    /// Flushes, then ends the stream: nothing may be written after that.
    ///
    /// # Errors
    ///
    /// As the writer.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, another call goes on from there.
    #[track_caller]
    fn shutdown(&mut self) -> Shutdown<'_, Self>
    where
        Self: Unpin,
    {
        Shutdown::new(self)
    }

    write_numbers! {
        write_u8 u8 1 "most significant byte first" to_be_bytes;
        write_i8 i8 1 "most significant byte first" to_be_bytes;
        write_u16 u16 2 "most significant byte first" to_be_bytes;
        write_i16 i16 2 "most significant byte first" to_be_bytes;
        write_u32 u32 4 "most significant byte first" to_be_bytes;
        write_i32 i32 4 "most significant byte first" to_be_bytes;
        write_u64 u64 8 "most significant byte first" to_be_bytes;
        write_i64 i64 8 "most significant byte first" to_be_bytes;
        write_u128 u128 16 "most significant byte first" to_be_bytes;
        write_i128 i128 16 "most significant byte first" to_be_bytes;
        write_f32 f32 4 "most significant byte first" to_be_bytes;
        write_f64 f64 8 "most significant byte first" to_be_bytes;
        write_u16_le u16 2 "least significant byte first" to_le_bytes;
        write_i16_le i16 2 "least significant byte first" to_le_bytes;
        write_u32_le u32 4 "least significant byte first" to_le_bytes;
        write_i32_le i32 4 "least significant byte first" to_le_bytes;
        write_u64_le u64 8 "least significant byte first" to_le_bytes;
        write_i64_le i64 8 "least significant byte first" to_le_bytes;
        write_u128_le u128 16 "least significant byte first" to_le_bytes;
        write_i128_le i128 16 "least significant byte first" to_le_bytes;
        write_f32_le f32 4 "least significant byte first" to_le_bytes;
        write_f64_le f64 8 "least significant byte first" to_le_bytes;
    }
}

impl<W: AsyncWrite + ?Sized> AsyncWriteExt for W {}
