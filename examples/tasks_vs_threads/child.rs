//! Takes each sample in a fresh process of this very program, so that no sample disturbs another.
//!
//! A sample that crashes, hangs, or is refused by the operating system therefore costs one sample
//! and a message, never the whole run.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::measure::sample::Sample;
use crate::measure::tcp_echo::server;
use crate::measure::{self, Comparison, Load, Side};

/// First argument of a process that takes one sample.
const SAMPLE: &str = "__sample";
/// A sample that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often the parent looks whether the child has ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Why there is no sample.
#[derive(Debug)]
pub(crate) struct NoSample(String);

impl fmt::Display for NoSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<io::Error> for NoSample {
    fn from(error: io::Error) -> NoSample {
        NoSample(error.to_string())
    }
}

/// Measures one side of `comparison` once, in a process of its own.
pub(crate) fn take(comparison: &Comparison, side: Side, load: &Load) -> Result<Sample, NoSample> {
    let mut child = Command::new(env::current_exe()?)
        .args([SAMPLE, comparison.name, side.name()])
        .args(encode(load))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());

    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            break None;
        }
        thread::sleep(LOOK_EVERY);
    };
    // Both end with the child: a server that it started, which has the same standard error, ends
    // when the child does.
    let stdout = stdout.join().unwrap_or_default();
    let stderr = stderr.join().unwrap_or_default();
    match status {
        None => Err(NoSample(format!(
            "no result within {} s",
            PATIENCE.as_secs()
        ))),
        Some(status) if !status.success() => Err(NoSample(reason(status, &stderr))),
        Some(_) => Sample::decode(&stdout).ok_or_else(|| NoSample("garbled result".to_owned())),
    }
}

/// Reads a pipe to its end on a thread, so that a talkative child never waits for its reader.
fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth showing.
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The first thing that the child complained of, or how it died.
fn reason(status: ExitStatus, stderr: &str) -> String {
    let mut lines = stderr
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    match lines.next() {
        // What a panic has to say stands below the place where it happened.
        Some(line) if line.contains("panicked at") => lines.next().unwrap_or(line).to_owned(),
        Some(line) => line.to_owned(),
        None => format!("its process ended with {status}"),
    }
}

fn encode(load: &Load) -> [String; 7] {
    [
        load.tasks,
        load.threads,
        load.connections,
        load.workers,
        load.budget.as_micros() as usize,
        load.steps_per_ms,
        load.contenders,
    ]
    .map(|number| number.to_string())
}

fn decode(arguments: &[OsString]) -> Option<Load> {
    let number = |index: usize| arguments.get(index)?.to_str()?.parse::<usize>().ok();
    Some(Load {
        tasks: number(0)?,
        threads: number(1)?,
        connections: number(2)?,
        workers: number(3)?,
        budget: Duration::from_micros(number(4)? as u64),
        steps_per_ms: number(5)?,
        contenders: number(6)?,
    })
}

/// If `arguments` were made by [`take`], or by the client of an echo server, does what they say.
pub(crate) fn serve(arguments: &[OsString]) -> Option<io::Result<()>> {
    let word = |index: usize| arguments.get(index).and_then(|word| word.to_str());
    match word(0)? {
        SAMPLE => {
            let comparison = measure::by_name(word(1)?)?;
            let side = Side::from_name(word(2)?)?;
            let load = decode(&arguments[3..])?;
            Some((comparison.measure)(side, &load).map(|sample| print!("{}", sample.encode())))
        }
        server::SERVE => {
            let side = Side::from_name(word(1)?)?;
            Some(server::serve(side, word(2)?.parse().ok()?))
        }
        _ => None,
    }
}
