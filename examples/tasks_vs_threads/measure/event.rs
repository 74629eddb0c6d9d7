//! What it costs to wake everybody who waits for an event.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use selvedge::sync::Notify;

use super::crew;
use super::sample::Sample;
use super::{Load, Side};

/// How many wait.
const WAITERS: u64 = 64;
/// The crew: they, and one who wakes them.
const CREW: usize = WAITERS as usize + 1;
/// The number of the event after which nobody waits any more.
const LAST: u64 = u64::MAX;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => {
            let event = Arc::new(TaskEvent::default());
            crew::of_tasks(load, "each", CREW, move |number, until| {
                let event = event.clone();
                async move {
                    if number > 0 {
                        return event.attend().await;
                    }
                    let mut events = 0;
                    loop {
                        event.ready.notified().await;
                        events += 1;
                        if event.call(events, until.over()) {
                            return 0;
                        }
                    }
                }
            })
        }
        Side::Threads => {
            let event = ThreadEvent::default();
            crew::of_threads(load, "each", CREW, move |number, until| {
                if number > 0 {
                    return event.attend();
                }
                let mut events = 0;
                loop {
                    events += 1;
                    if event.call(events, || until.over()) {
                        return 0;
                    }
                }
            })
        }
    }
}

#[derive(Default)]
struct TaskEvent {
    /// The latest event.
    number: AtomicU64,
    waiting: AtomicU64,
    happened: Notify,
    /// All wait.
    ready: Notify,
}

impl TaskEvent {
    /// Waits for events to the last one, and says how many there were.
    async fn attend(&self) -> u64 {
        let mut events = 0;
        loop {
            // Made before this waiter is counted, so `notify_waiters` reaches it.
            let happened = self.happened.notified();
            // Ordering: AcqRel; the last one to be counted has seen all the others ready.
            if self.waiting.fetch_add(1, Ordering::AcqRel) + 1 == WAITERS {
                self.ready.notify_one();
            }
            happened.await;
            events += 1;
            // Ordering: Relaxed; the event that woke this task publishes its number.
            if self.number.load(Ordering::Relaxed) == LAST {
                return events;
            }
        }
    }

    /// All wait: wakes them. Says whether this was the last event.
    fn call(&self, number: u64, last: bool) -> bool {
        // Ordering: Relaxed; `notify_waiters` publishes both.
        self.waiting.store(0, Ordering::Relaxed);
        self.number
            .store(if last { LAST } else { number }, Ordering::Relaxed);
        self.happened.notify_waiters();
        last
    }
}

/// The number of the latest event, and how many wait for the next.
#[derive(Default)]
struct ThreadEvent {
    number_and_waiting: Mutex<(u64, u64)>,
    happened: Condvar,
    ready: Condvar,
}

impl ThreadEvent {
    fn attend(&self) -> u64 {
        let mut events = 0;
        let mut guard = self
            .number_and_waiting
            .lock()
            .unwrap_or_else(|e| e.into_inner());
        loop {
            let seen = guard.0;
            guard.1 += 1;
            if guard.1 == WAITERS {
                self.ready.notify_one();
            }
            guard = self
                .happened
                .wait_while(guard, |now| now.0 == seen)
                .unwrap_or_else(|e| e.into_inner());
            events += 1;
            if guard.0 == LAST {
                return events;
            }
        }
    }

    /// Waits until all wait, and wakes them. Says whether this was the last event.
    fn call(&self, number: u64, last: impl FnOnce() -> bool) -> bool {
        let guard = self
            .number_and_waiting
            .lock()
            .unwrap_or_else(|e| e.into_inner());
        let mut guard = self
            .ready
            .wait_while(guard, |now| now.1 < WAITERS)
            .unwrap_or_else(|e| e.into_inner());
        let last = last();
        *guard = (if last { LAST } else { number }, 0);
        drop(guard);
        self.happened.notify_all();
        last
    }
}
