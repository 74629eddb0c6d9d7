//! Runs the loom models of this crate: one way to bound, count and report them.
//!
//! ```text
//! RUSTFLAGS="--cfg selvedge_loom" CARGO_TARGET_DIR=target/loom \
//!     cargo test -p selvedge-runtime --profile loom --lib loom -- --nocapture
//! ```
//!
//! Each model says which invariant it attacks, its preemption bound, and how many executions that
//! bound has with loom 0.7.3; the number of this run is printed.
//!
//! | Variable | Meaning |
//! |---|---|
//! | `LOOM_MAX_PREEMPTIONS` | replaces the bound of every model that has one |
//! | `LOOM_MAX_DURATION` | seconds after which a model is *incomplete*, which fails it; 120 if unset |

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The bound for a model small enough to explore in full.
pub(crate) const UNBOUNDED: Option<usize> = None;

/// The bound as a rule: almost every known bug needs at most two preemptions.
pub(crate) const THREE: Option<usize> = Some(3);

/// Explores every execution of `body` with at most `bound` preemptions.
///
/// # Panics
///
/// If an execution fails, or if not all could be explored in time: an unfinished search proves
/// nothing.
pub(crate) fn check(name: &str, bound: Option<usize>, body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    // A limit that stops the search in silence would make it pass.
    let limit = builder
        .max_duration
        .take()
        .unwrap_or(Duration::from_secs(120));
    assert!(
        builder.max_permutations.is_none(),
        "a cut search proves nothing"
    );
    builder.preemption_bound = bound.map(|bound| builder.preemption_bound.unwrap_or(bound));
    builder.max_branches = env_or("LOOM_MAX_BRANCHES", 5_000);
    let bound = builder
        .preemption_bound
        .map_or("none".to_owned(), |bound| bound.to_string());

    let executions = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&executions);
    let begin = Instant::now();
    builder.check(move || {
        // Ordering: Relaxed; a plain counter that the model does not see.
        let so_far = counted.fetch_add(1, Ordering::Relaxed);
        assert!(
            begin.elapsed() < limit,
            "incomplete after {so_far} executions and {limit:?}"
        );
        body();
    });
    // Ordering: Relaxed; the search is over.
    let executions = executions.load(Ordering::Relaxed);
    println!(
        "{name}: {executions} executions, bound {bound}, {:.1?}",
        begin.elapsed()
    );
}

fn env_or(name: &str, default: usize) -> usize {
    env::var(name).map_or(default, |value| {
        value
            .parse()
            .unwrap_or_else(|error| panic!("{name} is no number: {error}"))
    })
}
