//! The result as one HTML file that needs nothing else: charts, table, method, remarks.

use std::fmt::Write as _;

use crate::chart;
use crate::machine;
use crate::measure::Unit;
use crate::options::Options;
use crate::plot;
use crate::results::{Curve, Line, Measured, Spread, Verdict};
use crate::units;

/// The look of the page.
const STYLE: &str = include_str!("report.css");
/// The look of the charts, and the colours, for light and for dark.
pub(crate) const CHART_STYLE: &str = include_str!("chart.css");

/// The whole file.
pub(crate) fn render(options: &Options, measured: &[Measured], lines: &[Line]) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Tasks beside threads</title>\n<style>\n{CHART_STYLE}{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>Tasks beside threads</h1>\n<p class=\"machine\">{}</p>\n",
        escape(&machine::describe(options)),
    );
    score(&mut html, lines);
    section(
        &mut html,
        "How many times cheaper",
        "Each grid line is ten times the one before. The thin line is the range of the rounds.",
        &["tasks win", "threads win", "no clear winner"],
        &chart::ratios(&lines.iter().collect::<Vec<_>>()),
    );
    let note = "Shorter is better, but the axis is logarithmic: compare grid lines, not lengths.";
    let sides = &["a task", "a thread"];
    section(
        &mut html,
        "Time",
        note,
        sides,
        &chart::costs(lines, Unit::Seconds),
    );
    section(
        &mut html,
        "Memory",
        note,
        sides,
        &chart::costs(lines, Unit::Bytes),
    );
    curves(&mut html, measured);
    table(&mut html, options, lines);
    method(&mut html, measured);
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

/// Who won how often.
fn score(html: &mut String, lines: &[Line]) {
    let count = |wanted: fn(&Verdict) -> bool| {
        lines
            .iter()
            .filter_map(|line| line.numbers.as_ref())
            .filter(|n| wanted(&n.verdict))
            .count()
    };
    let tasks = count(|verdict| matches!(verdict, Verdict::Tasks(_)));
    let threads = count(|verdict| matches!(verdict, Verdict::Threads(_)));
    let unclear = count(|verdict| matches!(verdict, Verdict::Unclear));
    html.push_str("<ul class=\"score\">\n");
    for (class, count, meaning) in [
        ("task", tasks, "tasks are cheaper"),
        ("thread", threads, "threads are cheaper"),
        ("unclear", unclear, "no clear winner"),
    ] {
        let rows = if count == 1 { "row" } else { "rows" };
        let _ = writeln!(
            html,
            "<li class=\"{class}\"><b>{count}</b> {rows}: {meaning}</li>"
        );
    }
    html.push_str("</ul>\n");
}

/// A chart with its legend, which names the colours in the order task, thread, unclear.
fn section(html: &mut String, title: &str, note: &str, legend: &[&str], chart: &str) {
    if chart.is_empty() {
        return;
    }
    let _ = writeln!(
        html,
        "<section>\n<h2>{title}</h2>\n<p>{note}</p>\n<p class=\"legend\">"
    );
    for (class, meaning) in ["task", "thread", "unclear"].iter().zip(legend) {
        let _ = writeln!(html, "<span class=\"{class}\">{meaning}</span>");
    }
    let _ = writeln!(html, "</p>\n<div class=\"chart\">{chart}</div>\n</section>");
}

