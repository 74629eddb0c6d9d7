//! Firing, parking and shutting down, on timers driven by hand.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Wake, Waker};

use super::super::test_world::{Polled, Random, World};
use super::super::{Sleep, sleep};
use super::*;

const MS: Duration = Duration::from_millis(1);

fn waiting(duration: Duration) -> Polled<Sleep> {
    let mut sleep = Polled::new(sleep(duration));
    assert!(sleep.poll().is_pending());
    sleep
}

/// A waker that does something.
struct OnWake<F>(F);

impl<F: Fn() + Send + Sync + 'static> Wake for OnWake<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn waker(f: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(std::sync::Arc::new(OnWake(f)))
}

#[test]
fn timers_of_all_shards_fire_each_once() {
    let world = World::new(3);
    let mut all = Vec::new();
    for index in 0..3 {
        let _worker = world.enter(index);
        all.extend((0..100).map(|ms| waiting((1 + ms) * MS)));
    }
    for elapsed in 1..=100 {
        assert_eq!(world.advance(MS), 3, "after {elapsed} ms");
    }
    assert!(all.iter().all(|sleep| sleep.wakes() == 1));
    assert_eq!(world.advance(1000 * MS), 0);
    assert_eq!(world.timers.next_deadline(), None);
}

#[test]
fn timers_fire_in_order_of_their_deadlines() {
    let world = World::new(1);
    let _here = world.enter(0);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut random = Random::new();
    let mut expected = Vec::new();
    let mut all: Vec<_> = (0..500)
        .map(|number| {
            let millis = 1 + random.below(200) as u32;
            expected.push((millis, number));
            let order = Arc::clone(&order);
            (
                Box::pin(sleep(millis * MS)),
                waker(move || order.lock().unwrap().push((millis, number))),
            )
        })
        .collect();
    for (sleep, waker) in &mut all {
        assert!(
            sleep
                .as_mut()
                .poll(&mut Context::from_waker(waker))
                .is_pending()
        );
    }
    assert_eq!(world.advance(1000 * MS), 500);
    expected.sort_unstable();
    assert_eq!(*order.lock().unwrap(), expected);
}

#[test]
fn next_deadline_is_that_of_the_earliest_timer_left() {
    let world = World::new(2);
    let start = world.start;
    let _late = {
        let _worker = world.enter(1);
        waiting(50 * MS)
    };
    let _worker = world.enter(0);
    let early = waiting(10 * MS);
    let _middle = waiting(20 * MS);
    assert_eq!(world.timers.next_deadline(), Some(start + 10 * MS));
    drop(early);
    assert_eq!(world.timers.next_deadline(), Some(start + 20 * MS));
    assert_eq!(world.timers.next_deadline_shard(1), Some(start + 50 * MS));
    world.advance(20 * MS);
    assert_eq!(world.timers.next_deadline(), Some(start + 50 * MS));
}

#[test]
fn a_waker_that_panics_loses_no_other_timer() {
    let world = World::new(2);
    let hostile = waker(|| panic!("hostile waker"));
    let mut all = Vec::new();
    let mut hostile_sleep = Box::pin({
        let _worker = world.enter(0);
        all.extend((0..50).map(|_| waiting(MS)));
        sleep(MS)
    });
    let mut cx = Context::from_waker(&hostile);
    for index in 0..2 {
        let _worker = world.enter(index);
        if index == 0 {
            assert!(hostile_sleep.as_mut().poll(&mut cx).is_pending());
        }
        all.extend((0..50).map(|_| waiting(MS)));
    }
    let fired = catch_unwind(AssertUnwindSafe(|| world.advance(MS)));
    let panic = fired.unwrap_err();
    assert_eq!(*panic.downcast::<&str>().unwrap(), "hostile waker");
    assert!(all.iter().all(|sleep| sleep.wakes() == 1));
    assert!(hostile_sleep.is_elapsed());
    assert_eq!(world.fire(), 0, "each fired once");
}

#[test]
fn a_waker_may_use_the_timers() {
    let world = World::new(1);
    let _here = world.enter(0);
    let other = Arc::new(Mutex::new(Some(waiting(5 * MS))));
    let timers = Arc::clone(&world.timers);
    let hostile = waker(move || {
        drop(other.lock().unwrap().take());
        timers.fire_due(timers.clock().now());
        drop(waiting(MS));
    });
    let mut first = pin!(sleep(MS));
    assert!(
        first
            .as_mut()
            .poll(&mut Context::from_waker(&hostile))
            .is_pending()
    );
    assert_eq!(world.advance(MS), 1);
    assert!(!world.timers.has_timers(0));
}

