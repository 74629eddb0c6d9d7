//! What it costs to wait for many things at once, each of which takes 100 ms.

use std::io;
use std::thread;
use std::time::Duration;

use selvedge::task::JoinSet;
use selvedge::time::sleep;

use super::meter::Meter;
use super::process::{growth_per_one, peak_bytes};
use super::sample::Sample;
use super::{Load, Side, crashed};

/// How long each of them waits, as for the answer of a distant machine.
const WAIT: Duration = Duration::from_millis(100);

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    let before = peak_bytes("self");
    let sample = match side {
        Side::Tasks => tasks(load)?,
        Side::Threads => threads(load)?,
    };
    Ok(match (before, peak_bytes("self")) {
        (Ok(before), Ok(after)) => {
            sample.with("memory", growth_per_one(before, after, load.waits()))
        }
        _ => sample,
    })
}

fn tasks(load: &Load) -> io::Result<Sample> {
    let waits = load.waits();
    let runtime = super::runtime(load.workers)?;
    let driver = runtime.spawn(async move {
        let meter = Meter::start();
        let mut set = JoinSet::new();
        for _ in 0..waits {
            set.spawn(sleep(WAIT));
        }
        while let Some(ended) = set.join_next().await {
            ended.map_err(|_| crashed("a task"))?;
        }
        Ok(meter.per_one("all", 1))
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

fn threads(load: &Load) -> io::Result<Sample> {
    let waits = load.waits();
    let meter = Meter::start();
    let mut waiting = Vec::with_capacity(waits);
    for _ in 0..waits {
        waiting.push(thread::Builder::new().spawn(|| thread::sleep(WAIT))?);
    }
    for thread in waiting {
        thread.join().map_err(|_| crashed("a thread"))?;
    }
    Ok(meter.per_one("all", 1))
}
