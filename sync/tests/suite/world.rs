//! A primitive with its waiters and its accounts, as the matrices of torture and hostile wakers see
//! it.
//!
//! A [`World`] wraps one asynchronous operation of one primitive. It starts waits, serves them, and
//! knows at the end whether something was lost. The matrices know nothing else about primitives.
#![allow(
    unsafe_code,
    reason = "waits that keep their world alive, and waits on something borrowed uniquely"
)]

use std::fmt;
use std::future::Future;
use std::mem;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use selvedge_sync::context::{self, Budget, WaitNote};

use crate::support::{Bell, Census};

/// How the waits of an operation stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One after the other; each is served for itself. What is `reused` serves the next when it is
    /// given back.
    Line { order: Order, reused: bool },
    /// All at once.
    Group,
    /// One at a time: the operation borrows its object uniquely.
    Alone,
    /// As `Alone`, and it ends once in the life of its object.
    Once,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Fifo,
    Lifo,
    /// In the order of arrival, unless somebody polls without being woken.
    Barging,
}

impl Kind {
    /// First come, first served, and given back.
    pub(crate) const LOCK: Self = Self::Line {
        order: Order::Fifo,
        reused: true,
    };
    /// As [`LOCK`](Self::LOCK), and who is there may be quicker than who was woken.
    pub(crate) const BARGING: Self = Self::Line {
        order: Order::Barging,
        reused: true,
    };
    /// First come, first served, and used up.
    pub(crate) const QUEUE: Self = Self::Line {
        order: Order::Fifo,
        reused: false,
    };

    pub(crate) fn is_alone(self) -> bool {
        matches!(self, Self::Alone | Self::Once)
    }
}

/// One asynchronous operation of one primitive, with somebody who serves it.
pub(crate) trait World: Send + Sync + 'static {
    /// A wait, not polled yet. It has to wait if it was not served.
    fn wait(&self) -> Wait<'_>;

    /// Brings one of the [`steps`](Self::steps) that one wait needs, or all of a group.
    fn serve(&self);

    /// How many [`serve`](Self::serve)s one wait needs.
    fn steps(&self) -> usize {
        1
    }

    /// Ends all waits, now and later; false if the primitive has no such end.
    fn close(&self) -> bool {
        false
    }

    /// Whatever foreign code may do with the primitive without waiting.
    fn touch(&self) {}

    /// Takes what a wait would give, if it is there now.
    fn seize(&self) -> Option<Gain<'_>> {
        None
    }

    /// What the values that pass through are counted by.
    fn census(&self) -> Option<Census> {
        None
    }

    /// How much there is of what waits take with them.
    fn inputs(&self) -> usize {
        self.census().map_or(0, |census| census.alive())
    }

    /// Can a wait be made now? After another one was forgotten, perhaps not.
    fn can_wait(&self) -> bool {
        true
    }

    /// Is a serve there for the next one, if nobody waits?
    fn keeps_serves(&self) -> bool {
        true
    }

    /// Does a serve count for who only comes to wait?
    fn serves_newcomers(&self) -> bool {
        true
    }

    /// Is everything there that should be? Nobody waits, and all that was gained was given back:
    /// `completed` waits after so many serves.
    fn audit(&self, served: usize, completed: usize);
}

/// What can be given back by being dropped.
pub(crate) trait Held {}

impl<T> Held for T {}

/// What a wait gave.
pub(crate) struct Gain<'a> {
    _held: Box<dyn Held + Send + 'a>,
}

impl<'a> Gain<'a> {
    /// Gives `held` back when it is dropped.
    pub(crate) fn new(held: impl Send + 'a) -> Self {
        Self {
            _held: Box::new(held),
        }
    }
}

impl fmt::Debug for Gain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gain").finish_non_exhaustive()
    }
}

type Pinned<'a> = Pin<Box<dyn Future<Output = Gain<'a>> + Send + 'a>>;

/// A future of an operation.
pub(crate) struct Wait<'a> {
    future: Option<Pinned<'a>>,
    /// Runs when the future is gone, or forgotten.
    ends: Option<Box<dyn FnOnce() + Send + 'a>>,
}

/// The operation's own future, with its output turned into a gain. Adds no state: what the future
/// does when it is polled after its end is what is seen.
struct Mapped<F, M> {
    future: Pin<Box<F>>,
    map: M,
}

impl<'a, F: Future, M: FnMut(F::Output) -> Gain<'a> + Unpin> Future for Mapped<F, M> {
    type Output = Gain<'a>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Gain<'a>> {
        let this = self.get_mut();
        this.future.as_mut().poll(cx).map(&mut this.map)
    }
}

