//! Bar charts as SVG: costs on a logarithmic axis, and ratios to the left and right of "equal".
//!
//! Colours, fonts and sizes of text are classes; `report.rs` defines them for light and dark.

use std::fmt::Write as _;

use crate::measure::Unit;
use crate::results::{Line, Numbers, Spread, Verdict};
use crate::units;

/// All lengths are in SVG user units, one of which is a pixel on a wide screen.
const WIDTH: f64 = 880.0;
const LABELS: f64 = 250.0;
/// Room to the right of the longest bar, for its value.
const VALUES: f64 = 90.0;
const HEAD: f64 = 34.0;
const BAR: f64 = 14.0;
/// From one ratio to the next.
const RATIO_PITCH: f64 = BAR + 16.0;

/// A logarithmic axis from `low` to `high`.
struct Axis {
    low: f64,
    high: f64,
    left: f64,
    right: f64,
}

impl Axis {
    fn x(&self, value: f64) -> f64 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }

    /// The powers of `base` on this axis.
    fn ticks(&self, base: f64) -> Vec<f64> {
        let first = (self.low.ln() / base.ln()).round() as i32;
        let last = (self.high.ln() / base.ln()).round() as i32;
        (first..=last).map(|power| base.powi(power)).collect()
    }
}

/// Tasks and threads as two bars per row, for the rows in `unit`; nothing if there are none.
pub(crate) fn costs(lines: &[Line], unit: Unit) -> String {
    let rows: Vec<(&str, &Numbers)> = lines
        .iter()
        .filter(|line| line.row.unit == unit)
        .filter_map(|line| Some((line.row.title, line.numbers.as_ref()?)))
        .collect();
    let spreads = || {
        rows.iter()
            .flat_map(|(_, numbers)| [numbers.tasks, numbers.threads])
    };
    let low = spreads()
        .map(|spread| spread.min)
        .fold(f64::INFINITY, f64::min);
    let high = spreads().map(|spread| spread.max).fold(0.0, f64::max);
    if rows.is_empty() {
        return String::new();
    }
    // Steps of a bar chart in bytes are powers of two, because kibibytes are.
    let base: f64 = match unit {
        Unit::Seconds => 10.0,
        Unit::Bytes => 4.0,
    };
    // The quickest bar must be seen, so the axis starts at least a third of a step below it.
    let axis = Axis {
        low: base.powf((low.log(base) - 0.34).floor()),
        high: base.powf(high.log(base).ceil()),
        left: LABELS,
        right: WIDTH - VALUES,
    };
    let pitch = 2.0 * BAR + 20.0;
    let mut svg = open(
        rows.len(),
        pitch,
        "Costs of tasks and threads, logarithmic axis",
    );
    let bottom = HEAD + pitch * rows.len() as f64;
    let ticks: Vec<_> = axis
        .ticks(base)
        .into_iter()
        .map(|t| (t, units::text(unit, t)))
        .collect();
    grid(&mut svg, &axis, &ticks, bottom);
    for (index, (title, numbers)) in rows.iter().enumerate() {
        let top = HEAD + pitch * index as f64 + 9.0;
        label(&mut svg, title, top + BAR + 5.0);
        let sides = [
            ("task", &numbers.tasks, top),
            ("thread", &numbers.threads, top + BAR + 2.0),
        ];
        for (class, spread, y) in sides {
            bar(&mut svg, class, y, axis.left, axis.x(spread.median));
            whisker(&mut svg, y, axis.x(spread.min), axis.x(spread.max));
            let end = axis.x(spread.max) + 7.0;
            let value = units::text(unit, spread.median);
            let _ = writeln!(
                svg,
                r#"<text class="value" x="{end:.1}" y="{:.1}">{value}</text>"#,
                y + 11.5
            );
            let _ = writeln!(svg, "<title>{class}: {}</title></g>", range(unit, spread));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn measured<'a>(lines: &[&'a Line]) -> Vec<(&'static str, &'a Numbers)> {
    lines
        .iter()
        .filter_map(|line| Some((line.row.title, line.numbers.as_ref()?)))
        .collect()
}

/// How tall the picture of [`ratios`] is.
pub(crate) fn ratios_height(lines: &[&Line]) -> f64 {
    height(measured(lines).len(), RATIO_PITCH)
}

/// How many times cheaper the cheaper side is: tasks to the right, threads to the left.
pub(crate) fn ratios(lines: &[&Line]) -> String {
    let rows = measured(lines);
    if rows.is_empty() {
        return String::new();
    }
    let least = rows
        .iter()
        .map(|(_, numbers)| numbers.ratio.min)
        .fold(1.0, f64::min);
    let most = rows
        .iter()
        .map(|(_, numbers)| numbers.ratio.max)
        .fold(1.0, f64::max);
    // At least one step on either side, so that both directions are named. Bars to the left have
    // their values on their left, inside the plot.
    let axis = Axis {
        low: 10_f64.powf((least.log10() - 0.5).floor().min(-1.0)),
        high: 10_f64.powf(most.log10().ceil().max(1.0)),
        left: LABELS,
        right: WIDTH - VALUES,
    };
    let pitch = RATIO_PITCH;
    let mut svg = open(
        rows.len(),
        pitch,
        "How many times cheaper the cheaper side is",
    );
    let bottom = HEAD + pitch * rows.len() as f64;
    let name = |tick: f64| match tick.log10().round() as i32 {
        0 => "equal".to_owned(),
        power => units::times(10_f64.powi(power.abs())),
    };
    let ticks: Vec<_> = axis
        .ticks(10.0)
        .into_iter()
        .map(|tick| (tick, name(tick)))
        .collect();
    grid(&mut svg, &axis, &ticks, bottom);
    let equal = axis.x(1.0);
    directions(&mut svg, equal);
    for (index, (title, numbers)) in rows.iter().enumerate() {
        let top = HEAD + pitch * index as f64 + 8.0;
        label(&mut svg, title, top + 11.5);
        let ratio = numbers.ratio;
        let (class, value) = winner(numbers);
        let to = axis.x(ratio.median);
        bar(&mut svg, class, top, equal.min(to), equal.max(to));
        whisker(&mut svg, top, axis.x(ratio.min), axis.x(ratio.max));
        let (x, anchor) = if ratio.median < 1.0 {
            (axis.x(ratio.min) - 7.0, "end")
        } else {
            (axis.x(ratio.max) + 7.0, "start")
        };
        let y = top + 11.5;
        let _ = writeln!(
            svg,
            r#"<text class="value" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{value}</text>"#,
        );
        let _ = writeln!(svg, "<title>{}</title></g>", numbers.verdict);
    }
    let _ = writeln!(
        svg,
        r#"<line class="equal" x1="{equal:.1}" x2="{equal:.1}" y1="{HEAD}" y2="{bottom:.1}"/>"#
    );
    svg.push_str("</svg>\n");
    svg
}

/// Says what it means to be left or right of `equal`.
fn directions(svg: &mut String, equal: f64) {
    for (x, anchor, text) in [
        (equal - 24.0, "end", "← threads cheaper"),
        (equal + 24.0, "start", "tasks cheaper →"),
    ] {
        let _ = writeln!(
            svg,
            r#"<text class="direction" x="{x:.1}" y="10" text-anchor="{anchor}">{text}</text>"#
        );
    }
}

/// The class of a bar, and the text beside it.
fn winner(numbers: &Numbers) -> (&'static str, String) {
    match numbers.verdict {
        Verdict::Tasks(factor) => ("task", units::times(factor)),
        Verdict::Threads(factor) => ("thread", units::times(factor)),
        Verdict::Unclear => ("unclear", units::factor(numbers.ratio.median)),
    }
}

fn height(rows: usize, pitch: f64) -> f64 {
    HEAD + pitch * rows as f64 + 6.0
}

fn open(rows: usize, pitch: f64, title: &str) -> String {
    let height = height(rows, pitch);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{title}\">\n"
    )
}

