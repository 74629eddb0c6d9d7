//! Numbers keep three digits and get the unit that a person would choose.

use super::{count, factor, rate, text, times};
use crate::measure::Unit;

#[test]
fn seconds_go_from_nanoseconds_to_seconds() {
    let cases = [
        (1e-9, "1 ns"),
        (212.4e-9, "212 ns"),
        (11.24e-6, "11.2 µs"),
        (2.0, "2 s"),
    ];
    for (value, expected) in cases {
        assert_eq!(text(Unit::Seconds, value), expected);
    }
}

#[test]
fn bytes_grow_by_1024() {
    let cases = [
        (450.0, "450 B"),
        (1024.0, "1 KiB"),
        (9933.0, "9.7 KiB"),
        (3e9, "2.79 GiB"),
    ];
    for (value, expected) in cases {
        assert_eq!(text(Unit::Bytes, value), expected);
    }
}

#[test]
fn a_number_that_rounds_up_to_the_next_unit_takes_it() {
    assert_eq!(text(Unit::Seconds, 999.7e-9), "1 µs");
}

#[test]
fn ratios_below_one_keep_two_decimals() {
    assert_eq!(factor(0.056), "0.06×");
    assert_eq!(factor(53.21), "53.2×");
    assert_eq!(times(1234.0), "1234×");
}

#[test]
fn counts_and_rates_are_short() {
    assert_eq!(
        [1.0, 64.0, 1e3, 1e5, 1e6].map(count),
        ["1", "64", "1 k", "100 k", "1 M"]
    );
    assert_eq!([0.0, 0.000_2, 1.03].map(rate), ["0", "0.0002", "1.03"]);
}
