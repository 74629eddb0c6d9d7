//! Waiting for file descriptors that no type of this crate knows.

mod async_fd;
mod guard;

pub use async_fd::{AsyncFd, AsyncFdRegisterError};
pub use guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard, TryIoError};

/// The former name of [`AsyncFdRegisterError`].
#[deprecated = "it has another name: use `AsyncFdRegisterError`"]
pub type AsyncFdTryNewError<T> = AsyncFdRegisterError<T>;

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
