//! Measures Selvedge beside its peers, round by round; `--help` says how.

use std::process::ExitCode;

use selvedge_benches::arguments::{self, Command, HELP, Options};
use selvedge_benches::report::{json, markdown};
use selvedge_benches::rounds::{self, progress};
use selvedge_benches::workload;

fn main() -> ExitCode {
    let done = arguments::parse(std::env::args().skip(1)).and_then(|command| match command {
        Command::Run(options) => run(&options),
        Command::List => {
            for row in workload::rows() {
                println!("{:<24} {} ({})", row.name, row.operation, row.metric.unit());
            }
            Ok(())
        }
        Command::Help => {
            print!("{HELP}");
            Ok(())
        }
        Command::MemoryChild(entrant, what) => {
            println!("{}", workload::memory_child(&entrant, &what));
            // At once: the runtime would take long to drop its tasks.
            std::process::exit(0)
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    if cfg!(debug_assertions) {
        eprintln!("warning: built without --release, the figures mean nothing");
    }
    let rows = options.select(workload::rows())?;
    let mut outcomes = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        progress(&format!("[{}/{}] {}:", index + 1, rows.len(), row.name));
        outcomes.push(rounds::measure(row, options.pace()));
    }
    print!("{}", markdown::report(&outcomes));
    if let Some(file) = &options.json {
        std::fs::write(file, json::report(&outcomes))
            .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    Ok(())
}
