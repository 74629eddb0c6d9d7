//! Tortures the servers among the examples with thousands of connections at once; `--help` says how.

use std::process::ExitCode;

use selvedge_benches::torture::options::{self, Command, HELP, Options};
use selvedge_benches::torture::{http, limit, origin, outcome, proxy, server};

fn main() -> ExitCode {
    let done = match options::parse(std::env::args().skip(1)) {
        Ok(Command::Run(options)) => run(options),
        Ok(Command::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(message) => Err(message),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

#[selvedge::main]
async fn run(options: Options) -> Result<(), String> {
    limit::raise(options.connections)?;
    let mut faults = Vec::new();
    if options.proxy {
        let origin = origin::start(options.seed)
            .await
            .map_err(|error| format!("cannot listen: {error}"))?;
        let arguments = ["127.0.0.1:0".to_owned(), origin.address().to_string()];
        let server = server::Server::start("tcp_proxy", &arguments)?;
        let target = proxy::Target::new(server.address(), &origin);
        let outcome = outcome::torture(&options, &server, &target).await;
        print!("{outcome}");
        faults.extend(outcome.faults());
    }
    if options.http {
        let server = server::Server::start("http_server", &["127.0.0.1:0".to_owned()])?;
        let target = http::Target::new(server.address(), options.seed);
        let outcome = outcome::torture(&options, &server, &target).await;
        print!("{outcome}");
        faults.extend(outcome.faults());
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("faults:\n{}", faults.join("\n")))
    }
}
