//! `select!`: its grammar, which branch wins, and what becomes of the others.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn, ready};
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use selvedge::select;
use selvedge::sync::mpsc;
use selvedge::task::coop;

use crate::support::{Drops, Flag, both_flavors, current_thread, multi_thread, panic_of, watched};

/// Rounds in the tests of fairness.
const ROUNDS: usize = 10_000;

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

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Ready at the second poll.
async fn in_a_moment<T>(value: T) -> T {
    let mut is_first = true;
    poll_fn(|_| match std::mem::take(&mut is_first) {
        true => Poll::Pending,
        false => Poll::Ready(()),
    })
    .await;
    value
}

mod grammar {
    use super::*;

    #[test]
    fn handlers_with_and_without_commas() {
        let numbers = run(async {
            [
                select! { it = ready(1) => it },
                select! { it = ready(2) => it, },
                select! { it = ready(3) => { it } },
                select! { it = ready(4) => { it }, },
                select! {
                    it = ready(5), if true => { it }
                    _ = pending::<()>() => { 0 }
                    _ = pending::<()>(), if false => 0,
                    else => 0
                },
                select!(biased; it = ready(6) => it, else => 0,),
            ]
        });
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn else_alone() {
        assert_eq!(
            run(async {
                select! { else => 1 }
            }),
            1
        );
        assert_eq!(
            run(async {
                select! { biased; else => 2, }
            }),
            2
        );
    }

    #[test]
    fn nested_in_handlers_and_in_futures() {
        let sum = run(async {
            select! {
                outer = async { select! { it = ready(1) => it } } => select! {
                    inner = ready(2) => inner + outer,
                },
            }
        });
        assert_eq!(sum, 3);
    }

    #[test]
    fn patterns() {
        struct Point {
            x: i32,
            y: i32,
        }
        const NINE: i32 = 9;
        run(async {
            select! { mut it = ready(String::new()) => { it.push('a'); assert_eq!(it, "a"); } }
            select! { ref it = ready(String::new()) => assert!(it.is_empty()) }
            select! { Some(ref mut it) = ready(Some(1)) => { *it += 1; assert_eq!(*it, 2); } }
            select! { Some(mut it) = ready(Some(String::new())) => { it.push('b'); drop(it); } }
            select! { whole @ Some(_) = ready(Some(String::new())) => assert!(whole.is_some()) }
            select! { Point { x, mut y } = ready(Point { x: 1, y: 2 }) => { y += x; assert_eq!(y, 3); } }
            select! { Ok(it) | Err(it) = ready(Err::<i32, i32>(4)) => assert_eq!(it, 4) }
            select! { &it = ready(&5) => assert_eq!(it, 5) }
            select! { (6..=8 | NINE, _) = ready((NINE, ())) => {} }
            select! { [first, .., last] = ready([1, 2, 3]) => assert_eq!(first + last, 4) }
            select! { [only] = ready([1]) => assert_eq!(only, 1) }
            select! { [ref first, ref mut rest @ ..] = ready([1, 2]) => { rest[0] += *first; } }
            select! { () = ready(()) => {} }
            let boxed: Box<dyn Fn() -> i32> = select! { it = ready(Box::new(|| 7)) => it };
            assert_eq!(boxed(), 7);
        });
    }

    #[expect(
        clippy::just_underscores_and_digits,
        reason = "the expansion has such names"
    )]
    #[test]
    fn names_of_the_caller_are_left_alone() {
        // None of these is what the expansion means by its own names.
        let (output, disabled, branches, is_match, _0) = (1, 2, 3, 4, 5);
        let sum = run(async {
            select! {
                whole = ready(output), if disabled == 2 => whole + disabled + branches + is_match + _0,
            }
        });
        assert_eq!(sum, 15);
    }

    #[test]
    fn through_other_names() {
        mod facade {
            pub(crate) mod tokio {
                pub(crate) use ::selvedge::*;
            }
        }
        #[expect(unused_imports, reason = "that it hides the crate is the point")]
        use std as selvedge;
        let sum = run(async {
            facade::tokio::pin! { let three = async { 3 }; }
            let (one,) = facade::tokio::join!(ready(1));
            let (two,) = facade::tokio::try_join!(ready(Ok::<_, ()>(2))).unwrap();
            facade::tokio::select! { it = &mut three => it + one + two }
        });
        assert_eq!(sum, 6);
    }

    #[test]
    fn whatever_becomes_a_future() {
        struct Later;
        impl IntoFuture for Later {
            type Output = i32;
            type IntoFuture = std::future::Ready<i32>;
            fn into_future(self) -> Self::IntoFuture {
                ready(1)
            }
        }
        assert_eq!(
            run(async {
                select! { it = Later => it }
            }),
            1
        );
    }

    macro_rules! sixty_four {
        ($future:expr, $($rest:tt)*) => {
            select! {
                $($rest)*
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                it = $future => it, it = $future => it, it = $future => it, it = $future => it,
                else => 0,
            }
        };
    }

    watched! {
        fn sixty_four_branches_in_a_task() {
            multi_thread().block_on(async {
                // Each is taken once; then all of them are disabled.
                let task = selvedge::spawn(async {
                    let left = AtomicUsize::new(64);
                    let sum = sixty_four!(async {
                        selvedge::task::yield_now().await;
                        left.fetch_sub(1, Ordering::Relaxed)
                    }, biased;);
                    let polled = AtomicUsize::new(0);
                    let fair = sixty_four!(async { polled.fetch_add(1, Ordering::Relaxed); 1 }, );
                    (sum, fair, polled.into_inner())
                });
                assert_eq!(task.await.unwrap(), (64, 1, 1));
            });
        }
    }
}

