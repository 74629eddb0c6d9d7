//! Models of the blocking pool, its threads being threads of the model.
//!
//! A model has no time. A pool that [`keeps`](keeping) its threads lets them rest for ever; one
//! that [`expires`](expiring) them lets a rest end at any moment after the lock was released once.
//! The pool contains panics of jobs, so jobs only count and the main thread asserts. Whatever a job
//! waits for is waited for with a modelled lock: a stranded job shows as a deadlock.
//!
//! Each model tells its preemption bound and how many executions that has; see `model`.

use std::io;
use std::sync::atomic::{AtomicUsize as PlainUsize, Ordering::SeqCst};
use std::time::Duration;

use selvedge_sync::primitive::atomic::{AtomicU8, Ordering};
use selvedge_sync::primitive::{Arc, Condvar, Mutex, thread};

use super::launch::{ThreadPlan, start_os_thread};
use super::{BlockingConfig, BlockingPool, Job, Rejection};
use selvedge_sync::model_check::check;

/// How many jobs have met which fate.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
struct Fates {
    run: usize,
    cancelled: usize,
}

/// Where the jobs of a model report.
#[derive(Clone)]
struct Board(Arc<(Mutex<Fates>, Condvar)>);

impl Board {
    fn new() -> Self {
        Self(Arc::new((Mutex::new(Fates::default()), Condvar::new())))
    }

    fn fates(&self) -> Fates {
        *self.0.0.lock()
    }

    fn report(&self, change: impl FnOnce(&mut Fates)) {
        change(&mut self.0.0.lock());
        self.0.1.notify_all();
    }

    /// Waits until this many jobs have run. A job that never runs makes this a deadlock.
    fn await_runs(&self, wanted: usize) {
        let mut fates = self.0.0.lock();
        while fates.run < wanted {
            fates = self.0.1.wait(fates);
        }
    }
}

/// Reports its fate, after having waited for others to run.
struct Report {
    board: Board,
    runs_before: usize,
}

impl Job for Report {
    fn run(self) {
        self.board.await_runs(self.runs_before);
        self.board.report(|fates| fates.run += 1);
    }

    fn cancel(self) {
        self.board.report(|fates| fates.cancelled += 1);
    }
}

fn config(threads_max: usize, keep_alive: Duration) -> BlockingConfig {
    BlockingConfig {
        threads_max,
        keep_alive,
        thread_name: std::sync::Arc::new(String::new),
        stack_size: None,
        enter: std::sync::Arc::new(|| Box::new(())),
        on_start: None,
        on_stop: None,
    }
}

fn keeping<J: Job>(threads_max: usize) -> BlockingPool<J> {
    BlockingPool::new(config(threads_max, Duration::MAX))
}

fn expiring<J: Job>(threads_max: usize) -> BlockingPool<J> {
    BlockingPool::new(config(threads_max, Duration::ZERO))
}

/// A pool whose start number `refused`, counted from zero, is refused.
fn refusing(config: BlockingConfig, refused: usize) -> BlockingPool<Report> {
    let starts = PlainUsize::new(0);
    let start = move |plan: ThreadPlan| {
        if starts.fetch_add(1, SeqCst) == refused {
            return Err(io::Error::from(io::ErrorKind::WouldBlock));
        }
        start_os_thread(plan)
    };
    BlockingPool::with_start(config, Box::new(start))
}

/// Submits a job that waits until `runs_before` others have run.
fn submit_after(
    pool: &BlockingPool<Report>,
    board: &Board,
    runs_before: usize,
) -> Result<(), Rejection> {
    let board = board.clone();
    pool.submit(Report { board, runs_before })
        .map_err(|rejected| rejected.cause)
}

fn submit(pool: &BlockingPool<Report>, board: &Board) -> Result<(), Rejection> {
    submit_after(pool, board, 0)
}

/// Runs `body` on a second thread of the model that has the pool and the board.
fn beside<R: Send + 'static>(
    pool: &BlockingPool<Report>,
    board: &Board,
    body: impl FnOnce(&BlockingPool<Report>, &Board) -> R + Send + 'static,
) -> thread::JoinHandle<R> {
    let (pool, board) = (pool.clone(), board.clone());
    thread::spawn(move || body(&pool, &board))
}

