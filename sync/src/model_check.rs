//! Runs the loom models of the workspace: one way to bound, count and report them.
//!
//! ```text
//! RUSTFLAGS="--cfg selvedge_loom" CARGO_TARGET_DIR=target/loom \
//!     cargo test -p selvedge-sync -p selvedge-runtime --profile loom --lib loom -- --nocapture
//! ```
//!
//! Exempt from semver: for `selvedge-sync` and `selvedge-runtime` only.
//!
//! Each model says which invariant it attacks and its preemption bound, with the number of
//! executions that bound has with loom 0.7.3; the number of this run is printed.
//!
//! | Variable | Meaning |
//! |---|---|
//! | `LOOM_MAX_PREEMPTIONS` | replaces the bound of every model that has one |
//! | `LOOM_MAX_DURATION` | seconds after which a model is *incomplete*, which fails it; 600 if unset |
//!
//! A panic anywhere fails the model, also where the code under test contains it, as tasks do with
//! those of their futures: loom reports by panics. A model that wants a contained panic raises it with
//! `resume_unwind`.

use std::cell::Cell;
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use crate::primitive::atomic::AtomicUsize;
use crate::primitive::thread::{self, JoinHandle};

/// For a model that is small enough to be explored in full.
pub const UNBOUNDED: Option<usize> = None;

/// The rule.
pub const THREE: Option<usize> = Some(3);

/// Steps of one execution; more than that is taken for an endless loop.
const BRANCHES_MAX: usize = 5_000;

thread_local! {
    /// Panics on this thread, which runs all threads of its model, that a hook has seen.
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

/// Explores every execution of `body` with at most `bound` preemptions.
///
/// # Panics
///
/// If an execution fails, or if not all could be explored in time: an unfinished search proves
/// nothing.
pub fn check(name: &str, bound: Option<usize>, body: impl Fn() + Send + Sync + 'static) {
    count_panics();
    let mut builder = loom::model::Builder::new();
    // Loom ends the search in silence at these limits.
    let limit = builder
        .max_duration
        .take()
        .unwrap_or(Duration::from_secs(600));
    builder.max_permutations = None;
    builder.preemption_bound = bound.map(|bound| builder.preemption_bound.unwrap_or(bound));
    builder.max_branches = BRANCHES_MAX;
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
        assert_no_panics();
        body();
    });
    assert_no_panics();
    // Ordering: Relaxed; the search is over.
    let executions = executions.load(Ordering::Relaxed);
    println!(
        "{name}: {executions} executions, bound {bound}, {:.1?}",
        begin.elapsed()
    );
}

loom::lazy_static! {
    static ref START_LINE: AtomicUsize = AtomicUsize::new(0);
}

/// Crosses the line that all threads of a race start from: those of [`spawn`], and the main thread
/// when it calls this after it has spawned them.
///
/// Loom remembers one access to each atomic, so a thread's own load hides what others did before from
/// the exchange that follows. A race of two such exchanges may then not be explored at all. Crossing
/// one line, which orders nothing else, makes loom try every order of starts; from each of them it
/// finds the races.
pub fn start() {
    // Ordering: Relaxed; a switching point and nothing more.
    START_LINE.fetch_add(1, Ordering::Relaxed);
}

/// A thread of the model that starts from the line.
pub fn spawn<R: 'static>(body: impl FnOnce() -> R + 'static) -> JoinHandle<R> {
    thread::spawn(move || {
        start();
        body()
    })
}

fn count_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // Loom ends its threads by panics of another kind, which its own hook hides only if it was
            // set after this one.
            let payload = info.payload();
            if payload.is::<&'static str>() || payload.is::<String>() {
                PANICS.set(PANICS.get() + 1);
            }
            report(info);
        }));
    });
}

#[track_caller]
fn assert_no_panics() {
    let panics = PANICS.get();
    assert_eq!(
        panics, 0,
        "the code under test contained a panic that no model wanted"
    );
}
