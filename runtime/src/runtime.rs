//! Runtimes: threads, queues and a driver, assembled and owned.
//!
//! ```
//! let runtime = selvedge::runtime::Runtime::new()?;
//! let answer = runtime.block_on(async { selvedge::spawn(async { 42 }).await.unwrap() });
//! assert_eq!(answer, 42);
//! # std::io::Result::Ok(())
//! ```

mod builder;
mod id;
mod local;
#[cfg(feature = "multi-thread")]
mod multi_thread_builder;
#[cfg(feature = "test-util")]
mod paused_builder;

use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::context;
use crate::scheduler::Scheduler;
use crate::scheduler::current_thread::Shelf;
use crate::task::JoinHandle;

pub use crate::handle::{EnterGuard, Handle, RuntimeFlavor, TryCurrentError};
pub use crate::metrics::RuntimeMetrics;
pub use crate::reactor::is_rt_shutdown_err;
pub use crate::scheduler::worker_index;
pub use builder::Builder;
pub use id::Id;
pub use local::{LocalOptions, LocalRuntime};

/// A runtime: runs tasks until it is dropped.
///
/// # Shutdown
///
/// Dropping the runtime, or one of the `shutdown` methods, ends it in this order:
///
/// 1. New tasks are refused: their handles are cancelled at once. Every task there is gets cancelled:
///    its future is dropped at its next turn, once, inside the runtime.
/// 2. The workers run until the last task is gone. A task that blocks or computes without an `await`
///    is waited for.
/// 3. Waits for sockets and timers outside tasks end with an error.
/// 4. Blocking work that has not begun is cancelled; what runs is waited for.
///
/// # Panics
///
/// Dropping a runtime inside a task, or inside `block_on`, panics: it would block the thread that
/// runs tasks. The runtime then ends in the background. Move it to `spawn_blocking`, or call
/// [`shutdown_background`](Self::shutdown_background).
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
    seat: Seats,
    shut_down: bool,
}

// A runtime is no more broken by a panic than a thread is: tasks catch theirs, and the worker goes back
// to its shelf.
impl UnwindSafe for Runtime {}
impl RefUnwindSafe for Runtime {}

/// Who runs the tasks.
#[derive(Debug)]
enum Seats {
    /// Threads of the runtime's own.
    Threads,
    /// Whoever is in `block_on`.
    Shelf(Shelf),
}

impl Runtime {
    /// A multi-thread runtime with a worker per processor and everything enabled.
    ///
    /// # Errors
    ///
    /// The operating system refuses threads or a selector.
    #[cfg(feature = "multi-thread")]
    pub fn new() -> io::Result<Self> {
        Builder::new_multi_thread().build()
    }

    fn assemble(scheduler: Arc<Scheduler>, seat: Seats) -> Self {
        Self {
            handle: Handle::new(scheduler),
            seat,
            shut_down: false,
        }
    }

    fn scheduler(&self) -> &Arc<Scheduler> {
        self.handle.scheduler()
    }

    /// A reference to the runtime, for spawning from anywhere.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Spawns a task. See [`spawn`](crate::spawn).
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle.spawn(future)
    }

    /// Runs blocking work. See [`spawn_blocking`](crate::task::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, work: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        self.handle.spawn_blocking(work)
    }

    /// Runs `future` on this thread until it is ready; a current-thread runtime runs its tasks here
    /// too. What is spawned and not awaited stays, and goes on while somebody is in `block_on`.
    ///
    /// Several threads may be in `block_on` of one runtime.
    ///
    /// # Panics
    ///
    /// If this thread runs tasks itself, or the future panics.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.seat {
            Seats::Threads => self.handle.block_on(future),
            Seats::Shelf(shelf) => context::block_on(&self.handle, true, || {
                shelf.block_on(self.scheduler(), future)
            }),
        }
    }

    /// Enters the runtime until the guard is dropped.
    pub fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }

    /// Figures about the runtime.
    pub fn metrics(&self) -> RuntimeMetrics {
        self.handle.metrics()
    }

    /// Ends the runtime, waiting for what runs at most `timeout`.
    ///
    /// What is still running then goes on in the background until it ends by itself.
    ///
    /// # Panics
    ///
    /// Inside a task or `block_on`.
    #[track_caller]
    pub fn shutdown_timeout(mut self, timeout: Duration) {
        self.shut_down(Some(timeout));
    }

    /// Ends the runtime without waiting for anything. Allowed inside tasks.
    ///
    /// The tasks of a current-thread runtime are dropped before this returns.
    pub fn shutdown_background(mut self) {
        self.shut_down(Some(Duration::ZERO));
    }

    #[track_caller]
    fn shut_down(&mut self, timeout: Option<Duration>) {
        if self.shut_down {
            return;
        }
        self.shut_down = true;
        let scheduler = Arc::clone(self.scheduler());
        // Inside `block_in_place` this thread may block, but it is one of those to be waited for.
        let may_wait = context::may_block() && !scheduler.is_served_by_this_thread();
        let is_refused = timeout != Some(Duration::ZERO) && !may_wait;
        // What is refused is the wait: the runtime ends all the same.
        let timeout = if is_refused {
            Some(Duration::ZERO)
        } else {
            timeout
        };
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let left = || deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        scheduler.close();
        let ended = match &self.seat {
            Seats::Threads => scheduler.threads.wait(left()),
            Seats::Shelf(shelf) => {
                let _entered = self.handle.enter();
                shelf.drain();
                true
            }
        };
        if ended {
            scheduler.driver.shutdown();
        }
        scheduler.blocking.shutdown(left());
        assert!(
            !is_refused || std::thread::panicking(),
            "Cannot drop a runtime in a context where blocking is not allowed: its shutdown waits \
             for tasks, perhaps for this one; drop it in `spawn_blocking`, or call \
             `shutdown_background`"
        );
    }
}

impl Drop for Runtime {
    #[track_caller]
    fn drop(&mut self) {
        self.shut_down(None);
    }
}
