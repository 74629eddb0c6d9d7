//! `AsyncReadExt`: the methods of every reader.

use bytes::BufMut;

use super::AsyncRead;
use super::chain::Chain;
use super::read::{Read, ReadExact};
use super::read_into_buf::ReadIntoBuf;
use super::read_number::ReadNumber;
use super::read_to_end::ReadToEnd;
use super::read_to_string::ReadToString;
use super::take::Take;

/// Declares a method per number: its name, type, size in bytes, byte order and decoder.
macro_rules! read_numbers {
    ($($name:ident $type:ident $size:literal $order:literal $decode:ident;)*) => {$(
        #[doc = concat!("Reads a `", stringify!($type), "`, ", $order, ".")]
        ///
        /// # Errors
        ///
        /// `UnexpectedEof` if the stream ends within it; otherwise as the reader.
        ///
        /// # Cancel safety
        ///
        #[doc = number_cancel_safety!($size)]
        #[track_caller]
        fn $name(&mut self) -> ReadNumber<'_, Self, $type, $size>
        where
            Self: Unpin,
        {
            ReadNumber::new(self, $type::$decode)
        }
    )*};
}

macro_rules! number_cancel_safety {
    (1) => {
        "Cancel safe: if the future is dropped early, nothing was read."
    };
    ($size:literal) => {
        "Not cancel safe: if the future is dropped early, bytes may have been read, and are lost."
    };
}

/// The methods of every [reader](AsyncRead).
///
/// Reads that the operating system interrupted are repeated, except by [`read`](Self::read) and
/// [`read_buf`](Self::read_buf).
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncReadExt};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut reader = &b"\x00\x02hi, and more"[..];
/// let length = reader.read_u16().await?;
/// let mut word = vec![0; length.into()];
/// reader.read_exact(&mut word).await?;
/// assert_eq!(word, b"hi");
///
/// let mut rest = String::new();
/// reader.read_to_string(&mut rest).await?;
/// assert_eq!(rest, ", and more");
/// # Ok(())
/// # }
/// ```
pub trait AsyncReadExt: AsyncRead {
    /// Reads once into `buf` and returns how many bytes came; zero is the end, if `buf` is not
    /// empty.
    ///
    /// # Errors
    ///
    /// As the reader; then nothing was read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, nothing was read.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::io::{self, AsyncReadExt};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut reader = &b"abc"[..];
    /// let mut buf = [0; 8];
    /// assert_eq!(reader.read(&mut buf).await?, 3);
    /// assert_eq!(reader.read(&mut buf).await?, 0);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    fn read<'a>(&'a mut self, buf: &'a mut [u8]) -> Read<'a, Self>
    where
        Self: Unpin,
    {
        Read::new(self, buf)
    }

    /// Reads once into the room of `buf` and returns how many bytes came; zero is the end, if there is
    /// room.
    ///
    /// A buffer that grows, as `Vec` and [`BytesMut`](bytes::BytesMut) do, always has room, and memory that
    /// it has allocated already is not zeroed first. One read does not fill more than what the buffer
    /// has, or gets, in one piece.
    ///
    /// # Errors
    ///
    /// As the reader; then nothing was read.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, nothing was read.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use selvedge::io::{self, AsyncReadExt};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut reader = &b"hello"[..];
    /// let mut buf = BytesMut::with_capacity(1024);
    /// while reader.read_buf(&mut buf).await? > 0 {}
    /// assert_eq!(buf, "hello");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    fn read_buf<'a, B>(&'a mut self, buf: &'a mut B) -> ReadIntoBuf<'a, Self, B>
    where
        Self: Unpin,
        B: BufMut + ?Sized,
    {
        ReadIntoBuf::new(self, buf)
    }

    /// Reads until `buf` is full and returns its length.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof` if the stream ends earlier; otherwise as the reader. How much of `buf` was
    /// filled is not told.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if the future is dropped early, `buf` may hold bytes that were read, and
    /// how many is not told.
    #[track_caller]
    fn read_exact<'a>(&'a mut self, buf: &'a mut [u8]) -> ReadExact<'a, Self>
    where
        Self: Unpin,
    {
        ReadExact::new(self, buf)
    }

