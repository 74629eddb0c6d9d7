//! What the tests of this module share: a runtime's timers driven by hand, and wakers that count.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use super::clock::Clock;
use super::timers::Timers;
use crate::context;

/// Timers under a clock that stands still until the test moves it.
pub(super) struct World {
    pub(super) timers: Arc<Timers>,
    /// How often the driver was unparked.
    pub(super) unparks: Arc<AtomicUsize>,
    pub(super) start: Instant,
}

impl World {
    pub(super) fn new(shards: usize) -> Self {
        Self::with_clock(shards, Clock::new(true, true))
    }

    pub(super) fn with_clock(shards: usize, clock: Clock) -> Self {
        let start = clock.now();
        let unparks = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&unparks);
        let unpark = move || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        Self {
            timers: Arc::new(Timers::new(shards, Arc::new(clock), Box::new(unpark))),
            unparks,
            start,
        }
    }

    /// Makes this thread the worker of shard `index`.
    pub(super) fn enter(&self, index: usize) -> impl Drop {
        context::enter_timers(&self.timers, index, false)
    }

    /// Makes this thread a guest of the runtime.
    pub(super) fn enter_foreign(&self) -> impl Drop {
        context::enter_timers(&self.timers, 0, true)
    }

    pub(super) fn unparks(&self) -> usize {
        self.unparks.load(Ordering::Relaxed)
    }

    /// Moves the clock and fires what is due.
    pub(super) fn advance(&self, duration: Duration) -> usize {
        self.timers.clock().advance(duration);
        self.fire()
    }

    pub(super) fn fire(&self) -> usize {
        self.timers.fire_due(self.timers.clock().now())
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.timers.clock().now() - self.start
    }
}

/// A future with a waker that counts.
pub(super) struct Polled<F> {
    pub(super) future: Pin<Box<F>>,
    wakes: Arc<CountWakes>,
}

#[derive(Default)]
pub(super) struct CountWakes(AtomicUsize);

impl CountWakes {
    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for CountWakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<F: Future> Polled<F> {
    pub(super) fn new(future: F) -> Self {
        Self {
            future: Box::pin(future),
            wakes: Arc::default(),
        }
    }

    pub(super) fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// From now on, polls with another waker.
    pub(super) fn change_waker(&mut self) {
        self.wakes = Arc::default();
    }

    pub(super) fn wakes(&self) -> usize {
        self.wakes.get()
    }
}

/// Runs a future to its end, letting time jump whenever it waits.
pub(super) fn run<F: Future>(world: &World, future: F) -> F::Output {
    use super::timers::ParkFor;

    let mut polled = Polled::new(future);
    let mut seen = 0;
    loop {
        if let Poll::Ready(output) = polled.poll() {
            return output;
        }
        while polled.wakes() == seen {
            match world.timers.prepare_park() {
                ParkFor::Jump(to) => assert!(world.timers.clock().auto_advance(to)),
                other => panic!("the future waits for no timer: {other:?}"),
            }
            world.timers.finish_park();
            world.fire();
        }
        seen = polled.wakes();
    }
}

/// Pseudo-random numbers; prints its seed, which shows if the test fails. `SELVEDGE_SEED` sets it.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new() -> Self {
        let seed = std::env::var("SELVEDGE_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or_else(|| RandomState::new().hash_one("seed"));
        println!("SELVEDGE_SEED={seed}");
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// As likely to have few bits as many.
    pub(super) fn of_any_size(&mut self) -> u64 {
        let bits = self.below(64);
        self.next() >> bits
    }
}