/// L-29. Two submits race with a thread that runs out of patience, limit 1.
///
/// Bound 3: 22662 executions.
#[test]
fn expiry_against_two_submits() {
    check("L-29", Some(3), || {
        let (pool, board) = (expiring(1), Board::new());
        let other = beside(&pool, &board, |pool, board| submit(pool, board).is_ok());
        assert!(submit(&pool, &board).is_ok());
        board.await_runs(2);
        assert!(other.join().unwrap());
        assert!(pool.shutdown(None));
        assert_eq!(
            board.fates(),
            Fates {
                run: 2,
                cancelled: 0
            }
        );
    });
}

/// L-29, variant: the thread rests, or not yet, when two submits come, limit 1.
///
/// Bound 3: 15631 executions.
#[test]
fn rest_against_two_submits() {
    check("L-29 rest", Some(3), || {
        let (pool, board) = (keeping(1), Board::new());
        assert!(submit(&pool, &board).is_ok());
        board.await_runs(1);
        let other = beside(&pool, &board, |pool, board| submit(pool, board).is_ok());
        assert!(submit(&pool, &board).is_ok());
        board.await_runs(3);
        assert!(other.join().unwrap());
        assert!(pool.shutdown(None));
        assert_eq!(
            board.fates(),
            Fates {
                run: 3,
                cancelled: 0
            }
        );
    });
}

/// L-30. A first submit races with the shutdown: the job is run, cancelled or given back.
///
/// Unbounded: 9660 executions; bound 3: 161.
#[test]
fn first_submit_against_shutdown() {
    check("L-30", None, || {
        let (pool, board) = (keeping(2), Board::new());
        let other = beside(&pool, &board, |pool, board| match submit(pool, board) {
            Ok(()) => true,
            Err(Rejection::ShutDown) => false,
            Err(Rejection::NoThread(refusal)) => panic!("{refusal}"),
        });
        assert!(pool.shutdown(None));
        let taken = usize::from(other.join().unwrap());
        let fates = board.fates();
        assert_eq!(fates.run + fates.cancelled, taken);
    });
}

/// L-30, variant: a mandatory job that the pool has taken is run whatever the shutdown does, by a
/// thread that is about to rest, rests, or was dismissed.
///
/// Bound 3: 1520 executions.
#[test]
fn mandatory_submit_against_shutdown() {
    struct Mandatory(Board);

    impl Job for Mandatory {
        fn run(self) {
            self.0.report(|fates| fates.run += 1);
        }

        fn cancel(self) {
            self.0.report(|fates| fates.cancelled += 1);
        }

        fn is_mandatory(&self) -> bool {
            true
        }
    }

    check("L-30 mandatory", Some(3), || {
        let (pool, board) = (keeping(1), Board::new());
        assert!(pool.submit(Mandatory(board.clone())).is_ok());
        let other = {
            let (pool, board) = (BlockingPool::clone(&pool), board.clone());
            thread::spawn(move || pool.submit(Mandatory(board)).is_ok())
        };
        assert!(pool.shutdown(None));
        let taken = 1 + usize::from(other.join().unwrap());
        let wanted = Fates {
            run: taken,
            cancelled: 0,
        };
        assert_eq!(board.fates(), wanted);
    });
}

/// L-30, variant: a thread rests or is about to, and two threads shut the pool down.
///
/// Bound 3: 2862 executions.
#[test]
fn submit_to_resting_thread_against_shutdown() {
    check("L-30 rest", Some(3), || {
        let (pool, board) = (keeping(2), Board::new());
        assert!(submit(&pool, &board).is_ok());
        let other = beside(&pool, &board, |pool, board| {
            let taken = submit(pool, board).is_ok();
            pool.shutdown(Some(Duration::ZERO));
            taken
        });
        pool.shutdown(None);
        let taken = 1 + usize::from(other.join().unwrap());
        // The call that came second does not wait, so the threads may still be about to report.
        let mut fates = board.0.0.lock();
        while fates.run + fates.cancelled < taken {
            fates = board.0.1.wait(fates);
        }
    });
}

