//! Rule: atomics and locks come from the loom switch, and every ordering is argued where it is used.

use crate::source::{Exception, Source, assert_none, has_word, repository, stale};

/// Where the switch itself takes them from `std`.
const NATIVE: &str = "sync/src/primitive/native.rs";

/// Shipped files that use `std`'s: a model would see nothing of interest in them.
const FROM_STD: &[Exception] = &[
    (
        "runtime/src/rng.rs",
        "seeds are only spread over threads; a model fixes its own",
    ),
    (
        "runtime/src/runtime/id.rs",
        "a counter in a `static`, which a model's atomics cannot be",
    ),
    (
        "runtime/src/task/id.rs",
        "a counter in a `static`, which a model's atomics cannot be",
    ),
    (
        "sync/src/owner.rs",
        "a counter in a `static`, which a model's atomics cannot be",
    ),
    (
        "sync/src/thread_number.rs",
        "a counter in a `static`, which takes part in no protocol",
    ),
    (
        "runtime/src/time/clock/ever_paused.rs",
        "a flag in a `static`; no model pauses the clock",
    ),
    (
        "runtime/src/time/pool/fresh.rs",
        "a counter in a `static`, which takes part in no protocol",
    ),
];

/// How far above an operation its argument may stand.
const LINES_ABOVE: usize = 8;

const ORDERINGS: &[&str] = &["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];

fn library(source: &Source) -> bool {
    source.is_shipped()
        && ["sync/", "runtime/"]
            .iter()
            .any(|it| source.path.starts_with(it))
}

/// `std`'s atomics and locks, however they are imported.
fn names_std(code: &str) -> bool {
    let flat: String = code.split_whitespace().collect();
    let direct = [
        "std::sync::atomic",
        "core::sync::atomic",
        "std::sync::Mutex",
        "std::sync::RwLock",
    ];
    if direct.iter().any(|it| flat.contains(it)) || flat.contains("std::cell::UnsafeCell") {
        return true;
    }
    let groups = flat.split("std::sync::{").skip(1);
    let kinds = ["atomic", "Mutex", "RwLock", "Condvar", "OnceLock"];
    let mut listed = groups.map(|group| group.split('}').next().unwrap_or_default());
    listed.any(|group| kinds.iter().any(|kind| has_word(group, kind)))
}

fn from_std(sources: &[Source], exceptions: &[Exception]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut used = Vec::new();
    for source in sources.iter().filter(|it| library(it) && it.path != NATIVE) {
        if !names_std(source.code()) {
            continue;
        }
        if exceptions.iter().any(|(path, _)| *path == source.path) {
            used.push(source.path.clone());
        } else {
            findings.push(format!(
                "{}: names an atomic or a lock of `std`",
                source.path
            ));
        }
    }
    findings.extend(stale(exceptions, &used));
    findings
}

/// Does this line of code choose an ordering?
pub(crate) fn orders(line: &str) -> bool {
    let import = line.trim_start();
    let import = import.starts_with("use ") || import.starts_with("pub use ");
    !import && ORDERINGS.iter().any(|ordering| has_word(line, ordering))
}

fn unargued(sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| library(source)) {
        let text: Vec<_> = source.text.lines().collect();
        for (index, line) in source.code().lines().enumerate() {
            let above = &text[index.saturating_sub(LINES_ABOVE)..=index];
            let argued = above.iter().any(|line| {
                line.split_once("//")
                    .is_some_and(|(_, comment)| comment.contains("Ordering:"))
            });
            if orders(line) && !argued {
                findings.push(format!("{}:{}: {}", source.path, index + 1, line.trim()));
            }
        }
    }
    findings
}

#[test]
fn atomics_come_from_the_switch() {
    assert_none(
        &from_std(repository(), FROM_STD),
        "Take it from `selvedge_sync::primitive` (`crate::primitive` in sync), so that a model sees it.",
    );
}

#[test]
fn orderings_are_argued() {
    assert_none(
        &unargued(repository()),
        "Write `// Ordering: ...` above it: with which operation it pairs and what becomes visible, or \
         why nothing has to.",
    );
}

#[test]
fn atomics_of_std_are_found() {
    let fakes = [
        Source::fake(
            "sync/src/a.rs",
            "use std::sync::{Arc,\n    atomic::AtomicBool};",
        ),
        Source::fake("runtime/src/b.rs", "static X: std::sync::Mutex<u8> = f();"),
        Source::fake(
            "runtime/src/c.rs",
            "use std::sync::Arc; // std::sync::atomic",
        ),
        Source::fake("runtime/src/c/tests.rs", "use std::sync::Mutex;"),
        Source::fake(NATIVE, "pub use std::sync::atomic;"),
    ];
    assert_eq!(from_std(&fakes, &[]).len(), 2);
    assert_eq!(from_std(&fakes, &[("sync/src/a.rs", "because")]).len(), 1);
}

#[test]
fn orderings_without_argument_are_found() {
    let fakes = [
        Source::fake(
            "sync/src/a.rs",
            "use x::Ordering::{Acquire, Release};\n// Ordering: Acquire; pairs with f.\na.load(Acquire);",
        ),
        Source::fake(
            "sync/src/b.rs",
            "// Ordering matters.\nlet s = \"Ordering:\";\nb.load(Ordering::Acquire);",
        ),
        Source::fake("sync/src/c.rs", "struct AcquireError;"),
    ];
    assert_eq!(
        unargued(&fakes),
        ["sync/src/b.rs:3: b.load(Ordering::Acquire);"]
    );
}
