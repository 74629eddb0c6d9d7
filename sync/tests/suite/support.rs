//! What the tests share: futures polled by hand, wakers that count, values that count.

pub(crate) mod cancel;
pub(crate) mod hooked;

use std::cell::Cell;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

/// Counts wakes.
#[derive(Debug, Default)]
pub(crate) struct Bell(AtomicUsize);

impl Bell {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let bell = Arc::new(Self::default());
        let waker = Waker::from(bell.clone());
        (bell, waker)
    }

    /// How often it rang so far.
    pub(crate) fn rings(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls once with `waker`.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// A future that is polled by hand, its wakes counted.
pub(crate) struct Seat<'a, T> {
    future: Pin<Box<dyn Future<Output = T> + 'a>>,
    bell: Arc<Bell>,
    waker: Waker,
}

impl<'a, T> Seat<'a, T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'a) -> Self {
        let (bell, waker) = Bell::new();
        Self {
            future: Box::pin(future),
            bell,
            waker,
        }
    }

    /// As [`new`](Self::new), polled once; it has to wait.
    #[track_caller]
    pub(crate) fn waiting(future: impl Future<Output = T> + 'a) -> Self {
        let mut seat = Self::new(future);
        assert!(seat.poll().is_pending(), "it should have to wait");
        seat
    }

    pub(crate) fn poll(&mut self) -> Poll<T> {
        poll(self.future.as_mut(), &self.waker)
    }

    /// Polls a future that was woken and is to be ready.
    #[track_caller]
    pub(crate) fn woken(&mut self) -> T {
        assert!(self.wakes() > 0, "nobody woke it");
        self.ready()
    }

    /// Polls a future that is to be ready.
    #[track_caller]
    pub(crate) fn ready(&mut self) -> T {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it should be ready"),
        }
    }

    pub(crate) fn wakes(&self) -> usize {
        self.bell.rings()
    }
}

/// Polls a future once, and drops it.
pub(crate) fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    match poll(Box::pin(future).as_mut(), Waker::noop()) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `f`, whose panics on this thread are expected, and gives the payload of one.
pub(crate) fn catch<R>(f: impl FnOnce() -> R) -> thread::Result<R> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                loud(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    QUIET.set(before);
    result
}

/// Is a panic on this thread expected, and not worth a word?
pub(crate) fn is_expected() -> bool {
    QUIET.get()
}

/// Runs `f` and swallows its panic; true if there was one.
pub(crate) fn panics(f: impl FnOnce()) -> bool {
    catch(f).is_err()
}

/// The message `f` panics with.
#[track_caller]
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    match catch(f) {
        Ok(_) => panic!("it should have panicked"),
        Err(payload) => {
            let text = payload
                .downcast_ref::<&'static str>()
                .map(|it| (*it).to_owned());
            text.or_else(|| payload.downcast_ref::<String>().cloned())
                .unwrap_or_default()
        }
    }
}

/// Keeps a waker for ever, as one that is leaked. It stays reachable, so that a leak checker reports
/// nothing but what nobody planted.
pub(crate) fn keep(waker: Waker) {
    static KEPT: Mutex<Vec<Waker>> = Mutex::new(Vec::new());
    KEPT.lock().unwrap().push(waker);
}

/// How many values it made are alive.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census(Arc<AtomicUsize>);

impl Census {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A value that is counted until its drop.
    pub(crate) fn value(&self, number: u64) -> Counted {
        self.0.fetch_add(1, Ordering::SeqCst);
        Counted {
            number,
            census: self.clone(),
        }
    }

    pub(crate) fn alive(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// A value that is counted; a clone counts too.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) number: u64,
    census: Census,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.census.value(self.number)
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.census.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Waits until `condition` holds; the watchdog sees to it that it ends.
pub(crate) fn until_true(condition: impl Fn() -> bool) {
    while !condition() {
        thread::yield_now();
    }
}

/// Runs `f` in a poll whose budget is used up.
pub(crate) fn without_budget<R>(f: impl FnOnce() -> R) -> R {
    use selvedge_sync::context::{self, Budget};
    context::with_budget(Budget::initial(), || {
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(unit) = context::poll_proceed(&mut cx) {
            unit.made_progress();
        }
        assert!(!context::budget().has_remaining());
        f()
    })
}
