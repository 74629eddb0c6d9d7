//! Jobs that borrow.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use selvedge::pool::ThreadPool;

use crate::support::{Drops, Gate, PATIENCE, panic_of, watched};

watched! {
    fn jobs_borrow_and_their_results_do() {
        let pool = ThreadPool::new(2);
        let words = ["a".to_owned(), "bb".to_owned(), "ccc".to_owned()];
        let mut lengths = [0; 3];
        let longest = pool.scope(|scope| {
            for (word, length) in words.iter().zip(&mut lengths) {
                scope.submit(move || *length = word.len());
            }
            scope.submit(|| words.iter().max_by_key(|it| it.len())).result().unwrap()
        });
        assert_eq!(lengths, [1, 2, 3]);
        assert_eq!(longest, Some(&words[2]));
    }

    fn the_scope_waits_for_jobs_that_jobs_submit() {
        for threads in [1, 3] {
            let pool = ThreadPool::new(threads);
            let done = AtomicUsize::new(0);
            pool.scope(|scope| {
                for _ in 0..10 {
                    scope.submit(|| {
                        for _ in 0..10 {
                            scope.submit(|| done.fetch_add(1, Ordering::SeqCst));
                        }
                    });
                }
            });
            assert_eq!(done.load(Ordering::SeqCst), 100);
        }
    }

    fn the_scope_waits_also_when_it_panics() {
        let pool = ThreadPool::new(2);
        let (done, gate) = (AtomicUsize::new(0), Gate::new());
        let message = panic_of(|| {
            pool.scope(|scope| {
                for _ in 0..5 {
                    scope.submit(|| {
                        gate.pass();
                        done.fetch_add(1, Ordering::SeqCst);
                    });
                }
                gate.open();
                panic!("out of the scope");
            })
        });
        assert_eq!(message, "out of the scope");
        assert_eq!(done.load(Ordering::SeqCst), 5);
    }

    fn a_panic_that_nobody_was_told_of_is_the_scopes() {
        let pool = ThreadPool::new(2);
        let done = AtomicUsize::new(0);
        let message = panic_of(|| {
            pool.scope(|scope| {
                scope.submit(|| panic!("in a job"));
                scope.submit(|| done.fetch_add(1, Ordering::SeqCst));
            })
        });
        assert!(message.contains("1 jobs of the scope panicked"), "{message}");
        assert_eq!(done.load(Ordering::SeqCst), 1);

        let told = pool.scope(|scope| {
            let mut late = scope.submit(|| panic!("in a job"));
            let late = late.result_timeout(PATIENCE).unwrap().is_err();
            late && scope.submit(|| panic!("in a job")).result().unwrap_err().is_panic()
        });
        assert!(told);
    }

    fn scopes_inside_jobs_on_a_single_thread() {
        fn sum(pool: &ThreadPool, numbers: &[u64]) -> u64 {
            if numbers.len() < 3 {
                return numbers.iter().sum();
            }
            let (left, right) = numbers.split_at(numbers.len() / 2);
            pool.scope(|scope| {
                let left = scope.submit(|| sum(pool, left));
                sum(pool, right) + left.result().unwrap()
            })
        }
        let numbers: Vec<u64> = (0..200).collect();
        for threads in [1, 2] {
            let pool = ThreadPool::new(threads);
            let total = pool.scope(|scope| scope.submit(|| sum(&pool, &numbers)).result().unwrap());
            assert_eq!(total, 19_900);
            // Nobody asks for the inner results: the end of the inner scope has to do the jobs.
            let done = AtomicUsize::new(0);
            pool.scope(|scope| {
                scope.submit(|| {
                    pool.scope(|scope| {
                        for _ in 0..4 {
                            scope.submit(|| done.fetch_add(1, Ordering::SeqCst));
                        }
                    });
                    assert_eq!(done.load(Ordering::SeqCst), 4);
                });
            });
        }
    }

    fn jobs_of_a_scope_are_cancelled_before_they_begin() {
        let pool = ThreadPool::new(1);
        let (gate, log) = (Gate::new(), Mutex::new(Vec::new()));
        pool.scope(|scope| {
            let (begins, has_begun) = std::sync::mpsc::channel();
            let gate = &gate;
            let first = scope.submit(move || {
                begins.send(()).unwrap();
                gate.pass();
            });
            has_begun.recv().unwrap();
            let mut second = scope.submit(|| log.lock().unwrap().push(2));
            assert!(second.result_timeout(Duration::ZERO).is_err());
            assert!(!first.cancel() && second.cancel());
            gate.open();
            assert!(second.result().unwrap_err().is_cancelled());
            first.result().unwrap();
        });
        assert!(log.into_inner().unwrap().is_empty());
    }

    fn a_scope_on_a_pool_that_was_shut_down_runs_nothing() {
        let pool = ThreadPool::new(1);
        pool.shutdown(true, false);
        let drops = Drops::new();
        let borrowed = drops.counted();
        pool.scope(|scope| {
            let value = drops.counted();
            let job = scope.submit(|| (&borrowed, drop(value)));
            assert!(job.result().unwrap_err().is_cancelled());
            assert_eq!(drops.count(), 1);
        });
    }

    /// The pool ends while a scope has jobs in its queue: they are over, one way or the other.
    fn a_scope_ends_although_its_pool_does() {
        let pool = ThreadPool::new(1);
        for cancel_pending in [false, true] {
            let done = AtomicUsize::new(0);
            pool.scope(|scope| {
                for _ in 0..10 {
                    scope.submit(|| done.fetch_add(1, Ordering::SeqCst));
                }
                pool.shutdown(false, cancel_pending);
            });
            assert!(cancel_pending || done.load(Ordering::SeqCst) == 10);
        }
    }

    /// A result that nobody takes is dropped before the scope ends.
    fn results_are_dropped_inside_the_scope() {
        let pool = ThreadPool::new(2);
        let drops = Drops::new();
        for _ in 0..100 {
            let before = drops.count();
            pool.scope(|scope| {
                let handle = scope.submit(|| drops.counted());
                scope.submit(|| drops.counted());
                drop(handle);
            });
            assert_eq!(drops.count(), before + 2);
        }
    }
}
