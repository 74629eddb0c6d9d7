//! Waves in a row, what they did to the server, and the table of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use selvedge::time::{Instant, sleep};

use super::options::Options;
use super::server::Server;
use super::wave::{self, Spread, Tally, Target};

/// Waves before the memory is looked at: allocators keep what they had at the highest tide.
const WARM_UP: usize = 2;
/// How much more than after the warm-up is taken for flat: a tenth and 2 MiB.
const GROWTH_PART: u64 = 10;
const GROWTH_KIB: u64 = 2 * 1024;
/// How long the server may take to close its descriptors.
const CLOSING_MAX: Duration = Duration::from_secs(30);
/// Faults that are told.
const FAULTS_MAX: usize = 20;

/// What all waves did.
#[derive(Debug)]
pub struct Outcome {
    server: &'static str,
    options: Options,
    tallies: BTreeMap<&'static str, Tally>,
    spreads: Vec<Spread>,
    memory_kib: Vec<u64>,
    descriptors: (usize, usize),
    faults: Vec<String>,
    took: Duration,
}

/// Tortures `server` through `target`.
pub async fn torture<T: Target>(options: &Options, server: &Server, target: &Arc<T>) -> Outcome {
    let start = Instant::now();
    let mut outcome = Outcome {
        server: server.name(),
        options: options.clone(),
        tallies: BTreeMap::new(),
        spreads: Vec::new(),
        memory_kib: Vec::new(),
        descriptors: (0, 0),
        faults: Vec::new(),
        took: Duration::ZERO,
    };
    if let Err(fault) = outcome.run(server, target).await {
        outcome.faults.push(fault);
    }
    outcome.took = start.elapsed();
    outcome
}

impl Outcome {
    /// What was wrong, with the name of the server.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = self.faults.clone();
        let left_out = faults.len().saturating_sub(FAULTS_MAX);
        faults.truncate(FAULTS_MAX);
        if left_out > 0 {
            faults.push(format!("and {left_out} more"));
        }
        let named = |fault| format!("{}: {fault}", self.server);
        faults.into_iter().map(named).collect()
    }

    async fn run<T: Target>(&mut self, server: &Server, target: &Arc<T>) -> Result<(), String> {
        let connections = self.options.connections;
        for index in 0..self.options.waves {
            eprintln!(
                "\r{}: wave {} of {}",
                self.server,
                index + 1,
                self.options.waves
            );
            let wave = wave::run(target, connections, (index * connections) as u64).await;
            self.add(wave);
            if index == 0 {
                // The first connection may have brought descriptors that stay.
                self.descriptors.0 = self.settled(server, usize::MAX).await?;
            }
            self.descriptors.1 = self.settled(server, self.descriptors.0).await?;
            self.memory_kib.push(server.memory_kib()?);
        }
        eprintln!();
        self.judge();
        Ok(())
    }

    fn add(&mut self, wave: wave::WaveOutcome) {
        for (manner, tally) in wave.tallies {
            let sum = self.tallies.entry(manner).or_default();
            sum.connections += tally.connections;
            sum.sent += tally.sent;
            sum.came += tally.came;
        }
        self.spreads.extend(wave.spread);
        self.faults.extend(wave.faults);
    }

    /// How many descriptors the server has when it does not close any more of them: at most `goal`, or as
    /// many as there are for a while.
    async fn settled(&self, server: &Server, goal: usize) -> Result<usize, String> {
        let start = Instant::now();
        let (mut last, mut same) = (server.descriptors()?, 0);
        while last > goal && start.elapsed() < CLOSING_MAX || goal == usize::MAX && same < 10 {
            sleep(Duration::from_millis(20)).await;
            let now = server.descriptors()?;
            same = if now == last { same + 1 } else { 0 };
            last = now;
        }
        Ok(last)
    }

    fn judge(&mut self) {
        let (before, after) = self.descriptors;
        if after > before {
            self.faults
                .push(format!("descriptors grew from {before} to {after}"));
        }
        let (warm, end) = self.memory();
        if end > warm + warm / GROWTH_PART + GROWTH_KIB {
            self.faults
                .push(format!("memory grew from {warm} to {end} KiB"));
        }
        // The first may have started long before the last was told to, or the machine held one of them up: once
        // in a while that is nobody's fault.
        let left_behind = self
            .spreads
            .iter()
            .filter(|spread| spread.last == 0)
            .count();
        if left_behind * 2 > self.spreads.len() {
            self.faults
                .push(format!("in {left_behind} waves somebody was left behind"));
        }
    }

    fn memory(&self) -> (u64, u64) {
        let warm = self.memory_kib.iter().take(WARM_UP).max();
        (
            warm.copied().unwrap_or(0),
            self.memory_kib.last().copied().unwrap_or(0),
        )
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options {
            connections,
            waves,
            seed,
            ..
        } = self.options;
        writeln!(
            f,
            "\n### {}: {waves} waves of {connections} connections, seed {seed}, {:.0} s\n",
            self.server,
            self.took.as_secs_f64()
        )?;
        writeln!(f, "| manner | connections | bytes sent | bytes received |")?;
        writeln!(f, "|---|--:|--:|--:|")?;
        for (manner, tally) in &self.tallies {
            let Tally {
                connections,
                sent,
                came,
            } = tally;
            writeln!(f, "| {manner} | {connections} | {sent} | {came} |")?;
        }
        let waves = self.memory_kib.iter().map(u64::to_string);
        writeln!(
            f,
            "\nmemory after each wave: {} KiB",
            waves.collect::<Vec<_>>().join(", ")
        )?;
        let (before, after) = self.descriptors;
        writeln!(f, "descriptors: {before}, at the end {after}")?;
        for spread in &self.spreads {
            let Spread {
                compared,
                first,
                median,
                hundredth,
                last,
            } = spread;
            writeln!(
                f,
                "when the first of {compared} was through its {first} rounds, half had made {median}, \
                 all but a hundredth {hundredth}, the last {last}"
            )?;
        }
        writeln!(f, "faults: {}", self.faults.len())
    }
}
