//! `ReadToString`: everything up to the end, as text.

use std::future::Future;
use std::io;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::AsyncRead;
use super::checked::noted;
use super::read_to_end::AppendTo;
use super::text::{Keep, put_back};

/// Future of [`AsyncReadExt::read_to_string`](super::AsyncReadExt::read_to_string).
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ReadToString<'a, R: ?Sized> {
    reader: &'a mut R,
    target: &'a mut String,
    /// The content of `target` between the first poll and the last.
    bytes: Option<AppendTo<Vec<u8>>>,
    place: &'static Location<'static>,
}

impl<'a, R: ?Sized> ReadToString<'a, R> {
    #[track_caller]
    pub(super) fn new(reader: &'a mut R, target: &'a mut String) -> Self {
        Self {
            reader,
            target,
            bytes: None,
            place: Location::caller(),
        }
    }

    fn put_back(&mut self, keep: Keep) -> io::Result<()> {
        let Some(bytes) = self.bytes.take() else {
            return Ok(());
        };
        let before = bytes.len_before();
        put_back(self.target, bytes.into_inner(), before, keep)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

impl<R: AsyncRead + Unpin + ?Sized> Future for ReadToString<'_, R> {
    type Output = io::Result<usize>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let target = &mut *this.target;
        let bytes = this
            .bytes
            .get_or_insert_with(|| AppendTo::new(mem::take(target).into_bytes()));
        let result = bytes.poll_read_to_end(Pin::new(&mut *this.reader), cx);
        let result = ready!(noted(this.place, result));
        let keep = if result.is_ok() {
            Keep::AllOrNone
        } else {
            Keep::None
        };
        let valid = this.put_back(keep);
        Poll::Ready(result.and_then(|n| valid.map(|()| n)))
    }
}

impl<R: ?Sized> Drop for ReadToString<'_, R> {
    fn drop(&mut self) {
        // A future dropped early has nobody to tell about bytes that are not text.
        let _ = self.put_back(Keep::WholeChars);
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
