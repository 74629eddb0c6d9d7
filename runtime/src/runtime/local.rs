//! A runtime for futures that are not `Send`: a current-thread runtime that never leaves its thread.

use std::marker::PhantomData;
use std::panic::Location;
use std::rc::Rc;
use std::time::Duration;

use super::{EnterGuard, Handle, Runtime, RuntimeMetrics};
use crate::task::{self, JoinHandle};

/// A current-thread runtime on which [`spawn_local`](crate::task::spawn_local) works without a
/// [`LocalSet`](crate::task::LocalSet).
///
/// It stays on the thread that built it, and its tasks with it.
///
/// ```
/// let runtime = selvedge::runtime::LocalRuntime::new()?;
/// let shared = std::rc::Rc::new(42);
/// let answer = runtime.block_on(async move {
///     selvedge::task::spawn_local(async move { *shared }).await.unwrap()
/// });
/// assert_eq!(answer, 42);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct LocalRuntime {
    runtime: Runtime,
    _not_send: PhantomData<Rc<()>>,
}

/// Settings of a local runtime; none so far.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct LocalOptions {
    /// Settings to come may hold values of the thread, such as callbacks.
    _not_send: PhantomData<Rc<()>>,
}

impl LocalRuntime {
    /// A local runtime with the default settings.
    ///
    /// # Errors
    ///
    /// The operating system refuses a selector.
    pub fn new() -> std::io::Result<Self> {
        super::Builder::new_current_thread().build_local(LocalOptions::default())
    }

    pub(super) fn new_around(runtime: Runtime) -> Self {
        Self {
            runtime,
            _not_send: PhantomData,
        }
    }

    /// As [`Runtime::handle`]. Tasks spawned through it have to be `Send`.
    pub fn handle(&self) -> &Handle {
        self.runtime.handle()
    }

    /// Spawns a task that need not be `Send`.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        task::spawn_at_home(self.handle(), future, None, Location::caller())
    }

    /// As [`Runtime::spawn_blocking`].
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, work: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.runtime.spawn_blocking(work)
    }

    /// As [`Runtime::block_on`].
    ///
    /// # Panics
    ///
    /// As [`Runtime::block_on`].
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// As [`Runtime::enter`].
    pub fn enter(&self) -> EnterGuard<'_> {
        self.runtime.enter()
    }

    /// As [`Runtime::metrics`].
    pub fn metrics(&self) -> RuntimeMetrics {
        self.runtime.metrics()
    }

    /// As [`Runtime::shutdown_timeout`].
    ///
    /// # Panics
    ///
    /// As [`Runtime::shutdown_timeout`].
    #[track_caller]
    pub fn shutdown_timeout(self, timeout: Duration) {
        self.runtime.shutdown_timeout(timeout);
    }

    /// As [`Runtime::shutdown_background`].
    pub fn shutdown_background(self) {
        self.runtime.shutdown_background();
    }
}
