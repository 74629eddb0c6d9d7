//! The task context: what the code inside a poll may know about the task it runs in.
//!
//! A runtime [`enter`]s the context around each poll. Primitives read it without knowing which
//! runtime that was: they charge the cooperative [budget](poll_proceed) and [note](note_wait) what
//! the task is about to wait for. Outside any task the budget is unlimited and notes go nowhere.
//!
//! Plain thread-local cells: nothing here is shared between threads except the [`WaitNote`] word,
//! which belongs to the task and is read by dumps.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::panic::Location;
use std::ptr;
use std::task::{Context, Poll};

use crate::primitive::atomic::{AtomicPtr, Ordering};
use crate::thread_number;

/// Operations a task may complete in one poll before it has to let others run.
pub const BUDGET_PER_POLL: u8 = 128;

/// How many more operations the current poll may complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(Option<u8>);

impl Budget {
    /// The budget at the start of a task's poll.
    pub const fn initial() -> Self {
        Self(Some(BUDGET_PER_POLL))
    }

    /// No limit: outside tasks, and inside `unconstrained`.
    pub const fn unlimited() -> Self {
        Self(None)
    }

    /// False when the poll has used up its operations.
    #[inline]
    pub const fn has_remaining(self) -> bool {
        !matches!(self.0, Some(0))
    }
}

/// What kind of thing a task waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum WaitKind {
    /// A lock or a permit.
    Lock = 0,
    /// A message, or room for one.
    Channel = 1,
    /// A notification, an event, a barrier.
    Notify = 2,
    /// A point in time.
    Timer = 3,
    /// A socket, pipe or other source.
    Io = 4,
    /// The end of another task.
    Join = 5,
    /// Its next turn: it yielded.
    Turn = 6,
}

impl WaitKind {
    const ALL: [Self; 7] = [
        Self::Lock,
        Self::Channel,
        Self::Notify,
        Self::Timer,
        Self::Io,
        Self::Join,
        Self::Turn,
    ];
}

impl fmt::Display for WaitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lock => "lock",
            Self::Channel => "channel",
            Self::Notify => "notification",
            Self::Timer => "timer",
            Self::Io => "I/O",
            Self::Join => "task",
            Self::Turn => "its turn",
        })
    }
}

