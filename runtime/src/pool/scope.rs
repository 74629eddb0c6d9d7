//! Jobs that borrow from the thread that submits them, which waits until they are over.
//!
//! # Why the borrows hold
//!
//! What a job borrows lives as long as `'scope`, which ends after [`run`] has waited. Until then:
//!
//! 1. The closure is gone when its job ends: it is called or dropped, and then the job gives up its token of
//!    the tracker, in this order. So does a job that the pool refuses or cancels.
//! 2. The result is dropped by the job before that, or belongs to the [`ScopedJoinHandle`], which cannot
//!    outlive `'scope`: `f` is given it for any `'scope`, so neither its result nor what it borrows from
//!    outside can hold one.
//! 3. [`run`] waits whether `f` returns or panics, and the process aborts rather than go on without having
//!    waited.
//!
//! The tracker is over when it is closed and has no token. A job that is running has one, so jobs may submit
//! jobs until the last has ended.
#![allow(
    unsafe_code,
    reason = "jobs borrow from a stack that only the scope knows to stay"
)]

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::panic::{self, AssertUnwindSafe, Location};
use std::process;
use std::sync::Arc;
use std::time::Duration;

use selvedge_sync::primitive::Mutex;
use selvedge_sync::thread_block::check_may_block;
use selvedge_sync::{Elapsed, TaskTracker};

use super::{handle_of, terms};
use crate::blocking::BlockingPool;
use crate::task::{BlockingJob, JoinError, JoinHandle, run_one_of, submit_borrowing};

/// What a closure given to [`ThreadPool::scope`](super::ThreadPool::scope) submits its jobs with.
///
/// Nothing borrowed gets out:
///
/// ```compile_fail,E0521
/// let pool = selvedge::pool::ThreadPool::new(1);
/// let number = 1;
/// let mut out = None;
/// pool.scope(|scope| out = Some(scope.submit(|| &number)));
/// ```
///
/// ```compile_fail,E0373
/// let pool = selvedge::pool::ThreadPool::new(1);
/// pool.scope(|scope| {
///     let inside = 1;
///     scope.submit(|| println!("{inside}"));
/// });
/// ```
pub struct Scope<'scope, 'env: 'scope> {
    jobs: BlockingPool<BlockingJob>,
    /// Has a token for each job that is not over.
    tracker: TaskTracker,
    panics: Panics,
    /// Invariant, as for [`std::thread::Scope`].
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// How many jobs have panicked without that somebody was told.
#[derive(Clone, Default)]
struct Panics(Arc<Mutex<usize>>);

impl Panics {
    /// Calls `work` and counts its panic.
    fn count<R>(self, work: impl FnOnce() -> R) -> R {
        struct CountPanic(Panics);
        impl Drop for CountPanic {
            fn drop(&mut self) {
                *self.0.0.lock() += 1;
            }
        }
        let on_panic = CountPanic(self);
        let result = work();
        mem::forget(on_panic);
        result
    }
}

/// Runs `f` and waits for the jobs it submits.
#[track_caller]
pub(super) fn run<'env, F, T>(jobs: &BlockingPool<BlockingJob>, f: F) -> T
where
    F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
{
    check_may_block("scope", "use `task::scope`, or call it in `spawn_blocking`");
    let scope = Scope {
        jobs: jobs.clone(),
        tracker: TaskTracker::new(),
        panics: Panics::default(),
        scope: PhantomData,
        env: PhantomData,
    };
    let result = panic::catch_unwind(AssertUnwindSafe(|| f(&scope)));
    scope.wait();
    match result {
        Ok(result) => {
            let panics = *scope.panics.0.lock();
            assert!(
                panics == 0,
                "{panics} jobs of the scope panicked, and nobody took their results"
            );
            result
        }
        Err(payload) => panic::resume_unwind(payload),
    }
}

impl<'scope> Scope<'scope, '_> {
    /// Runs `work` on one of the pool's threads, when its turn comes.
    ///
    /// If the pool was shut down, the closure is dropped and the handle is cancelled.
    ///
    /// # Panics
    ///
    /// As [`ThreadPool::submit`](super::ThreadPool::submit).
    #[track_caller]
    pub fn submit<F, R>(&'scope self, work: F) -> ScopedJoinHandle<'scope, R>
    where
        F: FnOnce() -> R + Send + 'scope,
        R: Send + 'scope,
    {
        let place = Location::caller();
        let (token, panics) = (self.tracker.token(), self.panics.clone());
        let work = move || panics.count(work);
        // SAFETY: work and result are valid for 'scope, which ends after `wait` has seen the token gone, and
        // the handle cannot outlive it; see the head of this file.
        let submitted = unsafe { submit_borrowing(&self.jobs, work, terms(Some(token), place)) };
        ScopedJoinHandle {
            handle: handle_of(submitted, place),
            panics: self.panics.clone(),
            scope: PhantomData,
        }
    }

    /// Waits until all jobs are over. Never unwinds.
    fn wait(&self) {
        struct AbortOnPanic;
        impl Drop for AbortOnPanic {
            fn drop(&mut self) {
                eprintln!("selvedge: the wait for jobs that borrow has failed; aborting");
                process::abort();
            }
        }
        let on_panic = AbortOnPanic;
        self.tracker.close();
        // On a thread of the pool nobody else may be left to do them. What is submitted while this thread
        // sleeps comes from a job that runs, whose thread will come back to the queue or does it itself.
        while run_one_of(&self.tracker) {}
        self.tracker.blocking_wait();
        mem::forget(on_panic);
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("jobs", &self.tracker.len())
            .finish_non_exhaustive()
    }
}

/// The right to the result of a job that borrows.
///
/// Dropping it detaches the job, for which the scope waits all the same.
pub struct ScopedJoinHandle<'scope, R> {
    handle: JoinHandle<R>,
    panics: Panics,
    scope: PhantomData<&'scope ()>,
}

impl<R> ScopedJoinHandle<'_, R> {
    /// As [`JoinHandle::result`].
    ///
    /// # Errors
    ///
    /// If the job was cancelled, or panicked; then the scope does not panic for it.
    #[track_caller]
    pub fn result(self) -> Result<R, JoinError> {
        let result = self.handle.result();
        note_told(&self.panics, &result);
        result
    }

    /// As [`JoinHandle::result_timeout`].
    ///
    /// # Errors
    ///
    /// The outer one if the time is up first, the inner one as for [`result`](Self::result).
    ///
    /// # Panics
    ///
    /// If the handle has given its output before.
    #[track_caller]
    pub fn result_timeout(&mut self, limit: Duration) -> Result<Result<R, JoinError>, Elapsed> {
        let result = self.handle.result_timeout(limit)?;
        note_told(&self.panics, &result);
        Ok(result)
    }

    /// As [`JoinHandle::cancel`].
    pub fn cancel(&self) -> bool {
        self.handle.cancel()
    }

    /// As [`JoinHandle::is_finished`].
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }
}

/// The panic of a job was handed to somebody.
fn note_told<R>(panics: &Panics, result: &Result<R, JoinError>) {
    if result.as_ref().is_err_and(JoinError::is_panic) {
        // A closure that panics when it is dropped uncalled was not counted.
        let mut panics = panics.0.lock();
        *panics = panics.saturating_sub(1);
    }
}

impl<R> fmt::Debug for ScopedJoinHandle<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScopedJoinHandle")
            .field(&self.handle)
            .finish()
    }
}