mod order {
    use super::*;

    #[test]
    fn preconditions_then_futures_then_polls() {
        let log = RefCell::new(Vec::new());
        let say = |what: &'static str| log.borrow_mut().push(what);
        let future = |made, polled| {
            say(made);
            let say = &say;
            async move { say(polled) }
        };
        run(async {
            select! {
                biased;
                () = future("make 1", "poll 1"), if { say("if 1"); false } => unreachable!(),
                None = future("make 2", "poll 2").map_to_some() => unreachable!(),
                _ = future("make 3", "poll 3"), if { say("if 3"); true } => say("handler 3"),
                _ = future("make 4", "poll 4") => unreachable!(),
            }
        });
        assert_eq!(
            *log.borrow(),
            [
                "if 1",
                "if 3",
                "make 1",
                "make 2",
                "make 3",
                "make 4",
                "poll 2",
                "poll 3",
                "handler 3"
            ]
        );
    }

    /// `Some` of the output.
    trait MapToSome: Future + Sized {
        async fn map_to_some(self) -> Option<Self::Output> {
            Some(self.await)
        }
    }

    impl<F: Future> MapToSome for F {}

    #[test]
    fn preconditions_may_borrow_one_after_the_other() {
        let cell = RefCell::new(1);
        run(async {
            select! {
                _ = ready(()), if { *cell.borrow_mut() += 1; *cell.borrow() } == 2 => {}
                _ = ready(()), if { *cell.borrow_mut() += 1; true } => {}
            }
        });
        assert_eq!(*cell.borrow(), 3);
    }

    #[test]
    fn futures_are_gone_when_the_handler_runs() {
        let drops = Drops::new();
        let (first, second) = (drops.counted(), drops.counted());
        run(async {
            select! {
                _ = in_a_moment(()) => assert_eq!(drops.count(), 2),
                () = async { let _it = first; pending().await } => unreachable!(),
                () = async { let _it = second; pending().await }, if false => unreachable!(),
            }
        });
        let third = drops.counted();
        run(async {
            select! {
                Some(()) = async { let _it = third; None } => unreachable!(),
                else => assert_eq!(drops.count(), 3),
            }
        });
    }

    #[test]
    fn an_output_that_does_not_match_is_dropped_at_once() {
        let drops = Drops::new();
        let refused = drops.counted();
        run(async {
            select! {
                biased;
                (None::<()>, _) = ready((Some(()), refused)) => unreachable!(),
                () = poll_fn(|_| { assert_eq!(drops.count(), 1); Poll::Ready(()) }) => {}
            }
        });
    }

