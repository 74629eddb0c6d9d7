//! Tasks that stay on one thread: a set of them is itself a future.
//!
//! A local set is a queue of runnables and a waker. Whoever polls the set runs its tasks, on the
//! thread that made it. Wakes may come from any thread: they put the runnable in the queue and wake
//! whoever polls the set.
//!
//! # Why no wake-up is lost
//!
//! A poll of the set leaves its waker first and then runs the queue. A runnable queued before the
//! queue was found empty is run; one queued after finds the waker there.
//!
//! # Why a local future is never touched by another thread
//!
//! Only the set runs or drops its runnables, and the set is not `Send`. An abort from elsewhere queues
//! the runnable like a wake; the future is dropped at home.
#![allow(
    unsafe_code,
    reason = "local tasks are reached from other threads by pointer, for waking"
)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use selvedge_sync::primitive::Mutex;
use selvedge_sync::waker_cell::WakerCell;

use super::header::Header;
use super::id::Id;
use super::join::JoinHandle;
use super::origin::Origin;
use super::raw::{self, Schedule};
use super::registry::Registry;
use super::runnable::Runnable;
use super::spawn::spawn_unchecked;
use crate::context;
use crate::handle::Handle;
use crate::runtime::Runtime;

/// Tasks run per poll of the set, before the thread's other futures get a turn.
const TASKS_PER_POLL: usize = 61;

thread_local! {
    /// The set whose `spawn_local` is meant on this thread.
    static CURRENT: RefCell<Option<Arc<LocalTasks>>> = const { RefCell::new(None) };
    /// The set that is running its queue on this thread.
    static RUNNING: Cell<*const LocalTasks> = const { Cell::new(ptr::null()) };
}

/// A set of tasks that need not be `Send` and run on the thread that made the set.
///
/// The tasks run while the set is polled: by awaiting it, or by [`run_until`](Self::run_until) or
/// [`block_on`](Self::block_on). Dropping the set drops the tasks, on this thread.
///
/// ```
/// use std::rc::Rc;
///
/// # #[selvedge::main] async fn main() {
/// let set = selvedge::task::LocalSet::new();
/// let shared = Rc::new(42);
/// let answer = set
///     .run_until(async move {
///         selvedge::task::spawn_local(async move { *shared }).await.unwrap()
///     })
///     .await;
/// assert_eq!(answer, 42);
/// # }
/// ```
pub struct LocalSet {
    tasks: Arc<LocalTasks>,
    _not_send: PhantomData<Rc<()>>,
}

/// What the set shares with its tasks' wakers.
#[derive(Debug)]
struct LocalTasks {
    queue: Mutex<VecDeque<Runnable>>,
    waker: WakerCell,
    registry: Registry,
}

/// While it exists, [`spawn_local`] on this thread spawns on the set.
#[derive(Debug)]
#[must_use = "the thread leaves the set when the guard is dropped"]
pub struct LocalEnterGuard {
    former: Option<Arc<LocalTasks>>,
    _not_send: PhantomData<Rc<()>>,
}

impl Drop for LocalEnterGuard {
    fn drop(&mut self) {
        // The thread may be ending.
        let left = CURRENT.try_with(|current| current.replace(self.former.take()));
        drop(left);
    }
}

const NOT_AT_HOME: &str = "Local tasks can only be spawned on a LocalRuntime from the thread the runtime \
    was created on: use `spawn` if the future is `Send`";

/// Spawns a future that need not be `Send` on the set, or the local runtime, this thread is inside.
///
/// # Panics
///
/// Outside a [`LocalSet`] and a [`LocalRuntime`](crate::runtime::LocalRuntime).
///
/// ```
/// # #[selvedge::main(flavor = "local")] async fn main() {
/// let shared = std::rc::Rc::new(42);
/// let task = selvedge::task::spawn_local(async move { *shared });
/// assert_eq!(task.await.unwrap(), 42);
/// # }
/// ```
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    spawn_local_named(future, None, Location::caller())
}

fn current_set() -> Option<Arc<LocalTasks>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok()?
}

#[track_caller]
pub(super) fn spawn_local_named<F>(
    future: F,
    name: Option<&str>,
    place: &'static Location<'static>,
) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    if let Some(tasks) = current_set() {
        return tasks.spawn(future, name, place);
    }
    match Handle::try_current() {
        Ok(handle) if handle.is_local_here() => spawn_at_home(&handle, future, name, place),
        Ok(handle) if handle.is_local() => panic!("{NOT_AT_HOME}"),
        _ => panic!(
            "`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`: wrap \
             the future in `LocalSet::run_until`, or use `spawn` if it is `Send`"
        ),
    }
}

/// Spawns a future that need not be `Send` on a local runtime.
///
/// # Panics
///
/// On another thread than the local runtime's.
#[track_caller]
pub(crate) fn spawn_at_home<F: Future + 'static>(
    handle: &Handle,
    future: F,
    name: Option<&str>,
    place: &'static Location<'static>,
) -> JoinHandle<F::Output> {
    assert!(handle.is_local_here(), "{NOT_AT_HOME}");
    // SAFETY: a local runtime polls and drops its tasks on the thread that built it: this one.
    let (handle, refused) = unsafe { spawn_unchecked(handle.scheduler(), future, name, place) };
    drop(refused);
    handle
}