/// L-31. Submits to a pool whose threads are all busy, limit 1; the thread rests or expires after.
///
/// Bound 3: 14905 executions.
#[test]
fn submits_at_the_limit() {
    check("L-31", Some(3), || {
        let (pool, board) = (keeping(1), Board::new());
        assert!(submit(&pool, &board).is_ok());
        let other = beside(&pool, &board, |pool, board| submit(pool, board).is_ok());
        assert!(submit(&pool, &board).is_ok());
        board.await_runs(3);
        assert!(other.join().unwrap());
        assert!(pool.shutdown(None));
        assert_eq!(
            board.fates(),
            Fates {
                run: 3,
                cancelled: 0
            }
        );
    });
}

/// L-31, variant: the first job waits for the second, limit 2. The second needs a thread of its
/// own, which the first one's thread has to call if no submit did.
///
/// Bound 3: 41181 executions.
#[test]
fn chain_of_two() {
    check("L-31 chain of 2", Some(3), || {
        let (pool, board) = (keeping(2), Board::new());
        assert!(submit_after(&pool, &board, 1).is_ok());
        assert!(submit_after(&pool, &board, 0).is_ok());
        board.await_runs(2);
        assert!(pool.shutdown(None));
    });
}

/// L-31, variant: a chain of three, limit 3. Raise its bound with care: at
/// 2 it has 289537 executions and takes half a minute.
///
/// Bound 1: 2924 executions.
#[test]
fn chain_of_three() {
    check("L-31 chain of 3", Some(1), || {
        let (pool, board) = (keeping(3), Board::new());
        assert!(submit_after(&pool, &board, 2).is_ok());
        assert!(submit_after(&pool, &board, 1).is_ok());
        assert!(submit_after(&pool, &board, 0).is_ok());
        board.await_runs(3);
        assert!(pool.shutdown(None));
    });
}

/// L-32. The first start is refused while another submit waits for its outcome, limit 1: the one
/// whose start was refused has its job back, the other one's job runs.
///
/// Bound 4: 7037 executions; unbounded: 1011962, in a minute and a half.
#[test]
fn first_start_refused() {
    check("L-32", Some(4), || {
        let (pool, board) = (refusing(config(1, Duration::MAX), 0), Board::new());
        let other = beside(&pool, &board, |pool, board| submit(pool, board).is_ok());
        let taken = usize::from(submit(&pool, &board).is_ok());
        let taken = taken + usize::from(other.join().unwrap());
        assert_eq!(taken, 1);
        board.await_runs(1);
        assert!(pool.shutdown(None));
        assert_eq!(
            board.fates(),
            Fates {
                run: 1,
                cancelled: 0
            }
        );
    });
}

/// L-32, variant: a later start is refused while the threads that were relied on run out of
/// patience and leave. Every job that was taken runs, or was given back for want of a thread.
///
/// Bound 3: 94637 executions.
#[test]
fn later_start_refused_while_threads_leave() {
    check("L-32 later", Some(3), || {
        let (pool, board) = (refusing(config(2, Duration::ZERO), 1), Board::new());
        assert!(submit(&pool, &board).is_ok());
        let other = beside(&pool, &board, |pool, board| submit(pool, board).is_ok());
        let taken = 1 + usize::from(submit(&pool, &board).is_ok());
        let taken = taken + usize::from(other.join().unwrap());
        board.await_runs(taken);
        assert!(pool.shutdown(None));
        assert_eq!(
            board.fates(),
            Fates {
                run: taken,
                cancelled: 0
            }
        );
    });
}

/// L-32, variant: a start is under way, and may be refused, when the pool is shut down.
///
/// Bound 3: 1912 executions.
#[test]
fn refused_start_against_shutdown() {
    check("L-32 shutdown", Some(3), || {
        let (pool, board) = (refusing(config(2, Duration::MAX), 1), Board::new());
        assert!(submit(&pool, &board).is_ok());
        let other = beside(&pool, &board, |pool, board| submit(pool, board).is_ok());
        assert!(pool.shutdown(None));
        let taken = 1 + usize::from(other.join().unwrap());
        let fates = board.fates();
        assert_eq!(fates.run + fates.cancelled, taken);
    });
}

/// L-34. A queued job is taken back, as by somebody who would have to wait for it, while a thread that is
/// on its way takes it and the pool is closed: exactly one of them has it.
///
/// Bound 3: 1367 executions.
#[test]
fn take_against_turn_against_shutdown() {
    check("L-34", Some(3), || {
        let (pool, board) = (keeping(1), Board::new());
        assert!(submit(&pool, &board).is_ok());
        let other = beside(&pool, &board, |pool, _| match pool.take(|_| true) {
            Some(job) => job.run(),
            None => {}
        });
        assert!(pool.shutdown(None));
        other.join().unwrap();
        let fates = board.fates();
        assert_eq!(fates.run + fates.cancelled, 1);
    });
}

