//! Models of what races with what: filing, parking, firing, cancelling, resetting, shutting down.
//!
//! One race per model. All deadlines are small ticks of one scale, and firing is told the present,
//! so no real time takes part. Loom itself checks that nodes and wakers are never touched by two
//! threads at once, in particular not after their entry was freed.

use std::pin::Pin;
use std::sync::Arc as StdArc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Poll, Wake, Waker};

use ::loom::thread;

use super::*;
use crate::time::entry::{Entry, RuntimeGone};

/// Counts, and is no switching point: a plain counter of the standard library.
#[derive(Default)]
struct Count(AtomicUsize);

impl Count {
    fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: StdArc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Timers and how often their driver was unparked.
#[derive(Clone)]
struct Model {
    timers: Arc<Timers>,
    unparks: StdArc<Count>,
}

impl Model {
    fn new(shards: usize) -> Self {
        let unparks = StdArc::new(Count::default());
        let waker = Waker::from(StdArc::clone(&unparks));
        let clock = Arc::new(Clock::new(false, false));
        Self {
            timers: Arc::new(Timers::new(
                shards,
                clock,
                Box::new(move || waker.wake_by_ref()),
            )),
            unparks,
        }
    }

    fn at(&self, tick: u64) -> Instant {
        self.timers.scale.start_of(Tick::new(tick)).unwrap()
    }

    fn fire(&self, now: u64) -> usize {
        self.timers.fire_due(self.at(now))
    }

    /// What a driver would sleep until, after all others are done: true if that is by `tick`, or if
    /// it is unparked.
    fn wakes_by(&self, parked_until: Option<Tick>, tick: u64) -> bool {
        parked_until.is_some_and(|until| until <= Tick::new(tick)) || self.unparks.get() > 0
    }
}

/// An entry, its waker, and the shard it files in.
struct Timer {
    model: Model,
    shard: usize,
    foreign: bool,
    entry: Pin<Box<Entry>>,
    wakes: StdArc<Count>,
}

impl Timer {
    fn new(model: &Model, shard: usize, foreign: bool) -> Self {
        Self {
            model: model.clone(),
            shard,
            foreign,
            entry: Box::pin(Entry::new(model.timers.context(shard, foreign))),
            wakes: StdArc::default(),
        }
    }

    fn filed(model: &Model, tick: u64) -> Self {
        let mut timer = Self::new(model, 0, false);
        assert!(timer.file(tick).is_pending());
        timer
    }

    fn here(&self) -> Option<TimerContext> {
        Some(self.model.timers.context(self.shard, self.foreign))
    }

    fn file(&mut self, tick: u64) -> Poll<Result<(), RuntimeGone>> {
        let (deadline, here) = (self.model.at(tick), self.here());
        let waker = Waker::from(StdArc::clone(&self.wakes));
        self.entry.as_mut().file(&waker, deadline, None, here)
    }

    fn poll(&mut self) -> Poll<Result<(), RuntimeGone>> {
        let waker = Waker::from(StdArc::clone(&self.wakes));
        self.entry.as_mut().poll(&waker)
    }

    fn reset(&mut self, tick: u64) {
        let (deadline, here) = (self.model.at(tick), self.here());
        self.entry.as_mut().reset(deadline, None, here);
    }

    fn wakes(&self) -> usize {
        self.wakes.get()
    }
}

#[test]
fn l34_filing_races_parking() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::new(&model, 0, true);
        let filing = thread::spawn(move || {
            assert!(timer.file(10).is_pending());
            timer
        });
        let until = model.timers.announce_park();
        let timer = filing.join().unwrap();
        assert!(model.wakes_by(until, 10), "the driver sleeps past a timer");
        drop(timer);
    });
}

