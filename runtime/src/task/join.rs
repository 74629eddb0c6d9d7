//! The right to a task's output, and the right to abort it.
#![allow(unsafe_code, reason = "handles are counted references to the task")]

mod blocking;
mod on_done;

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

use selvedge_sync::context::{self, WaitKind};

use super::error::JoinError;
use super::header::Header;
use super::id::Id;
use super::raw::{self, Outcome};
use super::state::{OnDetach, OnForestall, OnRelease, OnWake};
use super::waker::WakerWord;
use crate::contain::contain;

/// The right to the output of a spawned task: await it.
///
/// | To get the output | |
/// |---|---|
/// | in a task | await the handle |
/// | on a plain thread, which it blocks | [`result`](Self::result), [`result_timeout`](Self::result_timeout) |
/// | in a callback | [`on_done`](Self::on_done) |
/// | as one of many | [`as_completed`](crate::task::as_completed()) |
///
/// Dropping the handle *detaches* the task: it goes on, and its output is dropped. A panic in the
/// task arrives here as a [`JoinError`] and nowhere else.
///
/// # Cancel safety
///
/// The output stays in the task until a poll of the handle takes it: awaiting `&mut handle` in a
/// `select` or a timeout loses nothing.
///
/// ```
/// # #[selvedge::main(flavor = "current_thread")] async fn main() {
/// let task = selvedge::spawn(async { 6 * 7 });
/// assert_eq!(task.await.unwrap(), 42);
/// # }
/// ```
pub struct JoinHandle<T> {
    /// `None` once the output was taken: then nothing of the task is held any more.
    task: Option<NonNull<Header>>,
    id: Id,
    output: PhantomData<T>,
}

// SAFETY: a handle moves the output between threads, hence `T: Send`; all else in it is atomic.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: as above; a shared handle gives no access to the output.
unsafe impl<T: Send> Sync for JoinHandle<T> {}

impl<T> Unpin for JoinHandle<T> {}
impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// # Safety
    /// The task was just made with output type `T`, and this is its `JoinHandle`.
    pub(super) unsafe fn from_raw(task: NonNull<Header>, id: Id) -> Self {
        Self {
            task: Some(task),
            id,
            output: PhantomData,
        }
    }

    fn header(&self) -> Option<&Header> {
        // SAFETY: the handle is counted and keeps the memory.
        self.task.map(|task| unsafe { task.as_ref() })
    }

    /// Asks for the task to be dropped at its next turn; nothing happens if it is over.
    ///
    /// A task is never interrupted in the middle of a poll. Awaiting the handle then gives a
    /// [cancelled](JoinError::is_cancelled) error, unless the task ended first. A
    /// [blocking](crate::task::spawn_blocking) task can be aborted only before it starts.
    pub fn abort(&self) {
        if let Some(task) = self.task {
            abort(task);
        }
    }

    /// Gives up a task that has not begun: true if it was never polled, and never will be.
    ///
    /// That is so if it was cancelled before, too. Once a task has begun, this changes nothing:
    /// [`abort`](Self::abort) ends it at its next turn; blocking work and jobs cannot be interrupted.
    ///
    /// The task's future, or the closure, is dropped when its turn comes, or with its runtime or pool. Only
    /// then is the task over, with a [cancelled](JoinError::is_cancelled) error.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = selvedge::pool::ThreadPool::new(1);
    /// let (send, receive) = std::sync::mpsc::channel::<()>();
    /// let (begins, has_begun) = std::sync::mpsc::channel();
    /// let first = pool.submit(move || {
    ///     begins.send(()).unwrap();
    ///     receive.recv().is_err()
    /// });
    /// let second = pool.submit(|| unreachable!());
    /// has_begun.recv().unwrap();
    /// assert!(!first.cancel());
    /// assert!(second.cancel());
    /// drop(send);
    /// assert!(first.result().unwrap());
    /// assert!(second.result().unwrap_err().is_cancelled());
    /// ```
    pub fn cancel(&self) -> bool {
        self.header().is_some_and(forestall)
    }

    /// True once the task is over and the output is there, or was taken.
    pub fn is_finished(&self) -> bool {
        self.header()
            .is_none_or(|header| header.state.load().is_complete())
    }

    /// The right to abort the task, apart from the right to its output.
    pub fn abort_handle(&self) -> AbortHandle {
        if let Some(header) = self.header() {
            header.state.clone_handle();
        }
        AbortHandle {
            task: self.task,
            id: self.id,
        }
    }

    /// The task.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Takes the outcome of a completed task, and with it this handle's hold on the task.
    fn take(&mut self, task: NonNull<Header>) -> Result<T, JoinError> {
        // SAFETY: the handle keeps the memory until `drop_join_handle`.
        let header = unsafe { task.as_ref() };
        let mut outcome: Option<Outcome<T>> = None;
        // SAFETY: COMPLETE with JOIN_INTEREST: the outcome is ours (I3), of type T (`from_raw`);
        // clearing `self.task` sees to it that it is taken once.
        unsafe { (header.vtable.take_outcome)(task, (&raw mut outcome).cast()) };
        self.task = None;
        if header.state.drop_join_handle() == OnRelease::Free {
            // SAFETY: the transition gave up the last reference.
            unsafe { raw::free(task) };
        }
        let outcome = outcome.expect("`take_outcome` has written it");
        outcome.map_err(|failure| failure.into_join_error(self.id))
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    /// It is woken: the finisher wakes the join waker after it has stored the output; registration
    /// and completion are transitions of one word, so one of them sees the other.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let unit = ready!(context::poll_proceed(cx));
        let task = self
            .task
            .expect("a JoinHandle was polled after it gave its output");
        // SAFETY: the handle keeps the memory.
        let header = unsafe { task.as_ref() };
        if !header.state.load().is_complete() && register(header, cx.waker()) {
            context::note_wait(WaitKind::Join, header.origin.place());
            return Poll::Pending;
        }
        unit.made_progress();
        Poll::Ready(self.take(task))
    }
}

