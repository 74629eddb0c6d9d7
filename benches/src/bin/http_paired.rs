//! Measures hyper on Selvedge beside hyper on tokio with `wrk`; `--help` says how.

use std::process::ExitCode;

use selvedge_benches::http_paired::options::{self, Command, HELP};
use selvedge_benches::http_paired::{rounds, service, table};

fn main() -> ExitCode {
    let done = options::parse(std::env::args().skip(1)).and_then(|command| match command {
        Command::Run(options) => {
            if cfg!(debug_assertions) {
                eprintln!("warning: built without --release, the figures mean nothing");
            }
            let outcome = rounds::measure(&options)?;
            print!("{}", table::report(&outcome));
            Ok(())
        }
        Command::Serve(who) => service::serve(&who),
        Command::Help => {
            print!("{HELP}");
            Ok(())
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
