//! Trees of tokens, guards, and futures that run until a token is cancelled.

use std::future::poll_fn;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use super::*;
use crate::context::{self, Budget};
use crate::counting_waker::{CountingWaker, idle_context};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut idle_context())
}

#[test]
fn cancelling_goes_down_and_not_up() {
    let root = CancellationToken::new();
    let (left, right) = (root.child_token(), root.child_token());
    let below = left.child_token();
    left.cancel();
    left.cancel();
    let states = [&root, &left, &right, &below].map(CancellationToken::is_cancelled);
    assert_eq!(states, [false, true, false, true]);
    assert!(left.child_token().is_cancelled());
    let late = right.clone().child_token();
    root.cancel();
    assert!(right.is_cancelled() && late.is_cancelled());
    assert_eq!(
        format!("{root:?}"),
        "CancellationToken { is_cancelled: true }"
    );
}

#[test]
fn children_outlive_the_handles_between() {
    let root = CancellationToken::default();
    let between = root.child_token();
    let leaves = [between.child_token(), between.child_token()];
    drop(between);
    root.cancel();
    assert!(leaves.iter().all(CancellationToken::is_cancelled));

    let root = CancellationToken::new();
    let child = root.child_token();
    drop(root);
    assert!(!child.is_cancelled(), "dropping is not cancelling");
    child.cancel();
    assert!(child.is_cancelled());
}

#[test]
fn waits_of_all_tokens_below_are_released() {
    let root = CancellationToken::new();
    let child = root.child_token();
    let (count, waker) = CountingWaker::pair();
    let mut cx = Context::from_waker(&waker);
    let mut borrowed = pin!(child.cancelled());
    let mut owned = Box::pin(root.child_token().cancelled_owned());
    assert!(borrowed.as_mut().poll(&mut cx).is_pending());
    assert!(owned.as_mut().poll(&mut cx).is_pending());
    root.cancel();
    assert_eq!(count.wakes(), 2);
    assert!(poll(borrowed.as_mut()).is_ready());
    assert!(poll(owned.as_mut()).is_ready());
    assert!(poll(borrowed).is_ready(), "complete futures stay complete");
}

#[test]
fn an_owned_wait_is_a_handle() {
    let root = CancellationToken::new();
    let mut wait = Box::pin(root.child_token().cancelled_owned());
    assert!(poll(wait.as_mut()).is_pending());
    root.cancel();
    assert!(poll(wait.as_mut()).is_ready(), "still in the tree");
}

#[test]
fn nodes_end_with_their_handles() {
    let root = CancellationToken::new();
    let child = root.child_token();
    let (root_node, node) = (Arc::downgrade(&root.node), Arc::downgrade(&child.node));
    drop(child.clone());
    assert_eq!(node.strong_count(), 2, "a token and the tree");
    drop(child);
    assert_eq!(node.strong_count(), 0);
    let child = root.child_token();
    root.cancel();
    assert_eq!(Arc::strong_count(&child.node), 1, "out of the tree");
    drop((root, child));
    assert_eq!(root_node.strong_count(), 0);
}

#[test]
fn guards_cancel_unless_disarmed() {
    let token = CancellationToken::new();
    let kept = token.clone().drop_guard().disarm();
    assert!(!kept.is_cancelled());
    assert!(!token.drop_guard_ref().disarm().is_cancelled());
    let child = token.child_token();
    drop(child.drop_guard_ref());
    assert!(child.is_cancelled() && !token.is_cancelled());
    drop(kept.drop_guard());
    assert!(token.is_cancelled());
}

#[test]
fn futures_run_until_they_are_cancelled() {
    let token = CancellationToken::new();
    assert_eq!(
        poll(pin!(token.run_until_cancelled(async { 1 }))),
        Poll::Ready(Some(1))
    );
    let (count, waker) = CountingWaker::pair();
    let mut never = pin!(token.run_until_cancelled(std::future::pending::<()>()));
    let mut cx = Context::from_waker(&waker);
    assert!(never.as_mut().poll(&mut cx).is_pending());
    let mut both =
        pin!(
            token
                .clone()
                .run_until_cancelled_owned(poll_fn(|_| if token.is_cancelled() {
                    Poll::Ready(2)
                } else {
                    Poll::Pending
                }))
        );
    assert!(poll(both.as_mut()).is_pending());
    token.cancel();
    assert_eq!(count.wakes(), 1);
    assert_eq!(poll(never), Poll::Ready(None));
    assert_eq!(poll(both), Poll::Ready(Some(2)), "the output counts");
    let unpolled = poll_fn(|_| -> Poll<()> { unreachable!("the token was cancelled before") });
    assert_eq!(
        poll(pin!(token.run_until_cancelled(unpolled))),
        Poll::Ready(None)
    );
}

#[test]
fn r_162_a_future_that_uses_up_the_budget_can_be_cancelled() {
    let token = CancellationToken::new();
    let greedy = poll_fn(|cx| {
        while let Poll::Ready(unit) = context::poll_proceed(cx) {
            unit.made_progress();
        }
        Poll::<()>::Pending
    });
    let mut run = pin!(token.run_until_cancelled(greedy));
    for cancelled in [false, true] {
        if cancelled {
            token.cancel();
        }
        let polled = context::with_budget(Budget::initial(), || poll(run.as_mut()));
        assert_eq!(polled.is_ready(), cancelled);
    }
}

#[test]
fn r_106_the_waker_of_the_last_poll_is_woken() {
    let token = CancellationToken::new();
    let mut wait = pin!(token.cancelled());
    let (first, first_waker) = CountingWaker::pair();
    let (second, second_waker) = CountingWaker::pair();
    for waker in [&first_waker, &second_waker] {
        let mut cx = Context::from_waker(waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
    }
    token.cancel();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
    assert!(poll(wait).is_ready());
}

#[test]
fn deep_trees_are_cancelled_and_dropped_without_recursion() {
    const DEPTH: usize = 100_000;
    let chain = || {
        let mut tokens = vec![CancellationToken::new()];
        for depth in 1..DEPTH {
            let child = tokens[depth - 1].child_token();
            tokens.push(child);
        }
        tokens
    };
    // On a stack that a recursion would not fit in; quadratic work would not end.
    let small = std::thread::Builder::new().stack_size(64 * 1024);
    let small = small.spawn(move || {
        let tokens = chain();
        let (count, waker) = CountingWaker::pair();
        let mut wait = Box::pin(tokens[DEPTH - 1].cancelled());
        assert!(
            wait.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        tokens[0].cancel();
        assert_eq!(count.wakes(), 1);
        assert!(tokens.iter().all(CancellationToken::is_cancelled));

        let mut tokens = chain();
        let last = tokens.pop();
        drop(tokens);
        drop(last);
        let tokens = chain();
        for token in tokens.into_iter().rev() {
            drop(token);
        }
    });
    small.unwrap().join().unwrap();
}

#[test]
fn the_types_can_cross_threads() {
    fn check<T: Send + Sync>() {}
    fn check_unwind<T: UnwindSafe + RefUnwindSafe>() {}
    check::<CancellationToken>();
    check::<WaitForCancellationFuture<'_>>();
    check::<WaitForCancellationFutureOwned>();
    check::<DropGuard>();
    check::<DropGuardRef<'_>>();
    check_unwind::<CancellationToken>();
}
