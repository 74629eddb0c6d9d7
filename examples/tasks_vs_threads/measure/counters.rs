//! What it costs to count: the three counters of this crate, which both sides may use.

use std::io;
use std::sync::Arc;

use selvedge::sync::counter::{AtomicCounter, Counter, LockedCounter};
use selvedge::task::yield_now;

use super::crew::{self, BATCH};
use super::sample::Sample;
use super::{Load, Side};

/// How many count.
const CONTENDERS: usize = 8;

pub(crate) fn measure(side: Side, load: &Load) -> io::Result<Sample> {
    let (locked, atomic, striped) = (LockedCounter::new(), AtomicCounter::new(), Counter::new());
    Ok(count(side, load, "locked", move || locked.increment())?
        .and(count(side, load, "atomic", move || atomic.increment())?)
        .and(count(side, load, "striped", move || striped.increment())?))
}

fn count(
    side: Side,
    load: &Load,
    name: &str,
    increment: impl Fn() + Send + Sync + 'static,
) -> io::Result<Sample> {
    let increment = Arc::new(increment);
    match side {
        Side::Tasks => crew::of_tasks(load, name, CONTENDERS, move |_, until| {
            let increment = increment.clone();
            async move {
                let mut done = 0;
                while !until.over() {
                    (0..BATCH).for_each(|_| increment());
                    done += BATCH;
                    yield_now().await;
                }
                done
            }
        }),
        Side::Threads => crew::of_threads(load, name, CONTENDERS, move |_, until| {
            let mut done = 0;
            while !until.over() {
                (0..BATCH).for_each(|_| increment());
                done += BATCH;
            }
            done
        }),
    }
}