#[test]
fn a_pass_ends_although_each_wake_files_another_timer() {
    #[derive(Default)]
    struct Chain {
        wakes: Mutex<usize>,
        sleeps: Mutex<Vec<std::pin::Pin<Box<Sleep>>>>,
    }
    fn again(chain: &Arc<Chain>, delay: Duration) {
        *chain.wakes.lock().unwrap() += 1;
        let mut next = Box::pin(sleep(delay));
        let (weak, delay) = (Arc::downgrade(chain), delay / 2);
        let waker = waker(move || again(&weak.upgrade().unwrap(), delay));
        let _ = next.as_mut().poll(&mut Context::from_waker(&waker));
        chain.sleeps.lock().unwrap().push(next);
    }
    // Time runs on by itself, as it does for a driver that fires timers.
    let world = World::with_clock(1, Clock::new(false, false));
    let _here = world.enter(0);
    let chain = Arc::new(Chain::default());
    again(&chain, MS);
    let late = world.timers.clock().now() + Duration::from_secs(3600);
    let fired = world.timers.fire_due(late);
    // The first is due by then, and so is what it filed, until the delays are zero.
    assert!((1..40).contains(&fired), "{fired} fired");
    assert_eq!(*chain.wakes.lock().unwrap(), fired + 1);
}

#[test]
fn many_timers_of_one_tick_fire_in_one_pass() {
    let world = World::new(1);
    let _here = world.enter(0);
    // More than a batch of wakers and more than the steps of one hold of the lock.
    let all: Vec<_> = (0..3000).map(|_| waiting(1000 * MS)).collect();
    assert_eq!(world.advance(1000 * MS), 3000);
    assert!(all.iter().all(|sleep| sleep.wakes() == 1));
}

