//! The command line: which options there are, what they may be, and what is wrong with a bad one.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use lexopt::Arg;

use crate::measure::{self, Comparison, comparisons};

#[cfg(test)]
mod tests;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Measures what a task costs beside a thread, on this machine, and draws the result.

Usage: cargo run --release --example tasks_vs_threads -- [OPTIONS]

  --tasks N         tasks alive at once              [1..=10000000, default 100000]
  --threads N       threads alive at once            [1..=30000, default 1000]
  --connections N   TCP connections open at once     [1..=30000, default 200]
  --rounds N        times each side is measured      [1..=1000, default 5]
  --workers N       worker threads of a runtime      [1..=1024, default: the CPUs]
  --only ROW,...    measure these rows only; any of
                    spawn_join, memory, context_switch, ping_pong, tcp_echo, blocker, mutex,
                    semaphore, condvar, event, queue, rwlock, pool, promise, contention,
                    counters, busy_waiting, waits
  --quick           small loads, two rounds: a few seconds, rough numbers
  --html PATH       where the HTML report goes       [default target/tasks_vs_threads.html]
                    (--report is the same)
  --no-report       write no HTML report
  --picture PATH    also draw the ratios as one SVG picture
  --json PATH       also write every single measurement as JSON
  --help            print this text

Exit code: 0 measured, 1 something could not be measured or written, 2 bad arguments.
";

const DEFAULT_REPORT: &str = "target/tasks_vs_threads.html";

/// A command line that makes sense.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) tasks: usize,
    pub(crate) threads: usize,
    pub(crate) connections: usize,
    pub(crate) rounds: usize,
    pub(crate) workers: usize,
    /// How long one measured loop runs.
    pub(crate) budget: Duration,
    pub(crate) comparisons: Vec<&'static Comparison>,
    pub(crate) report: Option<PathBuf>,
    pub(crate) json: Option<PathBuf>,
    pub(crate) picture: Option<PathBuf>,
    /// How often each point of a curve is measured.
    pub(crate) sweep_rounds: usize,
}

impl Options {
    /// How many wait at once.
    pub(crate) fn waits(&self) -> usize {
        measure::waits(self.threads)
    }
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    Help,
    Measure(Options),
}

/// Why a command line makes no sense.
#[derive(Debug)]
pub(crate) struct BadArguments(String);

impl fmt::Display for BadArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<lexopt::Error> for BadArguments {
    fn from(error: lexopt::Error) -> BadArguments {
        BadArguments(error.to_string())
    }
}

/// The options as they were given, before defaults that depend on `--quick` are filled in.
#[derive(Default)]
struct Given {
    tasks: Option<usize>,
    threads: Option<usize>,
    connections: Option<usize>,
    rounds: Option<usize>,
    workers: Option<usize>,
    only: Vec<&'static Comparison>,
    quick: bool,
    report: Option<PathBuf>,
    no_report: bool,
    json: Option<PathBuf>,
    picture: Option<PathBuf>,
}

/// Reads the arguments that follow the program's name.
pub(crate) fn parse(arguments: Vec<OsString>) -> Result<Request, BadArguments> {
    let mut given = Given::default();
    let mut parser = lexopt::Parser::from_args(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("help") | Arg::Short('h') => return Ok(Request::Help),
            Arg::Long("tasks") => given.tasks = number(&mut parser, "--tasks", 10_000_000)?,
            Arg::Long("threads") => given.threads = number(&mut parser, "--threads", 30_000)?,
            Arg::Long("connections") => {
                given.connections = number(&mut parser, "--connections", 30_000)?;
            }
            Arg::Long("rounds") => given.rounds = number(&mut parser, "--rounds", 1000)?,
            Arg::Long("workers") => given.workers = number(&mut parser, "--workers", 1024)?,
            Arg::Long("only") => only(&parser.value()?, &mut given.only)?,
            Arg::Long("quick") => given.quick = true,
            Arg::Long("html" | "report") => given.report = path(&mut parser, "--html")?,
            Arg::Long("picture") => given.picture = path(&mut parser, "--picture")?,
            Arg::Long("no-report") => given.no_report = true,
            Arg::Long("json") => given.json = path(&mut parser, "--json")?,
            other => return Err(other.unexpected().into()),
        }
    }
    if given.no_report && given.report.is_some() {
        return Err(BadArguments(
            "--html and --no-report exclude each other".to_owned(),
        ));
    }
    Ok(Request::Measure(given.complete()))
}

impl Given {
    fn complete(self) -> Options {
        let by_speed = |quick, thorough| if self.quick { quick } else { thorough };
        let report = self.report.unwrap_or_else(|| DEFAULT_REPORT.into());
        // Asked for in any order, measured in the order of the table.
        let all = self.only.is_empty();
        let asked = |known: &Comparison| all || self.only.iter().any(|c| c.name == known.name);
        Options {
            tasks: self.tasks.unwrap_or(by_speed(10_000, 100_000)),
            threads: self.threads.unwrap_or(by_speed(100, 1000)),
            connections: self.connections.unwrap_or(by_speed(20, 200)),
            rounds: self.rounds.unwrap_or(by_speed(2, 5)),
            workers: self
                .workers
                .unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from)),
            budget: Duration::from_millis(by_speed(50, 200) as u64),
            comparisons: comparisons::ALL
                .iter()
                .filter(|known| asked(known))
                .collect(),
            report: (!self.no_report).then_some(report),
            json: self.json,
            picture: self.picture,
            sweep_rounds: by_speed(1, 3),
        }
    }
}

/// The value of `option`: a whole number from 1 to `max`.
fn number(
    parser: &mut lexopt::Parser,
    option: &str,
    max: usize,
) -> Result<Option<usize>, BadArguments> {
    let value = parser.value()?;
    let text = value.to_string_lossy();
    match text.parse::<usize>() {
        Ok(number) if (1..=max).contains(&number) => Ok(Some(number)),
        _ => Err(BadArguments(format!(
            "{option}: '{text}' is not possible; give a whole number from 1 to {max}"
        ))),
    }
}

/// The value of `option`: a path.
fn path(parser: &mut lexopt::Parser, option: &str) -> Result<Option<PathBuf>, BadArguments> {
    let value = parser.value()?;
    if value.is_empty() {
        return Err(BadArguments(format!(
            "{option}: '' is not possible; give the path of a file"
        )));
    }
    Ok(Some(value.into()))
}

/// Adds the rows named in `value` to `chosen`.
fn only(value: &OsString, chosen: &mut Vec<&'static Comparison>) -> Result<(), BadArguments> {
    for name in value.to_string_lossy().split(',') {
        match measure::by_name(name.trim()) {
            Some(comparison) => chosen.push(comparison),
            None => {
                let known: Vec<_> = comparisons::ALL.iter().map(|known| known.name).collect();
                let known = known.join(", ");
                return Err(BadArguments(format!(
                    "--only: '{name}' is not a row; give one or more of {known}"
                )));
            }
        }
    }
    Ok(())
}