fn grid(svg: &mut String, axis: &Axis, ticks: &[(f64, String)], bottom: f64) {
    for (tick, name) in ticks {
        let x = axis.x(*tick);
        let _ = writeln!(
            svg,
            r#"<line class="grid" x1="{x:.1}" x2="{x:.1}" y1="{HEAD}" y2="{bottom:.1}"/>"#
        );
        let _ = writeln!(
            svg,
            r#"<text class="tick" x="{x:.1}" y="{:.1}" text-anchor="middle">{name}</text>"#,
            HEAD - 9.0
        );
    }
}

fn label(svg: &mut String, text: &str, y: f64) {
    let x = LABELS - 14.0;
    let _ = writeln!(
        svg,
        r#"<text class="label" x="{x}" y="{y:.1}" text-anchor="end">{text}</text>"#
    );
}

/// Opens a group, which the caller closes, and draws a bar that is never too thin to be seen.
fn bar(svg: &mut String, class: &str, y: f64, from: f64, to: f64) {
    let width = (to - from).max(1.5);
    let _ = writeln!(
        svg,
        r#"<g><rect class="{class}" x="{from:.1}" y="{y:.1}" width="{width:.1}" height="{BAR}" rx="2"/>"#
    );
}

/// The spread of the rounds, as a thin line over the end of a bar.
fn whisker(svg: &mut String, y: f64, from: f64, to: f64) {
    let middle = y + BAR / 2.0;
    let _ = writeln!(
        svg,
        r#"<path class="whisker" d="M{from:.1} {middle:.1}H{to:.1}M{from:.1} {:.1}v6M{to:.1} {:.1}v6"/>"#,
        middle - 3.0,
        middle - 3.0,
    );
}

/// Median and extremes, for the hint under the pointer.
fn range(unit: Unit, spread: &Spread) -> String {
    format!(
        "{} (from {} to {})",
        units::text(unit, spread.median),
        units::text(unit, spread.min),
        units::text(unit, spread.max),
    )
}
