//! Streams of results as iterators, for plain threads.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::stream::Stream;
use selvedge_sync::Elapsed;
use selvedge_sync::thread_block::{block_thread_for, block_thread_on};

const WHAT: &str = "an iterator over results";
const INSTEAD: &str = "use it as a stream";

/// A stream of the results of tasks and jobs.
pub trait Results: Stream + Unpin {
    /// Does a job on which the stream waits, if this is a thread of its pool and nobody has begun it; true
    /// if it did.
    fn run_one_here(&self) -> bool;
}

/// Results for a plain thread, which waits for each.
///
/// Panics in a task, whose thread it would block.
#[derive(Debug)]
pub struct BlockingResults<S>(S);

impl<S> BlockingResults<S> {
    pub(crate) fn new(results: S) -> Self {
        Self(results)
    }
}

impl<S: Results> Iterator for BlockingResults<S> {
    type Item = S::Item;

    #[track_caller]
    fn next(&mut self) -> Option<S::Item> {
        let results = &mut self.0;
        let next = poll_fn(|cx| {
            loop {
                let next = poll_next(results, cx);
                if next.is_ready() || !results.run_one_here() {
                    return next;
                }
            }
        });
        block_thread_on(next, WHAT, INSTEAD)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// Results for a plain thread, until the time is up: then one [`Elapsed`], and no more.
#[derive(Debug)]
pub struct BlockingResultsTimeout<'a, S> {
    /// None if no clock reaches that far.
    end: Option<Instant>,
    /// None after the time was up.
    results: Option<&'a mut S>,
}

impl<'a, S> BlockingResultsTimeout<'a, S> {
    pub(crate) fn new(results: &'a mut S, limit: Duration) -> Self {
        Self {
            end: Instant::now().checked_add(limit),
            results: Some(results),
        }
    }
}

impl<S: Results> Iterator for BlockingResultsTimeout<'_, S> {
    type Item = Result<S::Item, Elapsed>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        let results = &mut **self.results.as_mut()?;
        let left = self.end.map_or(Duration::MAX, |end| {
            end.saturating_duration_since(Instant::now())
        });
        let next = poll_fn(|cx| poll_next(results, cx));
        let next = block_thread_for(next, left, WHAT, INSTEAD);
        if next.is_err() {
            self.results = None;
        }
        next.transpose()
    }
}

fn poll_next<S: Results>(results: &mut S, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
    Pin::new(results).poll_next(cx)
}
