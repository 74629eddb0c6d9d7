//! The command line of `paired`.

use std::path::PathBuf;
use std::time::Duration;

use crate::rounds::Pace;
use crate::row::Row;

/// What `--help` prints.
pub const HELP: &str = "\
Selvedge beside its peers: every competitor runs once in each round, in rotating order.

usage: cargo run --release -p selvedge-benches --bin paired -- [options]

  --only ROW,..   only rows that begin with one of these names
  --rounds N      rounds for each row (12 unless said)
  --json FILE     write every reading to FILE as well
  --quick         3 rounds of 5 ms: shows that everything runs, proves nothing
  --list          list the rows
  --help          this text

The table goes to stdout as markdown, progress to stderr. Below 1.0 is good: ratios are
Selvedge's figure divided by the competitor's, the median of the ratios of all rounds.
";

const ROUNDS: usize = 12;
const RUN: Duration = Duration::from_millis(30);
const QUICK_ROUNDS: usize = 3;
const QUICK_RUN: Duration = Duration::from_millis(5);

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Measure.
    Run(Options),
    /// List the rows.
    List,
    /// Print [`HELP`].
    Help,
    /// Measure memory in this process, on behalf of another: entrant and what to measure.
    MemoryChild(String, String),
}

/// How to measure.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    only: Vec<String>,
    rounds: Option<usize>,
    quick: bool,
    /// Where every reading goes.
    pub json: Option<PathBuf>,
}

impl Options {
    /// How long and how often.
    pub fn pace(&self) -> Pace {
        let (rounds, run) = if self.quick {
            (QUICK_ROUNDS, QUICK_RUN)
        } else {
            (ROUNDS, RUN)
        };
        Pace {
            rounds: self.rounds.unwrap_or(rounds),
            run,
        }
    }

    /// The rows asked for.
    ///
    /// # Errors
    ///
    /// If a name fits no row.
    pub fn select(&self, rows: Vec<Row>) -> Result<Vec<Row>, String> {
        let fits = |row: &Row, name: &String| row.name.starts_with(name.as_str());
        if let Some(name) = self
            .only
            .iter()
            .find(|name| !rows.iter().any(|row| fits(row, name)))
        {
            return Err(format!("no row begins with `{name}`; `--list` shows them"));
        }
        let asked = |row: &Row| self.only.is_empty() || self.only.iter().any(|n| fits(row, n));
        Ok(rows.into_iter().filter(asked).collect())
    }
}

/// Reads the arguments that follow the program's name.
///
/// # Errors
///
/// If an argument is unknown or lacks its value.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter();
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("`{argument}` needs a value; see `--help`"))
        };
        match argument.as_str() {
            "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
            "--rounds" => options.rounds = Some(count(&value()?)?),
            "--json" => options.json = Some(value()?.into()),
            "--quick" => options.quick = true,
            "--list" => return Ok(Command::List),
            "--help" | "-h" => return Ok(Command::Help),
            "--memory-child" => return Ok(Command::MemoryChild(value()?, value()?)),
            _ => return Err(format!("unknown argument `{argument}`; see `--help`")),
        }
    }
    Ok(Command::Run(options))
}

/// A number of at least one.
fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("`{text}` is not a number of rounds")),
    }
}

#[cfg(test)]
mod tests;