impl<'a> Wait<'a> {
    pub(crate) fn new<F: Future + Send + 'a>(
        future: F,
        map: impl FnMut(F::Output) -> Gain<'a> + Send + Unpin + 'a,
    ) -> Self {
        Self {
            future: Some(Box::pin(Mapped {
                future: Box::pin(future),
                map,
            })),
            ends: None,
        }
    }

    /// A wait whose output holds nothing.
    pub(crate) fn plain<F: Future + Send + 'a>(future: F) -> Self
    where
        F::Output: Send + 'a,
    {
        Self::new(future, Gain::new)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Gain<'a>> {
        self.future.as_mut().expect("a future").as_mut().poll(cx)
    }

    /// Forgets the future: its drop never runs, its memory stays.
    fn forget(mut self) {
        if let Some(future) = self.future.take() {
            let forgotten: &mut Pinned<'a> = Box::leak(Box::new(future));
            // Kept reachable, so that a leak checker sees nothing but leaks that nobody wanted.
            static FORGOTTEN: Mutex<Vec<usize>> = Mutex::new(Vec::new());
            let address = std::ptr::from_mut(forgotten).expose_provenance();
            FORGOTTEN.lock().unwrap().push(address);
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        // Also when the drop of the future panics.
        struct Ends<'e, 'a>(&'e mut Option<Box<dyn FnOnce() + Send + 'a>>);
        impl Drop for Ends<'_, '_> {
            fn drop(&mut self) {
                if let Some(ends) = self.0.take() {
                    ends();
                }
            }
        }
        let _ends = Ends(&mut self.ends);
        drop(self.future.take());
    }
}

/// Something that waits borrow uniquely, one after the other.
pub(crate) struct Loan<T>(Mutex<Option<Box<T>>>);

/// A pointer on its way between threads with what it points at.
struct Lent<T>(*mut T);

// SAFETY: owns its target, which is `Send`.
unsafe impl<T: Send> Send for Lent<T> {}

impl<T> Lent<T> {
    fn get(&self) -> *mut T {
        self.0
    }
}

impl<T: Send + 'static> Loan<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Mutex::new(Some(Box::new(value))))
    }

    /// A wait on the value, which comes back when the wait is dropped or forgotten.
    pub(crate) fn wait<'a, F>(
        &'a self,
        make: impl FnOnce(&'a mut T) -> F,
        mut map: impl FnMut(F::Output) -> Gain<'static> + Send + Unpin + 'a,
    ) -> Wait<'a>
    where
        F: Future + Send + 'a,
    {
        let value = self.0.lock().unwrap().take().expect("one wait at a time");
        let lent = Lent(Box::into_raw(value));
        // SAFETY: made by `into_raw`, and nobody else uses it until the future is gone: it comes
        // back in `ends`. The gain does not borrow from it.
        let value: &'a mut T = unsafe { &mut *lent.get() };
        let mut wait = Wait::new(make(value), move |output| -> Gain<'a> { map(output) });
        wait.ends = Some(Box::new(move || {
            // SAFETY: made by `into_raw`, and its borrower is gone, or will never be used.
            let value = unsafe { Box::from_raw(lent.get()) };
            *self.0.lock().unwrap() = Some(value);
        }));
        wait
    }

    /// Runs `f` on the value, if no wait has it.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        // Out of the lock meanwhile: `f` may come back here.
        let mut value = self.0.lock().unwrap().take()?;
        let result = f(&mut value);
        *self.0.lock().unwrap() = Some(value);
        Some(result)
    }
}

/// A wait that keeps its world alive.
pub(crate) struct OwnedWait {
    // The order matters: the wait borrows the world.
    wait: Wait<'static>,
    world: Arc<dyn World>,
}

impl OwnedWait {
    pub(crate) fn new(world: &Arc<dyn World>) -> Self {
        let wait = world.wait();
        // SAFETY: what it borrows is behind the `Arc` that goes with it, and is dropped after it.
        let wait = unsafe { mem::transmute::<Wait<'_>, Wait<'static>>(wait) };
        Self {
            wait,
            world: world.clone(),
        }
    }

    pub(crate) fn poll(&mut self, waker: &Waker) -> Poll<OwnedGain> {
        let world = &self.world;
        let polled = self.wait.poll(&mut Context::from_waker(waker));
        polled.map(|gain| OwnedGain {
            _gain: gain,
            _world: world.clone(),
        })
    }

    pub(crate) fn forget(self) {
        self.wait.forget();
    }
}

impl Future for OwnedWait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.get_mut().poll(cx.waker());
        polled.map(drop)
    }
}

/// A gain that keeps its world alive.
#[derive(Debug)]
pub(crate) struct OwnedGain {
    // The order matters: the gain borrows the world.
    _gain: Gain<'static>,
    _world: Arc<dyn World>,
}

