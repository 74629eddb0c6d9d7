//! Structured concurrency: a block that is over when all tasks begun in it are gone.
//!
//! | File | Idea |
//! |---|---|
//! | `children` | who is in the scope, how to abort them, whom to wake when the last has gone |
//! | `child` | the future of a child, watched for its error or panic |
//! | `handle` | the right to spawn into the scope |
//! | `deadline` | a limit of time for all of it |
//! | `error` | why a scope has no value |

mod child;
mod children;
mod deadline;
mod error;
mod handle;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use selvedge_sync::context::{self, WaitKind};
use selvedge_sync::primitive::{Arc, Mutex};

pub use deadline::ScopeDeadline;
pub use error::ScopeError;
pub use handle::Scope;

use children::{Children, Hold};

/// Runs `body`, which may spawn children into the scope, and waits for all of them.
///
/// When the returned future is ready, no child is left: each has ended or was aborted, and its future
/// is dropped. The value is that of the body, unless something failed: the first error of the body or
/// of a child, the first panic of a child, or the passing of the [deadline](ScopeFuture::deadline). A
/// failure ends the scope: the body is dropped, all children are aborted, and once they are gone, the
/// future gives that failure. Later ones are dropped.
///
/// ```
/// use selvedge::task;
///
/// # #[selvedge::main] async fn main() {
/// let sum = task::scope(async |scope| {
///     let left = scope.spawn(async { Ok::<_, std::io::Error>(40) });
///     let right = scope.spawn(async { Ok(2) });
///     // Neither fails here: had one failed, the body would have been dropped.
///     Ok(left.await.unwrap() + right.await.unwrap())
/// });
/// assert_eq!(sum.await.unwrap(), 42);
/// # }
/// ```
///
/// The first failure stops the others:
///
/// ```
/// use selvedge::task::{self, ScopeError};
///
/// # #[selvedge::main] async fn main() {
/// let ended = task::scope(async |scope| {
///     scope.spawn(async { std::future::pending::<Result<(), String>>().await });
///     scope.spawn(async { Err::<(), _>("no such page".to_owned()) });
///     Ok(())
/// });
/// assert!(matches!(ended.await, Err(ScopeError::Failed(why)) if why == "no such page"));
/// # }
/// ```
///
/// | Elsewhere | Here |
/// |---|---|
/// | trio: `async with open_nursery()`, `start_soon` | `scope(async \|scope\| …)`, [`Scope::spawn`] |
/// | Kotlin: `coroutineScope`, `async`, `supervisorScope` | the same; for a supervisor, have children return `Ok` with a result inside |
/// | Swift: `withThrowingTaskGroup`, `addTask`, `cancelAll` | the same; [`Scope::abort_all`] |
/// | Java: `StructuredTaskScope`, `fork`, `joinUntil` | the same; [`deadline`](ScopeFuture::deadline) |
/// | Go: `errgroup.Group` | the same |
/// | `std::thread::scope` | the same, except that children cannot borrow |
///
/// # What children may use
///
/// A child is a task: it runs on any worker, so its future is `'static` and `Send`. The *body* runs in
/// the returned future itself and may borrow what it likes. Children cannot: a future can be forgotten
/// (`mem::forget`, a cycle of `Rc`) without being dropped. Then nobody waits for the children, and what
/// they borrow is gone before they are. Libraries that allow it nevertheless either are unsound, or
/// block the thread in `drop`, where on a runtime with one thread the children can never end. Instead:
///
/// | To share | Use |
/// |---|---|
/// | data that children read | `Arc`, cloned into each |
/// | data that they write | `Arc` and a lock, a channel, or their return values |
/// | borrowed data, and waiting | futures that are not spawned: `join!`, `FuturesUnordered` in the body. They take turns in one task |
/// | borrowed data, and computing | `std::thread::scope` in [`spawn_blocking`](super::spawn_blocking) or [`block_in_place`](super::block_in_place()) |
///
/// # Nothing detaches
///
/// The scope waits for children whose handles were dropped, for children of children, and for
/// [blocking work](Scope::spawn_blocking) that has begun. A task that is to outlive the scope has to be
/// spawned with [`spawn`](super::spawn), which says so.
///
/// # Cancel safety
///
/// Dropping the future aborts all children, but a drop cannot wait: they are dropped at their next turn,
/// in the background. There is one exception. If the scope was polled in a child, or in the body, of
/// another scope, then that one waits for them too: it leaves nothing behind even if it ends in the
/// middle of an inner one.
///
/// The output of a child whose handle is gone is dropped where the child ran, maybe just after the end
/// of the scope.
///
/// # Panics
///
/// If the body panics, its panic goes on in whoever polls the future, after the children are gone.
#[track_caller]
pub fn scope<F, B, T, E>(body: F) -> ScopeFuture<B, T, E>
where
    F: FnOnce(Scope<E>) -> B,
    B: Future<Output = Result<T, E>>,
{
    let core = Arc::new(ScopeCore {
        children: Children::new(),
        failure: Mutex::new(None),
    });
    let owner = Owner(Arc::clone(&core));
    let hold = Children::enter(&core.children);
    ScopeFuture {
        body: Some(body(Scope::new(core))),
        owner,
        hold,
        is_linked: false,
        value: None,
        panic: None,
        place: Location::caller(),
    }
}

