//! `AsyncSeekExt`: the methods of every stream with a position, and their future `Seek`.

use std::future::Future;
use std::io::{self, SeekFrom};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::AsyncSeek;
use super::checked::noted;

/// The methods of every [stream with a position](AsyncSeek).
///
/// # Examples
///
/// ```
/// use selvedge::io::{self, AsyncReadExt, AsyncSeekExt, SeekFrom};
///
/// # #[selvedge::main]
/// # async fn main() -> io::Result<()> {
/// let mut file = io::Cursor::new("hello world");
/// file.seek(SeekFrom::End(-5)).await?;
/// let mut word = String::new();
/// file.read_to_string(&mut word).await?;
/// assert_eq!(word, "world");
/// # Ok(())
/// # }
/// ```
pub trait AsyncSeekExt: AsyncSeek {
    /// Moves to `pos` and returns the position from the start, in bytes.
    ///
    /// # Errors
    ///
    /// As the stream; moving before its start is one.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if the future is dropped early, the stream may move yet.
    #[track_caller]
    fn seek(&mut self, pos: SeekFrom) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        Seek {
            stream: self,
            wanted: Some(pos),
            place: Location::caller(),
        }
    }

    /// Moves to the start.
    ///
    /// # Errors
    ///
    /// As the stream.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if the future is dropped early, the stream may move yet.
    #[track_caller]
    fn rewind(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Start(0))
    }

    /// Stays, and returns the position from the start, in bytes.
    ///
    /// # Errors
    ///
    /// As the stream.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the stream does not move.
    #[track_caller]
    fn stream_position(&mut self) -> Seek<'_, Self>
    where
        Self: Unpin,
    {
        self.seek(SeekFrom::Current(0))
    }
}

impl<S: AsyncSeek + ?Sized> AsyncSeekExt for S {}

/// Future of [`AsyncSeekExt::seek`] and its siblings.
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct Seek<'a, S: ?Sized> {
    stream: &'a mut S,
    /// Taken when the stream was told.
    wanted: Option<SeekFrom>,
    place: &'static Location<'static>,
}

impl<S: AsyncSeek + Unpin + ?Sized> Future for Seek<'_, S> {
    type Output = io::Result<u64>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut stream = Pin::new(&mut *this.stream);
        if let Some(wanted) = this.wanted {
            // A seek that another future began and left has to end first.
            ready!(noted(this.place, stream.as_mut().poll_complete(cx)))?;
            stream.as_mut().start_seek(wanted)?;
            this.wanted = None;
        }
        noted(this.place, stream.poll_complete(cx))
    }
}
