//! The future that `select!` awaits: polls its branches until one completes with a value that is accepted.
//!
//! # Invariants
//!
//! I1. A branch is polled only while its bit in `disabled` is clear. The bit is set by a precondition that is
//!     false, before the first poll, and when the branch completes. So no future is polled after its end, and
//!     none whose precondition is false is ever polled.
//! I2. In one poll each enabled branch is polled at most once, until one is accepted.
//!
//! # Why it is woken
//!
//! `Pending` is returned in two cases. Without budget, the task is woken at once. Otherwise each branch that
//! is enabled was polled with this task's waker and returned `Pending`: it will wake the task, or nothing that this
//! `select!` waits for can happen.
//!
//! # Fairness
//!
//! The branch to begin with is drawn anew in each poll. Without budget no branch is polled: those that charge it
//! would return `Pending`, and those that do not would win every time.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use selvedge_sync::context as task_context;

use crate::context;
use crate::macros::chain::{Chain, Empty, Growing};

/// As many as there are bits.
const BRANCHES_MAX: u32 = u64::BITS;

pin_project! {
    /// A future, and what decides whether its output is accepted.
    #[derive(Debug)]
    pub struct Branch<F, A> {
        #[pin]
        future: F,
        accept: A,
    }
}

impl<C> Growing<C> {
    /// One more branch. What `accept` makes of the future's output ends the `select!`; `None` disables the
    /// branch.
    #[inline]
    pub fn or<F, A, O>(self, future: F, accept: A) -> Growing<Chain<C, Branch<F::IntoFuture, A>>>
    where
        F: IntoFuture,
        A: FnMut(F::Output) -> Option<O>,
    {
        let future = future.into_future();
        self.then(Branch { future, accept })
    }
}

/// Branches that all end in an `O`.
pub trait Branches<O> {
    /// How many.
    const COUNT: u32;

    /// Polls, in their order, the branches whose bits are set in `open`, until one is accepted. Sets the bits of
    /// those that complete in `disabled`.
    fn poll_open(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        open: u64,
        disabled: &mut u64,
    ) -> Option<O>;
}

impl<O> Branches<O> for Empty {
    const COUNT: u32 = 0;

    #[inline]
    fn poll_open(self: Pin<&mut Self>, _: &mut Context<'_>, _: u64, _: &mut u64) -> Option<O> {
        None
    }
}

impl<O, P, F, A> Branches<O> for Chain<P, Branch<F, A>>
where
    P: Branches<O>,
    F: Future,
    A: FnMut(F::Output) -> Option<O>,
{
    const COUNT: u32 = P::COUNT + 1;

    #[inline]
    fn poll_open(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        open: u64,
        disabled: &mut u64,
    ) -> Option<O> {
        let this = self.project();
        let found = this.before.poll_open(cx, open, disabled);
        let bit = 1 << P::COUNT;
        if found.is_some() || open & bit == 0 {
            return found;
        }
        let branch = this.last.project();
        let Poll::Ready(output) = branch.future.poll(cx) else {
            return None;
        };
        *disabled |= bit;
        (branch.accept)(output)
    }
}

/// The bits of the branches whose preconditions are false.
#[inline]
pub fn closed<const COUNT: usize>(preconditions: [bool; COUNT]) -> u64 {
    let mut bits = 0;
    for (index, is_enabled) in preconditions.into_iter().enumerate() {
        bits |= u64::from(!is_enabled) << index;
    }
    bits
}

/// Begins with another branch in each poll, by chance.
#[inline]
pub fn fair<O, B: Branches<O>>(branches: Pin<&mut B>, disabled: u64) -> Select<'_, B, O, false> {
    Select::new(branches, disabled)
}

/// Polls the branches in their order.
#[inline]
pub fn biased<O, B: Branches<O>>(branches: Pin<&mut B>, disabled: u64) -> Select<'_, B, O, true> {
    Select::new(branches, disabled)
}

/// Waits for the first of its branches. `None` if all of them are disabled.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Select<'a, B, O, const IS_BIASED: bool> {
    branches: Pin<&'a mut B>,
    disabled: u64,
    output: PhantomData<fn() -> O>,
}

impl<'a, B: Branches<O>, O, const IS_BIASED: bool> Select<'a, B, O, IS_BIASED> {
    #[inline]
    fn new(branches: Pin<&'a mut B>, disabled: u64) -> Self {
        const { assert!(B::COUNT <= BRANCHES_MAX) };
        Self {
            branches,
            disabled,
            output: PhantomData,
        }
    }
}

impl<B: Branches<O>, O, const IS_BIASED: bool> Future for Select<'_, B, O, IS_BIASED> {
    type Output = Option<O>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<O>> {
        if !task_context::budget().has_remaining() {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let this = &mut *self;
        let start = if IS_BIASED || B::COUNT < 2 {
            0
        } else {
            context::random_below(B::COUNT)
        };
        let first_turn = u64::MAX << start;
        for turn in [first_turn, !first_turn] {
            let open = turn & !this.disabled;
            let branches = this.branches.as_mut();
            let found = branches.poll_open(cx, open, &mut this.disabled);
            if found.is_some() {
                return Poll::Ready(found);
            }
        }
        if this.disabled.count_ones() == B::COUNT {
            return Poll::Ready(None);
        }
        Poll::Pending
    }
}

/// Ends a `select!` that has nothing left to wait for.
#[cold]
#[track_caller]
pub fn no_branch_left() -> ! {
    panic!(
        "all branches of this `select!` are disabled and there is no else branch: their preconditions were \
         false, or their futures completed with values that their patterns do not match; add \
         `else => ...` for that case"
    )
}
