//! Arithmetic that does not panic.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn r135_differences_saturate() {
    let early = Instant::now();
    let late = early + SECOND;
    assert_eq!(late - early, SECOND);
    assert_eq!(early - late, Duration::ZERO);
    assert_eq!(early.duration_since(late), Duration::ZERO);
    assert_eq!(early.saturating_duration_since(late), Duration::ZERO);
    assert_eq!(early.checked_duration_since(late), None);
    assert_eq!(late.elapsed(), Duration::ZERO);
}

#[test]
fn sums_that_are_too_large_are_none_or_far_away() {
    let now = Instant::now();
    assert_eq!(now.checked_add(Duration::MAX), None);
    assert_eq!(now.checked_sub(Duration::MAX), None);
    assert!(now.add_or_far_future(Duration::MAX) > now + 29 * 365 * 24 * 3600 * SECOND);
    assert_eq!(now.add_or_far_future(SECOND), now + SECOND);
}

#[test]
fn converts_to_and_from_the_standard_type() {
    let std = std::time::Instant::now();
    assert_eq!(Instant::from_std(std).into_std(), std);
    assert_eq!(std::time::Instant::from(Instant::from(std)), std);
    assert_eq!(format!("{:?}", Instant::from_std(std)), format!("{std:?}"));
}

#[test]
fn assigning_operators_agree_with_the_others() {
    let start = Instant::now();
    let mut instant = start;
    instant += SECOND;
    assert_eq!(instant, start + SECOND);
    instant -= SECOND;
    assert_eq!(instant, start);
}
