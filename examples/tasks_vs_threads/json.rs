//! Every measurement as JSON, for other programs.

use std::fmt::Write as _;

use crate::machine;
use crate::measure::{Side, Unit, meter};
use crate::options::Options;
use crate::results::Measured;

/// One object: the machine, the rows with all their rounds, the remarks.
pub(crate) fn render(options: &Options, measured: &[Measured]) -> String {
    let rows: Vec<String> = measured.iter().flat_map(rows).collect();
    let curves: Vec<String> = measured.iter().flat_map(curves).collect();
    let notes: Vec<String> = measured
        .iter()
        .flat_map(|m| &m.notes)
        .map(|note| string(note))
        .collect();
    format!(
        "{{\n  \"machine\": {},\n  \"rounds\": {},\n  \"rows\": [\n{}\n  ],\n  \"curves\": [\n{}\n  ],\n  \"notes\": [{}]\n}}\n",
        string(&machine::describe(options)),
        options.rounds,
        rows.join(",\n"),
        curves.join(",\n"),
        notes.join(", "),
    )
}

/// The rows of one comparison; a list holds one number per round, in the order taken.
fn rows(measured: &Measured) -> Vec<String> {
    let row = |row| {
        let values = |side: Side| list(&measured.values(row, side));
        let mut more = String::new();
        let names: [(&str, meter::Beside); 2] =
            [("cpu", meter::cpu), ("switches", meter::switches)];
        for (key, name) in names {
            for side in [Side::Tasks, Side::Threads] {
                let values = measured.beside(row, side, name);
                if !values.is_empty() {
                    // Writing to a String cannot fail.
                    let side = side.name().trim_end_matches('s');
                    let _ = write!(more, ", \"{side}_{key}\": [{}]", list(&values));
                }
            }
        }
        let unit = match row.unit {
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
        };
        format!(
            "    {{\"comparison\": {}, \"row\": {}, \"unit\": {}, \"task\": [{}], \"thread\": [{}]{}}}",
            string(measured.comparison.name),
            string(row.title),
            string(unit),
            values(Side::Tasks),
            values(Side::Threads),
            more,
        )
    };
    measured.comparison.rows.iter().map(row).collect()
}

/// The curves of one comparison; a point is its count, the median, the lowest and the highest value.
fn curves(measured: &Measured) -> Vec<String> {
    let panels = measured
        .comparison
        .sweep
        .map_or(&[][..], |sweep| sweep.panels);
    let mut curves = Vec::new();
    for (curve, panel) in measured
        .curves
        .iter()
        .flat_map(|curve| panels.iter().map(move |panel| (curve, panel)))
    {
        let points: Vec<String> = curve
            .of(panel)
            .iter()
            .map(|(count, spread)| {
                format!(
                    "[{count}, {}]",
                    list(&[spread.median, spread.min, spread.max])
                )
            })
            .collect();
        curves.push(format!(
            "    {{\"comparison\": {}, \"curve\": {}, \"side\": {}, \"points\": [{}]}}",
            string(measured.comparison.name),
            string(panel.title),
            string(curve.side.name()),
            points.join(", "),
        ));
    }
    curves
}

fn list(values: &[f64]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("{value:e}")).collect();
    values.join(", ")
}

/// A JSON string.
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // Writing to a String cannot fail.
            c if c.is_control() => drop(write!(quoted, "\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