    #[test]
    fn the_handler_uses_what_the_futures_borrowed() {
        async fn borrow(_: &mut i32) {
            pending().await
        }
        let mut value = 1;
        run(async {
            select! {
                _ = borrow(&mut value) => value += 10,
                _ = ready(()) => value += 100,
                else => value += 1_000,
            }
        });
        assert_eq!(value, 101);
    }

    #[test]
    fn temporaries_live_as_long_as_the_futures() {
        run(async {
            select! {
                () = &mut ready(()) => {}
                () = &mut Box::pin(pending::<()>()) => {}
            }
        });
    }

    #[test]
    fn a_dropped_select_drops_its_futures() {
        let drops = Drops::new();
        let held = drops.counted();
        let waiting = poll_once(async {
            select! {
                () = async { let _it = held; pending().await } => {}
                _ = pending::<()>() => {}
            }
        });
        assert!(waiting.is_pending());
        assert_eq!(drops.count(), 1);
    }

    #[test]
    fn a_panic_in_a_future_drops_the_others() {
        let drops = Drops::new();
        let held = drops.counted();
        let message = panic_of(|| {
            run(async {
                select! {
                    biased;
                    () = async { let _it = held; pending().await } => {}
                    () = async { panic!("in a branch") } => {}
                }
            });
        });
        assert_eq!(message, "in a branch");
        assert_eq!(drops.count(), 1);
    }
}

mod leaving {
    use super::*;

    async fn by_question_mark(value: Result<i32, String>) -> Result<i32, String> {
        let it = select! { it = ready(value) => it? };
        Ok(it + 1)
    }

    async fn by_return() -> i32 {
        select! {
            it = ready(1) => return it,
            _ = pending::<()>() => {}
        }
        2
    }

    #[test]
    fn with_return_and_question_mark() {
        assert_eq!(run(by_question_mark(Ok(1))), Ok(2));
        assert_eq!(
            run(by_question_mark(Err("no".to_owned()))),
            Err("no".to_owned())
        );
        assert_eq!(run(by_return()), 1);
    }

    #[test]
    fn with_break_and_continue() {
        let rounds = run(async {
            let mut rounds = 0;
            'outer: loop {
                loop {
                    rounds += 1;
                    select! {
                        _ = ready(()), if rounds == 1 => continue,
                        _ = ready(()), if rounds == 2 => break,
                        it = ready(rounds), if rounds == 3 => assert_eq!(it, 3),
                        else => break 'outer rounds,
                    }
                }
            }
        });
        assert_eq!(rounds, 4);
    }

    #[test]
    fn from_a_future_and_a_precondition() {
        async fn first_even(numbers: &[Option<u32>]) -> Option<u32> {
            for number in numbers {
                select! {
                    it = ready((*number)?), if (*number)? % 2 == 0 => return Some(it),
                    else => {}
                }
            }
            Some(0)
        }
        assert_eq!(run(first_even(&[Some(1), Some(2), None])), Some(2));
        assert_eq!(run(first_even(&[Some(1), None])), None);
        assert_eq!(run(first_even(&[Some(1)])), Some(0));
    }

    #[test]
    fn handlers_preconditions_and_expressions_may_wait() {
        let sum = run(async {
            select! {
                it = ready(in_a_moment(1).await), if in_a_moment(true).await => in_a_moment(it + 1).await,
            }
        });
        assert_eq!(sum, 2);
    }
}

mod disabling {
    use super::*;

    #[test]
    fn a_complete_future_is_not_polled_again() {
        let mut polls = 0;
        let once = poll_fn(|_| {
            polls += 1;
            assert_eq!(polls, 1);
            Poll::Ready(None::<()>)
        });
        let it = run(async {
            select! {
                Some(()) = once => unreachable!(),
                it = async { for _ in 0..10 { in_a_moment(()).await; } 7 } => it,
            }
        });
        assert_eq!(it, 7);
    }

    #[test]
    fn a_false_precondition_keeps_a_future_from_being_polled() {
        let never = poll_fn(|_| -> Poll<()> { panic!("polled") });
        run(async {
            select! {
                () = never, if false => unreachable!(),
                () = in_a_moment(()) => {}
            }
        });
    }

    #[test]
    fn nothing_left_without_else() {
        let message = panic_of(|| {
            run(async {
                select! {
                    Some(()) = ready(None) => {}
                }
            });
        });
        assert!(message.contains("all branches"), "{message}");
        assert!(message.contains("add `else => ...`"), "{message}");
    }

