//! What it costs to wait for something that happens every 1 ms: asking all the time, or being told.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use selvedge::sync::Notify;
use selvedge::task::yield_now;
use selvedge::time::sleep;

use super::meter::Meter;
use super::sample::Sample;
use super::{Load, Side, crashed};

/// How long it takes until it happens again.
const LATER: Duration = Duration::from_millis(1);

/// How one learns that it has happened.
#[derive(Clone, Copy, PartialEq)]
enum By {
    BeingTold,
    Asking,
}

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    let one = match side {
        Side::Tasks => tasks,
        Side::Threads => threads,
    };
    Ok(one(load, "told", By::BeingTold)?.and(one(load, "asking", By::Asking)?))
}

/// How often it happens.
fn times(load: &Load) -> u64 {
    (load.short().as_millis() as u64).max(1)
}

fn tasks(load: &Load, name: &'static str, by: By) -> io::Result<Sample> {
    let runtime = super::runtime(load.workers)?;
    let times = times(load);
    let driver = runtime.spawn(async move {
        let happened = Arc::new((AtomicU64::new(0), Notify::new()));
        let theirs = happened.clone();
        let meter = Meter::start();
        let other = selvedge::spawn(async move {
            for number in 1..=times {
                sleep(LATER).await;
                // Ordering: Release, for the load below, as somebody with data to pass would.
                theirs.0.store(number, Ordering::Release);
                theirs.1.notify_one();
            }
        });
        for number in 1..=times {
            // Ordering: Acquire, for the store above.
            while happened.0.load(Ordering::Acquire) < number {
                match by {
                    // It is woken: `notify_one` follows the store and is remembered.
                    By::BeingTold => happened.1.notified().await,
                    By::Asking => yield_now().await,
                }
            }
        }
        other.await.map_err(|_| crashed("a task"))?;
        Ok(meter.per_one(name, times))
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

fn threads(load: &Load, name: &'static str, by: By) -> io::Result<Sample> {
    let times = times(load);
    let happened = Arc::new(AtomicU64::new(0));
    let (theirs, waiter) = (happened.clone(), thread::current());
    let meter = Meter::start();
    let other = thread::Builder::new().spawn(move || {
        for number in 1..=times {
            thread::sleep(LATER);
            // Ordering: Release, for the load below, as somebody with data to pass would.
            theirs.store(number, Ordering::Release);
            waiter.unpark();
        }
    })?;
    for number in 1..=times {
        // Ordering: Acquire, for the store above.
        while happened.load(Ordering::Acquire) < number {
            match by {
                // It is woken: `unpark` follows the store and is remembered.
                By::BeingTold => thread::park(),
                By::Asking => thread::yield_now(),
            }
        }
    }
    other.join().map_err(|_| crashed("a thread"))?;
    Ok(meter.per_one(name, times))
}
