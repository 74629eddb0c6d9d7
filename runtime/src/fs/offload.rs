//! One call that blocks, on a thread where it may, and what becomes of it when that fails.

use std::io;

use crate::reactor;
use crate::task::{JoinError, try_spawn_blocking};

pub(super) use crate::task::spawn_mandatory_blocking as start_mandatory;
pub(super) use crate::task::try_spawn_blocking as start;

/// Runs one blocking call.
///
/// It is woken: by the join handle, whatever becomes of the call. Dropping the future does not stop a
/// call that has begun.
///
/// # Errors
///
/// That of the call; or the runtime has shut down, has no thread for the call, or the call panicked.
pub(super) async fn offload<T, F>(call: F) -> io::Result<T>
where
    T: Send + 'static,
    F: FnOnce() -> io::Result<T> + Send + 'static,
{
    try_spawn_blocking(call)?.await.map_err(into_io_error)?
}

/// The error of a call that did not come to its end.
pub(super) fn into_io_error(error: JoinError) -> io::Error {
    if error.is_cancelled() {
        return reactor::gone();
    }
    io::Error::other(error)
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
