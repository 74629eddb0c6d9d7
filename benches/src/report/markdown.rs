//! The table, the means and the rows to look at.

use std::fmt::Write;

use crate::rounds::{Outcome, Scored};
use crate::row::Role;
use crate::statistics::{Summary, geometric_mean};

/// The whole report.
pub fn report(outcomes: &[Outcome]) -> String {
    let mut out = String::from(
        "| Workload | Who | Figure | MAD | CPU ns/op | selvedge ÷ who | quartiles | CPU ÷ |\n\
         |---|---|--:|--:|--:|--:|---|--:|\n",
    );
    for outcome in outcomes {
        for scored in &outcome.scored {
            out.push_str(&line(outcome, scored));
        }
    }
    out.push_str("\nGeometric mean of selvedge ÷ who over the rows (below 1 is good):\n\n");
    for peer in ["tokio", "smol"] {
        mean(
            &mut out,
            peer,
            &ratios(outcomes, |scored, _| scored.entrant.name == peer),
        );
    }
    let best_peer = ratios(outcomes, is_best_peer);
    mean(&mut out, "best peer of each row", &best_peer);
    above_one(
        &mut out,
        "Rows above 1.0 against their best peer",
        &best_peer,
    );
    above_one(
        &mut out,
        "Rows that take more CPU time than their best peer",
        &cpu(outcomes),
    );
    out
}

fn line(outcome: &Outcome, scored: &Scored) -> String {
    let (row, entrant) = (&outcome.row, scored.entrant);
    let figure = scored.figure();
    let ratio = outcome
        .ratio(scored)
        .filter(|_| entrant.role != Role::Subject);
    let cpu_ratio = outcome
        .cpu_ratio(scored)
        .filter(|_| entrant.role != Role::Subject);
    let best = if is_best_peer(scored, outcome) {
        " ★"
    } else {
        ""
    };
    let spread = ratio.map_or("–".into(), |r| format!("{:.2}–{:.2}", r.low, r.high));
    format!(
        "| {} | {}{best} | {} {} | {} | {} | {} | {spread} | {} |\n",
        row.name,
        entrant.name,
        number(figure.map(|f| f.median)),
        row.metric.unit(),
        number(figure.map(|f| f.mad)),
        number(scored.cpu().map(|cpu| cpu.median)),
        ratio.map_or("–".into(), |r| format!("**{:.2}**", r.median)),
        cpu_ratio.map_or("–".into(), |r| format!("{:.2}", r.median)),
    )
}

fn is_best_peer(scored: &Scored, outcome: &Outcome) -> bool {
    outcome
        .best_peer()
        .is_some_and(|best| best.entrant.name == scored.entrant.name)
}

/// A ratio with the names of its row and its competitor.
type Named = (&'static str, &'static str, Summary);

fn ratios(outcomes: &[Outcome], wanted: impl Fn(&Scored, &Outcome) -> bool) -> Vec<Named> {
    let of_row = |outcome| collect(outcome, &wanted, Outcome::ratio);
    outcomes.iter().flat_map(of_row).collect()
}

/// Against the best peer. Rows whose figure is CPU time already stand in the list of ratios.
fn cpu(outcomes: &[Outcome]) -> Vec<Named> {
    let of_row = |outcome| collect(outcome, &is_best_peer, Outcome::cpu_ratio);
    outcomes.iter().flat_map(of_row).collect()
}

fn collect(
    outcome: &Outcome,
    wanted: &impl Fn(&Scored, &Outcome) -> bool,
    ratio: fn(&Outcome, &Scored) -> Option<Summary>,
) -> Vec<Named> {
    let peers = outcome
        .scored
        .iter()
        .filter(|scored| wanted(scored, outcome));
    let named = |peer: &Scored| Some((outcome.row.name, peer.entrant.name, ratio(outcome, peer)?));
    peers.filter_map(named).collect()
}

fn mean(out: &mut String, name: &str, ratios: &[Named]) {
    let medians: Vec<f64> = ratios.iter().map(|(_, _, ratio)| ratio.median).collect();
    if let Some(mean) = geometric_mean(&medians) {
        let _ = writeln!(out, "- {name}: **{mean:.3}** ({} rows)", medians.len());
    }
}

/// Worst first. Where the quartiles lie on both sides of 1 the order is not settled, and it says so.
fn above_one(out: &mut String, title: &str, ratios: &[Named]) {
    let mut above: Vec<&Named> = ratios.iter().filter(|named| named.2.median > 1.0).collect();
    above.sort_by(|a, b| b.2.median.total_cmp(&a.2.median));
    let _ = writeln!(out, "\n{title}: {} of {}\n", above.len(), ratios.len());
    for (row, peer, ratio) in above {
        let doubt = if ratio.low < 1.0 {
            " (within the spread)"
        } else {
            ""
        };
        let _ = writeln!(out, "- `{row}`: {:.2} × {peer}{doubt}", ratio.median);
    }
}

/// Three significant digits, no fraction from a hundred on.
fn number(value: Option<f64>) -> String {
    match value {
        None => "–".into(),
        Some(value) if value >= 99.95 => format!("{value:.0}"),
        Some(value) if value >= 9.995 => format!("{value:.1}"),
        Some(value) => format!("{value:.2}"),
    }
}
