//! What does a task cost in a tree of tasks that wait for each other?
//!
//! **Workload.** Fibonacci numbers by recursion, a task for every call: each spawns two children and
//! joins both. `fib(18)` makes 8361 tasks.
//!
//! **What misleads.** Both workers can be busy, so wall time may fall below the cost of one task on
//! one thread; stealing is rewarded here as hardly anywhere else in the table. Nobody should compute
//! Fibonacci numbers this way: the work in a task is nil.

use crate::row::{Course, Row};
use crate::runtimes::{SmolPool, on_both};

const NUMBER: u32 = 18;
/// One for every call: `2 * fib(NUMBER + 1) - 1`.
const TASKS: usize = 8361;
const RESULT: u64 = 2584;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::wall(
            "fork_join",
            "one task of a tree that computes fib(18), two joins each",
        )
        .selvedge(on_selvedge::tree)
        .tokio(on_tokio::tree)
        .smol(on_smol::tree),
    ]
}

on_both! {
    #[expect(clippy::manual_async_fn, reason = "recursion needs `Send` in the signature")]
    fn fib(number: u32) -> impl Future<Output = u64> + Send {
        async move {
            if number < 2 {
                return u64::from(number);
            }
            let (left, right) = (rt::spawn(fib(number - 1)), rt::spawn(fib(number - 2)));
            left.await.unwrap() + right.await.unwrap()
        }
    }

    pub(super) fn tree() -> Course {
        let runtime = multi_thread();
        Course::timed(TASKS, move |laps| {
            for _ in 0..laps {
                assert_eq!(on_worker(&runtime, fib(NUMBER)), RESULT);
            }
        })
    }
}

mod on_smol {
    use smol::Executor;

    use super::*;

    #[expect(clippy::manual_async_fn, reason = "the same shape as the others")]
    fn fib(executor: &'static Executor<'static>, number: u32) -> impl Future<Output = u64> + Send {
        async move {
            if number < 2 {
                return u64::from(number);
            }
            let left = executor.spawn(fib(executor, number - 1));
            let right = executor.spawn(fib(executor, number - 2));
            left.await + right.await
        }
    }

    pub(super) fn tree() -> Course {
        let pool = SmolPool::start();
        Course::timed(TASKS, move |laps| {
            for _ in 0..laps {
                assert_eq!(pool.on_worker(fib(pool.executor(), NUMBER)), RESULT);
            }
        })
    }
}