/// The place and kind of the last wait a task began, in one word.
///
/// | Bits | Meaning |
/// |---|---|
/// | 3.. | `&'static Location`, zero if the task noted nothing in its last poll |
/// | 0..3 | [`WaitKind`] |
#[derive(Debug)]
pub struct WaitNote(AtomicPtr<Location<'static>>);

const KIND_MASK: usize = 0b111;
const _: () = assert!(
    align_of::<Location<'static>>() > KIND_MASK,
    "kind bits need an aligned place"
);

impl WaitNote {
    crate::primitive::const_fn! {
        /// A note that says nothing.
        pub const fn new() -> Self {
            Self(AtomicPtr::new(ptr::null_mut()))
        }
    }

    /// Forgets the last wait.
    #[inline]
    pub fn clear(&self) {
        // Ordering: Relaxed; a dump reads one word, and nothing is published through it.
        self.0.store(ptr::null_mut(), Ordering::Relaxed);
    }

    /// Records a wait.
    #[inline]
    pub fn set(&self, kind: WaitKind, place: &'static Location<'static>) {
        let word = ptr::from_ref(place)
            .cast_mut()
            .map_addr(|addr| addr | kind as usize);
        // Ordering: Relaxed, as in `clear`.
        self.0.store(word, Ordering::Relaxed);
    }

    /// The recorded wait.
    pub fn get(&self) -> Option<(WaitKind, &'static Location<'static>)> {
        // Ordering: Relaxed; the location is static, so any value read points at valid data.
        let word = self.0.load(Ordering::Relaxed);
        let kind = WaitKind::ALL[word.addr() & KIND_MASK];
        let place = word.map_addr(|addr| addr & !KIND_MASK);
        #[allow(unsafe_code, reason = "the word is an encoded static reference")]
        // SAFETY: the pointer is null or was made from a `&'static Location` in `set`.
        let place = unsafe { place.as_ref::<'static>() };
        place.map(|place| (kind, place))
    }
}

impl Default for WaitNote {
    fn default() -> Self {
        Self::new()
    }
}

/// Set in the number of a thread, so that it is never that of a task.
pub(crate) const THREAD: u64 = 1 << 63;

struct TaskContext {
    /// The task, or outside tasks this thread with [`THREAD`], once somebody has asked for it.
    runner: Cell<Option<NonZeroU64>>,
    budget: Cell<Budget>,
    note: Cell<*const WaitNote>,
    /// Do others wait for this thread?
    driving: Cell<bool>,
}

crate::primitive::thread_local! {
    static CONTEXT: TaskContext = TaskContext {
        runner: Cell::new(None),
        budget: Cell::new(Budget::unlimited()),
        note: Cell::new(ptr::null()),
        driving: Cell::new(false),
    };
}

/// Puts the former context back.
struct Restore {
    runner: Option<NonZeroU64>,
    budget: Budget,
    note: *const WaitNote,
    driving: bool,
}

impl Drop for Restore {
    #[inline]
    fn drop(&mut self) {
        CONTEXT.with(|context| {
            context.runner.set(self.runner);
            context.budget.set(self.budget);
            context.note.set(self.note);
            context.driving.set(self.driving);
        });
    }
}

/// Runs `f` as part of task `task`: with the given budget, its waits noted in `note`.
///
/// The surrounding context, if any, is back afterwards, also when `f` panics.
#[inline]
pub fn enter<R>(
    task: NonZeroU64,
    note: Option<&WaitNote>,
    budget: Budget,
    f: impl FnOnce() -> R,
) -> R {
    let _restore = CONTEXT.with(|context| Restore {
        runner: context.runner.replace(Some(task)),
        budget: context.budget.replace(budget),
        note: context
            .note
            .replace(note.map_or(ptr::null(), ptr::from_ref)),
        driving: context.driving.replace(true),
    });
    f()
}

/// Runs `f`, which drops what belonged to task `task`, with that task as the current one.
///
/// The code around is in another task or in none, and goes on with its own budget and notes.
#[inline]
pub fn on_behalf_of<R>(task: NonZeroU64, f: impl FnOnce() -> R) -> R {
    struct RestoreTask(Option<NonZeroU64>);
    impl Drop for RestoreTask {
        fn drop(&mut self) {
            CONTEXT.with(|context| context.runner.set(self.0));
        }
    }
    let _restore = RestoreTask(CONTEXT.with(|context| context.runner.replace(Some(task))));
    f()
}

/// Runs `f` as a poll of a main future, one that a runtime runs outside any task.
#[inline]
pub fn enter_main<R>(f: impl FnOnce() -> R) -> R {
    let _restore = CONTEXT.with(|context| Restore {
        runner: context
            .runner
            .replace(context.runner.get().filter(|runner| !is_task(*runner))),
        budget: context.budget.replace(Budget::initial()),
        note: context.note.replace(ptr::null()),
        driving: context.driving.replace(true),
    });
    f()
}

/// Runs `f`, which may block this thread: nobody waits for it meanwhile.
#[inline]
pub fn allow_blocking<R>(f: impl FnOnce() -> R) -> R {
    let _restore = CONTEXT.with(|context| Restore {
        runner: context.runner.get(),
        budget: context.budget.replace(Budget::unlimited()),
        note: context.note.get(),
        driving: context.driving.replace(false),
    });
    f()
}

/// True if this thread may be blocked: it is not inside a poll, or others have taken over.
#[inline]
pub fn may_block() -> bool {
    CONTEXT.with(|context| !context.driving.get())
}

/// The id of the task being polled on this thread.
#[inline]
pub fn current_task() -> Option<NonZeroU64> {
    CONTEXT
        .with(|context| context.runner.get())
        .filter(|runner| is_task(*runner))
}

/// Who runs here: the task being polled, or else this thread, with [`THREAD`] set in its number.
///
/// Each lock asks this when it is taken, so the answer lies ready.
#[inline]
pub(crate) fn current_runner() -> NonZeroU64 {
    CONTEXT.with(|context| match context.runner.get() {
        Some(runner) => runner,
        None => context.name_thread(),
    })
}

impl TaskContext {
    /// The first answer of [`current_runner`] on this thread.
    #[cold]
    fn name_thread(&self) -> NonZeroU64 {
        let thread = NonZeroU64::MIN.saturating_add(thread_number::get() as u64) | THREAD;
        self.runner.set(Some(thread));
        thread
    }
}

#[inline]
fn is_task(runner: NonZeroU64) -> bool {
    runner.get() & THREAD == 0
}

/// Notes that the current task is about to wait; called by a primitive that returns `Pending`.
#[inline]
pub fn note_wait(kind: WaitKind, place: &'static Location<'static>) {
    let note = CONTEXT.with(|context| context.note.get());
    #[allow(unsafe_code, reason = "the context holds a borrowed note as a pointer")]
    // SAFETY: `enter` set the pointer from a reference that outlives its closure, restores the
    // former one before it returns, and this thread is inside that closure now.
    if let Some(note) = unsafe { note.as_ref() } {
        note.set(kind, place);
    }
}

/// Runs `f`, a part of a poll that is not what the task waits for: without notes, and without charge.
pub(crate) fn aside<R>(f: impl FnOnce() -> R) -> R {
    let _restore = CONTEXT.with(|context| Restore {
        runner: context.runner.get(),
        budget: context.budget.replace(Budget::unlimited()),
        note: context.note.replace(ptr::null()),
        driving: context.driving.get(),
    });
    f()
}

/// The budget left in the current poll.
#[inline]
pub fn budget() -> Budget {
    CONTEXT.with(|context| context.budget.get())
}

/// Runs `f` under another budget.
#[inline]
pub fn with_budget<R>(budget: Budget, f: impl FnOnce() -> R) -> R {
    struct RestoreBudget(Budget);
    impl Drop for RestoreBudget {
        #[inline]
        fn drop(&mut self) {
            CONTEXT.with(|context| context.budget.set(self.0));
        }
    }
    let _restore = RestoreBudget(CONTEXT.with(|context| context.budget.replace(budget)));
    f()
}

/// Gives back the unit that [`poll_proceed`] took, unless the operation [made
/// progress](Self::made_progress).
#[derive(Debug)]
#[must_use = "dropping it at once gives the unit back at once"]
pub struct RestoreOnPending {
    before: Cell<Budget>,
    /// The budget is that of this thread's current task.
    _not_send: PhantomData<*const ()>,
}

impl RestoreOnPending {
    #[inline]
    fn new(before: Budget) -> Self {
        Self {
            before: Cell::new(before),
            _not_send: PhantomData,
        }
    }

    /// The operation completed: its unit is spent.
    #[inline]
    pub fn made_progress(&self) {
        self.before.set(Budget::unlimited());
    }
}

impl Drop for RestoreOnPending {
    #[inline]
    fn drop(&mut self) {
        let before = self.before.get();
        if before != Budget::unlimited() {
            CONTEXT.with(|context| context.budget.set(before));
        }
    }
}

/// Takes one unit of the budget, or wakes the task and asks it to return `Pending`.
///
/// A leaf future calls this first, and [`RestoreOnPending::made_progress`] when it is ready.
///
/// It is woken: a task without budget is woken here before `Pending` is returned.
#[inline]
pub fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    let before = budget();
    match before.0 {
        None => Poll::Ready(RestoreOnPending::new(before)),
        Some(0) => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Some(left) => {
            CONTEXT.with(|context| context.budget.set(Budget(Some(left - 1))));
            Poll::Ready(RestoreOnPending::new(before))
        }
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
