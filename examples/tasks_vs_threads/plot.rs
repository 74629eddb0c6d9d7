//! Line plots as SVG: a cost against a number of tasks or threads, both axes logarithmic.
//!
//! Colours, fonts and sizes of text are classes, as in `chart.rs`.

use std::fmt::Write as _;

use crate::measure::sweep::{Panel, Sweep};
use crate::measure::{Side, Unit};
use crate::results::{Curve, Spread};
use crate::units;

/// All lengths are in SVG user units, as in `chart.rs`.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 62.0;
/// Room for the names at the ends of the curves.
const RIGHT: f64 = WIDTH - 74.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = HEIGHT - 46.0;
/// Names that are closer to each other than this would overlap.
const NAME_HEIGHT: f64 = 16.0;

/// A logarithmic scale: `low` is drawn at `from`, `high` at `to`.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    /// From tick to tick.
    base: f64,
}

impl Scale {
    /// A scale that begins and ends at a power of `base` and holds all `values`.
    fn around(values: impl Iterator<Item = f64>, base: f64, from: f64, to: f64) -> Scale {
        let (low, high) = values.fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        // A value just beside a power must not be taken for one on the other side of it.
        let first = (low.log(base) + 1e-9).floor();
        let last = (high.log(base) - 1e-9).ceil().max(first + 1.0);
        Scale {
            low: base.powf(first),
            high: base.powf(last),
            from,
            to,
            base,
        }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        self.from + share * (self.to - self.from)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + '_ {
        let steps = (self.high / self.low).log(self.base).round() as i32;
        (0..=steps).map(|step| self.low * self.base.powi(step))
    }
}

/// The plots of one sweep, each with a curve per side; nothing if nothing was measured.
pub(crate) fn panels(sweep: &Sweep, curves: &[Curve]) -> Vec<String> {
    let drawn = |panel: &&Panel| curves.iter().any(|curve| !curve.of(panel).is_empty());
    let panels = sweep.panels.iter().filter(drawn);
    panels.map(|panel| one(sweep, panel, curves)).collect()
}

fn one(sweep: &Sweep, panel: &Panel, curves: &[Curve]) -> String {
    let lines: Vec<(Side, Vec<(usize, Spread)>)> = curves
        .iter()
        .map(|curve| (curve.side, curve.of(panel)))
        .filter(|(_, points)| !points.is_empty())
        .collect();
    let counts = lines.iter().flat_map(|(_, points)| points);
    let most = counts.clone().map(|(count, _)| *count).max().unwrap_or(1);
    let base = if most <= 64 { 2.0 } else { 10.0 };
    let x = Scale::around(counts.map(|(count, _)| *count as f64), base, LEFT, RIGHT);
    let y = vertical(sweep, panel, curves);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}, logarithmic axes\">\n\
         <text class=\"panel\" x=\"{LEFT}\" y=\"18\">{}</text>\n",
        panel.title, panel.title
    );
    axes(&mut svg, &x, &y, panel.unit, sweep.counted);
    for (side, points) in &lines {
        curve(&mut svg, *side, points, &x, &y, panel.unit);
    }
    names(&mut svg, &lines, &x, &y);
    svg.push_str("</svg>\n");
    svg
}

/// Plots of one unit have one scale, so that they can be compared.
fn vertical(sweep: &Sweep, panel: &Panel, curves: &[Curve]) -> Scale {
    let values = sweep
        .panels
        .iter()
        .filter(|other| other.unit == panel.unit)
        .flat_map(|other| curves.iter().flat_map(|curve| curve.of(other)))
        .flat_map(|(_, spread)| [spread.min, spread.max]);
    let base = match panel.unit {
        Unit::Seconds => 10.0,
        // Powers of it are round numbers of kibibytes and mebibytes.
        Unit::Bytes => 32.0,
    };
    Scale::around(values, base, BOTTOM, TOP)
}

fn axes(svg: &mut String, x: &Scale, y: &Scale, unit: Unit, counted: &str) {
    for tick in y.ticks() {
        let at = y.at(tick);
        let _ = writeln!(
            svg,
            r#"<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{at:.1}" y2="{at:.1}"/><text class="tick" x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"#,
            LEFT - 7.0,
            at + 4.0,
            units::text(unit, tick),
        );
    }
    for tick in x.ticks() {
        let at = x.at(tick);
        let _ = writeln!(
            svg,
            r#"<line class="grid" x1="{at:.1}" x2="{at:.1}" y1="{TOP}" y2="{BOTTOM}"/><text class="tick" x="{at:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            BOTTOM + 17.0,
            units::count(tick),
        );
    }
    let _ = writeln!(
        svg,
        r#"<text class="tick" x="{:.1}" y="{:.1}" text-anchor="middle">{counted}</text>"#,
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 37.0,
    );
}

/// A line through the medians, a mark for each, and the range of its rounds.
fn curve(
    svg: &mut String,
    side: Side,
    points: &[(usize, Spread)],
    x: &Scale,
    y: &Scale,
    unit: Unit,
) {
    let class = class(side);
    let at: Vec<(f64, f64)> = points
        .iter()
        .map(|(count, spread)| (x.at(*count as f64), y.at(spread.median)))
        .collect();
    let path: Vec<String> = at.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    let _ = writeln!(
        svg,
        r#"<path class="curve {class}" d="M{}"/>"#,
        path.join("L")
    );
    for ((count, spread), (left, middle)) in points.iter().zip(at) {
        let _ = writeln!(
            svg,
            r#"<g><path class="whisker" d="M{left:.1} {:.1}V{:.1}"/><circle class="mark {class}" cx="{left:.1}" cy="{middle:.1}" r="4"/><title>{} {}: {} (from {} to {})</title></g>"#,
            y.at(spread.min),
            y.at(spread.max),
            units::count(*count as f64),
            side.name(),
            units::text(unit, spread.median),
            units::text(unit, spread.min),
            units::text(unit, spread.max),
        );
    }
}

/// Writes at the end of each curve whose it is.
fn names(svg: &mut String, lines: &[(Side, Vec<(usize, Spread)>)], x: &Scale, y: &Scale) {
    let mut ends: Vec<(Side, f64, f64)> = lines
        .iter()
        .filter_map(|(side, points)| {
            let (count, spread) = points.last()?;
            Some((*side, x.at(*count as f64), y.at(spread.median)))
        })
        .collect();
    ends.sort_by(|a, b| a.2.total_cmp(&b.2));
    if let [upper, lower] = &mut ends[..] {
        let lacking = NAME_HEIGHT - (lower.2 - upper.2);
        if lacking > 0.0 && (lower.1 - upper.1).abs() < RIGHT / 4.0 {
            upper.2 -= lacking / 2.0;
            lower.2 += lacking / 2.0;
        }
    }
    for (side, left, middle) in ends {
        let _ = writeln!(
            svg,
            r#"<text class="name {}" x="{:.1}" y="{:.1}">{}</text>"#,
            class(side),
            left + 9.0,
            middle + 4.5,
            side.name(),
        );
    }
}

fn class(side: Side) -> &'static str {
    match side {
        Side::Tasks => "task",
        Side::Threads => "thread",
    }
}
