//! Figures that can be checked by hand.

use super::{Summary, geometric_mean};

#[test]
fn summary_of_five() {
    let summary = Summary::of(&[5.0, 1.0, 2.0, 100.0, 3.0]).unwrap();
    assert_eq!(
        summary,
        Summary {
            median: 3.0,
            mad: 2.0,
            low: 2.0,
            high: 5.0
        }
    );
}

#[test]
fn median_of_an_even_number_lies_between() {
    assert_eq!(Summary::of(&[1.0, 2.0, 3.0, 10.0]).unwrap().median, 2.5);
}

#[test]
fn nothing_has_no_summary() {
    assert_eq!(Summary::of(&[]), None);
    assert_eq!(geometric_mean(&[]), None);
}

#[test]
fn a_ratio_and_its_inverse_cancel() {
    assert!((geometric_mean(&[0.5, 2.0]).unwrap() - 1.0).abs() < 1e-12);
}
