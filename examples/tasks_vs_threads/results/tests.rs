//! A verdict needs every round; ratios are taken within rounds.

use super::{Measured, Round, Verdict, lines};
use crate::measure::by_name;
use crate::measure::sample::Sample;

/// The verdict on rounds of (task, thread) in seconds; `None` is a sample that was lost.
fn verdict(rounds: &[(Option<f64>, Option<f64>)]) -> Option<Verdict> {
    let mut measured = Measured::new(by_name("ping_pong")?);
    let sample = |value: f64| Sample::of("round_trip", value);
    for (task, thread) in rounds {
        let round = Round {
            tasks: task.map(sample),
            threads: thread.map(sample),
        };
        measured.rounds.push(round);
    }
    let line = lines(&[measured]).pop()?;
    Some(line.numbers?.verdict)
}

#[test]
fn a_side_wins_if_it_was_cheaper_in_every_round() {
    let tasks = verdict(&[
        (Some(1.0), Some(2.0)),
        (Some(10.0), Some(40.0)),
        (Some(1.0), Some(3.0)),
    ]);
    assert_eq!(tasks, Some(Verdict::Tasks(3.0)));
    let threads = verdict(&[
        (Some(4.0), Some(1.0)),
        (Some(4.0), Some(2.0)),
        (Some(4.0), Some(1.0)),
    ]);
    assert_eq!(threads, Some(Verdict::Threads(4.0)));
}

#[test]
fn one_round_to_the_contrary_leaves_no_winner() {
    let unclear = verdict(&[
        (Some(1.0), Some(9.0)),
        (Some(1.0), Some(9.0)),
        (Some(2.0), Some(1.0)),
    ]);
    assert_eq!(unclear, Some(Verdict::Unclear));
}

#[test]
fn a_round_that_lost_a_sample_does_not_count() {
    let one_left = verdict(&[(Some(1.0), None), (Some(1.0), Some(2.0))]);
    assert_eq!(one_left, Some(Verdict::Tasks(2.0)));
    assert_eq!(verdict(&[(Some(1.0), None)]), None);
}
