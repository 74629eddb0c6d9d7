//! Every reading, for programs that compare runs.
//!
//! Written by hand: all names are plain ASCII without quotes, and the rest is numbers.

use std::fmt::Write;

use crate::rounds::{Outcome, Scored};
use crate::row::Role;

/// The whole report.
pub fn report(outcomes: &[Outcome]) -> String {
    let rows: Vec<String> = outcomes.iter().map(row).collect();
    format!("{{\"rows\": [\n{}\n]}}\n", rows.join(",\n"))
}

fn row(outcome: &Outcome) -> String {
    let entrants: Vec<String> = outcome
        .scored
        .iter()
        .map(|scored| entrant(outcome, scored))
        .collect();
    format!(
        " {{\"row\": \"{}\", \"unit\": \"{}\", \"entrants\": [\n{}\n ]}}",
        outcome.row.name,
        outcome.row.metric.unit(),
        entrants.join(",\n")
    )
}

fn entrant(outcome: &Outcome, scored: &Scored) -> String {
    let role = match scored.entrant.role {
        Role::Subject => "subject",
        Role::Peer => "peer",
        Role::Yardstick => "yardstick",
    };
    let mut out = format!(
        "  {{\"name\": \"{}\", \"role\": \"{role}\"",
        scored.entrant.name
    );
    field(
        &mut out,
        "median",
        scored.figure().map(|figure| figure.median),
    );
    field(&mut out, "mad", scored.figure().map(|figure| figure.mad));
    field(
        &mut out,
        "cpu_ns_median",
        scored.cpu().map(|cpu| cpu.median),
    );
    field(
        &mut out,
        "ratio_median",
        outcome.ratio(scored).map(|ratio| ratio.median),
    );
    list(
        &mut out,
        "figures",
        scored.readings.iter().map(|reading| Some(reading.figure)),
    );
    list(
        &mut out,
        "cpu_ns",
        scored.readings.iter().map(|reading| reading.cpu),
    );
    out.push('}');
    out
}

fn field(out: &mut String, name: &str, value: Option<f64>) {
    let _ = write!(out, ", \"{name}\": {}", number(value));
}

fn list(out: &mut String, name: &str, values: impl Iterator<Item = Option<f64>>) {
    let values: Vec<String> = values.map(number).collect();
    let _ = write!(out, ", \"{name}\": [{}]", values.join(", "));
}

/// JSON knows neither infinity nor NaN.
fn number(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        Some(value) => value.to_string(),
        None => "null".into(),
    }
}
