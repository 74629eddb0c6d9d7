//! One picture of the result, as an SVG file: the first row of each comparison, as ratios.

use std::fmt::Write as _;
use std::ptr;

use crate::chart;
use crate::machine;
use crate::report;
use crate::results::{Line, Measured};

const WIDTH: f64 = 920.0;
const MARGIN: f64 = 20.0;
/// Room for the title and the line about the machine.
const HEAD: f64 = 78.0;

/// The whole file.
pub(crate) fn render(measured: &[Measured], lines: &[Line]) -> String {
    let is_first = |line: &&Line| {
        measured.iter().any(|measured| {
            let first = measured.comparison.rows.first();
            first.is_some_and(|row| ptr::eq(row, line.row))
        })
    };
    let chosen: Vec<&Line> = lines.iter().filter(is_first).collect();
    let height = HEAD + chart::ratios_height(&chosen) + MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n<title>How many times cheaper a task or a \
         thread is</title>\n<style>\n{}</style>\n\
         <rect class=\"card\" width=\"{WIDTH}\" height=\"{height}\" rx=\"10\"/>\n",
        report::CHART_STYLE
    );
    let _ = writeln!(
        svg,
        "<text class=\"heading\" x=\"{MARGIN}\" y=\"34\">Tasks beside threads: how many times \
         cheaper</text>\n<text class=\"tick\" x=\"{MARGIN}\" y=\"56\">{}. Grey: no \
         clear winner; thin line: range of the rounds.</text>",
        report::escape(&machine::hardware()),
    );
    let _ = writeln!(
        svg,
        "<g transform=\"translate({MARGIN} {HEAD})\">\n{}</g>\n</svg>",
        chart::ratios(&chosen)
    );
    svg
}