impl LocalSet {
    /// An empty set for this thread.
    pub fn new() -> Self {
        let tasks = LocalTasks {
            queue: Mutex::new(VecDeque::new()),
            waker: WakerCell::new(),
            registry: Registry::new(1),
        };
        Self {
            tasks: Arc::new(tasks),
            _not_send: PhantomData,
        }
    }

    /// Enters the set until the guard is dropped.
    pub fn enter(&self) -> LocalEnterGuard {
        // At thread exit there may be no place left: then nobody can spawn on this thread anyway.
        let former = CURRENT
            .try_with(|current| current.replace(Some(Arc::clone(&self.tasks))))
            .unwrap_or(None);
        LocalEnterGuard {
            former,
            _not_send: PhantomData,
        }
    }

    /// Spawns a task on the set. It runs when the set is polled.
    #[track_caller]
    pub fn spawn_local<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.spawn_named(future, None, Location::caller())
    }

    pub(super) fn spawn_named<F>(
        &self,
        future: F,
        name: Option<&str>,
        place: &'static Location<'static>,
    ) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.tasks.spawn(future, name, place)
    }

    /// Runs `future` and the set's tasks on `runtime` until the future is ready.
    ///
    /// # Panics
    ///
    /// As [`Runtime::block_on`].
    #[track_caller]
    pub fn block_on<F: Future>(&self, runtime: &Runtime, future: F) -> F::Output {
        runtime.block_on(self.run_until(future))
    }

    /// Runs the set's tasks until `future` is ready.
    ///
    /// # Cancel safety
    ///
    /// As `future`. The set's tasks stay and go on when the set is polled again.
    pub fn run_until<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        RunUntil { set: self, future }
    }

    /// Runs queued tasks, on this thread; true if more are queued.
    fn run_queue(&self) -> bool {
        struct Restore(*const LocalTasks);
        impl Drop for Restore {
            fn drop(&mut self) {
                RUNNING.set(self.0);
            }
        }
        let _restore = Restore(RUNNING.replace(Arc::as_ptr(&self.tasks)));
        for _ in 0..TASKS_PER_POLL {
            let Some(task) = self.tasks.pop() else {
                return false;
            };
            if let Some(task) = task.run() {
                self.tasks.queue.lock().push_back(task);
            }
        }
        !self.tasks.queue.lock().is_empty()
    }

    /// Polls the set: whoever `cx` belongs to is woken when there is something to run.
    fn poll_tasks(&self, cx: &mut Context<'_>) {
        if self.run_queue() {
            cx.waker().wake_by_ref();
        }
    }
}

impl LocalTasks {
    fn spawn<F: Future + 'static>(
        self: &Arc<Self>,
        future: F,
        name: Option<&str>,
        place: &'static Location<'static>,
    ) -> JoinHandle<F::Output> {
        let origin = name.map_or_else(|| Origin::at(place), |name| Origin::named(name, place));
        let (task, handle) = raw::allocate(future, Arc::as_ptr(self), Id::next(), origin);
        if self.registry.insert(0, &task) {
            self.push(task);
        }
        handle
    }

    fn push(&self, task: Runnable) {
        self.queue.lock().push_back(task);
        if !ptr::eq(RUNNING.get(), self) {
            self.waker.wake();
        }
    }

    fn pop(&self) -> Option<Runnable> {
        self.queue.lock().pop_front()
    }
}

impl Schedule for LocalTasks {
    unsafe fn schedule(this: *const Self, task: Runnable) {
        // SAFETY: the task is live, so the set has not been dropped, and has a count; this one keeps
        // the queue while the set may already run the task.
        unsafe { Arc::increment_strong_count(this) };
        // SAFETY: the count just made.
        unsafe { Arc::from_raw(this) }.push(task);
    }

    unsafe fn unregister(this: *const Self, task: &Header) {
        // SAFETY: valid, as the trait promises.
        unsafe { &*this }.registry.remove(task);
    }
}

impl Future for LocalSet {
    type Output = ();

    /// Ready when all tasks are over.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.tasks.waker.register(cx.waker());
        let _entered = (self.enter(), context::enter_local_set());
        self.poll_tasks(cx);
        if self.tasks.registry.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

pin_project! {
    /// The future of [`LocalSet::run_until`].
    struct RunUntil<'a, F> {
        set: &'a LocalSet,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for RunUntil<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.set.tasks.waker.register(cx.waker());
        let _entered = (this.set.enter(), context::enter_local_set());
        let budget = selvedge_sync::context::Budget::initial();
        let polled = selvedge_sync::context::with_budget(budget, || this.future.poll(cx));
        if polled.is_pending() {
            this.set.poll_tasks(cx);
        }
        polled
    }
}

impl Drop for LocalSet {
    fn drop(&mut self) {
        let _entered = (self.enter(), context::enter_local_set());
        drop(self.tasks.registry.close());
        while !self.tasks.registry.is_empty() {
            match self.tasks.pop() {
                Some(task) => drop(task),
                // Another thread has made the runnable and is about to queue it.
                None => std::thread::yield_now(),
            }
        }
    }
}

impl Default for LocalSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet")
            .field("tasks", &self.tasks.registry.len())
            .finish()
    }
}
