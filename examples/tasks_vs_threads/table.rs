//! The result as a table for the terminal.

use std::env;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};

use crate::results::{Line, Spread, Verdict};
use crate::units;

const HEADINGS: [&str; 7] = [
    "",
    "a task",
    "a thread",
    "thread ÷ task",
    "CPU",
    "switches",
    "verdict",
];

/// The lines as text, closed by a newline.
pub(crate) fn render(lines: &[Line], rounds: usize) -> String {
    let cells: Vec<[String; 7]> = lines.iter().map(cells).collect();
    let mut widths = HEADINGS.map(width);
    for row in &cells {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = width(cell).max(*widest);
        }
    }

    let paint = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
    let mut text = String::new();
    rule(&mut text, &widths, ['┌', '┬', '┐']);
    row(
        &mut text,
        &widths,
        &HEADINGS.map(str::to_owned),
        if paint { "1" } else { "" },
    );
    rule(&mut text, &widths, ['├', '┼', '┤']);
    for (line, cells) in lines.iter().zip(&cells) {
        let colour = match &line.numbers {
            _ if !paint => "",
            None => "31",
            Some(numbers) => match numbers.verdict {
                Verdict::Tasks(_) => "32",
                Verdict::Threads(_) => "33",
                Verdict::Unclear => "2",
            },
        };
        row(&mut text, &widths, cells, colour);
    }
    rule(&mut text, &widths, ['└', '┴', '┘']);
    let plural = if rounds == 1 { "" } else { "s" };
    let _ = writeln!(
        text,
        "Smaller is better in every row. Median of {rounds} round{plural}; ± is the round furthest from \
         it.\nA side wins if it was cheaper in every round. Seconds are wall time; memory is RSS.\n\
         CPU is the CPU time of a thread divided by that of a task; switches are context switches of \
         the\nkernel per operation, tasks : threads. Empty: not asked, or the system does not tell."
    );
    text
}

fn cells(line: &Line) -> [String; 7] {
    let title = line.row.title.to_owned();
    let Some(numbers) = &line.numbers else {
        let blank = String::new;
        return [
            title,
            blank(),
            blank(),
            blank(),
            blank(),
            blank(),
            "not measured".to_owned(),
        ];
    };
    let cost = |spread: &Spread| {
        let value = units::text(line.row.unit, spread.median);
        format!("{value} ±{:>3.0} %", spread.percent())
    };
    [
        title,
        cost(&numbers.tasks),
        cost(&numbers.threads),
        format!(
            "{} ±{:>3.0} %",
            units::factor(numbers.ratio.median),
            numbers.ratio.percent()
        ),
        numbers
            .cpu
            .map_or_else(String::new, |cpu| units::factor(cpu.median)),
        numbers
            .switches
            .map_or_else(String::new, |(tasks, threads)| {
                format!(
                    "{} : {}",
                    units::rate(tasks.median),
                    units::rate(threads.median)
                )
            }),
        numbers.verdict.to_string(),
    ]
}

/// Columns on the screen; every character used here takes one.
fn width(text: &str) -> usize {
    text.chars().count()
}

fn rule(text: &mut String, widths: &[usize; 7], [left, cross, right]: [char; 3]) {
    let bars: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
    let _ = writeln!(text, "{left}{}{right}", bars.join(&cross.to_string()));
}

/// One row; `colour` is the code of the last cell, or empty.
fn row(text: &mut String, widths: &[usize; 7], cells: &[String; 7], colour: &str) {
    let [title, task, thread, ratio, cpu, switches, verdict] = cells;
    let [w0, w1, w2, w3, w4, w5, w6] = *widths;
    let _ = write!(
        text,
        "│ {title:<w0$} │ {task:>w1$} │ {thread:>w2$} │ {ratio:>w3$} │ {cpu:>w4$} │ {switches:>w5$} │ "
    );
    if colour.is_empty() {
        let _ = writeln!(text, "{verdict:<w6$} │");
    } else {
        let _ = writeln!(text, "\x1b[{colour}m{verdict:<w6$}\x1b[0m │");
    }
}
