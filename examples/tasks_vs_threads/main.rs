//! What does a task cost, and what a thread? Measured here and now, on your machine.
//!
//! *Shows*: starting, memory, locks, queues, waiting and more, a row for each concept, tasks beside
//! threads, as a table and as an HTML report with plots. Where threads win, it says so.
//!
//! *Run with*: `cargo run --release --example tasks_vs_threads` (about a minute)
//!
//! *Try this*: `-- --quick`, then `-- --only blocker --workers 1`, then `-- --threads 10000`.
//!
//! How to read the source: `measure/comparisons.rs` lists the comparisons, `measure/` has one file
//! for each; `run.rs` and `sweeps.rs` take the samples, each in a process of its own (`child.rs`);
//! `results.rs` makes medians and verdicts of them; `table.rs`, `report.rs` (with `chart.rs` and
//! `plot.rs`), `picture.rs` and `json.rs` show them.

mod chart;
mod child;
mod json;
mod machine;
mod measure;
mod options;
mod picture;
mod plot;
mod progress;
mod report;
mod results;
mod run;
mod sweeps;
mod table;
mod units;

use std::env;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use measure::{Load, blocker};
use options::{Options, Request};
use progress::Progress;

/// Exit code for arguments that make no sense.
const BAD_ARGUMENTS: u8 = 2;

/// Tasks or threads that want the same thing, where a row does not say otherwise.
const CONTENDERS: usize = 64;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let result = match child::serve(&arguments) {
        Some(served) => served.map(|()| ExitCode::SUCCESS),
        None => match options::parse(arguments) {
            Ok(Request::Help) => print(options::HELP).map(|()| ExitCode::SUCCESS),
            Ok(Request::Measure(options)) => compare(&options),
            Err(bad) => {
                complain(&format!("error: {bad}\n(--help lists the options)"));
                return ExitCode::from(BAD_ARGUMENTS);
            }
        },
    };
    match result {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn compare(options: &Options) -> io::Result<ExitCode> {
    // A minute of measuring must not end in "permission denied".
    for path in options
        .report
        .iter()
        .chain(&options.json)
        .chain(&options.picture)
    {
        prepare(path)?;
    }
    if cfg!(debug_assertions) {
        complain(
            "note: this is a debug build, in which tasks look far slower than they are; use --release",
        );
    }
    let load = Load {
        tasks: options.tasks,
        threads: options.threads,
        connections: options.connections,
        workers: options.workers,
        contenders: CONTENDERS,
        budget: options.budget,
        steps_per_ms: blocker::steps_per_ms(),
    };
    let mut progress = Progress::new(&options.comparisons, options.rounds);
    let mut measured = run::run(&options.comparisons, options.rounds, load, &mut progress);
    if options.report.is_some() || options.json.is_some() || options.picture.is_some() {
        sweeps::run(&mut measured, options.sweep_rounds, &load, &progress);
    }
    progress.end();

    let lines = results::lines(&measured);
    print(&format!(
        "\n{}\n{}",
        machine::describe(options),
        table::render(&lines, options.rounds)
    ))?;
    for note in measured.iter().flat_map(|comparison| &comparison.notes) {
        print(&format!("note: {note}\n"))?;
    }
    if let Some(path) = &options.report {
        write(path, &report::render(options, &measured, &lines))?;
        print(&format!("\nReport with charts: {}\n", path.display()))?;
    }
    if let Some(path) = &options.json {
        write(path, &json::render(options, &measured))?;
        print(&format!("Every measurement: {}\n", path.display()))?;
    }
    if let Some(path) = &options.picture {
        write(path, &picture::render(&measured, &lines))?;
        print(&format!("The picture: {}\n", path.display()))?;
    }
    let complete = lines.iter().all(|line| line.numbers.is_some());
    Ok(if complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes sure that `path` can be written later, without harming a file that is there now.
fn prepare(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| OpenOptions::new().append(true).create(true).open(path))
        .map(drop)
        .map_err(|error| cannot_write(path, &error))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text).map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("error: cannot write {}: {error}", path.display()),
    )
}

/// Prints to standard output, and fails where `print!` would panic.
fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Prints a line to standard error, which may be closed.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
