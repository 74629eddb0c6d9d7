//! A reference to a runtime: spawn on it from anywhere.

use std::fmt;
use std::panic::{Location, RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use crate::context::{self, Entry};
use crate::metrics::RuntimeMetrics;
use crate::runtime::Id;
use crate::scheduler::Scheduler;
use crate::task::{self, JoinHandle};

/// A reference to a runtime, cheap to clone and free to move to other threads.
///
/// It does not keep the runtime running: once the [`Runtime`](crate::runtime::Runtime) is gone, tasks
/// spawned through the handle are cancelled at once.
///
/// ```
/// let runtime = selvedge::runtime::Runtime::new()?;
/// let handle = runtime.handle().clone();
/// let thread = std::thread::spawn(move || handle.block_on(async { 42 }));
/// assert_eq!(thread.join().unwrap(), 42);
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone)]
pub struct Handle {
    scheduler: Arc<Scheduler>,
}

// As `Runtime`, to which it refers.
impl UnwindSafe for Handle {}
impl RefUnwindSafe for Handle {}

/// While it exists, this thread is inside a runtime: `spawn`, sockets and timers find it.
#[derive(Debug)]
#[must_use = "the thread leaves the runtime when the guard is dropped"]
pub struct EnterGuard<'a> {
    _entry: Entry,
    _handle: std::marker::PhantomData<&'a Handle>,
    /// A guard belongs to the thread it entered.
    _not_send: std::marker::PhantomData<selvedge_sync::primitive::MutexGuard<'static, ()>>,
}

/// Which arrangement of threads a runtime has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeFlavor {
    /// Tasks run in `block_on`, on the thread that called it.
    CurrentThread,
    /// Tasks run on worker threads.
    MultiThread,
}

/// There is no runtime to refer to.
#[derive(Debug)]
pub struct TryCurrentError {
    thread_local_destroyed: bool,
}

impl TryCurrentError {
    /// True if this thread was never inside a runtime, or has left it.
    pub fn is_missing_context(&self) -> bool {
        !self.thread_local_destroyed
    }

    /// True if this thread is ending and its thread-locals are gone.
    pub fn is_thread_local_destroyed(&self) -> bool {
        self.thread_local_destroyed
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.thread_local_destroyed {
            "the runtime of this thread cannot be found while its thread-locals are destroyed"
        } else {
            context::NO_RUNTIME
        })
    }
}

impl std::error::Error for TryCurrentError {}

impl Handle {
    pub(crate) fn new(scheduler: Arc<Scheduler>) -> Self {
        Self { scheduler }
    }

    pub(crate) fn scheduler(&self) -> &Arc<Scheduler> {
        &self.scheduler
    }

    /// The runtime this thread is inside.
    ///
    /// # Panics
    ///
    /// If it is inside none; [`try_current`](Self::try_current) does not.
    #[track_caller]
    pub fn current() -> Self {
        context::expect_current()
    }

    /// The runtime this thread is inside.
    ///
    /// # Errors
    ///
    /// It is inside none.
    pub fn try_current() -> Result<Self, TryCurrentError> {
        match context::current() {
            Ok(Some(handle)) => Ok(handle),
            Ok(None) => Err(TryCurrentError {
                thread_local_destroyed: false,
            }),
            Err(_) => Err(TryCurrentError {
                thread_local_destroyed: true,
            }),
        }
    }

    /// Enters the runtime until the guard is dropped, without running anything.
    pub fn enter(&self) -> EnterGuard<'_> {
        EnterGuard {
            _entry: context::enter(self.clone()),
            _handle: std::marker::PhantomData,
            _not_send: std::marker::PhantomData,
        }
    }

    /// Spawns a task on the runtime. See [`spawn`](crate::spawn).
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        task::spawn_on(self, future, None, Location::caller())
    }

    /// Runs blocking work on a thread made for it. See
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    #[track_caller]
    pub fn spawn_blocking<F, R>(&self, work: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        task::spawn_blocking_on(self, work, None, Location::caller())
    }

    /// Runs `future` on this thread until it is ready.
    ///
    /// On a current-thread runtime this does not run tasks, timers or sockets: those need a thread
    /// in [`Runtime::block_on`](crate::runtime::Runtime::block_on).
    ///
    /// # Panics
    ///
    /// If this thread runs tasks itself, or the future panics.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        context::block_on(self, false, || crate::park_thread::block_on(future))
    }

    /// The id of the runtime.
    pub fn id(&self) -> Id {
        Id::new(self.scheduler.config.id)
    }

    /// The name [given](crate::runtime::Builder::name) to the runtime.
    pub fn name(&self) -> Option<&str> {
        self.scheduler.config.name.as_deref()
    }

    /// The arrangement of threads.
    pub fn runtime_flavor(&self) -> RuntimeFlavor {
        if self.scheduler.has_peers() {
            RuntimeFlavor::MultiThread
        } else {
            RuntimeFlavor::CurrentThread
        }
    }

    /// Is this a local runtime, here or on another thread?
    pub(crate) fn is_local(&self) -> bool {
        self.scheduler.config.home.is_some()
    }

    /// Is this the thread of a local runtime, where futures need not be `Send`?
    pub(crate) fn is_local_here(&self) -> bool {
        self.scheduler.config.home == Some(std::thread::current().id())
    }

    /// Figures about the runtime.
    pub fn metrics(&self) -> RuntimeMetrics {
        RuntimeMetrics::new(Arc::clone(&self.scheduler))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("flavor", &self.runtime_flavor())
            .field("workers", &self.scheduler.workers())
            .finish()
    }
}
