//! Every measurement as JSON, for other programs.

use std::fmt::Write as _;

use crate::machine;
use crate::measure::{Side, Unit};
use crate::options::Options;
use crate::results::Measured;

/// One object: the machine, the rows with all their rounds, the remarks.
pub(crate) fn render(options: &Options, measured: &[Measured]) -> String {
    let rows: Vec<String> = measured.iter().flat_map(rows).collect();
    let notes: Vec<String> = measured
        .iter()
        .flat_map(|m| &m.notes)
        .map(|note| string(note))
        .collect();
    format!(
        "{{\n  \"machine\": {},\n  \"rounds\": {},\n  \"rows\": [\n{}\n  ],\n  \"notes\": [{}]\n}}\n",
        string(&machine::describe(options)),
        options.rounds,
        rows.join(",\n"),
        notes.join(", "),
    )
}

/// The rows of one comparison; a list holds one number per round, in the order taken.
fn rows(measured: &Measured) -> Vec<String> {
    let row = |row| {
        let values = |side: Side| {
            let values = measured.values(row, side);
            values
                .iter()
                .map(|value| format!("{value:e}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let unit = match row.unit {
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
        };
        format!(
            "    {{\"comparison\": {}, \"row\": {}, \"unit\": {}, \"task\": [{}], \"thread\": [{}]}}",
            string(measured.comparison.name),
            string(row.title),
            string(unit),
            values(Side::Tasks),
            values(Side::Threads),
        )
    };
    measured.comparison.rows.iter().map(row).collect()
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
