//! One run under `strace`, which counts system calls and is too slow to measure anything else.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::process::Server;
use super::wrk;

/// Until `strace` has attached itself to all threads.
const ATTACHING: Duration = Duration::from_millis(500);
/// Calls that are made less often are left out.
const LEAST_A_REQUEST: f64 = 0.005;

/// System calls for each request: all, and by name.
#[derive(Clone, Debug)]
pub struct Counted {
    /// All of them.
    pub all: f64,
    /// The name of each and how many, most first.
    pub by_name: Vec<(String, f64)>,
}

/// Counts the calls of `server`; `None` if there is no `strace`.
///
/// # Errors
///
/// If `wrk` fails.
pub fn count(server: &Server, connections: u64) -> Result<Option<Counted>, String> {
    let strace = Command::new("strace")
        .args(["-c", "-f", "-p", &server.id().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(strace) = strace else {
        return Ok(None);
    };
    thread::sleep(ATTACHING);
    let report = wrk::run(server.url(), connections, 2);
    if let Some(pid) = i32::try_from(strace.id()).ok().and_then(Pid::from_raw) {
        // Has it ended already, there is nothing to stop.
        let _ = kill_process(pid, Signal::INT);
    }
    let output = strace
        .wait_with_output()
        .map_err(|error| format!("strace: {error}"))?;
    let requests = report?.requests;
    let text = String::from_utf8_lossy(&output.stderr);
    Ok(Some(parse(&text, requests)))
}

/// Rows are `% time`, `seconds`, `usecs/call`, `calls`, `errors` if any, and the name.
fn parse(text: &str, requests: f64) -> Counted {
    let row = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let name = (*words.last()?).to_owned();
        words.first()?.parse::<f64>().ok()?;
        Some((name, words.get(3)?.parse::<f64>().ok()? / requests))
    };
    let mut by_name: Vec<_> = text.lines().filter_map(row).collect();
    by_name.retain(|(name, _)| name != "total");
    by_name.sort_by(|one, other| other.1.total_cmp(&one.1));
    let all = by_name.iter().map(|(_, calls)| calls).sum();
    by_name.retain(|(_, calls)| *calls > LEAST_A_REQUEST);
    Counted { all, by_name }
}
