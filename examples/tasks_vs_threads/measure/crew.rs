//! Some tasks, or some threads, that do the same thing over and over until the time is up.

use std::io;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use selvedge::task::JoinSet;

use super::meter::Meter;
use super::sample::Sample;
use super::{Load, crashed};

/// Operations between two looks at the clock.
pub(crate) const BATCH: u64 = 64;

/// When a member of the crew has to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Until(Instant);

impl Until {
    pub(crate) fn over(self) -> bool {
        Instant::now() >= self.0
    }
}

/// `size` tasks; each is made by `work` from its number, and says how often it did the operation.
pub(crate) fn of_tasks<F>(
    load: &Load,
    name: &str,
    size: usize,
    work: impl Fn(usize, Until) -> F + Send + 'static,
) -> io::Result<Sample>
where
    F: Future<Output = u64> + Send + 'static,
{
    let runtime = super::runtime(load.workers)?;
    let (name, budget) = (name.to_owned(), load.short());
    let driver = runtime.spawn(async move {
        let mut crew = JoinSet::new();
        let meter = Meter::start();
        let until = Until(Instant::now() + budget);
        for number in 0..size {
            crew.spawn(work(number, until));
        }
        let mut operations = 0;
        while let Some(member) = crew.join_next().await {
            operations += member.map_err(|_| crashed("a task"))?;
        }
        Ok(meter.per_one(&name, operations))
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

/// The same with `size` threads, which are all there before the first begins.
pub(crate) fn of_threads(
    load: &Load,
    name: &str,
    size: usize,
    work: impl Fn(usize, Until) -> u64 + Send + Sync + 'static,
) -> io::Result<Sample> {
    let (work, budget) = (Arc::new(work), load.short());
    let gate = Arc::new(Barrier::new(size + 1));
    let mut crew = Vec::with_capacity(size);
    for number in 0..size {
        let (work, gate) = (work.clone(), gate.clone());
        // If one is refused, the others wait at the gate until the process ends, which is soon.
        crew.push(thread::Builder::new().spawn(move || {
            gate.wait();
            work(number, Until(Instant::now() + budget))
        })?);
    }
    let meter = Meter::start();
    gate.wait();
    let mut operations = 0;
    for member in crew {
        operations += member.join().map_err(|_| crashed("a thread"))?;
    }
    Ok(meter.per_one(name, operations))
}
