//! The future that `join!` and `try_join!` await: polls its branches until all have completed, or one has failed.
//!
//! `join!` is a `try_join!` whose branches cannot fail: what a branch keeps of its future's output is a
//! function, and for `join!` that is `Ok`.
//!
//! # Why it is woken
//!
//! `Pending` is returned only after every branch that has not completed was polled with this task's waker, and at least
//! one of them returned `Pending`: that one will wake the task.
//!
//! # Fairness
//!
//! The budget of a task is shared by the branches: what the first use up, the last do not have. So the branch to
//! begin with moves on by one in each poll, and after as many polls as there are branches each has been the first.

use std::convert::{Infallible, identity};
use std::marker::PhantomData;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::maybe_done::MaybeDone;
use crate::macros::chain::{Chain, Empty, Growing};

pin_project! {
    /// A future, and what is kept of its output.
    #[derive(Debug)]
    pub struct Branch<F, T, K> {
        #[pin]
        state: MaybeDone<F, T>,
        keep: K,
    }
}

/// A chain with one branch more.
type Grown<C, F, T, K> = Growing<Chain<C, Branch<F, T, K>>>;

#[expect(
    clippy::type_complexity,
    reason = "the type of a function has no shorter name"
)]
impl<C> Growing<C> {
    /// One more branch, which cannot fail.
    #[inline]
    pub fn and<F: IntoFuture>(
        self,
        future: F,
    ) -> Grown<C, F::IntoFuture, F::Output, impl Fn(F::Output) -> Result<F::Output, Infallible>>
    {
        self.keeping(future, Ok)
    }

    /// One more branch, whose error ends the wait for all.
    #[inline]
    pub fn and_try<F, T, E>(
        self,
        future: F,
    ) -> Grown<C, F::IntoFuture, T, impl Fn(Result<T, E>) -> Result<T, E>>
    where
        F: IntoFuture<Output = Result<T, E>>,
    {
        self.keeping(future, identity)
    }

    #[inline]
    fn keeping<F: IntoFuture, T, K>(self, future: F, keep: K) -> Grown<C, F::IntoFuture, T, K> {
        let future = future.into_future();
        let state = MaybeDone::Waiting { future };
        self.then(Branch { state, keep })
    }
}

/// Branches of which the first error, an `E`, ends all.
pub trait Branches<E> {
    /// How many.
    const COUNT: u32;
    /// `(((), A), B)` for the outputs `A` and `B`.
    type Outputs;

    /// Polls, in their order, the branches that are in `turn` and have not completed. True if one is still pending.
    ///
    /// # Errors
    ///
    /// The error of a branch; those after it are not polled.
    fn poll_turn(self: Pin<&mut Self>, cx: &mut Context<'_>, turn: &Range<u32>) -> Result<bool, E>;

    /// Their outputs, once all have completed.
    fn take(self: Pin<&mut Self>) -> Self::Outputs;
}

impl<E> Branches<E> for Empty {
    const COUNT: u32 = 0;
    type Outputs = ();

    #[inline]
    fn poll_turn(self: Pin<&mut Self>, _: &mut Context<'_>, _: &Range<u32>) -> Result<bool, E> {
        Ok(false)
    }

    #[inline]
    fn take(self: Pin<&mut Self>) {}
}

impl<E, P, F, T, K> Branches<E> for Chain<P, Branch<F, T, K>>
where
    P: Branches<E>,
    F: Future,
    K: Fn(F::Output) -> Result<T, E>,
{
    const COUNT: u32 = P::COUNT + 1;
    type Outputs = (P::Outputs, T);

    #[inline]
    fn poll_turn(self: Pin<&mut Self>, cx: &mut Context<'_>, turn: &Range<u32>) -> Result<bool, E> {
        let this = self.project();
        let is_pending = this.before.poll_turn(cx, turn)?;
        if !turn.contains(&P::COUNT) {
            return Ok(is_pending);
        }
        let branch = this.last.project();
        match branch.state.poll_and_keep(cx, &*branch.keep) {
            Poll::Pending => Ok(true),
            Poll::Ready(result) => result.map(|()| is_pending),
        }
    }

    #[inline]
    fn take(self: Pin<&mut Self>) -> Self::Outputs {
        let this = self.project();
        (this.before.take(), this.last.project().state.take())
    }
}

/// Says which branch to poll first.
pub trait Rotation: Unpin {
    /// The first in this poll, of `count`.
    fn first(&mut self, count: u32) -> u32;
}

/// Always the first one.
#[derive(Debug)]
pub struct InOrder;

impl Rotation for InOrder {
    #[inline]
    fn first(&mut self, _: u32) -> u32 {
        0
    }
}

/// The next one in each poll.
#[derive(Debug, Default)]
pub struct Rotating {
    next: u32,
}

impl Rotation for Rotating {
    #[inline]
    fn first(&mut self, count: u32) -> u32 {
        let first = self.next;
        self.next = if first + 1 < count { first + 1 } else { 0 };
        first
    }
}

/// Waits for all branches, or for the first error.
#[inline]
pub fn join<E, C: Branches<E>, R: Rotation>(
    branches: Pin<&mut C>,
    rotation: R,
) -> Join<'_, C, E, R> {
    Join {
        branches,
        rotation,
        error: PhantomData,
    }
}

/// The future of [`join`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Join<'a, C, E, R> {
    branches: Pin<&'a mut C>,
    rotation: R,
    error: PhantomData<fn() -> E>,
}

impl<C: Branches<E>, E, R: Rotation> Future for Join<'_, C, E, R> {
    type Output = Result<C::Outputs, E>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let first = this.rotation.first(C::COUNT);
        let mut is_pending = false;
        for turn in [first..C::COUNT, 0..first] {
            is_pending |= this.branches.as_mut().poll_turn(cx, &turn)?;
        }
        if is_pending {
            return Poll::Pending;
        }
        Poll::Ready(Ok(this.branches.as_mut().take()))
    }
}
