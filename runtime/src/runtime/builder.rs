//! Building a runtime: every knob and its default.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::id::Id;
use super::local::{LocalOptions, LocalRuntime};
use super::{Runtime, Seats};
use crate::blocking::{BlockingConfig, BlockingPool};
use crate::context;
use crate::driver::Driver;
use crate::handle::Handle;
use crate::scheduler::Scheduler;
use crate::scheduler::config::{Config, Hook};
use crate::scheduler::current_thread::Shelf;
use crate::time::{Clock, install_time_source};

/// Threads for blocking work, unless set otherwise.
const BLOCKING_THREADS_MAX: usize = 512;
/// How long a resting thread is kept, unless set otherwise.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
/// Turns between looks at the injector or the driver, unless set otherwise: a prime, so that it does
/// not fall in step with periodic work.
const INTERVAL: u32 = 61;
/// A clock that can be paused counts nanoseconds; others in steps that are cheaper to keep.
const CLOCK_CAN_BE_PAUSED: bool = cfg!(any(test, feature = "test-util"));
/// Events fetched from the system at a time, unless set otherwise.
const EVENTS_PER_TURN: usize = 1024;

/// Settings for a runtime.
///
/// | Setting | Default |
/// |---|---|
/// | `worker_threads` | `SELVEDGE_WORKER_THREADS`, else the number of processors |
/// | `max_blocking_threads` | 512 |
/// | `name` | none |
/// | `thread_name` | `selvedge-worker` |
/// | `thread_stack_size` | the standard library's |
/// | `thread_keep_alive` | 10 seconds |
/// | `global_queue_interval`, `event_interval` | 61 turns |
/// | `max_io_events_per_tick`, `max_io_events_per_busy_tick` | 1024 |
/// | sockets and timers | always on |
///
/// ```
/// let runtime = selvedge::runtime::Builder::new_multi_thread()
///     .worker_threads(2)
///     .thread_name("crew")
///     .build()?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone)]
pub struct Builder {
    multi_thread: bool,
    assemble: Assemble,
    pub(super) workers: Option<usize>,
    blocking_threads_max: usize,
    name: Option<String>,
    thread_name: Arc<dyn Fn() -> String + Send + Sync>,
    stack_size: Option<usize>,
    keep_alive: Duration,
    global_queue_interval: u32,
    event_interval: u32,
    events_per_turn: usize,
    events_per_busy_turn: Option<usize>,
    pub(super) start_paused: bool,
    on_thread_start: Option<Hook>,
    on_thread_stop: Option<Hook>,
    on_thread_park: Option<Hook>,
    on_thread_unpark: Option<Hook>,
}

/// Puts the parts of a runtime together, in one of the arrangements of threads.
type Assemble = fn(&Builder) -> io::Result<Runtime>;

impl Builder {
    /// A runtime whose tasks run on the thread in `block_on`.
    pub fn new_current_thread() -> Self {
        Self::new(false, |builder| builder.build_current_thread(None))
    }

    pub(super) fn new(multi_thread: bool, assemble: Assemble) -> Self {
        Self {
            multi_thread,
            assemble,
            workers: None,
            blocking_threads_max: BLOCKING_THREADS_MAX,
            name: None,
            thread_name: Arc::new(|| "selvedge-worker".to_owned()),
            stack_size: None,
            keep_alive: KEEP_ALIVE,
            global_queue_interval: INTERVAL,
            event_interval: INTERVAL,
            events_per_turn: EVENTS_PER_TURN,
            events_per_busy_turn: None,
            start_paused: false,
            on_thread_start: None,
            on_thread_stop: None,
            on_thread_park: None,
            on_thread_unpark: None,
        }
    }

    /// Accepted for programs that move over: sockets and timers are always on.
    pub fn enable_all(&mut self) -> &mut Self {
        self
    }

    /// As [`enable_all`](Self::enable_all).
    pub fn enable_io(&mut self) -> &mut Self {
        self
    }

    /// As [`enable_all`](Self::enable_all).
    pub fn enable_time(&mut self) -> &mut Self {
        self
    }