#[test]
fn l34_filing_an_earlier_timer_races_parking_until_a_later_one() {
    ::loom::model(|| {
        let model = Model::new(1);
        let late = Timer::filed(&model, 20);
        let mut early = Timer::new(&model, 0, true);
        let filing = thread::spawn(move || {
            assert!(early.file(10).is_pending());
            early
        });
        let until = model.timers.announce_park();
        let early = filing.join().unwrap();
        assert!(model.wakes_by(until, 10), "the driver sleeps past a timer");
        drop((early, late));
    });
}

#[test]
fn l34_filing_races_waking_and_parking_again() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::new(&model, 0, true);
        model.timers.announce_park();
        let filing = thread::spawn(move || {
            assert!(timer.file(10).is_pending());
            timer
        });
        // An event ends the first sleep, whether an unpark was sent or not.
        model.timers.finish_park();
        let sent_before = model.unparks.get();
        let until = model.timers.announce_park();
        let timer = filing.join().unwrap();
        // An unpark that was sent before the second sleep counts for neither side.
        let known = until.is_some_and(|until| until <= Tick::new(10));
        assert!(known || model.unparks.get() > sent_before);
        drop(timer);
    });
}

#[test]
fn l39_filing_in_two_shards_races_parking() {
    let mut builder = ::loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(3));
    builder.check(|| {
        let model = Model::new(2);
        let filing: Vec<_> = [(0, 10), (1, 20)]
            .map(|(shard, tick)| {
                let mut timer = Timer::new(&model, shard, true);
                thread::spawn(move || {
                    assert!(timer.file(tick).is_pending());
                    timer
                })
            })
            .into();
        let until = model.timers.announce_park();
        let timers: Vec<_> = filing
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        assert!(model.wakes_by(until, 10), "the driver sleeps past a timer");
        drop(timers);
    });
}

#[test]
fn l39_handing_over_races_parking() {
    ::loom::model(|| {
        let model = Model::new(2);
        let worker = model.clone();
        let idle = thread::spawn(move || {
            let mut timer = Timer::new(&worker, 1, false);
            assert!(timer.file(10).is_pending());
            worker.timers.hand_over(1);
            timer
        });
        let until = model.timers.announce_park();
        let timer = idle.join().unwrap();
        assert!(model.wakes_by(until, 10), "the driver sleeps past a timer");
        drop(timer);
    });
}

#[test]
fn l35_cancelling_races_firing() {
    ::loom::model(|| {
        let model = Model::new(1);
        let timer = Timer::filed(&model, 10);
        let wakes = StdArc::clone(&timer.wakes);
        let driver = model.clone();
        let firing = thread::spawn(move || driver.fire(10));
        drop(timer);
        assert_eq!(firing.join().unwrap(), wakes.get());
        assert!(!model.timers.has_timers(0));
        assert_eq!(StdArc::strong_count(&wakes), 1, "no waker is left");
    });
}

#[test]
fn l35_firing_by_two_threads_fires_once() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::filed(&model, 10);
        let driver = model.clone();
        let firing = thread::spawn(move || driver.fire(10));
        let here = model.fire(10);
        assert_eq!(firing.join().unwrap() + here, 1);
        assert_eq!(timer.wakes(), 1);
        assert_eq!(timer.poll(), Poll::Ready(Ok(())));
    });
}

#[test]
fn l36_resetting_to_later_races_firing() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::filed(&model, 10);
        let driver = model.clone();
        let firing = thread::spawn(move || driver.fire(10));
        timer.reset(20);
        let fired = firing.join().unwrap();
        assert_eq!(timer.wakes(), fired);
        // Idle if it fired first, filed if the reset came first; in both cases it will fire at 20.
        if timer.entry.is_idle() {
            assert!(timer.file(20).is_pending());
        } else {
            assert!(timer.poll().is_pending());
        }
        assert_eq!(model.fire(19), 0);
        assert_eq!(model.fire(20), 1);
        assert_eq!(timer.poll(), Poll::Ready(Ok(())));
    });
}

