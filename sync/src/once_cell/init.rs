//! The futures that wait for the turn to initialise a cell, and run the initialiser.

use std::fmt;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::OnceCell;
use crate::context;
use crate::semaphore::{SemaphoreAcquire, SemaphorePermit};

pin_project! {
    /// How far it has come.
    #[project = StageProjection]
    enum Stage<'a, F, Fut> {
        /// Waits for the turn.
        Waiting {
            #[pin]
            turn: SemaphoreAcquire<'a>,
            init: Option<F>,
        },
        /// Runs the initialiser. The order matters: the turn is given back last.
        Running {
            #[pin]
            future: Fut,
            turn: Option<SemaphorePermit<'a>>,
        },
        /// Has returned, or panicked.
        Done,
    }
}

pin_project! {
    /// What both futures are made of.
    struct Initialise<'a, T, F, Fut> {
        cell: &'a OnceCell<T>,
        #[pin]
        stage: Stage<'a, F, Fut>,
    }
}

/// What somebody who waited got.
enum Turn<'a, T, O> {
    /// The value of another.
    Value(&'a T),
    /// What its own initialiser gave, and the turn.
    Own(O, SemaphorePermit<'a>),
}

impl<'a, T, F, Fut> Initialise<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future,
{
    #[track_caller]
    fn new(cell: &'a OnceCell<T>, init: F) -> Self {
        Self {
            cell,
            stage: Stage::Waiting {
                turn: cell.turn.acquire(),
                init: Some(init),
            },
        }
    }

    /// It is woken: by the semaphore of the cell, by what the initialiser waits for, or at once without
    /// budget.
    fn poll_turn(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Turn<'a, T, Fut::Output>> {
        let mut this = self.project();
        if let StageProjection::Waiting { turn, init } = this.stage.as_mut().project() {
            let cell = *this.cell;
            let turn = match cell.get() {
                // Charged by the semaphore otherwise.
                Some(_) => {
                    ready!(context::poll_proceed(cx)).made_progress();
                    None
                }
                None => ready!(turn.poll(cx)).ok(),
            };
            let init = init.take();
            this.stage.set(Stage::Done);
            let Some(turn) = turn else {
                drop(init);
                return Poll::Ready(Turn::Value(cell.value_after_close()));
            };
            let init = init.expect("it is called once");
            this.stage.set(Stage::Running {
                future: init(),
                turn: Some(turn),
            });
        }
        poll_running(this.stage, cx).map(|(output, turn)| Turn::Own(output, turn))
    }
}

/// Runs the initialiser; ends it and gives the turn back if it panics.
fn poll_running<'a, F, Fut: Future>(
    mut stage: Pin<&mut Stage<'a, F, Fut>>,
    cx: &mut Context<'_>,
) -> Poll<(Fut::Output, SemaphorePermit<'a>)> {
    let StageProjection::Running { future, turn } = stage.as_mut().project() else {
        panic!("an initialising future was polled after it had returned or panicked");
    };
    let polled = panic::catch_unwind(AssertUnwindSafe(|| future.poll(cx)));
    match polled {
        Ok(polled) => {
            let output = ready!(polled);
            let turn = turn.take().expect("it is given up with the stage");
            // Foreign code, before the next one gets the turn (I2).
            stage.set(Stage::Done);
            Poll::Ready((output, turn))
        }
        Err(panic) => {
            stage.set(Stage::Done);
            panic::resume_unwind(panic);
        }
    }
}

impl<T, F, Fut> fmt::Debug for Initialise<'_, T, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stage {
            Stage::Waiting { .. } => "waits for its turn",
            Stage::Running { .. } => "initialises",
            Stage::Done => "done",
        })
    }
}

pin_project! {
    /// The future of [`OnceCell::get_or_init`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct GetOrInit<'a, T, F, Fut> {
        #[pin]
        init: Initialise<'a, T, F, Fut>,
    }
}

pin_project! {
    /// The future of [`OnceCell::get_or_try_init`].
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct GetOrTryInit<'a, T, F, Fut> {
        #[pin]
        init: Initialise<'a, T, F, Fut>,
    }
}

impl<'a, T, F, Fut> GetOrInit<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = T>,
{
    #[track_caller]
    pub(super) fn new(cell: &'a OnceCell<T>, init: F) -> Self {
        Self {
            init: Initialise::new(cell, init),
        }
    }
}

impl<'a, T, E, F, Fut> GetOrTryInit<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    #[track_caller]
    pub(super) fn new(cell: &'a OnceCell<T>, init: F) -> Self {
        Self {
            init: Initialise::new(cell, init),
        }
    }
}

impl<'a, T, F, Fut> Future for GetOrInit<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = T>,
{
    type Output = &'a T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut init = self.project().init;
        Poll::Ready(match ready!(init.as_mut().poll_turn(cx)) {
            Turn::Value(value) => value,
            Turn::Own(value, turn) => init.cell.finish(value, turn),
        })
    }
}

impl<'a, T, E, F, Fut> Future for GetOrTryInit<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    type Output = Result<&'a T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut init = self.project().init;
        Poll::Ready(match ready!(init.as_mut().poll_turn(cx)) {
            Turn::Value(value) => Ok(value),
            Turn::Own(output, turn) => output.map(|value| init.cell.finish(value, turn)),
        })
    }
}

impl<T, F, Fut> fmt::Debug for GetOrInit<'_, T, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GetOrInit").field(&self.init).finish()
    }
}

impl<T, F, Fut> fmt::Debug for GetOrTryInit<'_, T, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GetOrTryInit").field(&self.init).finish()
    }
}
