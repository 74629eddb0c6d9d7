//! What it costs two tasks, or two threads, to pass a number to and fro.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use selvedge::sync::Notify;

use super::sample::Sample;
use super::{Load, Side, crashed};

/// Round trips between two looks at the clock.
const BETWEEN_LOOKS: u64 = 16;
/// The number that ends the game.
const STOP: u64 = u64::MAX;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => tasks(load),
        Side::Threads => threads(load),
    }
}

/// A channel that holds one number, for one sender and one receiver that take turns.
#[derive(Default)]
struct Mailbox {
    number: AtomicU64,
    filled: Notify,
}

impl Mailbox {
    fn send(&self, number: u64) {
        // Ordering: Relaxed; `notify_one` publishes the number to the task it wakes.
        self.number.store(number, Ordering::Relaxed);
        self.filled.notify_one();
    }

    async fn receive(&self) -> u64 {
        self.filled.notified().await;
        // Ordering: Relaxed; `notified` has seen the `notify_one` that followed the store.
        self.number.load(Ordering::Relaxed)
    }
}

fn tasks(load: &Load) -> io::Result<Sample> {
    let runtime = super::runtime(load.workers)?;
    let budget = load.budget;
    let (there, back) = (Arc::new(Mailbox::default()), Arc::new(Mailbox::default()));
    let echo = runtime.spawn({
        let (there, back) = (there.clone(), back.clone());
        async move {
            loop {
                let number = there.receive().await;
                if number == STOP {
                    return;
                }
                back.send(number);
            }
        }
    });
    let driver = runtime.spawn(async move {
        let start = Instant::now();
        let mut trips: u64 = 0;
        while start.elapsed() < budget {
            for _ in 0..BETWEEN_LOOKS {
                there.send(trips);
                trips += u64::from(back.receive().await == trips);
            }
        }
        let sample = Sample::of("round_trip", start.elapsed().as_secs_f64() / trips as f64);
        there.send(STOP);
        echo.await.map_err(|_| crashed("the echo task"))?;
        Ok(sample)
    });
    runtime
        .block_on(driver)
        .map_err(|_| crashed("the driver"))?
}

fn threads(load: &Load) -> io::Result<Sample> {
    let gone = || crashed("the echo thread");
    let (there, inbox) = mpsc::channel();
    let (outbox, back) = mpsc::channel();
    let echo = thread::Builder::new().spawn(move || {
        while let Ok(number) = inbox.recv() {
            if number == STOP || outbox.send(number).is_err() {
                return;
            }
        }
    })?;
    let start = Instant::now();
    let mut trips: u64 = 0;
    while start.elapsed() < load.budget {
        for _ in 0..BETWEEN_LOOKS {
            there.send(trips).map_err(|_| gone())?;
            trips += u64::from(back.recv().map_err(|_| gone())? == trips);
        }
    }
    let sample = Sample::of("round_trip", start.elapsed().as_secs_f64() / trips as f64);
    there.send(STOP).map_err(|_| gone())?;
    echo.join().map_err(|_| gone())?;
    Ok(sample)
}
