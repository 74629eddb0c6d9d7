//! The paired run: each server once in every round, and who is first changes.

use super::options::Options;
use super::process::Server;
use super::syscalls::{self, Counted};
use super::wrk;
use crate::rounds::progress;

/// Who is compared: the subject, then the peer.
pub const WHO: [&str; 2] = ["selvedge", "tokio"];

/// What one run gave.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// What `wrk` saw.
    pub client: wrk::Report,
    /// CPU time of the server for one request, in microseconds.
    pub cpu_us: f64,
    /// How often a thread of the server went to sleep for one request.
    pub sleeps: f64,
}

/// All runs with one number of connections.
#[derive(Debug)]
pub struct Outcome {
    /// Connections at once.
    pub connections: u64,
    /// By round, in the order of [`WHO`].
    pub rounds: Vec<[Reading; 2]>,
    /// In the order of [`WHO`], where they were counted.
    pub syscalls: [Option<Counted>; 2],
}

/// Measures.
///
/// # Errors
///
/// If a server or `wrk` fails.
pub fn measure(options: &Options) -> Result<Vec<Outcome>, String> {
    options
        .connections
        .iter()
        .map(|&connections| measure_one(options, connections))
        .collect()
}

fn measure_one(options: &Options, connections: u64) -> Result<Outcome, String> {
    progress(&format!("{connections} connections:"));
    let mut rounds = Vec::new();
    for round in 0..options.rounds {
        progress(&format!(" {}", round + 1));
        // First, second; second, first; and so on.
        let selvedge_first = round % 2 == 0;
        let first = run(WHO[usize::from(!selvedge_first)], connections, options)?;
        let second = run(WHO[usize::from(selvedge_first)], connections, options)?;
        rounds.push(if selvedge_first {
            [first, second]
        } else {
            [second, first]
        });
    }
    let mut syscalls = [None, None];
    if options.syscalls {
        for (who, counted) in WHO.iter().zip(&mut syscalls) {
            *counted = syscalls::count(&Server::start(who)?, connections)?;
        }
    }
    progress("\n");
    Ok(Outcome {
        connections,
        rounds,
        syscalls,
    })
}

fn run(who: &str, connections: u64, options: &Options) -> Result<Reading, String> {
    let server = Server::start(who)?;
    let before = server.used()?;
    let client = wrk::run(server.url(), connections, options.seconds)?;
    let after = server.used()?;
    let cpu = after.cpu.saturating_sub(before.cpu);
    Ok(Reading {
        client,
        cpu_us: cpu.as_secs_f64() * 1e6 / client.requests,
        sleeps: after.sleeps.saturating_sub(before.sleeps) as f64 / client.requests,
    })
}
