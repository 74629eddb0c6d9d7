//! Rule: who writes a protocol on atomics brings a model of it.
//!
//! A file that chooses orderings has a `loom.rs` with tests: its own, `x/loom.rs` for `x.rs`, or that
//! of a module above it. Otherwise it is in one of the tables: modelled elsewhere, or exempt.

use crate::atomics::orders;
use crate::source::{Exception, Source, assert_none, repository};

/// File, and the models that explore it.
const MODELLED_BY: &[Exception] = &[
    (
        "runtime/src/time/entry.rs",
        "runtime/src/time/timers/loom.rs",
    ),
    (
        "runtime/src/time/parking.rs",
        "runtime/src/time/timers/loom.rs",
    ),
    (
        "runtime/src/time/shard.rs",
        "runtime/src/time/timers/loom.rs",
    ),
];

/// File, and why it needs no model.
const EXEMPT: &[Exception] = &[
    (
        "sync/src/owner.rs",
        "one word for people and detectors; nothing is published with it",
    ),
    (
        "sync/src/thread_number.rs",
        "a counter that gives each thread another number",
    ),
    (
        "runtime/src/driver.rs",
        "a count of visits: a hint, and a stale answer costs one period",
    ),
    ("runtime/src/rng.rs", "a counter that only spreads seeds"),
    (
        "runtime/src/runtime/id.rs",
        "a counter in a `static`, which takes part in no protocol",
    ),
    (
        "runtime/src/scheduler.rs",
        "flags that are set once; who acts on them last is decided in the registry, which is modelled",
    ),
    (
        "runtime/src/scheduler/current_thread.rs",
        "one flag, set before an unpark and read after a park; the parker is modelled",
    ),
    ("runtime/src/scheduler/metrics.rs", "figures for people"),
    (
        "runtime/src/scheduler/seat.rs",
        "samples for the monitor, which may be late, and figures for people",
    ),
    (
        "runtime/src/scheduler/stand_in.rs",
        "decides under its locks; the handshake of the monitor is that of `idle`, which is modelled",
    ),
    (
        "runtime/src/time/clock.rs",
        "a count that is read again after each park; tells only paused clocks apart",
    ),
    (
        "runtime/src/time/clock/ever_paused.rs",
        "a flag that is set once, by the thread that needs it set",
    ),
    (
        "runtime/src/time/pool/fresh.rs",
        "a counter, for models only",
    ),
    (
        "runtime/src/time/pool/recycled.rs",
        "a counter; the shards are behind a lock",
    ),
    (
        "sync/src/context.rs",
        "a thread-local, but for one word that a dump reads",
    ),
];

/// Where the models of this file would stand, nearest first.
fn own_models(path: &str) -> Vec<String> {
    let mut at = path.strip_suffix(".rs").unwrap_or(path);
    let mut models = vec![format!("{at}/loom.rs")];
    while let Some((above, _)) = at.rsplit_once('/') {
        at = above;
        models.push(format!("{at}/loom.rs"));
    }
    models
}

/// A `loom.rs`, or a file below `loom/`, with a test.
fn is_model(source: &Source) -> bool {
    let path = &source.path;
    (path.ends_with("/loom.rs") || path.contains("/loom/"))
        && source.code().lines().any(|line| line.trim() == "#[test]")
}

fn has_models(path: &str, sources: &[Source]) -> bool {
    let folder = path.strip_suffix(".rs").unwrap_or(path);
    sources.iter().any(|source| {
        let below = source.path.strip_prefix(folder);
        is_model(source) && (source.path == path || below.is_some_and(|it| it.starts_with('/')))
    })
}

fn unmodelled(sources: &[Source], elsewhere: &[Exception], exempt: &[Exception]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources {
        let library =
            source.path.starts_with("sync/src/") || source.path.starts_with("runtime/src/");
        let protocol = library && source.is_shipped() && source.code().lines().any(orders);
        let path = source.path.as_str();
        let entry = |table: &[Exception]| table.iter().find(|(it, _)| *it == path).copied();
        let listed = entry(elsewhere).is_some() || entry(exempt).is_some();
        let own = own_models(path)
            .iter()
            .any(|model| has_models(model, sources));
        if listed && (!protocol || own) {
            findings.push(format!("{path}: needs its exception no longer"));
        } else if protocol && !own && !listed {
            findings.push(format!("{path}: no model"));
        }
    }
    for (path, model) in elsewhere {
        if !has_models(model, sources) {
            findings.push(format!("{path}: no models in {model}"));
        }
    }
    for (path, _) in elsewhere.iter().chain(exempt) {
        if !sources.iter().any(|source| source.path == *path) {
            findings.push(format!("{path}: has an exception, and is no file"));
        }
    }
    findings
}

#[test]
fn protocols_have_models() {
    assert_none(
        &unmodelled(repository(), MODELLED_BY, EXEMPT),
        "Write models of its races beside it, in `x/loom.rs` for `x.rs`; or say in \
         tests/tidy/models.rs which others explore it, or why none is needed.",
    );
}

#[test]
fn protocols_without_model_are_found() {
    let atomic = "fn f() { a.load(Acquire) }";
    let fakes = [
        Source::fake("sync/src/own.rs", atomic),
        Source::fake("sync/src/own/loom.rs", "#[test]\nfn a_races_b() {}"),
        Source::fake("sync/src/own/part.rs", atomic),
        Source::fake("sync/src/empty.rs", atomic),
        Source::fake("sync/src/empty/loom.rs", "//! No test."),
        Source::fake("sync/src/split.rs", atomic),
        Source::fake("sync/src/split/loom.rs", "mod waits;"),
        Source::fake("sync/src/split/loom/waits.rs", "#[test]\nfn a_races_b() {}"),
        Source::fake("sync/src/table.rs", atomic),
        Source::fake("sync/src/plain.rs", "fn f() {}"),
    ];
    let missing = |elsewhere, exempt| unmodelled(&fakes, elsewhere, exempt);
    assert_eq!(
        missing(&[], &[]),
        ["sync/src/empty.rs: no model", "sync/src/table.rs: no model"]
    );
    let exempt: &[Exception] = &[
        ("sync/src/empty.rs", "because"),
        ("sync/src/plain.rs", "because"),
    ];
    assert_eq!(
        missing(&[("sync/src/table.rs", "sync/src/own/loom.rs")], exempt),
        ["sync/src/plain.rs: needs its exception no longer"]
    );
    assert_eq!(
        missing(
            &[("sync/src/table.rs", "sync/src/empty/loom.rs")],
            &[
                ("sync/src/empty.rs", "because"),
                ("sync/src/gone.rs", "because")
            ],
        ),
        [
            "sync/src/table.rs: no models in sync/src/empty/loom.rs",
            "sync/src/gone.rs: has an exception, and is no file",
        ]
    );
}
