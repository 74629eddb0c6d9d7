//! The error of operations whose runtime has shut down, and how to tell it from others.

use std::error::Error;
use std::fmt;
use std::io;

/// Inside an [`io::Error`]: the reactor of the socket is gone.
#[derive(Debug)]
struct ReactorGone;

impl fmt::Display for ReactorGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the runtime that this belongs to has shut down: use it while the runtime lives",
        )
    }
}

impl Error for ReactorGone {}

/// The error of an operation whose runtime has shut down.
pub(crate) fn gone() -> io::Error {
    io::Error::other(ReactorGone)
}

/// True for the errors of I/O whose runtime has shut down.
///
/// Everything that still waits for such a socket, or begins to, ends with one of them. A server whose
/// runtime goes away can thus tell that from trouble with the network.
///
/// ```
/// use selvedge::net::TcpListener;
/// use selvedge::runtime::{Runtime, is_rt_shutdown_err};
///
/// let runtime = Runtime::new()?;
/// let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
/// drop(runtime);
///
/// let error = Runtime::new()?.block_on(listener.accept()).unwrap_err();
/// assert!(is_rt_shutdown_err(&error));
/// # std::io::Result::Ok(())
/// ```
pub fn is_rt_shutdown_err(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<ReactorGone>())
}