    /// The number of worker threads of a multi-thread runtime; a current-thread runtime has none.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn worker_threads(&mut self, workers: usize) -> &mut Self {
        assert!(
            workers > 0,
            "Worker threads cannot be set to 0: a runtime without workers runs nothing"
        );
        self.workers = Some(workers);
        self
    }

    /// The most threads for blocking work at a time.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn max_blocking_threads(&mut self, threads: usize) -> &mut Self {
        assert!(
            threads > 0,
            "Max blocking threads cannot be set to 0: blocking work would never run"
        );
        self.blocking_threads_max = threads;
        self
    }

    /// The name of the runtime, for [`Handle::name`] and debug output. See
    /// [`thread_name`](Self::thread_name) for that of its threads.
    ///
    /// # Panics
    ///
    /// If it is empty, or nothing but white space.
    ///
    /// ```
    /// let runtime = selvedge::runtime::Builder::new_multi_thread().name("ingest").build()?;
    /// assert_eq!(runtime.handle().name(), Some("ingest"));
    /// # std::io::Result::Ok(())
    /// ```
    #[track_caller]
    pub fn name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        assert!(
            !name.trim().is_empty(),
            "the name of a runtime cannot be empty: leave it out instead"
        );
        self.name = Some(name);
        self
    }

    /// The name of the runtime's threads.
    pub fn thread_name(&mut self, name: impl Into<String>) -> &mut Self {
        let name = name.into();
        self.thread_name = Arc::new(move || name.clone());
        self
    }

    /// A function that names each of the runtime's threads as it starts.
    pub fn thread_name_fn<F>(&mut self, name: F) -> &mut Self
    where
        F: Fn() -> String + Send + Sync + 'static,
    {
        self.thread_name = Arc::new(name);
        self
    }

    /// The stack size of the runtime's threads, in bytes.
    pub fn thread_stack_size(&mut self, bytes: usize) -> &mut Self {
        self.stack_size = Some(bytes);
        self
    }

    /// How long a thread for blocking work, or a stand-in, is kept while it has nothing to do.
    pub fn thread_keep_alive(&mut self, duration: Duration) -> &mut Self {
        self.keep_alive = duration;
        self
    }

    /// Called on each of the runtime's threads when it starts.
    pub fn on_thread_start<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.on_thread_start = Some(Arc::new(hook));
        self
    }

    /// Called on each of the runtime's threads before it ends.
    pub fn on_thread_stop<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.on_thread_stop = Some(Arc::new(hook));
        self
    }

    /// Called on a worker before it sleeps. Tasks it wakes are run first.
    pub fn on_thread_park<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.on_thread_park = Some(Arc::new(hook));
        self
    }

    /// Called on a worker after it slept.
    pub fn on_thread_unpark<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn() + Send + Sync + 'static,
    {
        self.on_thread_unpark = Some(Arc::new(hook));
        self
    }

    /// Turns after which a busy worker takes a task from the queue all workers share. If that queue has not been
    /// empty for long, it takes as many as it ran of its own, so that who waits there has half of all turns.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn global_queue_interval(&mut self, turns: u32) -> &mut Self {
        assert!(turns > 0, "global_queue_interval must be greater than 0");
        self.global_queue_interval = turns;
        self
    }

    /// Turns after which a busy worker looks for events and timers. It also does so every few
    /// milliseconds, whatever this says.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn event_interval(&mut self, turns: u32) -> &mut Self {
        assert!(turns > 0, "event_interval must be greater than 0");
        self.event_interval = turns;
        self
    }

    /// The most events fetched from the operating system at a time.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn max_io_events_per_tick(&mut self, events: usize) -> &mut Self {
        assert!(events > 0, "max_io_events_per_tick must be non-zero");
        self.events_per_turn = events;
        self
    }

    /// The most events fetched at a time by a worker that has tasks to run; as
    /// [`max_io_events_per_tick`](Self::max_io_events_per_tick) unless set.
    ///
    /// Under overload, what is not fetched waits in the operating system instead of in the queues of the
    /// runtime.
    ///
    /// # Panics
    ///
    /// If it is zero.
    #[track_caller]
    pub fn max_io_events_per_busy_tick(&mut self, events: usize) -> &mut Self {
        assert!(events > 0, "max_io_events_per_busy_tick must be non-zero");
        self.events_per_busy_turn = Some(events);
        self
    }

    /// Builds the runtime and starts its threads.
    ///
    /// # Errors
    ///
    /// The operating system refuses threads or a selector.
    ///
    /// # Panics
    ///
    /// If a multi-thread runtime is to start paused.
    #[track_caller]
    pub fn build(&mut self) -> io::Result<Runtime> {
        (self.assemble)(self)
    }

    #[track_caller]
    fn build_current_thread(&self, home: Option<ThreadId>) -> io::Result<Runtime> {
        let scheduler = self.scheduler(1, 0, home)?;
        let shelf = Shelf::new(&scheduler);
        Ok(Runtime::assemble(scheduler, Seats::Shelf(shelf)))
    }

    /// Builds a runtime that runs futures which need not be `Send`, on this thread only.
    ///
    /// # Errors
    ///
    /// The operating system refuses a selector.
    ///
    /// # Panics
    ///
    /// If this is a builder for a multi-thread runtime.
    #[track_caller]
    pub fn build_local(&mut self, _options: LocalOptions) -> io::Result<LocalRuntime> {
        assert!(
            !self.multi_thread,
            "only `Builder::new_current_thread` builds a local runtime: its futures stay on one thread"
        );
        let home = thread::current().id();
        Ok(LocalRuntime::new_around(
            self.build_current_thread(Some(home))?,
        ))
    }

    /// Everything but the worker threads.
    #[track_caller]
    pub(super) fn scheduler(
        &self,
        workers: usize,
        stand_ins: usize,
        home: Option<ThreadId>,
    ) -> io::Result<Arc<Scheduler>> {
        install_time_source();
        let clock = Clock::new(CLOCK_CAN_BE_PAUSED && !self.multi_thread, self.start_paused);
        let events_per_busy_turn = self.events_per_busy_turn.unwrap_or(self.events_per_turn);
        let driver = Driver::new(
            self.events_per_turn,
            events_per_busy_turn,
            workers + 1,
            clock,
        )?;
        let config = Config {
            id: Id::next(),
            name: self.name.clone(),
            multi_thread: self.multi_thread,
            home,
            workers,
            stand_ins_max: stand_ins,
            global_queue_interval: self.global_queue_interval,
            event_interval: self.event_interval,
            thread_name: Arc::clone(&self.thread_name),
            thread_stack_size: self.stack_size,
            thread_keep_alive: self.keep_alive,
            on_thread_start: self.on_thread_start.clone(),
            on_thread_stop: self.on_thread_stop.clone(),
            on_thread_park: self.on_thread_park.clone(),
            on_thread_unpark: self.on_thread_unpark.clone(),
        };
        Ok(Arc::new_cyclic(|scheduler| {
            let scheduler = scheduler.clone();
            let blocking = BlockingPool::new(BlockingConfig {
                threads_max: self.blocking_threads_max,
                keep_alive: self.keep_alive,
                thread_name: Arc::clone(&self.thread_name),
                stack_size: self.stack_size,
                // A thread started while the runtime goes away has nothing to enter.
                enter: Arc::new(move || {
                    Box::new(
                        scheduler
                            .upgrade()
                            .map(|it| context::enter(Handle::new(it))),
                    )
                }),
                on_start: self.on_thread_start.clone(),
                on_stop: self.on_thread_stop.clone(),
            });
            Scheduler::new(config, driver, blocking)
        }))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.name)
            .field("multi_thread", &self.multi_thread)
            .field("worker_threads", &self.workers)
            .field("max_blocking_threads", &self.blocking_threads_max)
            .field("thread_name", &(self.thread_name)())
            .field("thread_stack_size", &self.stack_size)
            .field("thread_keep_alive", &self.keep_alive)
            .field("global_queue_interval", &self.global_queue_interval)
            .field("event_interval", &self.event_interval)
            .field("start_paused", &self.start_paused)
            .finish_non_exhaustive()
    }
}