#[test]
fn l36_resetting_to_earlier_races_firing() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::filed(&model, 100);
        let driver = model.clone();
        let firing = thread::spawn(move || driver.fire(50));
        timer.reset(10);
        firing.join().unwrap();
        // Fired in that pass, or found due by the reset, or left for the next pass.
        model.fire(50);
        assert_eq!(timer.wakes(), 1);
        assert_eq!(timer.poll(), Poll::Ready(Ok(())));
    });
}

#[test]
fn l36_resetting_to_earlier_races_parking() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::filed(&model, 20);
        timer.foreign = true;
        let resetting = thread::spawn(move || {
            timer.reset(10);
            timer
        });
        let until = model.timers.announce_park();
        let timer = resetting.join().unwrap();
        assert!(model.wakes_by(until, 10), "the driver sleeps past a timer");
        drop(timer);
    });
}

#[test]
fn l37_dropping_races_firing_and_shutdown() {
    let mut builder = ::loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(Some(3));
    builder.check(|| {
        let model = Model::new(1);
        let timer = Timer::filed(&model, 10);
        let wakes = StdArc::clone(&timer.wakes);
        let (driver, closer) = (model.clone(), model.clone());
        let firing = thread::spawn(move || driver.fire(10));
        let closing = thread::spawn(move || closer.timers.shutdown());
        drop(timer);
        firing.join().unwrap();
        closing.join().unwrap();
        assert!(wakes.get() <= 1);
        assert!(!model.timers.has_timers(0));
        assert_eq!(StdArc::strong_count(&wakes), 1, "no waker is left");
    });
}

#[test]
fn l37_filing_races_shutdown() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::new(&model, 0, true);
        let closer = model.clone();
        let closing = thread::spawn(move || closer.timers.shutdown());
        let first = timer.file(10);
        closing.join().unwrap();
        match first {
            Poll::Ready(outcome) => assert_eq!(outcome, Err(RuntimeGone)),
            Poll::Pending => assert_eq!(timer.wakes(), 1, "a wait nobody ends"),
        }
        assert_eq!(timer.poll(), Poll::Ready(Err(RuntimeGone)));
    });
}

#[test]
fn l38_changing_the_waker_races_firing() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::filed(&model, 10);
        let first = std::mem::take(&mut timer.wakes);
        let driver = model.clone();
        let firing = thread::spawn(move || driver.fire(10));
        let poll = timer.poll();
        assert_eq!(firing.join().unwrap(), 1);
        match poll {
            Poll::Pending => assert_eq!((first.get(), timer.wakes()), (0, 1)),
            Poll::Ready(outcome) => {
                assert_eq!(outcome, Ok(()));
                assert_eq!((first.get(), timer.wakes()), (1, 0));
            }
        }
        drop(timer);
        assert_eq!(StdArc::strong_count(&first), 1, "no waker is left");
    });
}

#[test]
fn l38_polling_with_the_same_waker_races_firing() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::filed(&model, 10);
        let driver = model.clone();
        let firing = thread::spawn(move || driver.fire(10));
        let poll = timer.poll();
        firing.join().unwrap();
        assert_eq!(timer.wakes(), 1);
        assert!(matches!(poll, Poll::Pending | Poll::Ready(Ok(()))));
        assert_eq!(timer.poll(), Poll::Ready(Ok(())));
    });
}

#[test]
fn l38_using_a_timer_again_races_the_end_of_firing() {
    ::loom::model(|| {
        let model = Model::new(1);
        let mut timer = Timer::filed(&model, 10);
        let driver = model.clone();
        let firing = thread::spawn(move || driver.fire(10));
        // The firing thread may still hold the lock, but must be done with the entry (I3).
        if timer.poll().is_ready() {
            timer.reset(20);
            assert!(timer.file(20).is_pending());
        }
        firing.join().unwrap();
        assert!(model.timers.has_timers(0) || timer.wakes() == 1);
    });
}