    /// Appends everything up to the end to `buf` and returns how many bytes that was.
    ///
    /// # Errors
    ///
    /// As the reader; what was read before the error is in `buf`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if the future is dropped early, what was read is in `buf`, and another call
    /// goes on from there.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::io::{self, AsyncReadExt};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut text = Vec::from(*b"one");
    /// let mut reader = (&b", two"[..]).chain(&b", three"[..]);
    /// assert_eq!(reader.read_to_end(&mut text).await?, 12);
    /// assert_eq!(text, b"one, two, three");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    fn read_to_end<'a>(&'a mut self, buf: &'a mut Vec<u8>) -> ReadToEnd<'a, Self>
    where
        Self: Unpin,
    {
        ReadToEnd::new(self, buf)
    }

    /// Appends everything up to the end to `dst` and returns how many bytes that was.
    ///
    /// # Errors
    ///
    /// `InvalidData` if it is not valid UTF-8; otherwise as the reader. In both cases `dst` is as
    /// it was, and what was read is lost.
    ///
    /// # Cancel safety
    ///
    /// Not quite cancel safe: if the future is dropped early, what was read is in `dst`, except a
    /// character of which only a part was read, or all of it if it is not valid UTF-8. Between the
    /// first poll and then, `dst` is borrowed and cannot be looked at.
    #[track_caller]
    fn read_to_string<'a>(&'a mut self, dst: &'a mut String) -> ReadToString<'a, Self>
    where
        Self: Unpin,
    {
        ReadToString::new(self, dst)
    }

    /// A reader of this one up to its end, then of `next`.
    fn chain<R>(self, next: R) -> Chain<Self, R>
    where
        Self: Sized,
        R: AsyncRead,
    {
        Chain::new(self, next)
    }

    /// A reader of the first `limit` bytes of this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use selvedge::io::{self, AsyncReadExt};
    ///
    /// # #[selvedge::main]
    /// # async fn main() -> io::Result<()> {
    /// let mut reader = &b"header: body"[..];
    /// let mut header = String::new();
    /// reader.by_ref().take(6).read_to_string(&mut header).await?;
    /// assert_eq!(header, "header");
    /// assert_eq!(reader, b": body");
    /// # Ok(())
    /// # }
    /// ```
    fn take(self, limit: u64) -> Take<Self>
    where
        Self: Sized,
    {
        Take::new(self, limit)
    }

    /// This reader, borrowed: for adapters that would otherwise consume it.
    fn by_ref(&mut self) -> &mut Self
    where
        Self: Sized,
    {
        self
    }

    read_numbers! {
        read_u8 u8 1 "most significant byte first" from_be_bytes;
        read_i8 i8 1 "most significant byte first" from_be_bytes;
        read_u16 u16 2 "most significant byte first" from_be_bytes;
        read_i16 i16 2 "most significant byte first" from_be_bytes;
        read_u32 u32 4 "most significant byte first" from_be_bytes;
        read_i32 i32 4 "most significant byte first" from_be_bytes;
        read_u64 u64 8 "most significant byte first" from_be_bytes;
        read_i64 i64 8 "most significant byte first" from_be_bytes;
        read_u128 u128 16 "most significant byte first" from_be_bytes;
        read_i128 i128 16 "most significant byte first" from_be_bytes;
        read_f32 f32 4 "most significant byte first" from_be_bytes;
        read_f64 f64 8 "most significant byte first" from_be_bytes;
        read_u16_le u16 2 "least significant byte first" from_le_bytes;
        read_i16_le i16 2 "least significant byte first" from_le_bytes;
        read_u32_le u32 4 "least significant byte first" from_le_bytes;
        read_i32_le i32 4 "least significant byte first" from_le_bytes;
        read_u64_le u64 8 "least significant byte first" from_le_bytes;
        read_i64_le i64 8 "least significant byte first" from_le_bytes;
        read_u128_le u128 16 "least significant byte first" from_le_bytes;
        read_i128_le i128 16 "least significant byte first" from_le_bytes;
        read_f32_le f32 4 "least significant byte first" from_le_bytes;
        read_f64_le f64 8 "least significant byte first" from_le_bytes;
    }
}

impl<R: AsyncRead + ?Sized> AsyncReadExt for R {}
