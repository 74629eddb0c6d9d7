//! Cooperation: a task may complete only so many operations in one poll before others get a turn.
//!
//! Every socket, timer, channel and join handle takes one unit of the task's budget per completed
//! operation. When the budget is used up, they wake the task and return `Pending`, so that a task whose
//! operations are always ready cannot starve the others. The budget is fresh at each poll.
//!
//! ```
//! # #[selvedge::main(flavor = "current_thread")] async fn main() {
//! for _ in 0..1_000 {
//!     // Work without an operation that could yield.
//!     selvedge::task::coop::consume_budget().await;
//! }
//! # }
//! ```

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use selvedge_sync::context::{self, Budget};

pub use selvedge_sync::context::{RestoreOnPending, poll_proceed};

/// Takes one unit of the budget; yields if there is none left.
///
/// # Cancel safety
///
/// Nothing is lost by dropping the future.
pub async fn consume_budget() {
    poll_fn(|cx| {
        let unit = ready!(poll_proceed(cx));
        unit.made_progress();
        Poll::Ready(())
    })
    .await;
}

/// True if operations of this task may complete in this poll. Always true outside a task.
pub fn has_budget_remaining() -> bool {
    context::budget().has_remaining()
}

/// Lifts the budget for `future`: its operations complete as long as they are ready.
///
/// Other tasks of the worker wait meanwhile; for futures that are known to pause by themselves.
pub fn unconstrained<F>(future: F) -> Unconstrained<F> {
    Unconstrained { future }
}

pin_project! {
    /// The future of [`unconstrained`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct Unconstrained<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let future = self.project().future;
        context::with_budget(Budget::unlimited(), || future.poll(cx))
    }
}

/// Makes `future` wait for its turn while the task has no budget.
pub fn cooperative<F: Future>(future: F) -> Coop<F> {
    Coop { future }
}

pin_project! {
    /// The future of [`cooperative`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless awaited"]
    pub struct Coop<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Coop<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let unit = ready!(poll_proceed(cx));
        let output = ready!(self.project().future.poll(cx));
        unit.made_progress();
        Poll::Ready(output)
    }
}
