//! What a thread pool can be told.

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use selvedge_sync::primitive::Mutex;

use super::ThreadPool;
use crate::blocking::BlockingConfig;

/// A [`ThreadPool`] to be.
///
/// ```
/// let pool = selvedge::pool::ThreadPool::builder().threads(2).name("crew").build();
/// let name = pool.submit(|| std::thread::current().name().map(str::to_owned));
/// assert_eq!(name.result().unwrap().as_deref(), Some("crew-0"));
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    threads: Option<usize>,
    name: String,
    stack_size: Option<usize>,
}

impl Builder {
    /// As many threads as the process has processors, named `selvedge-pool-0` and so on, with stacks of the
    /// standard library's size.
    pub fn new() -> Self {
        Self {
            threads: None,
            name: "selvedge-pool".to_owned(),
            stack_size: None,
        }
    }

    /// So many threads.
    ///
    /// # Panics
    ///
    /// If `threads` is zero.
    #[track_caller]
    pub fn threads(mut self, threads: usize) -> Self {
        assert!(
            threads > 0,
            "a thread pool needs at least one thread: without any no job would ever be done"
        );
        self.threads = Some(threads);
        self
    }

    /// Names the threads: this, a hyphen, and a number from 0 on.
    ///
    /// # Panics
    ///
    /// If there is a zero byte in it.
    #[track_caller]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        assert!(
            !self.name.contains('\0'),
            "the name of a thread has no zero bytes"
        );
        self
    }

    /// The size of each thread's stack, in bytes. Systems round it up.
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// The pool, still without threads: they are started as jobs come.
    pub fn build(self) -> ThreadPool {
        let processors = || thread::available_parallelism().map_or(1, Into::into);
        let (name, next) = (self.name, Mutex::new(0_u64));
        let thread_name = move || {
            let mut next = next.lock();
            let number = *next;
            *next += 1;
            format!("{name}-{number}")
        };
        ThreadPool::with_config(BlockingConfig {
            threads_max: self.threads.unwrap_or_else(processors),
            // For ever.
            keep_alive: Duration::MAX,
            thread_name: Arc::new(thread_name),
            stack_size: self.stack_size,
            enter: Arc::new(|| Box::new(())),
            on_start: None,
            on_stop: None,
        })
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("threads", &self.threads)
            .field("name", &self.name)
            .field("stack_size", &self.stack_size)
            .finish()
    }
}
