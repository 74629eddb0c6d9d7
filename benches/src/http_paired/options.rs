//! The command line of `http_paired`.

/// What `--help` prints.
pub const HELP: &str = "\
hyper on Selvedge beside hyper on tokio: `wrk` runs against each once in every round.

usage: cargo run --release -p selvedge-benches --bin http_paired -- [options]

  --connections N,..   how many connections at once (1,64,1000 unless said)
  --rounds N           rounds for each number of connections (8 unless said)
  --seconds N          length of one run (3 unless said)
  --no-syscalls        without the runs under `strace`
  --quick              2 rounds of 1 second: shows that everything runs, proves nothing
  --help               this text

Needs `wrk` (Debian: apt install wrk); counts system calls if there is `strace`, too. The table goes to stdout
as markdown, progress to stderr. Ratios are Selvedge's figure divided by tokio's, in one round.
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Measure.
    Run(Options),
    /// Be the server, on the runtime with this name.
    Serve(String),
    /// Print [`HELP`].
    Help,
}

/// How to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many connections at once, one table each.
    pub connections: Vec<u64>,
    /// Rounds for each of them.
    pub rounds: u64,
    /// Length of one run.
    pub seconds: u64,
    /// Whether to count system calls.
    pub syscalls: bool,
}

/// Reads the arguments that follow the program's name.
///
/// # Errors
///
/// If an argument is unknown, or lacks its value or has a wrong one.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter();
    let mut options = Options {
        connections: vec![1, 64, 1000],
        rounds: 8,
        seconds: 3,
        syscalls: true,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("`{argument}` needs a value; see `--help`"))
        };
        match argument.as_str() {
            "--connections" => {
                options.connections = value()?.split(',').map(number).collect::<Result<_, _>>()?;
            }
            "--rounds" => options.rounds = number(&value()?)?,
            "--seconds" => options.seconds = number(&value()?)?,
            "--no-syscalls" => options.syscalls = false,
            "--quick" => (options.rounds, options.seconds) = (2, 1),
            "--serve" => return Ok(Command::Serve(value()?)),
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(format!("unknown argument `{argument}`; see `--help`")),
        }
    }
    Ok(Command::Run(options))
}

/// A number of at least one.
fn number(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("`{text}` is not a number above 0")),
    }
}

#[cfg(test)]
mod tests;
