//! What a builder decided about a scheduler.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::thread::ThreadId;
use std::time::Duration;

use crate::contain::contain;

/// A callback of the user's.
pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;

/// Calls a hook. A panic of it was reported by the panic hook and ends here: the worker goes on.
pub(super) fn call_hook(hook: Option<&Hook>) {
    if let Some(hook) = hook {
        contain(|| hook());
    }
}

#[derive(Clone)]
pub(crate) struct Config {
    /// Unique in the process.
    pub(crate) id: NonZeroU64,
    /// What the user calls the runtime.
    pub(crate) name: Option<String>,
    pub(crate) multi_thread: bool,
    /// The thread of a local runtime, whose tasks need not be `Send`.
    pub(crate) home: Option<ThreadId>,
    pub(crate) workers: usize,
    pub(crate) stand_ins_max: usize,
    /// Turns between two looks at the injector while there is local work.
    pub(crate) global_queue_interval: u32,
    /// Turns between two looks at timers and sockets while there is work.
    pub(crate) event_interval: u32,
    pub(crate) thread_name: Arc<dyn Fn() -> String + Send + Sync>,
    pub(crate) thread_stack_size: Option<usize>,
    pub(crate) thread_keep_alive: Duration,
    pub(crate) on_thread_start: Option<Hook>,
    pub(crate) on_thread_stop: Option<Hook>,
    pub(crate) on_thread_park: Option<Hook>,
    pub(crate) on_thread_unpark: Option<Hook>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("multi_thread", &self.multi_thread)
            .field("workers", &self.workers)
            .field("stand_ins_max", &self.stand_ins_max)
            .field("global_queue_interval", &self.global_queue_interval)
            .field("event_interval", &self.event_interval)
            .finish_non_exhaustive()
    }
}
