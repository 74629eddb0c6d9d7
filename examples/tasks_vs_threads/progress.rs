//! What is shown while it measures: bars on a terminal, plain lines anywhere else.

use std::io::{self, IsTerminal, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::measure::{Comparison, Side};

/// Tells a waiting person what is going on, on standard error.
#[derive(Debug)]
pub(crate) enum Progress {
    /// One bar per comparison.
    Bars {
        screen: MultiProgress,
        bars: Vec<(&'static str, ProgressBar)>,
    },
    /// One line per round of a comparison.
    Lines { done: usize, all: usize },
}

impl Progress {
    pub(crate) fn new(comparisons: &[&'static Comparison], rounds: usize) -> Progress {
        if !io::stderr().is_terminal() {
            return Progress::Lines {
                done: 0,
                all: rounds * comparisons.len(),
            };
        }
        let screen = MultiProgress::new();
        let style =
            ProgressStyle::with_template("{prefix:>15} {bar:28.cyan/dim} {pos:>3}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━╸─");
        let bar = |comparison: &&'static Comparison| {
            let bar = screen.add(ProgressBar::new(rounds as u64).with_style(style.clone()));
            bar.set_prefix(comparison.name);
            bar.tick();
            (comparison.name, bar)
        };
        let bars = comparisons.iter().map(bar).collect();
        Progress::Bars { screen, bars }
    }

    /// A sample is about to be taken.
    pub(crate) fn measuring(&self, comparison: &Comparison, side: Side) {
        if let Some(bar) = self.bar(comparison) {
            bar.set_message(format!("measuring {} …", side.name()));
        }
    }

    /// A round is complete; `found` says in a few words what came out.
    pub(crate) fn found(&mut self, comparison: &Comparison, found: String) {
        if let Progress::Lines { done, all } = self {
            *done += 1;
            line(&format!("[{done}/{all}] {}: {found}", comparison.name));
        }
        if let Some(bar) = self.bar(comparison) {
            bar.set_message(found);
            bar.inc(1);
        }
    }

    /// The curves of a comparison are about to be measured.
    pub(crate) fn drawing(&self, comparison: &Comparison) {
        match self.bar(comparison) {
            Some(bar) => bar.set_message("measuring its curves …"),
            None => line(&format!("{}: its curves", comparison.name)),
        }
    }

    fn bar(&self, comparison: &Comparison) -> Option<&ProgressBar> {
        match self {
            Progress::Bars { bars, .. } => bars
                .iter()
                .find(|(name, _)| *name == comparison.name)
                .map(|(_, bar)| bar),
            Progress::Lines { .. } => None,
        }
    }

    /// Something that must not be missed.
    pub(crate) fn say(&self, text: &str) {
        match self {
            // A failure to draw is no reason to stop measuring.
            Progress::Bars { screen, .. } => drop(screen.println(format!("note: {text}"))),
            Progress::Lines { .. } => line(&format!("note: {text}")),
        }
    }

    /// Leaves the finished bars on the screen.
    pub(crate) fn end(self) {
        if let Progress::Bars { bars, .. } = self {
            bars.into_iter().for_each(|(_, bar)| bar.finish());
        }
    }
}

/// A line on standard error, which may be closed: then nobody is waiting for it.
fn line(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
