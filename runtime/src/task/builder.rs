//! Spawning a task with a name.

use std::io;
use std::panic::Location;

use super::blocking::spawn_blocking_on;
use super::join::JoinHandle;
use super::local_set::{LocalSet, spawn_local_named};
use super::spawn::spawn_on;
use crate::handle::Handle;

/// A task to be, with a name that reports and dumps show.
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() -> std::io::Result<()> {
/// let task = selvedge::task::Builder::new().name("answer").spawn(async { 42 })?;
/// assert_eq!(task.await.unwrap(), 42);
/// # Ok(()) }
/// ```
#[derive(Debug, Default, Clone, Copy)]
#[must_use = "a builder does nothing until it spawns"]
pub struct Builder<'a> {
    name: Option<&'a str>,
}

/// Spawning never fails today; the `Result` is tokio's, so that code moves over.
impl<'a> Builder<'a> {
    /// A task without a name.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the task.
    pub fn name(self, name: &'a str) -> Self {
        Self { name: Some(name) }
    }

    /// Spawns on the current runtime, as [`spawn`](super::spawn).
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Ok(spawn_on(
            &Handle::current(),
            future,
            self.name,
            Location::caller(),
        ))
    }

    /// Spawns on a given runtime.
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn_on<F>(self, future: F, handle: &Handle) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Ok(spawn_on(handle, future, self.name, Location::caller()))
    }

    /// Spawns a future that is not `Send`, as [`spawn_local`](super::spawn_local).
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Panics
    ///
    /// Outside a [`LocalSet`].
    #[track_caller]
    pub fn spawn_local<F>(self, future: F) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Ok(spawn_local_named(future, self.name, Location::caller()))
    }

    /// Spawns a future that is not `Send` on a given set.
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn_local_on<F>(self, future: F, set: &LocalSet) -> io::Result<JoinHandle<F::Output>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        Ok(set.spawn_named(future, self.name, Location::caller()))
    }

    /// Runs blocking work, as [`spawn_blocking`](super::spawn_blocking).
    ///
    /// # Errors
    ///
    /// None at present.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    #[track_caller]
    pub fn spawn_blocking<F, R>(self, work: F) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        Ok(spawn_blocking_on(
            &Handle::current(),
            work,
            self.name,
            Location::caller(),
        ))
    }

    /// Runs blocking work for a given runtime.
    ///
    /// # Errors
    ///
    /// None at present.
    #[track_caller]
    pub fn spawn_blocking_on<F, R>(self, work: F, handle: &Handle) -> io::Result<JoinHandle<R>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        Ok(spawn_blocking_on(
            handle,
            work,
            self.name,
            Location::caller(),
        ))
    }
}
