//! The command line of `torture`.

/// What `--help` prints.
pub const HELP: &str = "\
Tortures the servers among the examples: connections that write byte by byte, read slowly, close one half, or
break off, thousands at once, wave after wave. Checks every byte, the memory, and that none is left behind.

    cargo build --release --features hyper --example tcp_proxy --example http_server
    cargo run --release -p selvedge-benches --bin torture -- [options]

  --connections N   connections at once (9000 unless said; each takes two descriptors)
  --waves N         how often (6 unless said; the first two warm the server up)
  --only SERVER     `tcp_proxy` or `http_server` alone
  --seed N          another choice of manners and lengths (1 unless said)
  --quick           400 connections, 4 waves
  --help            this text

Ends with an error if anything was lost, left behind or leaked. Progress goes to stderr, tables to stdout.
";

const CONNECTIONS: usize = 9_000;
const WAVES: usize = 6;
const QUICK_CONNECTIONS: usize = 400;
const QUICK_WAVES: usize = 4;

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Torture.
    Run(Options),
    /// Print [`HELP`].
    Help,
}

/// How to torture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Connections at once.
    pub connections: usize,
    /// How often.
    pub waves: usize,
    /// Chooses manners and lengths.
    pub seed: u64,
    /// Whether `tcp_proxy` is tortured.
    pub proxy: bool,
    /// Whether `http_server` is tortured.
    pub http: bool,
}

/// Reads the arguments that follow the program's name.
///
/// # Errors
///
/// If an argument is unknown, or lacks its value or has a wrong one.
pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter();
    let mut options = Options {
        connections: CONNECTIONS,
        waves: WAVES,
        seed: 1,
        proxy: true,
        http: true,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or_else(|| format!("`{argument}` needs a value; see `--help`"))
        };
        match argument.as_str() {
            "--connections" => options.connections = number(&value()?)?,
            // Two to warm the server up, one to compare.
            "--waves" => options.waves = number(&value()?)?.max(3),
            "--seed" => options.seed = number(&value()?)? as u64,
            "--only" => match value()?.as_str() {
                "tcp_proxy" => options.http = false,
                "http_server" => options.proxy = false,
                other => return Err(format!("there is no server `{other}`; see `--help`")),
            },
            "--quick" => {
                options.connections = QUICK_CONNECTIONS;
                options.waves = QUICK_WAVES;
            }
            "--help" | "-h" => return Ok(Command::Help),
            _ => return Err(format!("unknown argument `{argument}`; see `--help`")),
        }
    }
    Ok(Command::Run(options))
}

/// A number of at least one.
fn number(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("`{text}` is not a number above 0")),
    }
}

#[cfg(test)]
mod tests;
