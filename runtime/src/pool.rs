//! A fixed pool of threads, for work that computes or blocks; with or without a runtime.
//!
//! | You want | Use |
//! |---|---|
//! | run a closure on the pool's threads | [`ThreadPool::submit`] |
//! | its result, in a task | await the [`JoinHandle`] |
//! | its result, on a plain thread | [`JoinHandle::result`], [`JoinHandle::result_timeout`] |
//! | be called when it is done | [`JoinHandle::on_done`] |
//! | give it up before it begins | [`JoinHandle::cancel`] |
//! | one result for each item, in order | [`ThreadPool::map`] |
//! | results as they arrive | [`task::as_completed`](crate::task::as_completed()) |
//! | jobs that borrow from the caller | [`ThreadPool::scope`] |
//! | the end of it | drop the pool, or [`ThreadPool::shutdown`] |
//!
//! The machinery is that of the threads behind [`task::spawn_blocking`](crate::task::spawn_blocking), with a
//! limit of one's own and threads that stay. A job is a task of one poll, hence the same handles.
//!
//! # Jobs that wait for jobs
//!
//! A job that blocks its thread until another job of the same pool is over takes a thread from it. With
//! [`JoinHandle::result`], the iterators of [`map`](ThreadPool::map) and `as_completed`, and the end of a
//! [`scope`](ThreadPool::scope) that is no danger: a job that has not begun is done by who waits for it, on
//! the spot. All other ways to wait only wait: [`JoinHandle::result_timeout`], channels, locks, condition
//! variables. If every thread of a pool waits like that for jobs in the queue, nothing moves any more. Then
//! use another pool for the inner jobs, or more threads than there are such waits.
//!
//! # Rejected
//!
//! - *Doing any queued job while waiting.* It may need a lock that the waiting job holds, or wait for a job
//!   below it on the same stack: deadlocks that come and go. What is waited for anyway has no such danger.
//! - *A queue with a limit.* A [`Semaphore`](selvedge_sync::Semaphore) whose owned permit the closure takes
//!   along says it where it is seen, for tasks (`acquire_owned`) and threads (`blocking_acquire_owned`) alike.

mod builder;
mod map;
mod scope;
mod submit_error;

use std::fmt;
use std::panic::Location;

use selvedge_sync::TaskTrackerToken;
use selvedge_sync::primitive::Mutex;
use selvedge_sync::thread_block::check_may_block;

pub use self::builder::Builder;
pub use self::map::Map;
pub use self::scope::{Scope, ScopedJoinHandle};
pub use self::submit_error::SubmitError;
use crate::blocking::{BlockingConfig, BlockingPool, OnClose, Rejection};
use crate::context;
use crate::task::{BlockingJob, JoinHandle, Origin, RefusedWork, Terms, is_own_pool, submit_job};
use crate::time::Timers;

/// A fixed number of threads that run closures.
///
/// Threads are started as jobs need them, and stay until the pool ends. Jobs begin in the order in which they
/// were submitted. A panic in a job ends up in its handle; the thread goes on.
///
/// Share it by reference or in an [`Arc`](std::sync::Arc). Jobs may submit jobs, and even drop the pool.
///
/// # The end of a pool
///
/// Dropping it waits until all jobs are done, also those in the queue, and the threads have ended, like a
/// `with` block of an executor in Python. Three drops do not wait, as they must not: on a thread of the pool,
/// which cannot wait for itself; in a task, whose thread others need; and after a
/// [`shutdown`](Self::shutdown) that said so. The jobs are done all the same, as long as the process lives.
/// A task that is to wait moves the pool to [`spawn_blocking`](crate::task::spawn_blocking) and drops it there.
///
/// # Examples
///
/// ```
/// use selvedge::pool::ThreadPool;
///
/// let pool = ThreadPool::new(2);
/// let sum = pool.submit(|| (1..=10).sum::<u32>());
/// let product = pool.submit(|| (1..=10).product::<u32>());
/// assert_eq!(sum.result().unwrap(), 55);
/// assert_eq!(product.result().unwrap(), 3_628_800);
///
/// let error = pool.submit(|| panic!("no luck")).result().unwrap_err();
/// assert!(error.is_panic());
/// ```
///
/// From a task:
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// let pool = selvedge::pool::ThreadPool::new(2);
/// assert_eq!(pool.submit(|| 6 * 7).await.unwrap(), 42);
/// # }
/// ```
pub struct ThreadPool {
    jobs: BlockingPool<BlockingJob>,
    threads: usize,
    /// Somebody has shut the pool down and does not want to wait.
    is_left: Mutex<bool>,
}

