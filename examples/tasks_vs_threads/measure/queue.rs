//! What it costs to hand an item from a producer to a consumer, with backpressure.

use std::io;
use std::sync::Mutex;
use std::sync::mpsc as std_mpsc;

use selvedge::sync::mpsc;

use super::crew::{self, BATCH, Until};
use super::sample::Sample;
use super::{Load, Side};

const PRODUCERS: usize = 2;
/// So many items wait at most; then the producers do.
const CAPACITY: usize = 64;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => {
            let (sender, receiver) = mpsc::channel(CAPACITY);
            let (sender, receiver) = (Places::of(sender), Mutex::new(Some(receiver)));
            crew::of_tasks(load, "each", PRODUCERS + 1, move |number, until| {
                let sender = sender.take(number);
                // The last member consumes.
                let receiver = match sender {
                    Some(_) => None,
                    None => receiver.lock().ok().and_then(|mut place| place.take()),
                };
                async move {
                    if let Some(sender) = sender {
                        while !until.over() {
                            for item in 0..BATCH {
                                let _ = sender.send(item).await;
                            }
                        }
                    }
                    let mut received = 0;
                    if let Some(mut receiver) = receiver {
                        while receiver.recv().await.is_some() {
                            received += 1;
                        }
                    }
                    received
                }
            })
        }
        Side::Threads => {
            let (sender, receiver) = std_mpsc::sync_channel(CAPACITY);
            let (sender, receiver) = (Places::of(sender), Mutex::new(receiver));
            let std = crew::of_threads(load, "each", PRODUCERS + 1, move |number, until| {
                let Some(sender) = sender.take(number) else {
                    let receiver = receiver.lock().unwrap_or_else(|e| e.into_inner());
                    return receiver.iter().count() as u64;
                };
                produce(until, |item| sender.send(item).is_ok())
            })?;
            let (sender, receiver) = crossbeam_channel::bounded(CAPACITY);
            let sender = Places::of(sender);
            let crossbeam =
                crew::of_threads(load, "crossbeam", PRODUCERS + 1, move |number, until| {
                    let Some(sender) = sender.take(number) else {
                        return receiver.iter().count() as u64;
                    };
                    produce(until, |item| sender.send(item).is_ok())
                })?;
            Ok(std.and(crossbeam))
        }
    }
}

/// One sender for each producer, to be taken away: the consumer ends when the last one is dropped.
struct Places<S>(Mutex<Vec<Option<S>>>);

impl<S: Clone> Places<S> {
    fn of(sender: S) -> Places<S> {
        Places(Mutex::new(vec![Some(sender); PRODUCERS]))
    }

    /// The sender of member `number`; `None` for the consumer.
    fn take(&self, number: usize) -> Option<S> {
        self.0.lock().ok()?.get_mut(number)?.take()
    }
}

/// Sends items until the time is up, or nobody takes them. They are counted where they arrive.
fn produce(until: Until, send: impl Fn(u64) -> bool) -> u64 {
    while !until.over() && (0..BATCH).all(&send) {}
    0
}
