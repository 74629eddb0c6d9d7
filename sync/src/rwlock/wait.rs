//! The waiting side of a read-write lock, for all kinds of future.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;

use super::held::{Held, LockRef, Mode, Request};
use super::raw::RawRwLock;
use super::state::Access;
use crate::context::{self, WaitKind};
use crate::wait_list::Waiter;

pin_project! {
    /// How far a wait has come.
    #[project = StageProjection]
    #[project_replace = StageBefore]
    enum Stage<R: LockRef, Q: Request> {
        /// Not looked at yet. An upgrade has its former access still.
        Created { lock: R, place: &'static Location<'static> },
        /// In the queue, or released from it with the access.
        Queued { #[pin] waiter: Waiter<R>, lock: R, place: &'static Location<'static> },
        /// Has the access, not handed out yet.
        Granted { held: Held<R, Q::Gains> },
        /// Has handed out the access.
        Done,
    }
}

pin_project! {
    /// One wait for an access.
    ///
    /// It is cheap to make: the node of the queue is made when it has to queue, and most never do.
    pub(super) struct Wait<R: LockRef, Q: Request> {
        #[pin]
        stage: Stage<R, Q>,
    }

    impl<R: LockRef, Q: Request> PinnedDrop for Wait<R, Q> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            this.cancel();
        }
    }
}

/// Lets the next in when it is dropped, also if foreign code panics before.
struct Leaves<'l> {
    lock: &'l RawRwLock,
    access: Option<Access>,
}

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.lock.leave_queue(self.access);
    }
}

impl<R: LockRef, Q: Request> Wait<R, Q> {
    #[inline]
    pub(super) fn new(lock: R, place: &'static Location<'static>) -> Self {
        Self {
            stage: Stage::Created { lock, place },
        }
    }

    /// `Ready` hands the access to the caller.
    ///
    /// The place in the queue is taken before the budget is asked: a task without budget keeps its
    /// turn, and gets what it waited for when it comes again.
    ///
    /// It is woken: by who makes room for it, or at once without budget.
    #[inline]
    pub(super) fn poll_access(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Held<R, Q::Gains>> {
        let mut stage = self.project().stage;
        if let StageProjection::Created { lock, .. } = stage.as_mut().project() {
            if lock.host().try_enter(Q::WISH) {
                let StageBefore::Created { lock, .. } = stage.as_mut().project_replace(Stage::Done)
                else {
                    unreachable!("it was just looked at")
                };
                return poll_budget(stage, Held::new(lock), cx);
            }
        }
        poll_slowly(stage, cx)
    }

    /// Ends the wait; gives up the access that nobody will use.
    #[inline]
    fn cancel(self: Pin<&mut Self>) {
        let stage = self.project().stage;
        match stage.as_ref().get_ref() {
            Stage::Created { .. } if Q::WISH.instead_of().is_some() => cancel_slowly(stage),
            Stage::Queued { .. } => cancel_slowly(stage),
            // The access of `Granted` is dropped with the stage.
            Stage::Created { .. } | Stage::Granted { .. } | Stage::Done => {}
        }
    }
}

/// Hands out the access if the task has budget left, or keeps it for the next poll.
#[inline]
fn poll_budget<R: LockRef, Q: Request>(
    mut stage: Pin<&mut Stage<R, Q>>,
    held: Held<R, Q::Gains>,
    cx: &mut Context<'_>,
) -> Poll<Held<R, Q::Gains>> {
    match context::poll_proceed(cx) {
        Poll::Ready(unit) => {
            unit.made_progress();
            Poll::Ready(held)
        }
        Poll::Pending => {
            stage.set(Stage::Granted { held });
            Poll::Pending
        }
    }
}

#[cold]
#[inline(never)]
fn poll_slowly<R: LockRef, Q: Request>(
    mut stage: Pin<&mut Stage<R, Q>>,
    cx: &mut Context<'_>,
) -> Poll<Held<R, Q::Gains>> {
    let lock = match stage.as_mut().project() {
        StageProjection::Created { .. } => ready!(start(stage.as_mut(), cx.waker())),
        StageProjection::Queued {
            mut waiter,
            lock,
            place,
        } => {
            // Not queued: it has the access, and the drop of a waker panicked when it learned so.
            if waiter.is_queued()
                && waiter
                    .as_mut()
                    .poll_departure(Some(cx.waker()))
                    .is_pending()
            {
                context::note_wait(WaitKind::Lock, place);
                return Poll::Pending;
            }
            lock.clone()
        }
        StageProjection::Granted { .. } => {
            let StageBefore::Granted { held } = stage.as_mut().project_replace(Stage::Done) else {
                unreachable!("it was just looked at")
            };
            return poll_budget(stage, held, cx);
        }
        StageProjection::Done => panic!("a lock future was polled after it had returned"),
    };
    stage.set(Stage::Done);
    poll_budget(stage, Held::new(lock), cx)
}

/// The first poll, when there was no room: enters after all, or joins the queue.
fn start<R: LockRef, Q: Request>(mut stage: Pin<&mut Stage<R, Q>>, waker: &Waker) -> Poll<R> {
    // Cloned before the lock: it is foreign code.
    let waker = waker.clone();
    let StageBefore::Created { lock, place } = stage.as_mut().project_replace(Stage::Done) else {
        unreachable!("called in this stage only")
    };
    let waiter = Waiter::new(lock.clone(), Q::WISH, place);
    stage.set(Stage::Queued {
        waiter,
        lock,
        place,
    });
    let StageProjection::Queued {
        waiter,
        lock,
        place,
    } = stage.project()
    else {
        unreachable!("it was just set")
    };
    let mut guard = waiter.lock();
    match guard.host().enter_or_queue(Q::WISH) {
        Ok(()) => {
            drop(guard);
            // Before there is something to return, which a panic of this drop would leak.
            drop(waker);
            Poll::Ready(lock.clone())
        }
        Err(list) => {
            guard.enqueue_in(list, Some(waker));
            drop(guard);
            context::note_wait(WaitKind::Lock, place);
            Poll::Pending
        }
    }
}

#[cold]
#[inline(never)]
fn cancel_slowly<R: LockRef, Q: Request>(stage: Pin<&mut Stage<R, Q>>) {
    match stage.project() {
        StageProjection::Created { lock, .. } => {
            if let Some(access) = Q::WISH.instead_of() {
                lock.host().give_up(access);
            }
        }
        StageProjection::Queued { waiter, lock, .. } => {
            let mut leaves = Leaves {
                lock: lock.host(),
                access: Q::WISH.instead_of(),
            };
            // Not queued: as in `poll_slowly`.
            if !waiter.is_queued() || waiter.lock().withdraw().is_some() {
                leaves.access = Some(Q::Gains::ACCESS);
            }
        }
        StageProjection::Granted { .. } | StageProjection::Done => {}
    }
}

impl<R: LockRef, Q: Request> fmt::Debug for Wait<R, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Created { .. } => "Created",
            Stage::Queued { .. } => "Queued",
            Stage::Granted { .. } => "Granted",
            Stage::Done => "Done",
        })
    }
}