impl ThreadPool {
    /// A pool of so many threads.
    ///
    /// # Panics
    ///
    /// If `threads` is zero.
    #[track_caller]
    pub fn new(threads: usize) -> Self {
        Self::builder().threads(threads).build()
    }

    /// A pool to be, with more to choose.
    pub fn builder() -> Builder {
        Builder::new()
    }

    fn with_config(config: BlockingConfig) -> Self {
        Self {
            threads: config.threads_max,
            jobs: BlockingPool::new(config),
            is_left: Mutex::new(false),
        }
    }

    /// Runs `work` on one of the threads, when its turn comes.
    ///
    /// Dropping the handle detaches the job. If the pool was shut down, the closure is dropped and the handle
    /// is cancelled; [`try_submit`](Self::try_submit) gives the closure back.
    ///
    /// # Panics
    ///
    /// If the pool has no thread yet and the operating system refuses one. While it has some, jobs wait for
    /// those.
    #[track_caller]
    pub fn submit<F, R>(&self, work: F) -> JoinHandle<R>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let place = Location::caller();
        handle_of(submit_job(&self.jobs, work, terms(None, place)), place)
    }

    /// As [`submit`](Self::submit), with the closure back if the pool does not take it.
    ///
    /// # Errors
    ///
    /// If the pool was shut down; or if it has no thread yet and the operating system refuses one.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = selvedge::pool::ThreadPool::new(1);
    /// pool.shutdown(true, false);
    /// let refused = pool.try_submit(|| 42).unwrap_err();
    /// assert!(refused.is_shut_down());
    /// assert_eq!(refused.into_work()(), 42);
    /// ```
    #[track_caller]
    pub fn try_submit<F, R>(&self, work: F) -> Result<JoinHandle<R>, SubmitError<F>>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Send + 'static,
    {
        let terms = terms(None, Location::caller());
        submit_job(&self.jobs, work, terms).map_err(|refused| {
            let (work, cause) = refused.into_work();
            SubmitError::new(work, cause)
        })
    }

    /// Runs `f` for each item on the threads, and gives the results in the order of the items.
    ///
    /// All items are submitted before this returns. What has not begun when the results are dropped is
    /// cancelled.
    ///
    /// # Panics
    ///
    /// As [`submit`](Self::submit).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let pool = selvedge::pool::ThreadPool::new(4);
    /// let squares: Result<Vec<u32>, _> = pool.map(0..5, |n| n * n).into_iter().collect();
    /// assert_eq!(squares.unwrap(), [0, 1, 4, 9, 16]);
    ///
    /// let mut results = pool.map(["1", "2"], str::parse::<u32>);
    /// for result in results.blocking_timeout(Duration::from_secs(60)) {
    ///     let number = result.expect("in time").expect("no panic").expect("a number");
    ///     println!("{number}");
    /// }
    /// ```
    #[track_caller]
    pub fn map<I, F, R>(&self, items: I, f: F) -> Map<R>
    where
        I: IntoIterator,
        I::Item: Send + 'static,
        F: Fn(I::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        let place = Location::caller();
        let f = std::sync::Arc::new(f);
        let handles = items.into_iter().map(|item| {
            let f = std::sync::Arc::clone(&f);
            let submitted = submit_job(&self.jobs, move || f(item), terms(None, place));
            handle_of(submitted, place)
        });
        Map::new(handles.collect())
    }

    /// Runs `f`, which may submit jobs that borrow, and waits until all of them are over.
    ///
    /// As [`std::thread::scope`], on threads that are there already.
    ///
    /// # Panics
    ///
    /// If `f` panics, with its panic; or if a job panicked and nobody took its result. All jobs are over then,
    /// too. In a task, whose thread it would block; before `f` is called.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = selvedge::pool::ThreadPool::new(2);
    /// let mut numbers = vec![1, 2, 3, 4];
    /// let (left, right) = numbers.split_at_mut(2);
    /// pool.scope(|scope| {
    ///     scope.submit(|| left.iter_mut().for_each(|n| *n *= 10));
    ///     let sum = scope.submit(|| right.iter().sum::<i32>());
    ///     assert_eq!(sum.result().unwrap(), 7);
    /// });
    /// assert_eq!(numbers, [10, 20, 3, 4]);
    /// ```
    #[track_caller]
    pub fn scope<'env, F, T>(&self, f: F) -> T
    where
        F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
    {
        scope::run(&self.jobs, f)
    }

    /// How many threads the pool may have.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// How many jobs have not begun; out of date as soon as it is told.
    pub fn queued(&self) -> usize {
        self.jobs.metrics().queued
    }

    /// Ends the pool: it takes no more jobs. Those in the queue are cancelled if `cancel_pending`, else done.
    ///
    /// With `wait` this returns when the jobs are over and the threads have ended, except on a thread of the
    /// pool, which cannot wait for itself. Without, it returns at once, and so does dropping the pool later.
    /// A further call may still cancel what is left in the queue, and wait.
    ///
    /// # Panics
    ///
    /// With `wait` in a task, whose thread it would block; nothing is done then.
    #[track_caller]
    pub fn shutdown(&self, wait: bool, cancel_pending: bool) {
        let wait_here = wait && !is_own_pool(&self.jobs);
        if wait_here {
            check_may_block(
                "shutdown",
                "call it in `spawn_blocking`, or do not let it wait",
            );
        }
        if !wait {
            *self.is_left.lock() = true;
        }
        self.close(cancel_pending);
        if wait_here {
            self.jobs.join();
        }
    }

    fn close(&self, cancel_pending: bool) {
        match self.jobs.close(|_| !cancel_pending) {
            OnClose::First | OnClose::Already => {}
        }
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.close(false);
        let may_wait = selvedge_sync::context::may_block() && !is_own_pool(&self.jobs);
        if may_wait && !*self.is_left.lock() {
            self.jobs.join();
        }
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("threads", &self.threads)
            .field("queued", &self.queued())
            .finish_non_exhaustive()
    }
}

/// The handle of a job that was handed to a pool. If the pool was shut down, the closure is dropped.
fn handle_of<F: FnOnce() -> R, R>(
    submitted: Result<JoinHandle<R>, RefusedWork<F, R>>,
    place: &'static Location<'static>,
) -> JoinHandle<R> {
    match submitted.map_err(RefusedWork::into_cancelled) {
        Ok(handle) | Err((handle, Rejection::ShutDown)) => handle,
        Err((_, Rejection::NoThread(error))) => panic!(
            "the operating system refuses a thread for the job submitted at {place}: {error}; \
             `try_submit` gives the job back"
        ),
    }
}

/// Paused time of the runtime this is called in stands still until the job is over.
fn terms(group: Option<TaskTrackerToken>, place: &'static Location<'static>) -> Terms {
    let time = context::with_scheduler(|scheduler| {
        scheduler.and_then(|it| Timers::hold_time(&it.driver.timers))
    });
    Terms {
        origin: Origin::at(place),
        time,
        is_mandatory: false,
        group,
    }
}