    #[test]
    fn the_next_round_begins_with_all() {
        let (tx, mut rx) = mpsc::channel(4);
        for it in [Some(1), None, Some(2)] {
            tx.try_send(it).unwrap();
        }
        let seen = run(async {
            let mut seen = Vec::new();
            for _ in 0..3 {
                select! {
                    Some(Some(it)) = rx.recv() => seen.push(it),
                    else => seen.push(0),
                }
            }
            seen
        });
        assert_eq!(seen, [1, 0, 2]);
    }
}

mod fairness {
    use super::*;

    /// How often each of four branches that are always ready is taken.
    async fn wins(rounds: usize) -> [usize; 4] {
        let mut wins = [0; 4];
        for _ in 0..rounds {
            select! {
                _ = ready(()) => wins[0] += 1,
                _ = ready(()) => wins[1] += 1,
                _ = ready(()) => wins[2] += 1,
                _ = ready(()) => wins[3] += 1,
            }
        }
        wins
    }

    /// With so many standard deviations from the mean, chance does not fail the test.
    #[track_caller]
    fn assert_even(wins: [usize; 4], rounds: usize) {
        let mean = rounds / 4;
        let deviation = (rounds as f64 * 0.25 * 0.75).sqrt();
        let least = mean - (8.0 * deviation) as usize;
        assert!(
            wins.iter().all(|&it| it > least),
            "{wins:?}, {least} at least"
        );
    }

    both_flavors! {
        fn all_branches_win(flavor) {
            flavor.build().block_on(async {
                assert_even(wins(ROUNDS).await, ROUNDS);
                assert_even(selvedge::spawn(wins(ROUNDS)).await.unwrap(), ROUNDS);
            });
        }

        fn two_channels_that_are_never_empty(flavor) {
            flavor.build().block_on(async {
                let counts = selvedge::spawn(async {
                    let ((a, mut ar), (b, mut br)) = (mpsc::channel(4), mpsc::channel(4));
                    let (mut from_a, mut from_b) = (0, 0);
                    a.try_send(()).unwrap();
                    b.try_send(()).unwrap();
                    for _ in 0..ROUNDS {
                        select! {
                            Some(()) = ar.recv() => { from_a += 1; a.try_send(()).unwrap(); }
                            Some(()) = br.recv() => { from_b += 1; b.try_send(()).unwrap(); }
                        }
                    }
                    [from_a, from_b]
                }).await.unwrap();
                assert!(counts.iter().all(|&it| it > ROUNDS / 2 - 400), "{counts:?}");
            });
        }
    }

    #[test]
    fn without_a_runtime() {
        assert_even(run(wins(ROUNDS)), ROUNDS);
    }

    #[test]
    fn a_disabled_branch_does_not_favour_its_neighbour_for_ever() {
        let mut wins = [0; 2];
        run(async {
            for _ in 0..ROUNDS {
                select! {
                    _ = ready(()), if false => unreachable!(),
                    _ = ready(()) => wins[0] += 1,
                    _ = ready(()) => wins[1] += 1,
                }
            }
        });
        // A third and two thirds.
        assert!(wins.iter().all(|&it| it > ROUNDS / 3 - 400), "{wins:?}");
    }

    #[test]
    fn biased_takes_the_first() {
        run(async {
            for _ in 0..1_000 {
                select! {
                    biased;
                    _ = pending::<()>() => unreachable!(),
                    _ = ready(()) => {}
                    _ = ready(()) => unreachable!(),
                }
            }
        });
    }

    #[test]
    fn each_poll_begins_elsewhere() {
        let first = Cell::new(None);
        let mut firsts = [0; 2];
        let note = |branch| {
            if first.get().is_none() {
                first.set(Some(branch));
            }
            Poll::<()>::Pending
        };
        let mut waiting = pin!(async {
            select! {
                () = poll_fn(|_| note(0)) => {}
                () = poll_fn(|_| note(1)) => {}
            }
        });
        for _ in 0..1_000 {
            assert!(
                waiting
                    .as_mut()
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_pending()
            );
            firsts[first.take().unwrap()] += 1;
        }
        assert!(firsts.iter().all(|&it| it > 300), "{firsts:?}");
    }
}

