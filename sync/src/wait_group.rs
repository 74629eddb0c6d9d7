//! `WaitGroup`: waits until all its handles are gone.
//!
//! # Invariants
//!
//! I1. The number of handles never rises from zero: only a handle makes another one.
//!
//! I2. Who takes it to zero sets the event, which all who wait for the group wait for.
//!
//! # Why no waiter is forgotten
//!
//! By I1 and I2 the event is set once, by the last handle, and stays so. The rest is the argument of
//! the [event](crate::event).

use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
// Users own their primitives through this one, in models too.
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::event::Event;
use crate::event::one_shot::Raised;
use crate::event::wait::{HasEvent, SetWait};
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::thread_block::block_thread_on;
use crate::wait_list::has_wait_queue;

/// Waits for all of a group: each member has a clone and drops it when it is done.
///
/// [`wait`](Self::wait) gives up the handle it is called with, and is over when all others are gone.
/// What a member did before it dropped its handle is visible to who has waited. Several may wait.
///
/// For futures that should be counted, and a group that may be empty for a while, see
/// [`TaskTracker`](crate::TaskTracker).
///
/// # Fairness
///
/// All that wait are released together, and woken in the order in which they came.
///
/// # Examples
///
/// ```
/// use selvedge::sync::WaitGroup;
///
/// # #[selvedge::main(flavor = "current_thread")]
/// # async fn main() {
/// let group = WaitGroup::new();
/// for part in 0..4 {
///     let member = group.clone();
///     selvedge::spawn(async move {
///         let _done = part * part;
///         drop(member);
///     });
/// }
/// group.wait().await;
/// # }
/// ```
#[must_use = "a group ends when its last handle is dropped"]
pub struct WaitGroup {
    members: Arc<Members>,
}

#[derive(Debug)]
struct Members {
    handles: AtomicUsize,
    gone: Event,
}

has_wait_queue!(Members, gone as Event);

impl HasEvent for Members {
    fn event(&self) -> &Event {
        &self.gone
    }
}

impl WaitGroup {
    /// A group with one handle.
    pub fn new() -> Self {
        Self {
            members: Arc::new(Members {
                handles: AtomicUsize::new(1),
                gone: Event::new(),
            }),
        }
    }

    /// Gives up this handle, at once, and waits until all others are gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing; the handle is gone already.
    #[track_caller]
    pub fn wait(self) -> WaitGroupWait {
        WaitGroupWait {
            wait: SetWait::new(self.members.clone(), Location::caller()),
        }
    }

    /// Gives up this handle and blocks the thread until all others are gone; for plain threads.
    ///
    /// # Panics
    ///
    /// In a task, whose thread it would block.
    #[track_caller]
    pub fn blocking_wait(self) {
        block_thread_on(self.wait(), "blocking_wait", "await `wait`");
    }
}

impl Default for WaitGroup {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for WaitGroup {
    fn clone(&self) -> Self {
        // Ordering: Relaxed; this handle keeps the number above zero, and nobody acts on it.
        self.members.handles.fetch_add(1, Ordering::Relaxed);
        Self {
            members: self.members.clone(),
        }
    }
}

impl Drop for WaitGroup {
    fn drop(&mut self) {
        // Ordering: AcqRel; Release publishes what this member did, Acquire lets the last one pass on
        // what all did to who sees the event.
        let before = self.members.handles.fetch_sub(1, Ordering::AcqRel);
        debug_assert!(before > 0, "I1");
        if before > 1 {
            return;
        }
        if self.members.gone.raise() == Raised::ReleaseWaiters {
            self.members.gone.release_waiters();
        }
    }
}

impl IntoFuture for WaitGroup {
    type Output = ();
    type IntoFuture = WaitGroupWait;

    #[track_caller]
    fn into_future(self) -> WaitGroupWait {
        self.wait()
    }
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Ordering: Relaxed; for display only.
        let handles = self.members.handles.load(Ordering::Relaxed);
        f.debug_struct("WaitGroup")
            .field("handles", &handles)
            .finish()
    }
}

pin_project! {
    /// The future of [`WaitGroup::wait`].
    ///
    /// Once it is complete it stays so: polling it again gives `Ready`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitGroupWait {
        #[pin]
        wait: SetWait<Arc<Members>>,
    }
}

impl Future for WaitGroupWait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().wait.poll_set(cx)
    }
}

#[cfg(all(test, selvedge_loom))]
mod loom;
#[cfg(all(test, not(selvedge_loom)))]
mod tests;