impl OwnedGain {
    /// What is there now without waiting.
    pub(crate) fn seize(world: &Arc<dyn World>) -> Option<Self> {
        let gain = world.seize()?;
        // SAFETY: as in `OwnedWait::new`.
        let gain = unsafe { mem::transmute::<Gain<'_>, Gain<'static>>(gain) };
        Some(Self {
            _gain: gain,
            _world: world.clone(),
        })
    }
}

impl fmt::Debug for dyn World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

static TASKS: AtomicU64 = AtomicU64::new(1 << 40);

/// A wait in a task of its own, polled by hand.
pub(crate) struct Waiter {
    wait: Option<OwnedWait>,
    pub(crate) bell: Arc<Bell>,
    waker: Waker,
    /// Rings heard before the last poll.
    heard: usize,
    polls: usize,
    /// The order of first polls.
    pub(crate) place: Option<u64>,
    task: NonZeroU64,
}

impl Waiter {
    pub(crate) fn new(world: &Arc<dyn World>) -> Self {
        let (bell, waker) = Bell::new();
        let task = TASKS.fetch_add(1, Ordering::Relaxed);
        Self {
            wait: Some(OwnedWait::new(world)),
            bell,
            waker,
            heard: 0,
            polls: 0,
            place: None,
            task: NonZeroU64::new(task).expect("not zero"),
        }
    }

    /// Polls as its task; a poll that ends the wait gives back what was gained.
    pub(crate) fn poll(&mut self) -> Poll<()> {
        self.poll_keeping().map(|gain| self.give_back(gain))
    }

    /// Polls after the end of the wait.
    pub(crate) fn poll_again(&mut self) -> Poll<()> {
        let polled = self.poll_with(&WaitNote::new(), Budget::unlimited());
        polled.map(|gain| self.give_back(gain))
    }

    /// Polls as its task.
    pub(crate) fn poll_keeping(&mut self) -> Poll<OwnedGain> {
        let note = WaitNote::new();
        let polled = self.poll_with(&note, Budget::unlimited());
        if polled.is_pending() {
            assert!(
                note.get().is_some(),
                "a pending wait notes what it waits for"
            );
        }
        polled
    }

    /// Polls as a task whose budget is used up; gives back what was gained.
    pub(crate) fn poll_without_budget(&mut self) -> Poll<()> {
        let used_up = crate::support::without_budget(context::budget);
        let polled = self.poll_with(&WaitNote::new(), used_up);
        polled.map(|gain| self.give_back(gain))
    }

    fn poll_with(&mut self, note: &WaitNote, budget: Budget) -> Poll<OwnedGain> {
        self.heard = self.bell.rings();
        self.polls += 1;
        static PLACES: AtomicU64 = AtomicU64::new(0);
        self.place
            .get_or_insert_with(|| PLACES.fetch_add(1, Ordering::Relaxed));
        let (wait, waker) = (self.wait.as_mut().expect("it waits"), &self.waker);
        context::enter(self.task, Some(note), budget, || wait.poll(waker))
    }

    pub(crate) fn give_back(&self, gain: OwnedGain) {
        context::enter(self.task, None, Budget::unlimited(), || drop(gain));
    }

    /// Was it woken since its last poll, or never polled?
    pub(crate) fn wants_poll(&self) -> bool {
        self.polls == 0 || self.is_rung()
    }

    /// Was it woken since its last poll?
    pub(crate) fn is_rung(&self) -> bool {
        self.bell.rings() > self.heard
    }

    pub(crate) fn polls(&self) -> usize {
        self.polls
    }

    /// From now on it is polled with another waker; gives the bell of the former one.
    pub(crate) fn switch_waker(&mut self) -> Arc<Bell> {
        let (bell, waker) = Bell::new();
        self.waker = waker;
        self.heard = 0;
        mem::replace(&mut self.bell, bell)
    }

    /// Takes the wait out of its task.
    pub(crate) fn take(&mut self) -> OwnedWait {
        self.wait.take().expect("it waits")
    }
}

/// An operation, as the matrices know it.
pub(crate) struct Operation {
    /// As users write it: `Type::method`.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) build: fn() -> Arc<dyn World>,
    /// What cancelling loses, and what to do instead; the harness has to find that it is so.
    pub(crate) loses: Option<&'static str>,
    /// Does a complete future stand for the next wait, if it is polled again?
    pub(crate) is_repeated: bool,
}

impl Operation {
    pub(crate) const fn new<W: World + Default>(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            build: || Arc::new(W::default()),
            loses: None,
            is_repeated: false,
        }
    }

    /// Does a helper thread keep time for it, which lets go of wakers a little later?
    pub(crate) fn is_timed(&self) -> bool {
        self.name.contains("_timeout")
    }

    pub(crate) const fn repeated(mut self) -> Self {
        self.is_repeated = true;
        self
    }

    pub(crate) const fn losing(mut self, what: &'static str) -> Self {
        self.loses = Some(what);
        self
    }
}