// Branches that charge the budget return `Pending` without it, so that others, which do not, always won; and
// a loop around a `select!` that is always ready never let other tasks run.
both_flavors! {
    fn r_162_select_lets_others_run_when_the_budget_is_used_up(flavor) {
        flavor.build().block_on(async {
            selvedge::spawn(async {
                while coop::has_budget_remaining() {
                    coop::consume_budget().await;
                }
                let mut polls = 0;
                let taken = {
                    let mut select = pin!(async {
                        select! {
                            biased;
                            () = coop::consume_budget() => "charged",
                            () = ready(()) => "free",
                        }
                    });
                    poll_fn(|cx| { polls += 1; select.as_mut().poll(cx) }).await
                };
                assert_eq!((taken, polls), ("charged", 2));
            }).await.unwrap();
        });
    }

    fn r_162_a_loop_around_select_does_not_starve_other_tasks(flavor) {
        flavor.build().block_on(async {
            let stop = Flag::new();
            let stopped = stop.clone();
            let looping = selvedge::spawn(async move {
                let (tx, mut rx) = mpsc::channel(4);
                while !stopped.is_set() {
                    tx.try_send(()).unwrap();
                    select! {
                        biased;
                        Some(()) = rx.recv() => {}
                        () = pending() => unreachable!(),
                    }
                }
            });
            // On one thread it runs only if the loop lets it.
            selvedge::spawn(async move { stop.set() }).await.unwrap();
            looping.await.unwrap();
        });
    }
}

both_flavors! {
    fn no_message_is_lost_between_two_channels(flavor) {
        flavor.build().block_on(async {
            const MESSAGES: u64 = 2_000;
            let ((a, mut ar), (b, mut br)) = (mpsc::channel(3), mpsc::channel(1));
            for tx in [a, b] {
                selvedge::spawn(async move {
                    for it in 1..=MESSAGES {
                        tx.send(it).await.unwrap();
                    }
                });
            }
            let mut sum = 0;
            loop {
                select! {
                    Some(it) = ar.recv() => sum += it,
                    Some(it) = br.recv() => sum += it,
                    else => break,
                }
            }
            assert_eq!(sum, MESSAGES * (MESSAGES + 1));
        });
    }
}

watched! {
    fn futures_by_reference_go_on_in_the_next_round() {
        current_thread().block_on(async {
            let polls = Cell::new(0);
            let slow = poll_fn(|cx| {
                polls.set(polls.get() + 1);
                cx.waker().wake_by_ref();
                if polls.get() < 100 { Poll::Pending } else { Poll::Ready(polls.get()) }
            });
            selvedge::pin!(slow);
            let mut rounds = 0;
            let it = loop {
                select! {
                    biased;
                    it = &mut slow => break it,
                    _ = ready(()) => rounds += 1,
                }
            };
            assert_eq!((it, rounds), (100, 99));
        });
    }

    fn what_is_not_send_may_be_selected() {
        current_thread().block_on(async {
            let shared = Rc::new(Cell::new(1));
            select! {
                it = async { Rc::clone(&shared) } => it.set(2),
                () = pending() => {}
            }
            assert_eq!(shared.get(), 2);
        });
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

    async fn never() -> ! {
        pending().await
    }

    const fn is_send<F: Future + Send>(future: F) -> F {
        future
    }

    async fn borrowed(text: &str, number: &mut u32) -> ControlFlow<()> {
        select! {
            _ = never() => *number = 0,
            _ = selvedge::task::yield_now(), if text.is_empty() && *number > 1 => {}
            Some(mut found) = async { text.chars().next() } => {
                if found == 'b' {
                    found = 'a';
                }
                *number = u32::from(found);
            }
            (a, ref mut b) = async { (text, *number) }, if text == "x" => *b += u32::from(a.len() == 1),
            else => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    #[test]
    fn without_warnings_and_send() {
        let mut number = 1;
        assert!(run(is_send(borrowed("b", &mut number))).is_continue());
        assert_eq!(number, u32::from('a'));
        let broke = run(is_send(async {
            select! { Some(()) = ready(None) => false, else => true }
        }));
        assert!(broke);
    }
}
