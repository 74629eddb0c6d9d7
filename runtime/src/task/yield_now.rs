//! Giving other tasks a turn.

use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use selvedge_sync::context::{self, WaitKind};

/// Lets other tasks run before this one goes on.
///
/// The task is queued behind those that are ready. There is no promise about which of them, or
/// whether all of them, run first.
///
/// # Cancel safety
///
/// Nothing is lost by dropping the future.
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// selvedge::task::yield_now().await;
/// # }
/// ```
#[track_caller]
pub fn yield_now() -> YieldNow {
    YieldNow {
        yielded: false,
        place: Location::caller(),
    }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct YieldNow {
    yielded: bool,
    place: &'static Location<'static>,
}

impl Future for YieldNow {
    type Output = ();

    /// It is woken: it wakes itself.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        context::note_wait(WaitKind::Turn, self.place);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