/// L-34, variant: of two queued jobs one is taken back, and the other is not stranded.
///
/// Bound 3: 9755 executions.
#[test]
fn take_against_two_submits() {
    check("L-34 two", Some(3), || {
        let (pool, board) = (keeping(1), Board::new());
        assert!(submit(&pool, &board).is_ok());
        let other = beside(&pool, &board, |pool, _| match pool.take(|_| true) {
            Some(job) => job.run(),
            None => {}
        });
        assert!(submit(&pool, &board).is_ok());
        board.await_runs(2);
        other.join().unwrap();
        assert!(pool.shutdown(None));
    });
}

/// L-35. A pool is closed that keeps its jobs, and closed again to cancel them, while a thread takes one:
/// each job has one fate, and both calls may wait for the end.
///
/// Bound 3: 2193 executions.
#[test]
fn close_against_close_against_turn() {
    check("L-35", Some(3), || {
        let (pool, board) = (keeping(1), Board::new());
        assert!(submit(&pool, &board).is_ok());
        let other = beside(&pool, &board, |pool, _| {
            let _either = pool.close(|_| false);
            pool.join();
        });
        let _either = pool.close(|_| true);
        pool.join();
        other.join().unwrap();
        let fates = board.fates();
        assert_eq!(fates.run + fates.cancelled, 1);
    });
}

const WAITING: u8 = 0;
const STARTED: u8 = 1;
const ABORTED: u8 = 2;

/// A job that anybody may abort as long as it waits, as a join handle does: the queue still holds
/// it and the thread that takes it finds nothing to do.
struct Abortable {
    phase: Arc<AtomicU8>,
    board: Board,
}

/// True for the one caller that moves the job on from waiting.
fn claim(phase: &AtomicU8, to: u8) -> bool {
    phase
        // Ordering: AcqRel; pairs with the other call of this function.
        .compare_exchange(WAITING, to, Ordering::AcqRel, Ordering::Acquire)
        .is_ok()
}

impl Job for Abortable {
    fn run(self) {
        if claim(&self.phase, STARTED) {
            self.board.report(|fates| fates.run += 1);
        }
    }

    fn cancel(self) {
        if claim(&self.phase, ABORTED) {
            self.board.report(|fates| fates.cancelled += 1);
        }
    }
}

/// L-33. A queued job is aborted while a thread starts it and while the pool is shut down: exactly
/// one of the three has it.
///
/// Unbounded: 11344 executions; bound 3: 521.
#[test]
fn abort_against_start_against_shutdown() {
    check("L-33", None, || {
        let (pool, board) = (keeping(1), Board::new());
        let phase = Arc::new(AtomicU8::new(WAITING));
        let job = Abortable {
            phase: Arc::clone(&phase),
            board: board.clone(),
        };
        assert!(pool.submit(job).is_ok());
        let aborter = thread::spawn(move || usize::from(claim(&phase, ABORTED)));
        assert!(pool.shutdown(None));
        let aborted = aborter.join().unwrap();
        let fates = board.fates();
        assert_eq!(fates.run + fates.cancelled + aborted, 1);
    });
}

/// A job shuts the pool down while another submit comes: nobody waits for himself.
///
/// Bound 3: 2832 executions.
#[test]
fn shutdown_from_a_job_against_submit() {
    struct Closes(BlockingPool<Closes>, Board);
    impl Job for Closes {
        fn run(self) {
            self.0.shutdown(None);
            self.1.report(|fates| fates.run += 1);
        }
        fn cancel(self) {
            self.1.report(|fates| fates.cancelled += 1);
        }
    }
    check("own shutdown", Some(3), || {
        let (pool, board) = (keeping(2), Board::new());
        assert!(pool.submit(Closes(pool.clone(), board.clone())).is_ok());
        let second = pool.submit(Closes(pool.clone(), board.clone()));
        let taken = 1 + usize::from(second.is_ok());
        let mut fates = board.0.0.lock();
        while fates.run + fates.cancelled < taken {
            fates = board.0.1.wait(fates);
        }
    });
}
