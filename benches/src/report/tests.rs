//! A small outcome with figures that can be checked by hand.

use super::{json, markdown};
use crate::rounds::{Outcome, Reading, Scored};
use crate::row::{Course, Entrant, Role, Row};

fn scored(name: &'static str, role: Role, figures: [f64; 3]) -> Scored {
    let entrant = Entrant {
        name,
        role,
        set_up: || Course::gauge(|| 0.0),
    };
    let reading = |figure| Reading {
        figure,
        cpu: Some(figure * 2.0),
    };
    Scored {
        entrant,
        readings: figures.map(reading).to_vec(),
    }
}

fn outcome() -> Outcome {
    Outcome {
        row: Row::wall("a_row", "one operation"),
        scored: vec![
            scored("selvedge", Role::Subject, [10.0, 20.0, 30.0]),
            scored("tokio", Role::Peer, [20.0, 40.0, 50.0]),
            scored("smol", Role::Peer, [8.0, 16.0, 60.0]),
            scored("std", Role::Yardstick, [1.0, 1.0, 1.0]),
        ],
    }
}

#[test]
fn ratios_are_made_by_round() {
    let outcome = outcome();
    assert_eq!(outcome.ratio(&outcome.scored[1]).unwrap().median, 0.5);
    assert_eq!(outcome.ratio(&outcome.scored[2]).unwrap().median, 1.25);
}

#[test]
fn a_yardstick_is_never_the_best_peer() {
    assert_eq!(outcome().best_peer().unwrap().entrant.name, "smol");
}

#[test]
fn rows_above_one_are_named() {
    let text = markdown::report(&[outcome()]);
    assert!(text.contains("- `a_row`: 1.25 × smol"), "{text}");
    assert!(!text.contains("× std"), "{text}");
}

#[test]
fn json_holds_every_reading() {
    let text = json::report(&[outcome()]);
    assert!(
        text.contains(r#""figures": [8, 16, 60], "cpu_ns": [16, 32, 120]"#),
        "{text}"
    );
    assert_eq!(text.matches('{').count(), text.matches('}').count());
}
