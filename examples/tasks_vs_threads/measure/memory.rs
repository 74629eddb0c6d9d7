//! How much resident memory an idle task, or an idle thread, takes.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use selvedge::sync::Notify;
use selvedge::task::yield_now;

use super::meter::Meter;
use super::process::{growth_per_one, resident_bytes};
use super::sample::Sample;
use super::{Load, Side, crashed};

/// Name of the value that says how many were alive.
pub(crate) const COUNT: &str = "count";

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    if let Err(error) = resident_bytes("self") {
        let mut nothing = Sample::default();
        nothing.note(format!("memory: {error}"));
        return Ok(nothing);
    }
    match side {
        Side::Tasks => tasks(load),
        Side::Threads => threads(load),
    }
}

fn tasks(load: &Load) -> io::Result<Sample> {
    let wanted = load.tasks;
    let runtime = super::runtime(load.workers)?;
    let driver = runtime.spawn(async move {
        // The first task pays for tables that all the others use.
        selvedge::spawn(async {})
            .await
            .map_err(|_| crashed("a task"))?;
        let signal = Arc::new(Notify::new());
        let waiting = Arc::new(AtomicUsize::new(0));
        let mut handles = Vec::new();

        let before = resident_bytes("self")?;
        let meter = Meter::start();
        for _ in 0..wanted {
            let (signal, waiting) = (signal.clone(), waiting.clone());
            handles.push(selvedge::spawn(async move {
                let signalled = signal.notified();
                // Ordering: Relaxed; it counts and publishes nothing.
                waiting.fetch_add(1, Ordering::Relaxed);
                signalled.await;
            }));
        }
        // Ordering: Relaxed; only the number matters.
        while waiting.load(Ordering::Relaxed) < wanted {
            yield_now().await;
        }
        let after = resident_bytes("self")?;

        signal.notify_waiters();
        for handle in handles {
            handle.await.map_err(|_| crashed("a task"))?;
        }
        Ok(cost(before, after, wanted, &meter))
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

/// The same signal for threads: how many wait for it, and whether it was given.
#[derive(Default)]
struct Signal {
    waiting_and_given: Mutex<(usize, bool)>,
    changed: Condvar,
}

impl Signal {
    /// Waits for the signal. It is woken: by `give`, which sets the flag under the lock.
    fn wait(&self) {
        // A panic elsewhere leaves two plain values behind, which are still good.
        let mut guard = self
            .waiting_and_given
            .lock()
            .unwrap_or_else(|e| e.into_inner());
        guard.0 += 1;
        self.changed.notify_all();
        while !guard.1 {
            guard = self.changed.wait(guard).unwrap_or_else(|e| e.into_inner());
        }
    }

    /// Gives the signal.
    fn give(&self) {
        self.waiting_and_given
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .1 = true;
        self.changed.notify_all();
    }

    fn waiting(&self) -> usize {
        self.waiting_and_given
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .0
    }
}

fn threads(load: &Load) -> io::Result<Sample> {
    let signal = Arc::new(Signal::default());
    let mut handles = Vec::new();
    let mut refused = None;

    let before = resident_bytes("self")?;
    let meter = Meter::start();
    for _ in 0..load.threads {
        let theirs = signal.clone();
        match thread::Builder::new().spawn(move || theirs.wait()) {
            Ok(handle) => handles.push(handle),
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    while signal.waiting() < handles.len() {
        thread::yield_now();
    }
    let after = resident_bytes("self");

    signal.give();
    let started = handles.len();
    for handle in handles {
        handle.join().map_err(|_| crashed("a thread"))?;
    }
    match refused {
        Some(error) if started == 0 => Err(error),
        Some(error) => {
            let mut sample = cost(before, after?, started, &meter);
            sample.note(format!(
                "memory: the system refused thread {} of {} ({error}); {started} were measured",
                started + 1,
                load.threads,
            ));
            Ok(sample)
        }
        None => Ok(cost(before, after?, started, &meter)),
    }
}

/// What `count` of them took together, for the curves, and what one of them took.
fn cost(before: u64, after: u64, count: usize, meter: &Meter) -> Sample {
    let each = growth_per_one(before, after, count);
    meter
        .per_one("life", 1)
        .with("each", each)
        .with("all", each * count as f64)
        .with(COUNT, count as f64)
}