/// What happens when there are more and more of them.
fn curves(html: &mut String, measured: &[Measured]) {
    for measured in measured {
        let Some(sweep) = measured.comparison.sweep else {
            continue;
        };
        let plots = plot::panels(sweep, &measured.curves);
        if plots.is_empty() {
            continue;
        }
        let _ = writeln!(
            html,
            "<section>\n<h2>From few to many: {}</h2>\n<p>{} Both axes are logarithmic; a point is \
             the median of its rounds, the thin line their range.</p>\n<div class=\"plots\">",
            measured.comparison.name,
            escape(sweep.remark),
        );
        for plot in plots {
            html.push_str(&plot);
        }
        html.push_str("</div>\n");
        let last = |curve: &Curve| {
            let (most, _) = curve.points.last()?;
            let most = units::count(*most as f64);
            Some(format!("{} up to {most}", curve.side.name()))
        };
        let ends: Vec<String> = measured.curves.iter().filter_map(last).collect();
        let _ = writeln!(
            html,
            "<p>Measured: {}. What the system refused is listed below.</p>",
            ends.join(", ")
        );
        html.push_str("</section>\n");
    }
}

fn table(html: &mut String, options: &Options, lines: &[Line]) {
    let _ = writeln!(
        html,
        "<section>\n<h2>Numbers</h2>\n<p>Median (rounds: {}, in which the sides took turns); below \
         it the lowest and the highest round. A side wins if it was cheaper in every round. CPU time is thread ÷ task; switches \
         are context switches of the kernel per operation, tasks : threads.</p>\n\
         <div class=\"chart\"><table>\n<tr><th>row</th><th>a task</th><th>a thread</th>\
         <th>thread ÷ task</th><th>CPU time</th><th>switches</th><th>verdict</th></tr>",
        options.rounds
    );
    for line in lines {
        let unit = line.row.unit;
        let title = escape(line.row.title);
        let Some(numbers) = &line.numbers else {
            let _ = writeln!(
                html,
                "<tr><th>{title}</th><td colspan=\"6\">not measured</td></tr>"
            );
            continue;
        };
        let cost = |spread: &Spread| {
            format!(
                "{}<small>{} – {}</small>",
                units::text(unit, spread.median),
                units::text(unit, spread.min),
                units::text(unit, spread.max),
            )
        };
        let class = match numbers.verdict {
            Verdict::Tasks(_) => "task",
            Verdict::Threads(_) => "thread",
            Verdict::Unclear => "unclear",
        };
        let _ = writeln!(
            html,
            "<tr><th>{title}</th><td>{}</td><td>{}</td><td>{}</td>\
             <td class=\"minor\">{}</td><td class=\"minor\">{}</td><td class=\"{class}\">{}</td></tr>",
            cost(&numbers.tasks),
            cost(&numbers.threads),
            ratio(&numbers.ratio),
            numbers.cpu.as_ref().map_or_else(String::new, ratio),
            numbers
                .switches
                .as_ref()
                .map_or_else(String::new, |(tasks, threads)| format!(
                    "{} : {}",
                    units::rate(tasks.median),
                    units::rate(threads.median)
                )),
            numbers.verdict,
        );
    }
    html.push_str("</table></div>\n</section>\n");
}

/// A ratio and its range.
fn ratio(spread: &Spread) -> String {
    format!(
        "{}<small>{} – {}</small>",
        units::factor(spread.median),
        units::factor(spread.min),
        units::factor(spread.max),
    )
}

/// What each comparison did, and what went otherwise than asked.
fn method(html: &mut String, measured: &[Measured]) {
    html.push_str(
        "<section>\n<h2>How it was measured</h2>\n<p>Every sample ran in a fresh process. Seconds \
         are wall time, memory is resident memory (RSS). In every row smaller is better.</p>\n<dl>\n",
    );
    for measured in measured {
        let comparison = measured.comparison;
        let method = escape(comparison.method);
        let _ = writeln!(html, "<dt>{}</dt><dd>{method}</dd>", comparison.name);
    }
    html.push_str("</dl>\n");
    let notes: Vec<&String> = measured
        .iter()
        .flat_map(|measured| &measured.notes)
        .collect();
    if !notes.is_empty() {
        html.push_str("<h3>Not as asked</h3>\n<ul>\n");
        for note in notes {
            let _ = writeln!(html, "<li>{}</li>", escape(note));
        }
        html.push_str("</ul>\n");
    }
    html.push_str("</section>\n");
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
