//! The wheel against a sorted map, and at the edges of its levels.

#![allow(unsafe_code, reason = "tests make nodes that stay where they are")]

use std::collections::BTreeMap;
use std::ptr::NonNull;

use super::super::list::NodeCell;
use super::super::test_world::Random;
use super::*;

/// A wheel whose timers have numbers.
struct Timers {
    wheel: Wheel,
    /// Never grows, so the nodes stay where they are.
    nodes: Vec<NodeCell>,
}

impl Timers {
    fn new(count: usize) -> Self {
        Self {
            wheel: Wheel::new(),
            nodes: (0..count).map(|_| NodeCell::new()).collect(),
        }
    }

    fn node(&self, index: usize) -> NodeRef {
        // SAFETY: not moved, and alive as long as the wheel, which dereferences nothing when dropped.
        unsafe { NodeRef::new(NonNull::from(&self.nodes[index])) }
    }

    fn index(&self, node: NodeRef) -> usize {
        (0..self.nodes.len())
            .find(|&index| self.node(index) == node)
            .expect("a node of this wheel")
    }

    fn insert(&mut self, index: usize, tick: u64) -> bool {
        self.wheel.insert(self.node(index), Tick::new(tick)).is_ok()
    }

    fn next_due(&mut self, now: u64) -> Option<usize> {
        loop {
            match self.wheel.step(Tick::new(now)) {
                Step::Due(node) => return Some(self.index(node)),
                Step::Refiled => {}
                Step::Done => return None,
            }
        }
    }

    fn all_due(&mut self, now: u64) -> Vec<usize> {
        std::iter::from_fn(|| self.next_due(now)).collect()
    }
}

#[test]
fn a_timer_is_due_at_its_tick_and_not_before() {
    let mut timers = Timers::new(1);
    for tick in [1, 2, 63, 64, 65, 4095, 4096, 4097, 1 << 40, Tick::MAX.get()] {
        timers.wheel = Wheel::new();
        assert!(timers.insert(0, tick));
        assert_eq!(timers.all_due(tick - 1), []);
        assert_eq!(timers.all_due(tick), [0], "tick {tick}");
        assert!(timers.wheel.is_empty());
    }
}

#[test]
fn a_deadline_that_has_passed_is_not_filed() {
    let mut timers = Timers::new(1);
    assert_eq!(timers.all_due(100), []);
    assert!(!timers.insert(0, 100));
    assert!(!timers.insert(0, 0));
    assert!(timers.wheel.is_empty());
}

#[test]
fn timers_of_one_tick_leave_in_the_order_they_were_filed() {
    let mut timers = Timers::new(100);
    for index in 0..100 {
        assert!(timers.insert(index, 300_000));
    }
    assert_eq!(timers.all_due(300_000), (0..100).collect::<Vec<_>>());
}

#[test]
fn r130_a_twenty_year_sleep_survives_every_level_boundary() {
    // In nanoseconds, the finest scale.
    const TWENTY_YEARS: u64 = 20 * 365 * 86_400 * 1_000_000_000;
    let mut timers = Timers::new(2);
    assert!(timers.insert(0, TWENTY_YEARS));
    for bits in 0..59 {
        let boundary = 1_u64 << bits;
        for now in [boundary - 1, boundary, boundary + 1] {
            // Next to it, a short timer that comes and goes.
            if timers.insert(1, now) {
                assert_eq!(timers.all_due(now), [1], "at {now}");
            }
            assert_eq!(timers.all_due(now), [], "at {now}");
            assert_eq!(timers.wheel.next_wake(), Some(Tick::new(TWENTY_YEARS)));
        }
    }
    assert_eq!(timers.all_due(TWENTY_YEARS - 1), []);
    assert_eq!(timers.all_due(TWENTY_YEARS), [0]);
}

#[test]
fn r133_no_deadline_has_a_special_meaning() {
    for bits in 1..=62 {
        let power = 1_u64 << bits;
        for tick in [power - 2, power - 1, power, power + 1, u64::MAX - power] {
            let tick = tick.clamp(1, Tick::MAX.get());
            let mut timers = Timers::new(1);
            assert!(timers.insert(0, tick));
            assert_eq!(timers.wheel.next_wake(), Some(Tick::new(tick)));
            assert_eq!(timers.all_due(tick - 1), []);
            assert_eq!(timers.all_due(tick), [0]);
        }
    }
}

#[test]
fn r135_a_clock_that_steps_back_changes_nothing() {
    let mut timers = Timers::new(1);
    assert_eq!(timers.all_due(1000), []);
    assert!(timers.insert(0, 2000));
    assert_eq!(timers.all_due(500), []);
    timers.wheel.catch_up(Tick::new(10));
    assert_eq!(timers.wheel.elapsed, Tick::new(1000));
    assert_eq!(timers.all_due(2000), [0]);
}

#[test]
fn next_wake_is_exact_in_a_slot_of_few_and_the_start_of_one_of_many() {
    let mut timers = Timers::new(LOOK_AHEAD_MAX + 1);
    for index in 0..LOOK_AHEAD_MAX {
        assert!(timers.insert(index, 70 + index as u64));
    }
    assert_eq!(timers.wheel.next_wake(), Some(Tick::new(70)));
    assert!(timers.insert(LOOK_AHEAD_MAX, 100));
    assert_eq!(timers.wheel.next_wake(), Some(Tick::new(64)));
    assert_eq!(timers.all_due(64), []);
    assert_eq!(timers.wheel.next_wake(), Some(Tick::new(70)));
}