/// What a scope, its handles and its children share.
struct ScopeCore<E> {
    children: Arc<Children>,
    failure: Mutex<Option<ScopeError<E>>>,
}

impl<E> ScopeCore<E> {
    /// Ends the scope with this failure, unless it has one.
    fn fail(&self, failure: ScopeError<E>) {
        let mut first = self.failure.lock();
        if first.is_some() {
            // Whoever stored that one ends the scope.
            drop(first);
            drop(failure);
            return;
        }
        *first = Some(failure);
        drop(first);
        self.children.end();
    }
}

/// Aborts the children when it is dropped.
struct Owner<E>(Arc<ScopeCore<E>>);

impl<E> Drop for Owner<E> {
    fn drop(&mut self) {
        self.0.children.end();
    }
}

pin_project! {
    /// The future of [`scope`](scope()).
    #[must_use = "futures do nothing unless polled"]
    pub struct ScopeFuture<B, T, E> {
        // Dropped first, so that the children are aborted while the body is dropped.
        owner: Owner<E>,
        // `None` once it has ended.
        #[pin]
        body: Option<B>,
        // The body's own, until it is dropped.
        hold: Option<Hold>,
        // The scope around this one, if any, knows of it.
        is_linked: bool,
        value: Option<T>,
        panic: Option<Box<dyn Any + Send>>,
        place: &'static Location<'static>,
    }
}

impl<B, T, E> ScopeFuture<B, T, E> {
    fn core(&self) -> &ScopeCore<E> {
        &self.owner.0
    }
}

impl<B, T, E> ScopeFuture<B, T, E>
where
    B: Future<Output = Result<T, E>>,
{
    /// Polls the body, and drops it once it has ended or failed, or the scope is ending.
    fn poll_body(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let children = &this.owner.0.children;
        let is_ending = children.register(cx.waker());
        let Some(body) = this.body.as_mut().as_pin_mut() else {
            return Poll::Ready(());
        };
        let guarded = || catch_unwind(AssertUnwindSafe(|| body.poll(cx)));
        if !is_ending {
            match children::within(this.hold, guarded) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(Ok(value))) => *this.value = Some(value),
                Ok(Poll::Ready(Err(error))) => this.owner.0.fail(ScopeError::Failed(error)),
                Err(payload) => *this.panic = Some(payload),
            }
        }
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| this.body.set(None))) {
            this.panic.get_or_insert(payload);
        }
        if this.panic.is_some() {
            children.end();
        }
        *this.hold = None;
        Poll::Ready(())
    }
}

impl<B, T, E> Future for ScopeFuture<B, T, E>
where
    B: Future<Output = Result<T, E>>,
{
    type Output = Result<T, ScopeError<E>>;

    /// It is woken: by what the body waits for; by a failure, and by the last child that leaves after
    /// the body, which take the waker that each poll leaves before it looks.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if !self.is_linked {
            self.core().children.join_outer();
            *self.as_mut().project().is_linked = true;
        }
        ready!(self.as_mut().poll_body(cx));
        let unit = ready!(context::poll_proceed(cx));
        if !self.core().children.is_over() {
            context::note_wait(WaitKind::Join, self.place);
            return Poll::Pending;
        }
        unit.made_progress();
        let this = self.project();
        if let Some(payload) = this.panic.take() {
            resume_unwind(payload);
        }
        let failure = this.owner.0.failure.lock().take();
        Poll::Ready(match failure {
            Some(failure) => Err(failure),
            None => Ok(this.value.take().expect("a scope was polled after its end")),
        })
    }
}

impl<B, T, E> fmt::Debug for ScopeFuture<B, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeFuture")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}
