//! What it costs to start one task or thread and to wait for its end.

use std::io;
use std::thread;
use std::time::Instant;

use super::sample::Sample;
use super::{Load, Side, crashed};

/// How many are started before the first is joined.
const BATCH: usize = 100;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => tasks(load),
        Side::Threads => threads(load),
    }
}

fn tasks(load: &Load) -> io::Result<Sample> {
    let batch = BATCH.min(load.tasks);
    let budget = load.budget;
    let runtime = super::runtime(load.workers)?;
    // The loop is itself a task, because most tasks are started by tasks.
    let driver = runtime.spawn(async move {
        let mut handles = Vec::with_capacity(batch);
        let mut ended: u64 = 0;
        let start = Instant::now();
        while start.elapsed() < budget {
            handles.extend((0..batch).map(|_| selvedge::spawn(async { 1_u64 })));
            for handle in handles.drain(..) {
                ended += handle.await.map_err(|_| crashed("a task"))?;
            }
        }
        io::Result::Ok(Sample::of(
            "each",
            start.elapsed().as_secs_f64() / ended as f64,
        ))
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

fn threads(load: &Load) -> io::Result<Sample> {
    let mut batch = BATCH.min(load.threads);
    let mut refused = None;
    let mut handles = Vec::with_capacity(batch);
    let mut ended: u64 = 0;
    let start = Instant::now();
    while start.elapsed() < load.budget {
        for started in 0..batch {
            match thread::Builder::new().spawn(|| 1_u64) {
                Ok(handle) => handles.push(handle),
                Err(error) if started == 0 => return Err(error),
                Err(error) => {
                    refused = Some(format!(
                        "spawn_join: the system refused thread {} of {batch} ({error}); \
                         threads were started {started} at a time",
                        started + 1,
                    ));
                    batch = started;
                    break;
                }
            }
        }
        for handle in handles.drain(..) {
            ended += handle.join().map_err(|_| crashed("a thread"))?;
        }
    }
    let mut sample = Sample::of("each", start.elapsed().as_secs_f64() / ended as f64);
    if let Some(note) = refused {
        sample.note(note);
    }
    Ok(sample)
}
