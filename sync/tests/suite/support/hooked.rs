//! A waker that runs foreign code on each of its events.
#![allow(
    unsafe_code,
    reason = "only a hand-made vtable sees clone and drop of a waker"
)]

use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{RawWaker, RawWakerVTable, Waker};
use std::thread;

/// What happens to a waker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Clone,
    Wake,
    Drop,
}

pub(crate) const EVENTS: [Event; 3] = [Event::Clone, Event::Wake, Event::Drop];

/// The foreign code, and how many of its wakers are alive.
pub(crate) struct Hooked {
    act: Box<dyn Fn(Event) + Send + Sync>,
    alive: AtomicUsize,
}

impl Hooked {
    pub(crate) fn new(act: impl Fn(Event) + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            act: Box::new(act),
            alive: AtomicUsize::new(0),
        })
    }

    /// How many wakers there are.
    pub(crate) fn alive(&self) -> usize {
        self.alive.load(Ordering::Relaxed)
    }

    /// A waker whose events run the code; making it is not an event.
    pub(crate) fn waker(self: &Arc<Self>) -> Waker {
        // SAFETY: the functions of the table treat the pointer as the `Arc` it is, and are safe to
        // call from any thread.
        unsafe { Waker::from_raw(raw(self.clone())) }
    }
}

/// A waker that panics at `when`, as long as the flag is up and the thread does not panic already.
pub(crate) fn bomb(when: Event) -> (Arc<Hooked>, Arc<AtomicBool>) {
    let armed = Arc::new(AtomicBool::new(false));
    let hooked = Hooked::new({
        let armed = armed.clone();
        move |event| {
            let spared = !armed.load(Ordering::Relaxed) || thread::panicking();
            assert!(event != when || spared, "{when:?}");
        }
    });
    (hooked, armed)
}

/// A waker that runs `enter` at each event, but not within itself.
pub(crate) fn reentrant(enter: impl Fn(Event) + Send + Sync + 'static) -> Arc<Hooked> {
    let inside = AtomicBool::new(false);
    Hooked::new(move |event| {
        if !inside.swap(true, Ordering::Relaxed) {
            enter(event);
            inside.store(false, Ordering::Relaxed);
        }
    })
}

/// Ends one waker, also when its code panics.
struct Ends(Arc<Hooked>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, Ordering::Relaxed);
    }
}

static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

fn raw(hooked: Arc<Hooked>) -> RawWaker {
    hooked.alive.fetch_add(1, Ordering::Relaxed);
    RawWaker::new(Arc::into_raw(hooked).cast(), &TABLE)
}

/// # Safety
///
/// `data` comes from `raw`, and its waker lives.
unsafe fn borrow(data: *const ()) -> ManuallyDrop<Arc<Hooked>> {
    // SAFETY: made by `Arc::into_raw`, and not given up here.
    ManuallyDrop::new(unsafe { Arc::from_raw(data.cast()) })
}

/// # Safety
///
/// As for `borrow`, and the waker ends with this call.
unsafe fn end(data: *const ()) -> Ends {
    // SAFETY: made by `Arc::into_raw`, and given up here.
    Ends(unsafe { Arc::from_raw(data.cast()) })
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the contract of the table.
    let hooked = unsafe { borrow(data) };
    (hooked.act)(Event::Clone);
    raw(Arc::clone(&hooked))
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the contract of the table.
    let ends = unsafe { end(data) };
    (ends.0.act)(Event::Wake);
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the contract of the table.
    let hooked = unsafe { borrow(data) };
    (hooked.act)(Event::Wake);
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the contract of the table.
    let ends = unsafe { end(data) };
    (ends.0.act)(Event::Drop);
}