#[test]
fn park_until_the_next_deadline() {
    let world = World::with_clock(2, Clock::new(false, false));
    assert_eq!(world.timers.prepare_park(), ParkFor::Event);
    world.timers.finish_park();
    let _here = world.enter(1);
    let _timer = waiting(Duration::from_secs(3600));
    match world.timers.prepare_park() {
        ParkFor::Timeout(duration) => {
            assert!(duration <= Duration::from_secs(3600) + MS);
            assert!(duration > Duration::from_secs(3500));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn r134_parking_does_not_spin_before_a_deadline() {
    // If parking for the timeout found nothing due, the driver would park again and again.
    let mut random = Random::new();
    for _ in 0..1000 {
        let world = World::with_clock(1, Clock::new(false, false));
        let _here = world.enter(0);
        let _timer =
            waiting(Duration::from_secs(100) + Duration::from_nanos(random.below(1 << 40)));
        let deadline = world.timers.next_deadline().unwrap();
        assert_eq!(world.timers.fire_due(deadline), 1);
    }
}

#[test]
fn r140_paused_time_jumps_unless_it_is_held() {
    let world = World::new(1);
    let _here = world.enter(0);
    assert_eq!(world.timers.prepare_park(), ParkFor::Event);
    let timer = waiting(MS);
    let deadline = world.start + MS;
    assert_eq!(world.timers.prepare_park(), ParkFor::Jump(deadline));
    let hold = Timers::hold_time(&world.timers).expect("time can be paused");
    assert_eq!(world.timers.prepare_park(), ParkFor::Event);
    assert!(!world.timers.clock().auto_advance(deadline));
    assert_eq!(world.unparks(), 0);
    drop(hold);
    assert_eq!(
        world.unparks(),
        1,
        "the driver waits for the end of the hold"
    );
    assert_eq!(world.timers.prepare_park(), ParkFor::Jump(deadline));
    assert!(world.timers.clock().auto_advance(deadline));
    world.timers.finish_park();
    assert_eq!(world.fire(), 1);
    assert_eq!(timer.wakes(), 1);
    let real = World::with_clock(1, Clock::new(false, false));
    assert!(Timers::hold_time(&real.timers).is_none());
}

#[test]
fn r129_a_foreign_thread_unparks_a_driver_that_sleeps_too_long() {
    let world = World::new(2);
    let _foreign = world.enter_foreign();
    let _known = waiting(50 * MS);
    assert_eq!(world.unparks(), 0, "an awake driver is left alone");
    world.timers.prepare_park();
    let _later = waiting(60 * MS);
    let _same = waiting(50 * MS);
    assert_eq!(world.unparks(), 0, "the driver wakes in time");
    let _earlier = waiting(40 * MS);
    assert_eq!(world.unparks(), 1);
    let _between = waiting(45 * MS);
    assert_eq!(world.unparks(), 1, "one unpark is on its way");
    let _earliest = waiting(30 * MS);
    assert_eq!(world.unparks(), 2);
    world.timers.finish_park();
    let _awake = waiting(MS);
    assert_eq!(world.unparks(), 2);
}

#[test]
fn r129_a_driver_without_deadline_is_unparked_for_the_farthest_one() {
    let world = World::new(1);
    let _foreign = world.enter_foreign();
    assert_eq!(world.timers.prepare_park(), ParkFor::Event);
    let _timer = waiting(Duration::from_secs(u64::MAX / 1_000_000_000));
    assert_eq!(world.unparks(), 1);
}

#[test]
fn r129_a_reset_to_earlier_unparks_a_driver_that_sleeps_too_long() {
    let world = World::new(2);
    let mut timer = {
        let _worker = world.enter(1);
        waiting(50 * MS)
    };
    world.timers.prepare_park();
    {
        let _owner = world.enter(1);
        timer.future.as_mut().reset((world.start + 45 * MS).into());
        assert_eq!(world.unparks(), 0, "its worker looks at the shard itself");
    }
    let _other = world.enter(0);
    timer.future.as_mut().reset((world.start + 40 * MS).into());
    assert_eq!(world.unparks(), 1);
}

#[test]
fn a_worker_hands_its_timers_to_a_driver_that_sleeps_longer() {
    let world = World::new(2);
    let _worker = world.enter(1);
    world.timers.prepare_park();
    let _timer = waiting(MS);
    assert_eq!(world.unparks(), 0);
    world.timers.hand_over(0);
    assert_eq!(world.unparks(), 0, "nothing to hand over");
    world.timers.hand_over(1);
    assert_eq!(world.unparks(), 1);
    world.timers.hand_over(1);
    assert_eq!(world.unparks(), 1);
}

#[test]
fn r75_shutdown_ends_all_timers_once() {
    let world = World::new(2);
    let mut all = Vec::new();
    for index in 0..2 {
        let _worker = world.enter(index);
        all.extend((0..100).map(|number| waiting(MS * (1 << (number % 20)))));
    }
    world.timers.shutdown();
    world.timers.shutdown();
    assert!(all.iter().all(|sleep| sleep.wakes() == 1));
    assert_eq!(world.timers.next_deadline(), None);
    assert_eq!(world.advance(Duration::from_secs(1_000_000)), 0);
}

#[test]
fn sleeps_may_outlive_the_timers() {
    let world = World::new(1);
    let here = world.enter(0);
    let timer = waiting(MS);
    drop(here);
    drop(world);
    assert_eq!(timer.wakes(), 1);
    drop(timer);
}

#[test]
fn r142_timers_fit_on_a_small_stack() {
    let build = || drop(World::new(4));
    let small = std::thread::Builder::new().stack_size(64 * 1024);
    small.spawn(build).unwrap().join().unwrap();
}

#[test]
fn p9_memory_does_not_grow_with_the_number_of_runtimes() {
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        let world = World::new(1);
        seen.insert(std::ptr::from_ref(world.timers.shards[0]) as usize);
    }
    assert!(seen.len() < 500, "{} shards", seen.len());
}

#[test]
fn sleeps_on_many_threads_under_load() {
    // Real time and real races: all sleeps fire, none early. How late is not asked.
    let world = World::with_clock(4, Clock::new(false, false));
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let sleepers: Vec<_> = (0..4)
            .map(|index| {
                let world = &world;
                scope.spawn(move || sleeper(world, index))
            })
            .collect();
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                world.fire();
            }
        });
        let outcomes: Vec<_> = sleepers.into_iter().map(|thread| thread.join()).collect();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(outcomes.iter().all(Result::is_ok));
    });
}

fn sleeper(world: &World, index: usize) {
    use super::super::Instant;

    let _worker = world.enter(index);
    let mut random = Random::new();
    for _ in 0..500 {
        let duration = Duration::from_nanos(random.below(300_000));
        let deadline = Instant::now() + duration;
        let mut sleep = Polled::new(super::super::sleep_until(deadline));
        match random.below(4) {
            0 => drop(sleep.poll()),
            1 => {
                let _ = sleep.poll();
                sleep.future.as_mut().reset(deadline + duration);
                let _ = sleep.poll();
            }
            _ => {
                while sleep.poll().is_pending() {
                    std::thread::yield_now();
                }
                assert!(Instant::now() >= deadline, "early");
            }
        }
    }
}
