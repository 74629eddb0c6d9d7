//! `join!` and `try_join!`: outputs, turns, and what becomes of the others when one fails.

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Future, pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use selvedge::sync::oneshot;
use selvedge::task::coop::consume_budget;
use selvedge::task::yield_now;
use selvedge::{join, try_join};

use crate::support::{Drops, both_flavors, current_thread, multi_thread, panic_of, watched};

/// Polls without any runtime, until it is ready.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("it is never ready");
}

fn ok<T>(value: T) -> impl Future<Output = Result<T, String>> {
    ready(Ok(value))
}

fn err<T>(error: &str) -> impl Future<Output = Result<T, String>> + use<T> {
    ready(Err(error.to_owned()))
}

/// Ready after this many polls.
fn after<T: Copy>(polls: usize, value: T) -> impl Future<Output = T> {
    let mut left = polls;
    poll_fn(move |_| {
        if left == 0 {
            return Poll::Ready(value);
        }
        left -= 1;
        Poll::Pending
    })
}

mod grammar {
    use super::*;

    #[test]
    fn any_number_of_branches() {
        run(async {
            assert_eq!(join!(), ());
            assert_eq!(join!(biased;), ());
            assert_eq!(join!(ready(1)), (1,));
            assert_eq!(join!(ready(1),), (1,));
            assert_eq!(join!(biased; ready(1), ready("two"),), (1, "two"));
            assert_eq!(try_join!() as Result<_, ()>, Ok(()));
            assert_eq!(try_join!(biased;) as Result<_, ()>, Ok(()));
            assert_eq!(try_join!(ok(1)), Ok((1,)));
            assert_eq!(try_join!(biased; ok(1), ok("two"),), Ok((1, "two")));
            let many = join!(
                after(3, 0),
                after(1, 1),
                after(4, 2),
                after(1, 3),
                after(5, 4),
                after(9, 5),
                after(2, 6),
                after(6, 7),
                after(5, 8),
                after(3, 9),
                after(5, 10),
                after(8, 11),
            );
            assert_eq!(many, (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        });
    }

    #[test]
    fn a_branch_may_be_called_biased() {
        let biased = ready(1);
        assert_eq!(run(async { join!(biased, ready(2)) }), (1, 2));
    }

    #[test]
    fn whatever_becomes_a_future() {
        struct Later;
        impl IntoFuture for Later {
            type Output = Result<i32, ()>;
            type IntoFuture = std::future::Ready<Result<i32, ()>>;
            fn into_future(self) -> Self::IntoFuture {
                ready(Ok(1))
            }
        }
        assert_eq!(run(async { join!(Later) }), (Ok(1),));
        assert_eq!(run(async { try_join!(Later) }), Ok((1,)));
    }

    #[deny(unreachable_code, unused)]
    #[test]
    fn outputs_that_cannot_be() {
        assert_eq!(
            run(async { try_join!(async { Err::<Infallible, _>(1) }, async { Ok(2) }) }),
            Err(1)
        );
        assert_eq!(
            run(async { try_join!(async { Ok::<_, Infallible>(1) }) }),
            Ok((1,))
        );
        let mut waiting = pin!(async { join!(ready(1), pending::<Infallible>()) });
        let polled = waiting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
    }

    #[test]
    fn branches_may_share_and_borrow() {
        let shared = Rc::new(RefCell::new(Vec::new()));
        let mut own = 0;
        run(async {
            join!(async { shared.borrow_mut().push(1) }, async {
                own += 1;
                shared.borrow_mut().push(2);
            });
        });
        assert_eq!((&*shared.borrow(), own), (&vec![1, 2], 1));
    }

    watched! {
        fn borrowing_branches_in_a_task() {
            multi_thread().block_on(async {
                selvedge::spawn(async {
                    let text = String::from("warp and weft");
                    let words = text.split(' ');
                    let (first, count) = join!(
                        async { yield_now().await; text.split(' ').next() },
                        async { yield_now().await; words.count() },
                    );
                    assert_eq!((first, count), (Some("warp"), 3));
                    let same = try_join!(async { yield_now().await; Ok::<&str, &str>(&text) });
                    assert_eq!(same, Ok((&*text,)));
                }).await.unwrap();
            });
        }
    }
}

mod turns {
    use super::*;

    /// The order in which three branches are polled, in four polls.
    macro_rules! polled {
        ($join:ident!($($order:tt)*)) => {{
            let polled = RefCell::new(Vec::new());
            let branch = |name| {
                let polled = &polled;
                async move {
                    for _ in 0..4 {
                        polled.borrow_mut().push(name);
                        after(1, ()).await;
                    }
                    Ok::<(), ()>(())
                }
            };
            let _ = run(async { $join!($($order)* branch('a'), branch('b'), branch('c')) });
            polled.into_inner().into_iter().collect::<String>()
        }};
    }

    #[test]
    fn another_branch_is_first_in_each_poll() {
        assert_eq!(polled!(join!()), "abcbcacababc");
        assert_eq!(polled!(try_join!()), "abcbcacababc");
    }

    #[test]
    fn biased_keeps_the_order() {
        assert_eq!(polled!(join!(biased;)), "abcabcabcabc");
        assert_eq!(polled!(try_join!(biased;)), "abcabcabcabc");
    }
}

/// Uses up the budget again and again. Each unit is independent of what others wait for, as a queue is not.
async fn greedy(units: usize) {
    for _ in 0..units {
        consume_budget().await;
    }
}

// The branches share the budget of their task. If the same one is polled first each time, it uses all of it, and the
// others are not done before it is.
both_flavors! {
    fn r_162_the_branches_after_the_first_are_not_starved(flavor) {
        flavor.build().block_on(async {
            selvedge::spawn(async {
                let first_left = AtomicUsize::new(100_000);
                let ((), left) = join!(
                    async {
                        while first_left.load(Ordering::Relaxed) > 0 {
                            greedy(1).await;
                            first_left.fetch_sub(1, Ordering::Relaxed);
                        }
                    },
                    async {
                        greedy(5_000).await;
                        first_left.load(Ordering::Relaxed)
                    },
                );
                assert!(left > 80_000, "the second waited until the first had only {left} rounds left");
            }).await.unwrap();
        });
    }

    fn r_162_of_try_join_neither(flavor) {
        flavor.build().block_on(async {
            let task = selvedge::spawn(async move {
                try_join!(
                    async { greedy(usize::MAX).await; Ok::<(), _>(()) },
                    async { greedy(1_000).await; Err::<(), _>("enough") },
                )
            });
            assert_eq!(task.await.unwrap(), Err("enough"));
        });
    }
}

mod ends {
    use super::*;

    #[test]
    fn the_first_error_drops_the_others() {
        let drops = Drops::new();
        let (done, waiting) = (drops.counted(), drops.counted());
        let result = run(async {
            let result = try_join!(
                async { Ok::<_, String>(done) },
                async {
                    let _held = waiting;
                    pending::<Result<(), String>>().await
                },
                async {
                    after(3, ()).await;
                    Err::<(), _>("late".to_owned())
                },
            );
            assert_eq!(drops.count(), 2, "gone before the value is used");
            result.map(drop)
        });
        assert_eq!(result, Err("late".to_owned()));
    }

    #[test]
    fn branches_after_the_error_are_not_polled() {
        let result = run(async {
            try_join!(
                err::<()>("now"),
                poll_fn(|_| -> Poll<Result<(), String>> { panic!("polled") })
            )
        });
        assert_eq!(result, Err("now".to_owned()));
    }

    #[test]
    fn a_future_is_dropped_when_it_completes() {
        let drops = Drops::new();
        let held = drops.counted();
        run(async {
            join!(
                poll_fn(move |_| {
                    let _held = &held;
                    Poll::Ready(())
                }),
                poll_fn(|_| match drops.count() {
                    0 => panic!("kept until the end"),
                    _ => Poll::Ready(()),
                }),
            )
        });
    }

    #[test]
    fn a_complete_future_is_not_polled_again() {
        let mut polls = 0;
        let once = poll_fn(|_| {
            polls += 1;
            Poll::Ready(())
        });
        run(async { join!(once, after(10, ())) });
        assert_eq!(polls, 1);
    }

    #[test]
    fn a_panic_drops_the_others_and_their_outputs() {
        let drops = Drops::new();
        let (done, waiting) = (drops.counted(), drops.counted());
        let message = panic_of(|| {
            run(async {
                join!(
                    async { done },
                    async {
                        let _held = waiting;
                        pending::<()>().await;
                    },
                    async { panic!("in a branch") },
                )
            })
        });
        assert_eq!((message.as_str(), drops.count()), ("in a branch", 2));
    }

    #[test]
    fn a_dropped_join_drops_everything() {
        let drops = Drops::new();
        let (done, waiting) = (drops.counted(), drops.counted());
        {
            let mut join = pin!(async {
                join!(async { done }, async {
                    let _held = waiting;
                    pending::<()>().await;
                })
            });
            assert!(
                join.as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
            assert_eq!(drops.count(), 0);
        }
        assert_eq!(drops.count(), 2);
    }

    watched! {
        fn each_branch_is_woken_by_what_it_waits_for() {
            current_thread().block_on(async {
                let ((a, ar), (b, br)) = (oneshot::channel(), oneshot::channel());
                let both = selvedge::spawn(async { try_join!(ar, br) });
                yield_now().await;
                b.send(2).unwrap();
                yield_now().await;
                assert!(!both.is_finished());
                a.send(1).unwrap();
                assert_eq!(both.await.unwrap(), Ok((1, 2)));
            });
        }
    }
}

/// What compiles here does so in a crate that denies all it can.
#[deny(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    unused,
    unreachable_code,
    nonstandard_style
)]
mod strict {
    use super::*;

    #[test]
    fn without_warnings() {
        run(async {
            let (one, ()) = join!(ready(1), yield_now());
            join!(yield_now());
            let (two,) = try_join!(ready(Ok::<_, ()>(one + 1)))?;
            assert_eq!(two, 2);
            Ok::<_, ()>(())
        })
        .unwrap();
    }
}
