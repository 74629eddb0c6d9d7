//! Polls of readers and writers that may be wrong: what they claim is checked before it is used.
//!
//! A reader or writer is safe code that anybody may write. Memory safety must not rest on it, and
//! a wrong count should be reported where it arises. Every adapter here polls through this file.

use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use selvedge_sync::context::{self, WaitKind};

use super::{AsyncRead, AsyncWrite, ReadBuf};

/// Polls `reader` once and returns how many bytes it appended to `buf`.
///
/// `ReadBuf` itself keeps a reader from counting uninitialized bytes; here it is kept from putting
/// another buffer in place of ours and from taking back what was filled. After this returned, also
/// with `Pending` or an error, `buf` is over the same memory as before.
///
/// # Panics
///
/// If the reader did one of the two.
pub(crate) fn poll_read<R: AsyncRead + ?Sized>(
    reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    buf: &mut ReadBuf<'_>,
) -> Poll<io::Result<usize>> {
    let memory = (buf.initialized().as_ptr(), buf.capacity());
    let before = buf.filled().len();
    let result = reader.poll_read(cx, buf);
    assert!(
        memory == (buf.initialized().as_ptr(), buf.capacity()),
        "the reader put another buffer in place of the one it was given; fix its `poll_read`"
    );
    let appended = buf
        .filled()
        .len()
        .checked_sub(before)
        .expect("the reader took back bytes that were filled before; fix its `poll_read`");
    result.map_ok(|()| appended)
}

/// Polls `writer` once and returns how many bytes of `bytes` it took; `Interrupted` is retried.
///
/// # Errors
///
/// `WriteZero` if it took none, although there were some.
///
/// # Panics
///
/// If it claims to have taken more than it was given.
pub(super) fn poll_write_some<W: AsyncWrite + ?Sized>(
    mut writer: Pin<&mut W>,
    cx: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    uninterrupted(|| writer.as_mut().poll_write(cx, bytes)).map(|result| {
        let taken = result?;
        assert!(
            taken <= bytes.len(),
            "the writer took {taken} bytes out of {}; fix its `poll_write`",
            bytes.len()
        );
        if taken == 0 && !bytes.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::WriteZero,
                "the writer takes no more bytes",
            ));
        }
        Ok(taken)
    })
}

/// Repeats `operation` as long as a signal interrupts it.
pub(super) fn uninterrupted<T>(
    mut operation: impl FnMut() -> Poll<io::Result<T>>,
) -> Poll<io::Result<T>> {
    loop {
        match operation() {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Notes that the task waits at `place`, if `result` says that it waits.
///
/// The leaf below has noted a place of its own; the line that called the method tells more.
pub(super) fn noted<T>(place: &'static Location<'static>, result: Poll<T>) -> Poll<T> {
    if result.is_pending() {
        context::note_wait(WaitKind::Io, place);
    }
    result
}

/// Charges one unit of the budget for an operation that never waits.
///
/// It is woken: without budget the task was woken before this returned `Pending`.
pub(super) fn poll_charge(cx: &mut Context<'_>) -> Poll<()> {
    context::poll_proceed(cx).map(|unit| unit.made_progress())
}
