//! What it costs to ask somebody else for a value that comes later.

use std::io;
use std::sync::Mutex;
use std::sync::mpsc as std_mpsc;

use selvedge::sync::{Promise, mpsc};

use super::crew;
use super::sample::Sample;
use super::{Load, Side};

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    match side {
        Side::Tasks => {
            let (ask, asked) = mpsc::unbounded_channel::<Promise<u64>>();
            let places = Mutex::new((Some(ask), Some(asked)));
            crew::of_tasks(load, "each", 2, move |_, until| {
                // The first member asks, the second answers.
                let (ask, asked) = places
                    .lock()
                    .map(|mut places| match places.0.take() {
                        Some(ask) => (Some(ask), None),
                        None => (None, places.1.take()),
                    })
                    .unwrap_or_default();
                async move {
                    if let Some(mut asked) = asked {
                        let mut number = 0;
                        while let Some(promise) = asked.recv().await {
                            // The one who asked may have gone.
                            let _ = promise.resolve(number);
                            number += 1;
                        }
                    }
                    let mut answers = 0;
                    while let (Some(ask), false) = (&ask, until.over()) {
                        let promise = Promise::new();
                        let future = promise.future();
                        let sent = ask.send(promise).is_ok();
                        answers +=
                            u64::from(sent && future.await.is_ok_and(|answer| answer == answers));
                    }
                    answers
                }
            })
        }
        Side::Threads => {
            let (ask, asked) = std_mpsc::channel::<std_mpsc::SyncSender<u64>>();
            let places = Mutex::new((Some(ask), Some(asked)));
            crew::of_threads(load, "each", 2, move |number, until| {
                let (ask, asked) = match (places.lock(), number) {
                    (Ok(mut places), 0) => (places.0.take(), None),
                    (Ok(mut places), _) => (None, places.1.take()),
                    (Err(_), _) => (None, None),
                };
                if let Some(asked) = asked {
                    for (number, promise) in asked.iter().enumerate() {
                        // The one who asked may have gone.
                        let _ = promise.send(number as u64);
                    }
                }
                let mut answers = 0;
                while let (Some(ask), false) = (&ask, until.over()) {
                    let (promise, future) = std_mpsc::sync_channel(1);
                    let sent = ask.send(promise).is_ok();
                    answers += u64::from(sent && future.recv() == Ok(answers));
                }
                answers
            })
        }
    }
}
