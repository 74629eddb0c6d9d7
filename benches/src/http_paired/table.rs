//! The table: medians of both, and the median and quartiles of their ratios.

use std::fmt::Write;

use super::rounds::{Outcome, Reading, WHO};
use super::syscalls::Counted;
use crate::statistics::Summary;

/// A line: its name, and how a reading has its figure.
type Line = (&'static str, fn(&Reading) -> f64);

const LINES: [Line; 5] = [
    ("requests/s", |reading| reading.client.requests_a_second),
    ("p50, µs", |reading| reading.client.p50_us),
    ("p99, µs", |reading| reading.client.p99_us),
    ("CPU µs/request", |reading| reading.cpu_us),
    ("sleeps/request", |reading| reading.sleeps),
];

/// The tables as markdown.
pub fn report(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        // Writing to a string does not fail.
        let _ = table(&mut text, outcome);
    }
    text
}

fn table(text: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let [subject, peer] = WHO;
    writeln!(text, "\n### {} connections\n", outcome.connections)?;
    writeln!(
        text,
        "| | {subject} | {peer} | {subject} ÷ {peer} | quartiles |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|")?;
    for (name, figure) in LINES {
        let median = |who: usize| {
            let readings = outcome.rounds.iter().map(|round| figure(&round[who]));
            Summary::of(&readings.collect::<Vec<_>>()).map_or(f64::NAN, |summary| summary.median)
        };
        let ratios = outcome
            .rounds
            .iter()
            .map(|[subject, peer]| figure(subject) / figure(peer));
        let Some(ratio) = Summary::of(&ratios.collect::<Vec<_>>()) else {
            continue;
        };
        writeln!(
            text,
            "| {name} | {} | {} | {:.3} | {:.3}–{:.3} |",
            short(median(0)),
            short(median(1)),
            ratio.median,
            ratio.low,
            ratio.high
        )?;
    }
    if let [Some(subject), Some(peer)] = &outcome.syscalls {
        writeln!(
            text,
            "| system calls/request | {:.2} | {:.2} | {:.3} | |",
            subject.all,
            peer.all,
            subject.all / peer.all
        )?;
        writeln!(text)?;
        for (who, counted) in WHO.iter().zip([subject, peer]) {
            writeln!(text, "{who}: {}", names(counted))?;
        }
    }
    Ok(())
}

fn names(counted: &Counted) -> String {
    let names = counted.by_name.iter();
    let names = names.map(|(name, calls)| format!("{name} {calls:.2}"));
    names.collect::<Vec<_>>().join(", ")
}

/// As many digits as mean something.
fn short(figure: f64) -> String {
    if figure < 10.0 {
        format!("{figure:.2}")
    } else {
        format!("{figure:.0}")
    }
}
