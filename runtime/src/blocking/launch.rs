//! What it takes to start a thread of the blocking pool, and the hooks that run on it.

use std::any::Any;
use std::fmt;
use std::io;
use std::time::Duration;

use selvedge_sync::primitive::thread::{self, JoinHandle};

use crate::contain::contain;

// The hooks come from a builder that knows nothing of the loom switch, and no model has to see
// their reference counts.
use std::sync::Arc;

/// A callback without arguments that any thread may run.
pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;

/// How a [`BlockingPool`](super::BlockingPool) is set up.
#[derive(Clone)]
pub(crate) struct BlockingConfig {
    /// Most threads that serve at one time, at least 1.
    pub(crate) threads_max: usize,
    /// How long a thread rests before it leaves. Very long values mean for ever.
    pub(crate) keep_alive: Duration,
    /// Makes the name of a thread. Runs on the thread that starts it, without any lock. Must not
    /// use the pool: a submit from here may wait for the very thread that is about to be named.
    pub(crate) thread_name: Arc<dyn Fn() -> String + Send + Sync>,
    /// Stack of a thread, in bytes; none means the default of the standard library.
    pub(crate) stack_size: Option<usize>,
    /// Runs first on a new thread. What it returns lives until the thread has run `on_stop`: the
    /// place to make a runtime current. May own the runtime that owns the pool, for the
    /// pool lets go of its hooks when it is shut down.
    pub(crate) enter: Arc<dyn Fn() -> Box<dyn Any> + Send + Sync>,
    /// Runs on a new thread, after `enter` and before any job.
    pub(crate) on_start: Option<Hook>,
    /// Runs on a thread after its last job, before what `enter` returned is dropped.
    pub(crate) on_stop: Option<Hook>,
}

impl fmt::Debug for BlockingConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingConfig")
            .field("threads_max", &self.threads_max)
            .field("keep_alive", &self.keep_alive)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}

/// A thread about to be made.
pub(super) struct ThreadPlan {
    name: String,
    stack_size: Option<usize>,
    body: Box<dyn FnOnce() + Send>,
}

/// Makes a thread, or tells why there is none. Tests replace it to refuse threads.
pub(super) type StartThread = dyn Fn(ThreadPlan) -> io::Result<JoinHandle<()>> + Send + Sync;

/// Asks the operating system for the thread.
pub(super) fn start_os_thread(plan: ThreadPlan) -> io::Result<JoinHandle<()>> {
    let builder = thread::Builder::new().name(plan.name);
    let builder = match plan.stack_size {
        Some(bytes) => builder.stack_size(bytes),
        None => builder,
    };
    builder.spawn(plan.body)
}

/// Starts the threads of one pool.
pub(super) struct Launcher {
    config: BlockingConfig,
    start: Box<StartThread>,
}

impl Launcher {
    pub(super) fn new(config: BlockingConfig, start: Box<StartThread>) -> Self {
        Self { config, start }
    }

    /// Starts a thread that runs `serve` between its hooks and `sign_off` after everything else.
    ///
    /// # Errors
    ///
    /// The refusal of the operating system, or of the standard library for an impossible name. A
    /// panic of the name callback counts as a refusal: it must not unwind through a thread that is
    /// between two jobs.
    pub(super) fn launch(
        self: &Arc<Self>,
        serve: impl FnOnce() + Send + 'static,
        sign_off: impl FnOnce() + Send + 'static,
    ) -> io::Result<JoinHandle<()>> {
        let launcher = Arc::clone(self);
        let launched = contain(|| {
            let plan = ThreadPlan {
                name: (self.config.thread_name)(),
                stack_size: self.config.stack_size,
                body: Box::new(move || {
                    launcher.run_between_hooks(serve);
                    contain(|| drop(launcher));
                    sign_off();
                }),
            };
            (self.start)(plan)
        });
        launched.unwrap_or_else(|| Err(io::Error::other("naming the thread panicked")))
    }

    /// A hook that panics is reported by the panic hook and otherwise passed over: a thread that
    /// died of it would be missing where jobs rely on it.
    fn run_between_hooks(&self, serve: impl FnOnce()) {
        let entered = contain(|| (self.config.enter)());
        if let Some(on_start) = &self.config.on_start {
            contain(|| on_start());
        }
        serve();
        if let Some(on_stop) = &self.config.on_stop {
            contain(|| on_stop());
        }
        contain(|| drop(entered));
    }
}