#[test]
fn a_slot_can_change_while_it_is_drained() {
    let mut timers = Timers::new(4);
    for index in 0..3 {
        assert!(timers.insert(index, 200));
    }
    // The slot of 200 is open: timer 0 was filed anew, 1 and 2 wait for that.
    assert_eq!(timers.wheel.step(Tick::new(200)), Step::Refiled);
    assert_eq!(timers.wheel.next_wake(), Some(timers.wheel.elapsed));
    timers.wheel.remove(timers.node(1));
    assert!(timers.insert(3, 200));
    timers.wheel.remove(timers.node(2));
    assert_eq!(timers.all_due(200), [0, 3]);
}

#[test]
fn catching_up_files_short_timers_in_narrow_slots() {
    let mut timers = Timers::new(2);
    assert!(timers.insert(0, 1 << 30));
    timers.wheel.catch_up(Tick::new(1 << 20));
    assert!(timers.insert(1, (1 << 20) + 3));
    // Not filed anew: the first step finds it due.
    let now = Tick::new((1 << 20) + 3);
    assert_eq!(timers.wheel.step(now), Step::Due(timers.node(1)));
    // Never past the start of a slot in use.
    timers.wheel.catch_up(Tick::new(1 << 31));
    assert!(timers.wheel.elapsed < Tick::new(1 << 30));
    assert_eq!(timers.all_due(1 << 30), [0]);
}

/// Which timers are filed, in the order in which they have to leave.
#[derive(Default)]
struct Oracle {
    by_deadline: BTreeMap<(u64, u64), usize>,
    filed: BTreeMap<usize, (u64, u64)>,
    serial: u64,
}

impl Oracle {
    fn insert(&mut self, index: usize, tick: u64) {
        self.serial += 1;
        self.by_deadline.insert((tick, self.serial), index);
        self.filed.insert(index, (tick, self.serial));
    }

    fn remove(&mut self, index: usize) -> bool {
        let Some(key) = self.filed.remove(&index) else {
            return false;
        };
        self.by_deadline.remove(&key).is_some()
    }

    /// Checks that `fired` was the one to fire at `now`.
    fn fire(&mut self, fired: usize, now: u64, in_order: bool) {
        let (&(tick, _), &first) = self.by_deadline.first_key_value().expect("a filed timer");
        assert!(tick <= now, "timer {fired} fired early: {tick} at {now}");
        assert_eq!(self.filed[&fired].0, tick, "order of ticks at {now}");
        assert!(!in_order || fired == first, "order in tick {tick}");
        self.remove(fired);
    }

    fn next(&self) -> Option<u64> {
        Some(self.by_deadline.first_key_value()?.0.0)
    }
}

/// One random history of a wheel; `span_bits` bounds how far deadlines lie ahead.
/// With `interrupt`, some passes stop early, as one does that has held the lock for long enough.
fn compare_with_a_sorted_map(
    random: &mut Random,
    operations: usize,
    span_bits: u32,
    interrupt: bool,
) {
    const TIMERS: u64 = 64;
    let mut timers = Timers::new(TIMERS as usize);
    let mut oracle = Oracle::default();
    let mut now = 0_u64;
    let span = |random: &mut Random| random.of_any_size() >> (64 - span_bits);
    for _ in 0..operations {
        let index = random.below(TIMERS) as usize;
        match random.below(8) {
            0..=3 => {
                if oracle.remove(index) {
                    timers.wheel.remove(timers.node(index));
                }
                let tick = (now + span(random)).min(Tick::MAX.get());
                if timers.insert(index, tick) {
                    oracle.insert(index, tick);
                } else {
                    assert!(tick <= now, "refused tick {tick} at {now}");
                }
            }
            4 => {
                if oracle.remove(index) {
                    timers.wheel.remove(timers.node(index));
                }
            }
            5 => timers.wheel.catch_up(Tick::new(now)),
            6 if interrupt => {
                now = (now + span(random)).min(Tick::MAX.get());
                for _ in 0..random.below(8) {
                    if let Step::Due(node) = timers.wheel.step(Tick::new(now)) {
                        oracle.fire(timers.index(node), now, !interrupt);
                    }
                }
            }
            _ => {
                now = (now + span(random)).min(Tick::MAX.get());
                while let Some(index) = timers.next_due(now) {
                    oracle.fire(index, now, !interrupt);
                }
                assert!(
                    oracle.next().is_none_or(|next| now < next),
                    "forgotten at {now}"
                );
            }
        }
        check_next_wake(&timers, &oracle);
    }
}

fn check_next_wake(timers: &Timers, oracle: &Oracle) {
    let wake = timers.wheel.next_wake().map(Tick::get);
    match oracle.next() {
        None => assert_eq!(wake, None),
        Some(next) => assert!(wake.is_some_and(|wake| wake <= next), "{wake:?} {next}"),
    }
    assert_eq!(timers.wheel.is_empty(), oracle.by_deadline.is_empty());
}

#[test]
fn agrees_with_a_sorted_map() {
    let mut random = Random::new();
    for span_bits in [3, 7, 13, 20, 40, 56] {
        compare_with_a_sorted_map(&mut random, 30_000, span_bits, false);
        compare_with_a_sorted_map(&mut random, 30_000, span_bits, true);
    }
}

#[test]
#[ignore = "millions of operations: for nightly runs"]
fn agrees_with_a_sorted_map_for_long() {
    let mut random = Random::new();
    for round in 0..64 {
        compare_with_a_sorted_map(&mut random, 200_000, 3 + round % 55, round % 2 == 0);
    }
}