/// Leaves `waker` for the finisher; false if the task has completed.
fn register(header: &Header, waker: &Waker) -> bool {
    if header.state.load().has_join_waker() {
        // SAFETY: JOIN_WAKER is set, so the slot is only read: by the finisher and by us (I4).
        let same = header
            .join_waker
            .with(|slot| unsafe { &*slot }.will_wake(waker));
        if same {
            return true;
        }
        if !header.state.reclaim_join_waker() {
            return false;
        }
    }
    let word = WakerWord::from_waker(waker.clone());
    let former = put_join_waker(header, word);
    let published = header.state.publish_join_waker();
    drop(former);
    if !published {
        drop(put_join_waker(header, WakerWord::none()));
    }
    published
}

/// Swaps the join-waker slot; the caller is the handle and JOIN_WAKER is clear, so it owns it (I4).
fn put_join_waker(header: &Header, word: WakerWord) -> WakerWord {
    // SAFETY: see above.
    header
        .join_waker
        .with_mut(|slot| mem::replace(unsafe { &mut *slot }, word))
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let Some(task) = self.task else { return };
        // SAFETY: the handle keeps the memory until one of the transitions below.
        let header = unsafe { task.as_ref() };
        let released = match header.state.detach() {
            OnDetach::Detached => return,
            OnDetach::DropOutput => {
                // SAFETY: COMPLETE with JOIN_INTEREST: the outcome is ours (I3).
                unsafe { (header.vtable.drop_outcome)(task) };
                header.state.drop_join_handle()
            }
            OnDetach::DropWaker => {
                let waker = put_join_waker(header, WakerWord::none());
                contain(|| drop(waker));
                header.state.drop_handle()
            }
        };
        if released == OnRelease::Free {
            // SAFETY: the transition gave up the last reference.
            unsafe { raw::free(task) };
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle")
            .field("id", &self.id)
            .field("origin", &self.header().map(|header| &header.origin))
            .finish()
    }
}

/// The right to abort a task.
pub struct AbortHandle {
    /// `None` if the output had been taken when the handle was made.
    task: Option<NonNull<Header>>,
    id: Id,
}

// SAFETY: an abort handle reaches only the atomic state and the scheduler, never the future.
unsafe impl Send for AbortHandle {}
// SAFETY: as above.
unsafe impl Sync for AbortHandle {}

impl UnwindSafe for AbortHandle {}
impl RefUnwindSafe for AbortHandle {}

impl AbortHandle {
    /// As [`JoinHandle::abort`].
    pub fn abort(&self) {
        if let Some(task) = self.task {
            abort(task);
        }
    }

    /// As [`JoinHandle::cancel`].
    pub fn cancel(&self) -> bool {
        self.header().is_some_and(forestall)
    }

    /// True once the task is over.
    pub fn is_finished(&self) -> bool {
        self.header()
            .is_none_or(|header| header.state.load().is_complete())
    }

    fn header(&self) -> Option<&Header> {
        // SAFETY: the handle is counted and keeps the memory.
        self.task.map(|task| unsafe { task.as_ref() })
    }

    /// The task.
    pub fn id(&self) -> Id {
        self.id
    }
}

impl Clone for AbortHandle {
    fn clone(&self) -> Self {
        if let Some(header) = self.header() {
            header.state.clone_handle();
        }
        Self {
            task: self.task,
            id: self.id,
        }
    }
}

impl Drop for AbortHandle {
    fn drop(&mut self) {
        let Some(task) = self.task else { return };
        // SAFETY: the handle keeps the memory until this transition.
        if unsafe { task.as_ref() }.state.drop_handle() == OnRelease::Free {
            // SAFETY: the transition gave up the last reference.
            unsafe { raw::free(task) };
        }
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").field("id", &self.id).finish()
    }
}

fn forestall(task: &Header) -> bool {
    task.state.forestall() == OnForestall::Forestalled
}

fn abort(task: NonNull<Header>) {
    // SAFETY: the caller's handle keeps the memory.
    if unsafe { task.as_ref() }.state.cancel() == OnWake::Schedule {
        // SAFETY: the transition made the runnable.
        unsafe { raw::schedule(task) };
    }
}
