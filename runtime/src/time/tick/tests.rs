//! Rounding and saturation.

use super::*;
use crate::time::test_world::Random;

#[test]
fn deadlines_round_up_and_the_present_rounds_down() {
    let origin = Instant::now();
    let scale = TickScale::real(origin);
    let step = Duration::from_nanos(1 << 17);
    let nano = Duration::from_nanos(1);
    for (offset, after, before) in [
        (Duration::ZERO, 0, 0),
        (nano, 1, 0),
        (step - nano, 1, 0),
        (step, 1, 1),
        (step + nano, 2, 1),
    ] {
        assert_eq!(
            scale.at_or_after(origin + offset).get(),
            after,
            "{offset:?}"
        );
        assert_eq!(
            scale.at_or_before(origin + offset).get(),
            before,
            "{offset:?}"
        );
    }
}

#[test]
fn an_exact_scale_counts_nanoseconds() {
    let origin = Instant::now();
    let scale = TickScale::exact(origin);
    let instant = origin + Duration::from_nanos(1_234_567);
    assert_eq!(scale.at_or_after(instant).get(), 1_234_567);
    assert_eq!(scale.at_or_before(instant).get(), 1_234_567);
    assert_eq!(scale.start_of(Tick::new(1_234_567)), Some(instant));
}

#[test]
fn r138_no_deadline_is_early() {
    let origin = Instant::now();
    let mut random = Random::new();
    for scale in [TickScale::real(origin), TickScale::exact(origin)] {
        for _ in 0..100_000 {
            let deadline = origin + Duration::from_nanos(random.of_any_size() >> 2);
            let tick = scale.at_or_after(deadline);
            let starts = scale.start_of(tick).unwrap();
            assert!(starts >= deadline);
            assert!(
                scale.at_or_before(starts) == tick,
                "firing at its start finds it due"
            );
            let just_before = starts - Duration::from_nanos(1);
            assert!(
                just_before < origin
                    || scale.at_or_before(just_before) < tick
                    || tick == Tick::ZERO
            );
        }
    }
}

#[test]
fn r135_instants_before_the_origin_count_as_the_origin() {
    let now = Instant::now();
    let scale = TickScale::real(now + Duration::from_secs(1));
    assert_eq!(scale.at_or_after(now), Tick::ZERO);
    assert_eq!(scale.at_or_before(now), Tick::ZERO);
}

#[test]
fn far_instants_saturate() {
    let origin = Instant::now();
    let scale = TickScale::exact(origin);
    let mut duration = Duration::from_secs(1);
    // As far as the platform goes.
    while let Some(instant) = origin.checked_add(duration) {
        assert!(scale.at_or_after(instant) <= Tick::MAX);
        duration *= 2;
    }
    assert_eq!(Tick::new(u64::MAX), Tick::MAX);
}
